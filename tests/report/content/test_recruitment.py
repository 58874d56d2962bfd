"""The calendar, the counties and the places in IPS."""

from __future__ import annotations

from ipsrct import read_scenario
from ipsrct.findings.conduct import recruitment as computed
from ipsrct.report.content.recruitment import recruitment
from tests.report.content.shown import texts, whole


def test_calendar_names_the_months(results):
    said = whole(recruitment(results))
    assert (
        "The trial reaches 1,320 participants in December 2028 (median; between November 2028 and February "
        "2029" in said
    )
    assert (
        "All participants recruited|23.9 (0.032)|22.1 (0.042)|23.8 (0.045)|25.7 (0.053)"
        "|November 2028|December 2028|February 2029"
    ) in said
    assert "deltakere i desember 2028" in whole(recruitment(results), "nb")


def test_counties_have_their_names_and_intervals(results):
    said = texts(recruitment(results))
    assert "Møre og Romsdal|3|76.4 (0.31)|5.8% (0.023)|4.5% to 7.1%" in said
    assert "Of 47 services, 6.0 (0.045) give fewer than 10 participants each, on average." in said


def test_what_if_is_said_in_both_languages(results):
    assert "50% consent|36.0 (0.091)|0.0%" in texts(recruitment(results))
    assert "nedre aldersgrense er 18 år|25,9 (0,066)|0,0\u00a0%" in texts(recruitment(results), "nb")


def test_places_are_compared_with_the_target(results, changed):
    assert "Places at the target stand empty." in whole(recruitment(results))
    assert "starts must be 1.09 times those assumed" in whole(recruitment(results))
    full = changed({"recruitment.caseload.value": 17.0})
    assert "The target is exceeded" in whole(recruitment(full))
    assert "stand empty" not in whole(recruitment(full))


def test_recruitments_that_never_end_are_counted(changed):
    said = whole(recruitment(changed({"recruitment.milestones.0.not_reached": 0.034})))
    assert "In 3.4% of the simulated recruitments the size is never reached." in said


def test_a_size_that_is_never_reached_is_said(changed, results):
    never = results.value["recruitment"]["milestones"][0]["median"] | {"value": None}
    said = texts(recruitment(changed({"recruitment.milestones.0.median": never})))
    assert said == ["1,320 participants are reached in no simulated recruitment."]


def test_without_recruitment_the_reason_is_given(changed):
    reason = "the scenario has no [recruitment]"
    section = recruitment(changed({"recruitment": None, "not_available.recruitment": reason}))
    assert texts(section) == [f"This is not available for this scenario: {reason}."]


def test_findings_name_counties_and_months():
    found = computed(read_scenario("ips_ung", {"design.n_participants": 60}))
    assert {row["name"] for row in found["counties"]} >= {"Møre og Romsdal", "Vest-Viken"}
    assert found["milestones"][0]["calendar"]["median"].startswith("2027-")
    keys = [row["key"] for row in found["what_if"]]
    assert keys[0] == "as_assumed"
    assert {"consent", "starts_per_month", "minimum_age", "at_once"} < set(keys)
