"""Planned arms in whole persons, the range of the effect, durations, and covariates for what there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsrct import read_scenario
from ipsrct.findings.covariates import load
from ipsrct.findings.durations import durations, found_sizes
from ipsrct.findings.headline import headline, whole_arms
from ipsrct.recruiting import recruit


@given(st.integers(2, 10**7), st.lists(st.integers(1, 50), min_size=2, max_size=5))
def test_arms_add_up_and_lie_within_one_person_of_their_share(n, weights):
    names = tuple(map(str, range(len(weights))))
    arms = whole_arms(n, tuple(weights), names)
    assert sum(arms.values()) == n
    for name, weight in zip(names, weights, strict=True):
        assert abs(arms[name] - n * weight / sum(weights)) < 1


def test_largest_remainders_are_rounded_up():
    assert whole_arms(101, (2, 1, 4), ("a", "b", "c")) == {"a": 29, "b": 14, "c": 58}  # 28.86, 14.43, 57.71


def test_the_range_of_the_effect_is_in_the_outcome_s_unit():
    binary = headline(read_scenario("ips_ung_cells"))["effect_range"]
    assert binary == pytest.approx({"low": 0.035, "high": 0.13})
    change = {"assumptions.outcome.endpoint": {"kind": "months_employed", "last": 12}}
    months = headline(read_scenario("ips_ung", change))
    assert 0 < months["effect_range"]["low"] < months["effect"] < months["effect_range"]["high"] < 2
    assert headline(read_scenario("seed"))["effect_range"] is None


def test_durations_are_those_of_recruitment_and_grow_with_the_size():
    """The same seed and plan, so the shorter trial's milestones are recruitment's own but for the error."""
    scenario = read_scenario("ips_ung", {"design.n_participants": 300})
    short, long = durations(scenario, [300, 500])
    own = {m.name: m.mean for m in recruit(scenario, what_if=False).milestones}
    for name in ("n_reached", "register_complete"):
        assert short[name]["value"] == pytest.approx(own[name].value, abs=6 * own[name].mc_standard_error)
        assert long[name]["value"] > short[name]["value"] + 1
    assert short["register_complete"]["value"] - short["n_reached"]["value"] == pytest.approx(12 + 3)
    assert durations(scenario, []) == []


def test_sizes_that_are_timed_are_the_primary_analysis_s_and_not_the_formula_s():
    row = {"estimator": "a", "population": "all", "method": "exact", "n_total": 20}
    others = ({"method": "formula", "n_total": 1}, {"estimator": "b", "n_total": 2}, {"population": "x"})
    answers = [
        row,
        row | {"n_total": 10},
        row | {"n_total": None},
        *(row | {"n_total": 3} | o for o in others),
    ]
    assert found_sizes({"answers": answers}, "a") == [10, 20]


@pytest.mark.parametrize(("n", "many"), [(1320, False), (200, True)])
def test_coefficients_are_an_arm_and_the_strata(n, many):
    """2 x 3 x 2 strata; of 1,320 at 2:1, a share of (2 x 0.47 + 0.395) / 3 = 0.445 has the outcome."""
    changes = {
        "design.arms.0.allocation_weight": 2,
        "design.randomisation.block_sizes": [6],
        "design.n_participants": n,
    }
    scenario = read_scenario("ips_ung_cells", changes)
    unadjusted, adjusted = (load(scenario, e) for e in scenario.analysis.estimator_list)
    assert (unadjusted["n_coefficients"], adjusted["n_coefficients"]) == (2, 13)
    assert adjusted["participants_per_coefficient"] == pytest.approx(n * 0.445 / 13)
    assert adjusted["many_covariates"] is many
    assert not unadjusted["many_covariates"]


def test_the_rarer_outcome_counts_for_a_coefficient():
    """At 70 and 80 per cent with the outcome, a quarter is without."""
    changes = {"assumptions.outcome.control_risk": 0.7, "assumptions.outcome.effect": 0.1}
    scenario = read_scenario("ips_ung_cells", changes)
    found = load(scenario, scenario.analysis.estimator_list[0])
    assert found["participants_per_coefficient"] == pytest.approx(1320 * 0.25 / 2)
