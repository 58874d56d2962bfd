"""The one look: colours that can be read and told apart, labels that give way, axes in a language."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_rgb

from ipsrct._language import language
from ipsrct.report.figures.style import (
    INK,
    QUIET,
    SERIES,
    bare,
    by_first,
    canvas,
    format_axis,
    log_axis,
    margin,
    series,
    spread,
    value,
)
from ipsrct.report.text import Estimate, Number, t


def _luminance(colour):
    """Relative luminance of WCAG 2.2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_words_have_the_contrast_that_wcag_asks_for():
    for colour in (INK, QUIET, *(own.words for own in SERIES)):
        assert 1.05 / (_luminance(colour) + 0.05) >= 4.5, colour


def test_series_differ_without_colour():
    assert len({own.dash for own in SERIES}) == len({own.marker for own in SERIES}) == len(SERIES)
    looks = [series(i) for i in range(18)]
    assert all((a.colour, a.dash) != (b.colour, b.dash) for a, b in combinations(looks, 2))


sizes = st.lists(st.floats(0.5, 3), min_size=1, max_size=12)


@given(sizes, st.data())
def test_labels_never_overlap_and_stay_inside(lengths, data):
    wanted = sorted(data.draw(st.lists(st.floats(0, 50), min_size=len(lengths), max_size=len(lengths))))
    low, high = 0.0, 50.0
    placed = spread(wanted, lengths, low, high)
    for (below, above), (first, second) in zip(pairwise(placed), pairwise(lengths), strict=True):
        assert above - below >= (first + second) / 2 - 1e-9
    assert placed[0] - lengths[0] / 2 >= low - 1e-9
    assert placed[-1] + lengths[-1] / 2 <= high + 1e-9


def test_labels_move_no_further_than_they_must():
    assert spread([1, 5, 9], [1, 1, 1], 0, 10) == [1, 5, 9]
    assert spread([4, 4], [2, 2], 0, 10) == [3, 5]
    assert spread([0, 0, 9], [2, 2, 2], 0, 10) == [1, 3, 9]
    assert spread([5, 5], [8, 8], 0, 10) == [1, 9]  # longer together than the axis


@pytest.mark.parametrize(("code", "shown"), [("en", "1,000.5"), ("nb", "1\N{NO-BREAK SPACE}000,5")])
def test_axes_are_written_in_the_language(code, shown):
    axes = canvas("report", 2).subplots()
    format_axis(axes.xaxis, language(code))
    assert axes.xaxis.get_major_formatter().format_ticks([1000, 1000.5])[1] == shown
    assert axes.xaxis.get_major_formatter().format_ticks([10, 20]) == ["10", "20"]
    assert axes.xaxis.get_major_formatter().format_ticks([0.25, 0.5])[1] == language(code).number(0.5, 2)


def test_a_logarithmic_axis_has_few_round_numbers():
    axes = canvas("report", 2).subplots()
    log_axis(axes, language("en"), 60, 6000, most=7)
    assert list(axes.get_xticks()) == [100, 200, 500, 1000, 2000, 5000]
    log_axis(axes, language("en"), 60, 6000, most=4)
    assert list(axes.get_xticks()) == [100, 300, 1000, 3000]


def test_numbers_are_drawn_as_they_are_shown():
    share = Estimate(Number("/a", 0.25, 100, 1), Number("/b", 0.01, 100, 1))
    assert (value(share), margin(share)) == (25, pytest.approx(1.96))
    assert margin(Number("/a", 0.25)) == 0
    assert value(Number("/a", None)) is None
    with pytest.raises(TypeError, match="not a number"):
        bare("25")


def test_rows_are_grouped_by_what_is_read():
    rows = ((t("everybody"), "a"), ("alle", "b"), (t("everybody"), "c"))
    assert by_first(rows, language("nb")) == {"alle": [("a",), ("b",), ("c",)]}
    assert list(by_first(rows, language("en"))) == ["everybody", "alle"]
