"""The expected flow in words."""

from __future__ import annotations

from ipsrct.report.content.flow import flow
from tests.report.content.shown import texts, whole


def test_flow_from_those_asked_to_those_analysed(results):
    said = texts(flow(results))
    assert said[0] == "Of 1,796 people who are asked, 476 are expected not to consent; 1,320 are randomised."
    assert "IPS: 660 allocated, 0 without an observed outcome, 660 analysed" in said
    assert "(CONSORT 2025)" in said[-1]


def test_those_too_young_are_counted_where_there_are_any(changed):
    said = texts(flow(changed({"flow.too_young": 180})))
    assert said[0].startswith("Of 1,796 people who are assessed, 180 are expected to be too young and 476")


def test_without_consent_the_flow_begins_with_those_randomised(changed, results):
    document = results.value["flow"] | {"asked": None, "too_young": None, "declined": None}
    said = texts(flow(changed({"flow": document})))
    assert said[0].startswith("1,320 participants are randomised.")


def test_a_third_arm_is_listed(changed, results):
    arm = {"arm": "augmented", "allocated": 440, "not_observed": 22, "analysed": 418}
    arms = [*results.value["flow"]["arms"], arm]
    assert "augmented: 440 tildelt, 22 uten observert utfall, 418 analysert" in whole(
        flow(changed({"flow.arms": arms})), "nb"
    )
