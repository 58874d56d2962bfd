"""The expected flow, by hand."""

from __future__ import annotations

import pytest

from ipsrct import read_scenario
from ipsrct.findings.flow import flow

UNEQUAL = {
    "design.arms.0.allocation_weight": 2,
    "design.randomisation.block_sizes": [6],
    "assumptions.attrition.ips": {"value": 0.1, "assumed": "a test"},
    "assumptions.attrition.control": {"value": 0.2, "assumed": "a test"},
}


def test_two_to_one_with_attrition():
    found = flow(read_scenario("ips_ung", UNEQUAL))
    assert found["arms"] == [
        {"arm": "ips", "allocated": 880, "not_observed": 88, "analysed": 792},
        {"arm": "control", "allocated": 440, "not_observed": 88, "analysed": 352},
    ]


def test_those_asked_from_consent_of_adults_and_of_guardians():
    # 0.75 of nine tenths, and 0.75 * 0.8 of the tenth under 18: 0.735 of those asked take part.
    found = flow(read_scenario("ips_ung"))
    assert (found["asked"], found["too_young"], found["declined"]) == (1796, 0, 476)
    assert found["randomised"] == 1320


def test_those_under_18_are_too_young_where_the_trial_begins_at_18():
    # 0.75 of nine tenths consent: 1,320 / 0.675 = 1,955.6 are asked, of whom a tenth are too young.
    found = flow(read_scenario("ips_ung", {"recruitment.minimum_age": 18}))
    assert (found["asked"], found["too_young"]) == (1956, 196)
    assert found["asked"] - found["too_young"] - found["declined"] == found["randomised"]


def test_floating_point_makes_nobody_too_young():
    # 651 / (0.5 * 0.93) is 1,400 by hand, and 0.07 * 1,400 is 98; floating point says a little more.
    changes = {
        "recruitment.minimum_age": 18,
        "recruitment.consent.value": 0.5,
        "recruitment.share_under_18.value": 0.07,
        "design.n_participants": 651,
    }
    found = flow(read_scenario("ips_ung", changes))
    assert (found["asked"], found["too_young"], found["declined"]) == (1400, 98, 651)


@pytest.mark.parametrize(("n", "weights"), [(1321, (1, 1)), (1001, (2, 1)), (998, (3, 2))])
def test_arms_add_up_to_those_randomised(n, weights):
    changes = {
        "design.n_participants": n,
        "design.arms.0.allocation_weight": weights[0],
        "design.arms.1.allocation_weight": weights[1],
        "design.randomisation": {"kind": "complete"},
    }
    arms = flow(read_scenario("ips_ung", changes))["arms"]
    assert sum(arm["allocated"] for arm in arms) == n
    for arm, weight in zip(arms, weights, strict=True):
        assert abs(arm["allocated"] - n * weight / sum(weights)) < 1


def test_without_a_recruitment_table_nobody_knows_who_is_asked():
    found = flow(read_scenario("seed"))
    assert (found["asked"], found["too_young"], found["declined"]) == (None, None, None)
    assert [arm["allocated"] for arm in found["arms"]] == [50, 46]
