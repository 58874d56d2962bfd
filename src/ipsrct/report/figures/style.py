"""How the figures of the report look, and what their drawings share.

A drawing is made inside :func:`ipsrct.report.figures.render.drawn`, which sets :func:`rc`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from ipsrct._language import Language
from ipsrct.report.text import Estimate, Item, Number, plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure as Drawing
    from matplotlib.text import Annotation

Size = Literal["report", "slide"]
Dash = str | tuple[float, tuple[float, ...]]


class Look(NamedTuple):
    """Width and largest height in inches, type in points, width of lines in points."""

    width: float
    height: float
    text: float
    small: float
    line: float


LOOKS: dict[Size, Look] = {"report": Look(6.3, 8.5, 8.5, 8, 1.4), "slide": Look(13.33, 7.5, 17, 16, 2.8)}

INK = "#1A1A1A"
"""Text, and what is said of everybody."""
QUIET = "#595959"
"""Axes, reference lines and second lines; 7:1 on white."""
FAINT = "#9E9E9E"
"""Targets, and what is repeated behind other lines."""
GRID = "#E4E4E4"
BAND = 0.18
"""Opacity of bands of uncertainty."""
CONFIDENCE_95 = 1.96


class Series(NamedTuple):
    """A colour of Okabe and Ito, one of at least 4.5:1 on white for its words, and what tells it in grey."""

    colour: str
    words: str
    dash: Dash
    marker: str


SERIES = (
    Series("#0072B2", "#0072B2", "-", "o"),
    Series("#D55E00", "#B04E00", (0, (5, 2)), "s"),
    Series("#009E73", "#007A59", (0, (6, 2, 1, 2)), "^"),
    Series("#CC79A7", "#A04D7C", (0, (1.5, 1.5)), "D"),
    Series("#E69F00", "#8F6300", (0, (9, 2)), "v"),
    Series("#56B4E9", "#1F77A8", (0, (4, 1.5, 1, 1.5, 1, 1.5)), "P"),
)
BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY = SERIES


def series(i: int) -> Series:
    """Return the look of a series; after six the colours return with the next line."""
    own, other = SERIES[i % len(SERIES)], SERIES[(i + i // len(SERIES)) % len(SERIES)]
    return own._replace(dash=other.dash, marker=other.marker)


def rc(size: Size) -> dict[Any, Any]:
    """Return matplotlib's settings: the type it ships, thin axes, a pale grid."""
    look = LOOKS[size]
    ticks = ("xtick", "ytick")
    small = [*(f"{tick}.labelsize" for tick in ticks), "legend.fontsize"]
    ink = [*(f"{tick}.labelcolor" for tick in ticks), "text.color", "axes.labelcolor", "axes.titlecolor"]
    quiet = [*(f"{tick}.color" for tick in ticks), "axes.edgecolor"]
    thin = [*(f"{tick}.major.width" for tick in ticks), "axes.linewidth", "grid.linewidth"]
    return {
        **dict.fromkeys(("font.size", "axes.labelsize", "axes.titlesize"), look.text),
        **dict.fromkeys(small, look.small),
        **dict.fromkeys(ink, INK),
        **dict.fromkeys(quiet, QUIET),
        **dict.fromkeys(thin, look.line / 2.4),
        **dict.fromkeys((f"{tick}.major.size" for tick in ticks), 0.35 * look.small),
        **dict.fromkeys((f"{tick}.minor.size" for tick in ticks), 0),
        "font.family": "DejaVu Sans",
        "text.parse_math": False,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "legend.frameon": False,
        "lines.linewidth": look.line,
        "lines.markersize": 0.6 * look.small,
        "hatch.linewidth": look.line / 2,
    }


def canvas(size: Size, height: float) -> Drawing:
    """Return an empty figure: so many inches high in the report, the whole of a slide."""
    from matplotlib.figure import Figure

    look = LOOKS[size]
    inches = (look.width, look.height if size == "slide" else min(height, look.height))
    drawing = Figure(figsize=inches, layout="constrained")
    pad = 0.04 * look.width / LOOKS["report"].width
    drawing.get_layout_engine().set(w_pad=pad, h_pad=pad)  # type: ignore[union-attr, call-arg]
    return drawing


def bare(item: Item) -> Number:
    """Return a number without its Monte Carlo standard error.

    Raises
    ------
    TypeError
        If the item is no number.
    """
    number = item.number if isinstance(item, Estimate) else item
    if not isinstance(number, Number):
        raise TypeError(f"not a number: {item!r}")
    return number


def value(item: Item) -> float | None:
    """Return a number as it is shown, in per cent where it is shown so; None where there is none."""
    number = bare(item)
    return None if number.value is None else number.scale * number.value


def known(item: Item) -> float:
    """Return a number that is there as it is shown."""
    found = value(item)
    assert found is not None
    return found


def margin(item: Item) -> float:
    """Return half of a simulated number's 95 % Monte Carlo interval; 0 for any other number."""
    return CONFIDENCE_95 * (value(item.error) or 0.0) if isinstance(item, Estimate) else 0.0


def by_first(rows: Sequence[tuple[Item, ...]], language: Language) -> dict[str, list[tuple[Item, ...]]]:
    """Return the rows of each name in the first column, without that column."""
    found: dict[str, list[tuple[Item, ...]]] = {}
    for first, *rest in rows:
        found.setdefault(plain(first, language), []).append(tuple(rest))
    return found


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return text[:1].upper() + text[1:]


def format_axis(axis: Axis, language: Language) -> None:
    """Write the numbers of an axis as the language does, with as many decimals as they need."""
    from matplotlib.ticker import Formatter

    class Numbers(Formatter):
        def __call__(self, x: float, _: int | None = None) -> str:
            return language.number(x, _decimals([x]))

        def format_ticks(self, values: Sequence[float]) -> list[str]:
            digits = _decimals(values)
            return [language.number(value, digits) for value in values]

    axis.set_major_formatter(Numbers())


def _decimals(places: Sequence[float]) -> int:
    enough = (d for d in range(7) if all(abs(round(p, d) - p) <= 1e-6 * abs(p) + 1e-12 for p in places))
    return next(enough, 6)


def note(
    axes: Axes,
    place: tuple[float, float],
    words: str,
    look: Look,
    offset: tuple[float, float] = (0, 0),
    **text: Any,
) -> Annotation:
    """Write next to a place; the offset is in heights of type, ``text`` what matplotlib knows of texts."""
    points = (offset[0] * look.small, offset[1] * look.small)
    given: dict[str, Any] = {
        "textcoords": "offset points",
        "fontsize": look.small,
        "linespacing": 1.15,
        "annotation_clip": False,
    }
    return axes.annotate(words, place, points, **(given | text))


def log_axis(axes: Axes, language: Language, low: float, high: float, most: int = 5) -> None:
    """Make the x-axis logarithmic between two sizes, with so many round numbers at most."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = [step * 10.0**decade for decade in decades for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= most:
            break
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_xticks(ticks)
    axes.set_xticks([], minor=True)
    format_axis(axes.xaxis, language)


def end_label(axes: Axes, height: float, text: str, look: Look, colour: str = INK) -> Annotation:
    """Write a label to the right of the axes, with a line to where a curve ends; then :func:`part` them."""
    return axes.annotate(
        text,
        (1, height),
        (1.4 * look.small, 0),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        fontsize=look.small,
        color=colour,
        va="center",
        linespacing=1.15,
        arrowprops={
            "arrowstyle": "-",
            "color": colour,
            "linewidth": look.line / 2.4,
            "shrinkA": 0,
            "shrinkB": 0,
            "relpos": (0, 0.5),
        },
    )


def part(*groups: Sequence[Annotation], ticks: Axes | None = None) -> None:
    """Move the labels of each axes up and down as little as needed, so that none lies on another.

    Numbers are taken off the x-axis of ``ticks`` until none lies on its neighbour. Then the layout holds.
    """
    from matplotlib.text import Text

    lists = [labels for labels in groups if labels]
    concerned = [axes for axes in (ticks, *(labels[0].axes for labels in lists)) if axes is not None]
    if not concerned:
        return
    drawing = concerned[0].get_figure(root=True)
    assert drawing is not None
    _lay_out(drawing, ticks)
    for labels, axes in zip(lists, concerned[-len(lists) :], strict=False):
        frame = axes.get_window_extent()
        ordered = sorted(labels, key=lambda label: float(label.xy[1]))
        boxes = [Text.get_window_extent(label) for label in ordered]  # without the line
        wanted = [0.5 * (box.y0 + box.y1) for box in boxes]
        middles = spread(wanted, [1.1 * box.height for box in boxes], frame.y0, frame.y1)
        for label, middle, before in zip(ordered, middles, wanted, strict=True):
            x, y = label.xyann
            label.xyann = (x, y + (middle - before) * 72 / drawing.dpi)


def _lay_out(drawing: Drawing, ticks: Axes | None) -> None:
    """Place the axes for good, with at most five numbers on the x-axis, fewer where they need the room."""
    for most in range(5, 0, -1):
        if ticks is not None:
            ticks.locator_params(axis="x", nbins=most)
        drawing.draw_without_rendering()
        boxes = [tick.get_window_extent() for tick in ticks.get_xticklabels()] if ticks is not None else []
        if all(right.x0 - left.x1 > 0.5 * left.height for left, right in pairwise(boxes)):
            break
    drawing.set_layout_engine("none")


def spread(wanted: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """Return the middles of labels in order, as near to those wanted as sizes and ends allow.

    Bounded isotonic regression: least squares without overlap (Robertson, Wright and Dykstra 1988). Labels
    that are longer together than from low to high stick out alike at both ends.
    """
    import numpy as np
    from scipy.optimize import isotonic_regression

    lengths = np.asarray(sizes)
    within = lengths.cumsum() - lengths / 2  # from the lower edge of the lowest, if all touch
    slack = high - low - lengths.sum()
    fitted = isotonic_regression(np.asarray(wanted) - within).x
    edges = np.clip(fitted, low, low + slack) if slack > 0 else np.full(len(fitted), low + slack / 2)
    return [float(middle) for middle in edges + within]
