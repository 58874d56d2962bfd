"""The register's chain as cohort and outcome of a trial."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose

from ipsrct import ScenarioError, read_scenario, simulate, verify
from ipsrct._accumulator import true_values
from ipsrct._streams import Streams
from ipsrct.engine import _individuals
from tests.conftest import unequal

MONTHS = {"kind": "months_employed", "first": 1, "last": 12}
LINEAR = {"kind": "linear_probability", "factors": ["age", "sex", "employed_before"], "variance": "HC2"}


@pytest.fixture(scope="module")
def persist():
    return read_scenario("ips_ung_persist")


def _control_and_effect(name):
    scenario = read_scenario(name)
    cells = scenario.assumptions.cohort.cells()
    control = scenario.assumptions.outcome.risks(cells, (False,))[:, 0]
    return float(cells.probability @ control), float(true_values(scenario)[0])


@pytest.mark.parametrize(
    ("name", "control", "effect"),
    [
        ("ips_ung_persist", 0.394, 0.096),
        ("ips_ung_revert", 0.439, 0.051),
        ("ips_ung_decline", 0.360, 0.130),
    ],
)
def test_counterfactuals_give_the_known_levels_and_effects(name, control, effect):
    """The feasibility study's values, from another fit of the same chain: within half a point."""
    assert _control_and_effect(name) == pytest.approx((control, effect), abs=0.005)


def test_named_level_is_met_exactly():
    assert _control_and_effect("ips_ung_revert")[0] == pytest.approx(0.439, abs=1e-9)


def test_given_control_level_and_effect_are_met_exactly(persist):
    changes = {
        "assumptions.outcome": {
            "kind": "register_chain",
            "endpoint": {"kind": "employed", "last": 12},
            "control_level": 0.395,
            "effect": 0.075,
        }
    }
    scenario = persist.with_changes(changes)
    cells = scenario.assumptions.cohort.cells()
    risks = cells.probability @ scenario.assumptions.outcome.risks(cells, (True, False))
    assert_allclose(risks, [0.47, 0.395], atol=1e-8)


def test_baseline_factor_splits_cells_without_changing_their_risk(persist):
    plain = [{"kind": "difference_in_proportions"}]
    without = persist.with_changes(
        {"assumptions.cohort.baseline_employment": False, "analysis.estimators": plain}
    )
    outcome = persist.assumptions.outcome
    split, whole = persist.assumptions.cohort.cells(), without.assumptions.cohort.cells()
    share = split.probability.reshape(12, 2)
    risk = outcome.risks(split, (True, False)).reshape(12, 2, 2)
    assert_allclose(share.sum(axis=1), whole.probability, atol=1e-14)
    mean = (share[..., None] * risk).sum(axis=1) / share.sum(axis=1)[:, None]
    assert_allclose(mean, outcome.risks(whole, (True, False)), atol=1e-12)
    assert (risk[:, 1] > risk[:, 0] + 0.2).all()  # employment before start foretells employment a year later


def test_routes_agree_at_unequal_allocation(persist):
    """Exact numbers, counts and panels drawn month by month; false alarm at most 2 per cent."""
    scenario = unequal(persist).with_changes({"design.n_participants": 400, "simulation.replicates": 6400})
    result = verify(scenario)
    assert {(c.first_route, c.second_route) for c in result.comparisons} == {
        ("exact", "counts"),
        ("exact", "individual"),
        ("counts", "individual"),
    }
    assert result.agrees, result.sentence()


@pytest.mark.parametrize(
    "endpoint",
    [
        MONTHS,
        {"kind": "months_to_first_job", "first": 1, "last": 12},
        {"kind": "sustained", "first": 1, "last": 12, "months": 4, "hours": 4},
    ],
    ids=lambda e: e["kind"],
)
def test_estimates_centre_on_the_exact_effect_at_unequal_allocation(persist, endpoint):
    """Bias of both estimators below 4.5 errors, and standard errors right within 4 per cent (3 errors)."""
    changes = {
        "assumptions.outcome.endpoint": endpoint,
        "analysis.estimators": [{"kind": "difference_in_proportions"}, LINEAR],
        "design.n_participants": 600,
        "simulation.replicates": 3200,
        "simulation.under_null": False,
    }
    run = simulate(unequal(persist).with_changes(changes), route="individual")
    for label in ("difference_in_proportions_unpooled", "linear_probability_HC2"):
        bias = run.find("bias", label)
        # Adjusting weighs strata by precision; with effects that differ by cell it may lie a little off.
        slack = 0.02 * abs(true_values(run.scenario)[0]) if label.startswith("linear") else 0
        assert abs(bias.value) < 4.5 * bias.mc_standard_error + slack
        mean = run.find("mean_standard_error", label).value
        assert mean == pytest.approx(run.find("empirical_standard_error", label).value, rel=0.04)


def test_baseline_adjustment_gains_precision(persist):
    """The correlation of baseline and month 12 is about 0.4, so the gain is 10 to 25 per cent."""
    run = simulate(persist.with_changes({"simulation.replicates": 20_000}))
    name = "adjusted_for_baseline_employment - difference_in_proportions_unpooled"
    gain = run.find("relative_precision", name)
    assert 0.08 < gain.value < 0.3
    assert gain.mc_standard_error < 0.01


def test_null_arms_are_alike_and_share_the_draws(persist):
    scenario = unequal(persist).with_changes({"design.n_participants": 90})
    streams = Streams(3)
    with_effect, without = (_individuals(scenario, streams, 1, null).counts for null in (False, True))
    assert (with_effect.n == without.n).all()
    assert (with_effect.events[:, 1] == without.events[:, 1]).all()
    cells = scenario.assumptions.cohort.cells()
    null = scenario.assumptions.outcome.under_null().risks(cells, (True, False))
    assert_allclose(null[:, 0], null[:, 1])


def test_numbers_of_months_take_the_individual_route(persist):
    changes = {
        "assumptions.outcome.endpoint": MONTHS,
        "analysis.estimators": [LINEAR],
        "simulation.replicates": 64,
        "design.n_participants": 60,
    }
    run = simulate(persist.with_changes(changes))
    assert run.provenance["route"] == "individual"
    assert run.scenario.assumptions.outcome.unit == "months"


@pytest.mark.parametrize(
    ("changes", "path", "part"),
    [
        ({"assumptions.outcome.control_level": 0.4}, "assumptions.outcome", "either counterfactual"),
        ({"assumptions.outcome.effect": 0.7}, "assumptions.outcome", "which the chain can reach"),
        ({"assumptions.outcome.endpoint.last": 40}, "assumptions.outcome", "at most 23"),
        ({"assumptions.cohort": {"kind": "cells"}}, "assumptions", "both be of kind"),
        (
            {"assumptions.outcome.endpoint": MONTHS, "analysis.estimators": [
                {"kind": "stratified_difference", "factors": ["sex"]}]},
            "analysis.estimators.0",
            "yes or no",
        ),
        (
            {"analysis.estimators.2.name": "linear_probability_HC2"},
            "analysis.estimators.2",
            "name of an earlier one",
        ),
    ],
)  # fmt: skip
def test_impossible_choices_are_faults(persist, changes, path, part):
    with pytest.raises(ScenarioError) as caught:
        persist.with_changes(changes)
    assert any(f.path == path and part in f.message for f in caught.value.faults), str(caught.value)


def test_draws_are_the_same_for_any_number_of_workers(persist):
    scenario = persist.with_changes({"simulation.replicates": 600, "design.n_participants": 60})
    one, two = (simulate(scenario, route="individual", jobs=jobs).to_json() for jobs in (1, 2))
    assert one == two
