"""What can and cannot be claimed follows from the numbers."""

from __future__ import annotations

import copy

import pytest

from ipsrct._language import language
from ipsrct.report.content.subgroups import subgroups
from ipsrct.report.model import Bullets, Figure, Paragraph
from ipsrct.report.results import Node
from ipsrct.report.text import plain
from tests.report.content.shown import texts, whole


def with_power(results, population, power, effect=None):
    """Return results with another power, and another assumed effect, of one population."""
    document = copy.deepcopy(results.value)
    for row in document["characteristics"]["characteristics"]:
        if (row["measure"], row["population"]) == ("power", population):
            row["value"] = power
    for row in document["detectable"]["effects"]:
        if row["population"] == population and effect is not None:
            row["assumed_effect"] = effect
    return Node(document)


def heading_of(section, words):
    """Return the paragraph above the claim that contains the words."""
    heading = ""
    for block in section.blocks:
        if isinstance(block, Paragraph):
            heading = plain(block.text, language("en"))
        elif isinstance(block, Bullets) and any(words in plain(i, language("en")) for i in block.items):
            return heading
    raise AssertionError(words)


@pytest.mark.parametrize(
    ("power", "heading"),
    [
        (0.85, "Can be claimed"), (0.8, "Can be claimed"), (0.7999, "Uncertain"), (0.5, "Uncertain"),
        (0.4999, "Cannot be claimed"), (0.0, "Cannot be claimed"),
    ],
)  # fmt: skip
def test_claims_follow_the_power(results, power, heading):
    section = subgroups(with_power(results, "sex:men", power))
    assert heading_of(section, "sex: men: power").startswith(heading)


def test_without_an_assumed_difference_power_is_the_risk_of_a_false_finding(results):
    section = subgroups(with_power(results, "interaction:sex:women-men", 0.9, effect=0.0))
    assert heading_of(section, "women less men: risk 90").startswith("No difference is assumed")


def test_claims_and_table_hold_the_stored_numbers(results):
    said = whole(subgroups(results))
    assert "age: under 20: power 10.2% (0.096) for 3.8 percentage points" in said
    assert "sex: men|47.7%|11.7|15.3 (0.00079)|84.9% (0.11)|11.0 (0.044)|1,164 (1,146 to 1,182)" in said
    assert "everybody|100.0%|7.5|10.7 (0.00015)|78.6%|7.6 (0.034)|1,358" in said
    assert "difference between effects, women less men|\u2013|\u22128.1|" in said


def test_cautions_apply_only_where_they_do(results):
    weak = "A difference between subgroups of the assumed size is more likely missed than found"
    unplanned = "No test of a difference between subgroups is planned"
    said = whole(subgroups(results))
    assert weak in said
    assert unplanned not in said
    document = copy.deepcopy(results.value)
    rows = document["scenario"]["populations"]
    document["scenario"]["populations"] = [row for row in rows if row["kind"] != "interaction"]
    said = whole(subgroups(Node(document)))
    assert weak not in said
    assert unplanned in said


def test_without_subgroups_nothing_can_be_claimed(results):
    document = copy.deepcopy(results.value)
    document["scenario"]["populations"] = document["scenario"]["populations"][:1]
    section = subgroups(Node(document))
    assert texts(section) == ["No subgroups are planned, so nothing can be claimed about any of them."]


def test_parts_that_were_not_computed_are_dashes(changed):
    section = subgroups(changed({"detectable": None, "sizing": None}))
    assert "sex: men|47.7%|\u2013|15.3 (0.00079)|84.9% (0.11)|\u2013|\u2013" in texts(section)
    assert "sex: men: power 84.9% (0.11)" in texts(section)


@pytest.mark.parametrize("part", ["detectable", "headline"])
def test_a_figure_that_lacks_a_part_is_left_out_with_the_reason(results, changed, part):
    left = subgroups(changed({part: None, f"not_available.{part}": "the moon is full"}))
    figures = [[b for b in section.blocks if isinstance(b, Figure)] for section in (left, subgroups(results))]
    assert [len(found) for found in figures] == [0, 1]
    assert (
        "The figure of expected intervals is left out, because a part of what it shows is missing. This is "
        "not available for this scenario: the moon is full."
    ) in texts(left)


def test_months_are_shown_in_months(changed):
    said = whole(subgroups(changed({"scenario.is_share": False, "scenario.unit": "months"})))
    assert "Assumed effect, months" in said
    assert "percentage points" not in said


def test_the_claims_read_the_same_in_bokmal(results):
    said = whole(subgroups(results), "nb")
    assert "Kan ikke hevdes: Styrken er under 50\u00a0%" in said
    assert "styrke 10,2\u00a0% (0,096) for 3,8 prosentpoeng" in said
