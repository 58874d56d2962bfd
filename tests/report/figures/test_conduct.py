"""Recruitment, flow, levers and imbalance: what is drawn is what the table says, for other trials too."""

from __future__ import annotations

from copy import deepcopy
from importlib import import_module

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from ipsrct import NotAvailableError
from ipsrct._language import language
from ipsrct.report.figures import NEEDS, made
from ipsrct.report.figures.render import drawn
from ipsrct.report.figures.style import BLUE, VERMILLION, margin, value
from ipsrct.report.results import Node
from ipsrct.report.text import Estimate, Month, Number, fragments, plain
from tests.report.figures.measure import faults

OWN = ("recruitment", "flow", "levers", "imbalance")
ENGLISH, BOKMAAL = language("en"), language("nb")


def _arm(name, allocated, missing):
    return {"arm": name, "allocated": allocated, "not_observed": missing, "analysed": allocated - missing}


def never(document):
    """Let most simulated trials never reach the planned number."""
    run = document["recruitment"]
    for milestone in run["milestones"]:
        milestone["not_reached"] = 0.96
    for row in run["calendar"]:
        if row["series"] == "participants":
            row["value"] *= 0.5


def seldom(document):
    """Let some simulated trials never reach it, and the others within wide bounds that overlap."""
    for milestone in document["recruitment"]["milestones"]:
        milestone["not_reached"] = 0.1
        milestone["q10"]["value"] -= 8
        milestone["q90"]["value"] += 40


def at_once(document):
    """Let recruitment take three months."""
    run = document["recruitment"]
    for row in run["calendar"]:
        if row["series"] == "participants":
            row["value"] = min(1320, row["value"] * 40)
    first = run["milestones"][0]
    for q, months in (("q10", 2.2), ("median", 2.6), ("q90", 2.9)):
        first[q]["value"] = months


def three_arms(document):
    """Have three unequal arms with attrition, and people who are too young."""
    arms = [_arm("ips", 660, 66), _arm("ips_with_wage_subsidy", 330, 33), _arm("control", 330, 50)]
    document["flow"] = {"asked": 1855, "too_young": 59, "declined": 476, "randomised": 1320, "arms": arms}


def six_arms(document):
    """Have six arms with long names."""
    names = ("ips", "ips_lite", "supported_employment", "traineeship", "wage_subsidy", "control")
    document["flow"]["arms"] = [_arm(name, 220, i) for i, name in enumerate(names)]


def nobody_asked(document):
    """Say nothing about consent, and allocate 2:1."""
    arms = [_arm("intensive_individual_placement", 200, 20), _arm("control", 100, 10)]
    asked = dict.fromkeys(("asked", "too_young", "declined"))
    document["flow"] = {**asked, "randomised": 300, "arms": arms}


def few_levers(document):
    """Leave three levers, one of which has no size."""
    rows = document["levers"]["levers"]
    gone = {key: None for key in rows[0] if key.startswith(("n_", "saved"))}
    rows[:] = [rows[0], rows[2], rows[5] | gone, rows[12]]


def thirty_levers(document):
    """Have each lever twice."""
    rows = document["levers"]["levers"]
    rows += [row | {"lever": f"{row['lever']}, once more"} for row in rows[1:]]


def no_factors(document):
    """Leave imbalance overall only."""
    plan = document["plan"]
    plan["diagnostics"] = [row for row in plan["diagnostics"] if row["where"] == "overall"]
    document["scenario"]["randomisation"]["factors"] = []


STRAINS = {
    "recruitment": (never, seldom, at_once),
    "flow": (three_arms, six_arms, nobody_asked),
    "levers": (few_levers, thirty_levers),
    "imbalance": (no_factors,),
}
CASES = [(name, strain) for name, strains in STRAINS.items() for strain in strains]


def _module(name):
    return import_module(f"ipsrct.report.figures.{name}")


def _strained(results, strain):
    document = deepcopy(results.value)
    strain(document)
    return Node(document)


def _column(figure, index):
    return [value(row[index]) for row in figure.data.rows]


def _numbers(item):
    if isinstance(item, Estimate):
        return [item.number, item.error]
    return [f.item for f in fragments(item, ENGLISH) if isinstance(f.item, (Number, Month))]


def _at(document, pointer):
    for part in pointer.split("/")[1:]:
        document = document[int(part) if isinstance(document, list) else part]
    return document


@pytest.mark.parametrize("size", ["report", "slide"])
@pytest.mark.parametrize("code", ["en", "nb"])
@pytest.mark.parametrize("name", OWN)
def test_texts_do_not_overlap(results, name, code, size, monkeypatch):
    with drawn(made(name, results), language(code), size) as drawing:
        assert faults(drawing, monkeypatch) == []


@pytest.mark.parametrize(("code", "size"), [("nb", "report"), ("en", "slide")])
@pytest.mark.parametrize(("name", "strain"), CASES, ids=lambda x: getattr(x, "__name__", x))
def test_texts_do_not_overlap_for_other_trials(results, name, strain, code, size, monkeypatch):
    figure = made(name, _strained(results, strain))
    with drawn(figure, language(code), size) as drawing:
        assert faults(drawing, monkeypatch) == []


@pytest.mark.parametrize("name", OWN)
def test_every_number_and_month_says_where_it_stands(results, name):
    figure = made(name, results)
    assert {len(row) for row in figure.data.rows} == {len(figure.data.columns)}
    cells = [cell for row in figure.data.rows for cell in row]
    items = (*cells, *figure.marks.values(), figure.caption, figure.alternative)
    numbers = [n for item in items for n in _numbers(item)]
    assert len(numbers) >= len(figure.data.rows)
    assert [n for n in numbers if _at(results.value, n.pointer) != n.value] == []


@pytest.mark.parametrize("name", NEEDS)
def test_a_figure_needs_no_more_of_the_findings_than_it_says(results, name):
    kept = {"scenario", "assumptions", "sources", "not_available", *NEEDS[name]}
    part = Node({key: found for key, found in results.value.items() if key in kept})
    assert made(name, part).data.rows == made(name, results).data.rows


def test_a_part_that_is_not_there_is_said():
    results = Node({"not_available": {"recruitment": "the scenario recruits nobody"}})
    with pytest.raises(NotAvailableError, match="recruits nobody"):
        made("recruitment", results)


def test_recruitment_draws_the_table(results):
    figure = made("recruitment", results)
    with drawn(figure, ENGLISH) as drawing:
        for axes, first in zip(drawing.axes, (2, 7), strict=True):
            median = next(line for line in axes.lines if line.get_label() == "median")
            assert list(median.get_xdata()) == _column(figure, 1)
            assert list(median.get_ydata()) == _column(figure, first + 2)
            for band, (low, high) in zip(axes.collections, ((0, 4), (1, 3)), strict=False):
                heights = band.get_paths()[0].vertices[:, 1]
                assert set(_column(figure, first + low) + _column(figure, first + high)) <= set(heights)


def test_recruitment_marks_its_milestones_and_limits(results):
    figure = made("recruitment", results)
    with drawn(figure, BOKMAAL) as drawing:
        top, bottom = drawing.axes
        for name in ("n_reached", "register_complete"):
            q10, median, q90 = (value(figure.marks[f"{name}_{q}"]) for q in ("q10", "median", "q90"))
            (found,) = (c for c in top.containers if c.lines[0].get_xdata()[0] == median)
            ends = found.lines[2][0].get_segments()[0][:, 0]
            assert ends == pytest.approx([q10, q90])
        levels = [line.get_ydata()[0] for line in bottom.lines if len(set(line.get_ydata())) == 1]
        assert {15, 20} <= set(levels)
        assert [label.get_text() for label in bottom.get_xticklabels()][:2] == ["januar\n2027", "juli\n2027"]
    assert "desember 2028" in plain(figure.marks["n_reached"], BOKMAAL)


def test_recruitment_that_mostly_fails_has_no_date(results):
    figure = made("recruitment", _strained(results, never))
    assert "n_reached" not in figure.marks
    assert "96.0%" in plain(figure.marks["never"], ENGLISH)
    assert "96.0%" in plain(figure.alternative, ENGLISH)


def test_months_are_of_trials_that_get_there(results):
    caption = plain(made("recruitment", _strained(results, seldom)).caption, ENGLISH)
    assert "10.0% of the simulated trials never reach" in caption
    assert "never reach" not in plain(made("recruitment", results).caption, ENGLISH)


@pytest.mark.parametrize("strain", [three_arms, six_arms, nobody_asked], ids=lambda s: s.__name__)
def test_flow_has_a_box_for_each_step(results, strain):
    figure = made("flow", _strained(results, strain))
    n_arms = len({plain(row[1], ENGLISH) for row in figure.data.rows} - {""})
    n_head = len(figure.data.rows) - 3 * n_arms
    with drawn(figure, ENGLISH) as drawing:
        (axes,) = drawing.axes
        boxes = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
        words = [text.get_text() for text in axes.texts]
    assert len(boxes) == 3 * n_arms + min(n_head, 3)
    for row in figure.data.rows:
        number = plain(row[2], ENGLISH)
        assert number in words or any(text.endswith(f": {number}") for text in words)
    assert ("Asked to take part" in words) == (strain is not nobody_asked)


def test_flow_boxes_do_not_lie_on_each_other(results):
    for strain in (three_arms, six_arms, nobody_asked):
        for size in ("report", "slide"):
            with drawn(made("flow", _strained(results, strain)), BOKMAAL, size) as drawing:
                boxes = [p.get_bbox() for p in drawing.axes[0].patches if isinstance(p, Rectangle)]
                page = drawing.axes[0].get_ylim()
            assert min(b.y0 for b in boxes) >= page[0]
            assert max(b.y1 for b in boxes) <= page[1]
            for i, box in enumerate(boxes):
                assert not any(box.overlaps(other) for other in boxes[:i])


def test_levers_draw_the_table(results):
    figure = made("levers", results)
    with drawn(figure, ENGLISH) as drawing:
        (axes,) = drawing.axes
        points = [c for c in axes.containers if hasattr(c, "has_xerr")]
        ends = [c.lines[2][0].get_segments()[0][:, 0] for c in points]
        places = [[c.lines[0].get_xdata()[0], *own] for c, own in zip(points, ends, strict=True)]
        colours = [c.lines[0].get_color() for c in points]
        words = [text.get_text() for text in axes.texts]
    assert places == [pytest.approx([value(cell) for cell in row[2:5]]) for row in figure.data.rows]
    same = [plain(row[1], ENGLISH) == "Same estimand" for row in figure.data.rows]
    assert colours == [BLUE.colour if own else VERMILLION.colour for own in same]
    assert [plain(row[5], ENGLISH) for row in figure.data.rows] == [w for w in words if w != "needed"]


def test_levers_that_change_the_estimand_stand_last(results):
    rows = made("levers", results).data.rows
    same = [plain(row[1], ENGLISH) == "Same estimand" for row in rows]
    assert same == sorted(same, reverse=True)
    levers = {row["lever"]: row["same_estimand"] for row in results.value["levers"]["levers"]}
    assert [levers[plain(row[0], ENGLISH)] for row in rows] == same


def test_a_lever_without_a_size_is_said_and_not_drawn(results):
    figure = made("levers", _strained(results, few_levers))
    with drawn(figure, ENGLISH) as drawing:
        (axes,) = drawing.axes
        assert "no size reaches the power" in [text.get_text() for text in axes.texts]
        assert len([c for c in axes.containers if hasattr(c, "has_xerr")]) == 2


def test_a_slide_with_too_many_levers_says_how_many_it_leaves_out(results):
    figure = made("levers", _strained(results, thirty_levers))
    with drawn(figure, ENGLISH, "slide") as drawing:
        (axes,) = drawing.axes
        n_drawn = len([c for c in axes.containers if hasattr(c, "has_xerr")])
        assert f"not shown: {30 - n_drawn})" in axes.get_xlabel()
    with drawn(figure, ENGLISH, "report") as drawing:
        (axes,) = drawing.axes
        assert len([c for c in axes.containers if hasattr(c, "has_xerr")]) == 30
        assert "not shown" not in axes.get_xlabel()


def test_imbalance_draws_the_table(results):
    figure = made("imbalance", results)
    with drawn(figure, ENGLISH) as drawing:
        course, end = drawing.axes
        drawn_means = np.concatenate([line.get_ydata() for line in course.lines])
        assert sorted(drawn_means) == sorted(_column(figure, 4))
        points = [c.lines[0].get_xdata()[0] for c in end.containers]
        margins = [np.ptp(c.lines[2][0].get_segments()[0][:, 0]) / 2 for c in end.containers]
    ends = [row for row in figure.data.rows if row[5] != ""]
    expected = [cell for row in ends for cell in row[4:6]]
    assert points == [value(cell) for cell in expected]
    assert margins == pytest.approx([margin(cell) for cell in expected])


def test_imbalance_shows_no_stratum_and_only_open_measures(results):
    document = deepcopy(results.value)
    row = document["plan"]["diagnostics"][0]
    for measure in ("imbalance_mean", "imbalance_q95", "imbalance_largest"):
        document["plan"]["diagnostics"].append(row | {"where": "stratum", "measure": measure, "value": 99.0})
    assert made("imbalance", Node(document)).data == made("imbalance", results).data


def test_imbalance_of_a_single_list_is_refused(results):
    document = deepcopy(results.value)
    rows = document["plan"]["diagnostics"]
    document["plan"]["diagnostics"] = [row for row in rows if row["where"] != "overall"]
    with pytest.raises(NotAvailableError, match="single allocation list"):
        made("imbalance", Node(document))
