"""The scenario's choices and sources as plain data."""

from __future__ import annotations

import pytest

from ipsrct import read_scenario
from ipsrct.evidence import evidence
from ipsrct.findings import find
from ipsrct.findings.facts import assumptions, facts, sources


def test_populations_share_out_the_participants():
    rows = facts(read_scenario("ips_ung"))["populations"]
    share = {row["name"]: row["share"] for row in rows if row["kind"] != "interaction"}
    assert share["all"] == pytest.approx(1, abs=1e-12)
    assert share["sex:men"] + share["sex:women"] == pytest.approx(1, abs=1e-12)
    ages = [row["share"] for row in rows if row["factor"] == "age" and row["kind"] == "subgroup"]
    assert sum(ages) == pytest.approx(1, abs=1e-12)


def test_shares_of_cells_are_those_published():
    rows = facts(read_scenario("ips_ung_cells"))["populations"]
    men, women = (evidence[key].value for key in ("pop_men", "pop_women"))
    (found,) = [row["share"] for row in rows if row["name"] == "sex:men"]
    assert found == pytest.approx(men / (men + women), abs=1e-12)


def test_interactions_name_what_is_compared():
    (row,) = [
        r for r in facts(read_scenario("ips_ung"))["populations"] if r["name"].startswith("interaction:sex")
    ]
    assert (row["kind"], row["factor"], row["level"], row["reference"]) == (
        "interaction",
        "sex",
        "women",
        "men",
    )


def test_planned_arms_follow_the_weights():
    arms = facts(read_scenario("seed"))["arms"]
    assert [(arm["name"], arm["n_planned"]) for arm in arms] == [("ips", 50), ("control", 46)]


def test_a_one_sided_test_goes_with_the_interval_that_leaves_as_much_on_either_side():
    found = facts(read_scenario("ips_ung_cells", {"analysis.sides": 1}))
    assert found["confidence_level"] == pytest.approx(0.9)


def test_what_is_randomised_is_shown_without_the_sizes_of_blocks():
    assert facts(read_scenario("ips_ung"))["randomisation"] == {
        "kind": "stratified_permuted_block",
        "factors": ["age", "sex", "social_assistance"],
        "unit": "participant",
    }


def test_sources_hold_every_value_that_is_cited_anywhere_and_no_other():
    found = find(read_scenario("ips_norway"), parts=["flow"]).document
    cited = {key for row in found["assumptions"] for key in row["evidence"]}
    cited |= set(read_scenario("ips_norway").evidence["source"])
    assert set(found["sources"]) == cited
    assert found["sources"]["reme.proportion_month_12.ips"]["value"] == 0.366


def test_sources_of_parts_are_found_wherever_they_stand():
    part = {
        "rows": [{"evidence": "fig1_month6"}, {"effect": {"evidence": ["fig1_month0"]}}],
        "name": "pop_men",
    }
    assert list(sources(part)) == ["fig1_month6", "fig1_month0"]


def test_every_assumption_has_a_reason_or_a_source():
    rows = assumptions(read_scenario("ips_ung"))
    assert all(row["evidence"] or row["assumed"] for row in rows)
    value = {row["path"]: row["value"] for row in rows}
    assert value["assumptions.outcome.control_level"] == 0.395
    assert value["recruitment.consent"] == 0.75
