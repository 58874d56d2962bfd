"""`curve`, `sensitivity` and `assurance` draw the report's figures of what they computed."""

from __future__ import annotations

from importlib import import_module

import pytest

from ipsrct._language import language
from ipsrct.cli import main
from ipsrct.report.figures.style import value
from ipsrct.report.text import plain

SMALL = ("--set", "analysis.subgroups=[]", "--set", "analysis.interactions=[]")
SIZES = ("--set", "design.n_participants=[200,400]")


@pytest.fixture
def drawing(monkeypatch, tmp_path):
    """Run a command that draws, and return the figure drawn."""

    def run(name, *words):
        module, figures = import_module(f"ipsrct.report.figures.{name}"), []
        draw = module.draw
        monkeypatch.setattr(module, "draw", lambda *given: figures.append(given[0]) or draw(*given))
        file = tmp_path / "figure.svg"
        with pytest.raises(SystemExit) as stopped:
            main([*words, *SMALL, "--figure", str(file)])
        assert stopped.value.code == 0
        assert file.read_text().startswith("<?xml")
        assert len(figures) == 1
        return figures[0]

    return run


def _column(figure, i):
    return list(dict.fromkeys(plain(row[i], language("en")) for row in figure.data.rows))


def test_curve_around_the_planned_size_marks_it(drawing):
    figure = drawing("power_curve", "curve", "ips_ung_cells", "--replicates", "64")
    assert plain(figure.marks["planned"], language("en")) == "1,320 planned"
    assert _column(figure, 2)[::5] == ["660", "1,320", "2,640"]


def test_curve_over_given_sizes_has_no_planned_one(drawing):
    figure = drawing("power_curve", "curve", "ips_ung_cells", "--replicates", "64", *SIZES)
    assert figure.marks == {}
    assert _column(figure, 2) == ["200", "400"]


def test_curve_over_two_lists_has_a_panel_for_each_setting(drawing):
    effects = ("--set", "assumptions.outcome.effect=[0.05,0.125]")
    figure = drawing("power_curve", "curve", "ips_ung_cells", "--replicates", "64", *SIZES, *effects)
    assert _column(figure, 0) == ["Participants = 200", "Participants = 400"]
    assert _column(figure, 2) == ["0.05", "0.125"]


def test_curve_over_words_has_them_on_the_axis(drawing):
    kinds = 'design.randomisation=[{kind="complete"},{kind="permuted_block",block_sizes=[4]}]'
    figure = drawing("power_curve", "curve", "ips_ung_cells", "--replicates", "64", "--set", kinds)
    assert _column(figure, 2) == ["{kind = complete}", "{kind = permuted_block, block_sizes = [4]}"]


def test_sensitivity_has_the_widest_range_on_top(drawing):
    figure = drawing("tornado", "sensitivity", "ips_ung_cells")
    assert _column(figure, 0) == ["everything as assumed", "effect", "level in the control arm"]
    powers = [value(row[4]) for row in figure.data.rows]
    assert powers[1] < powers[0] < powers[2]


def test_assurance_marks_the_planned_size(drawing):
    figure = drawing("assurance", "assurance", "ips_ung", "--target", "0.5")
    assert plain(figure.marks["planned"], language("en")).startswith("1,320 planned: 61")
    assert [key for key in figure.marks if key.startswith("size")] == ["size 0"]
