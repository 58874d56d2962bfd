"""The register's chain as cohort and outcome of a trial."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipsrct import ScenarioError, display, read_scenario, simulate, verify
from ipsrct._accumulator import observed_values, true_values
from ipsrct._streams import Streams
from ipsrct.engine import _individuals
from tests.conftest import unequal

MONTHS = {"kind": "months_employed", "first": 1, "last": 12}
ALIKE = {"dormant_job": 0.1, "late_end": 0.1, "late_start": 0.1}
NONE = {"dormant_job": 0.0, "late_end": 0.0, "late_start": 0.0}
LATE_CONTROL = {"control": {"late_start": 0.25}}
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
        ({"assumptions.outcome.control_level": 0.4}, "assumptions.outcome", "or control_level, got both"),
        (
            {"assumptions.cohort.heterogeneity": 0.4},
            "assumptions.cohort.heterogeneity",
            "one of 0, 0.8, 1.6",
        ),
        (
            {"assumptions.cohort.register_errors": ALIKE | {"late_end": 1.1}},
            "assumptions.cohort.register_errors.late_end",
            "between 0 and 1",
        ),
        (
            {"assumptions.cohort.register_errors": {"late_start": 0.95, "months_to_start": 24}},
            "assumptions.cohort",
            "no chain of employment",
        ),
        (
            {"assumptions.outcome.register_errors": {"ips": {}}},
            "assumptions.outcome.register_errors.ips",
            "",
        ),
        (
            {
                "assumptions.cohort.register_errors": ALIKE,
                "assumptions.outcome": {
                    "kind": "register_chain",
                    "endpoint": {"kind": "employed", "last": 12},
                    "control_level": 0.99,
                },
            },
            "assumptions.outcome",
            "which the chain can reach",
        ),
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


def _block(scenario, null=False):
    return _individuals(scenario.with_changes({"design.n_participants": 90}), Streams(3), 0, null)


def test_zero_rates_change_no_risk_and_no_draw(persist):
    changes = {
        "assumptions.cohort.register_errors": NONE,
        "assumptions.outcome.register_errors": {
            "control": {"late_end": 0.0},
            "treatment": {"late_start": 0.0},
        },
    }
    zero = unequal(persist).with_changes(changes)
    for with_zero, without in zip(_risks(zero), _risks(unequal(persist)), strict=True):
        assert (with_zero == without).all()
    one, other = _block(zero), _block(unequal(persist))
    assert (one.cohort.cell == other.cohort.cell).all()
    assert (one.outcomes.y == other.outcomes.y).all()


def _risks(scenario):
    cells, outcome = scenario.assumptions.cohort.cells(), scenario.assumptions.outcome
    return cells.probability, outcome.risks(cells, (True, False)), outcome.true_risks(cells, (True, False))


@pytest.fixture(scope="module")
def errors():
    return read_scenario("ips_ung_register_errors")


def test_level_and_effect_stay_those_of_true_employment(errors):
    probability, observed, true = _risks(errors)
    assert_allclose(probability @ true, [0.47, 0.395], atol=1e-8)
    assert true_values(errors)[0] == pytest.approx(0.075, abs=1e-8)
    assert observed_values(errors)[0] == pytest.approx(probability @ (observed[:, 0] - observed[:, 1]))
    assert observed_values(errors)[0] > true_values(errors)[0] + 0.003  # new jobs are missed in control


def test_late_starts_alike_in_both_arms_shrink_the_effect(persist):
    """More begins under IPS, so more is missed: not a constant factor, but a loss."""
    scenario = persist.with_changes({"assumptions.cohort.register_errors": ALIKE | {"late_end": 0.0}})
    true, observed = (values(scenario)[0] for values in (true_values, observed_values))
    assert 0.9 * true < observed < true - 0.001


def test_errors_that_differ_by_arm_are_an_effect_under_the_null(errors):
    """The null keeps the errors, so its type I error shows them; the truth of it is no effect."""
    null = errors.assumptions.outcome.under_null()
    cells = errors.assumptions.cohort.cells()
    assert_allclose(*null.true_risks(cells, (True, False)).T, atol=1e-12)
    shown = cells.probability @ null.risks(cells, (True, False))
    assert shown[0] - shown[1] > 0.005


def test_drawn_outcomes_have_the_observed_risk_of_each_cell_and_arm(errors):
    """48 shares of 128,000 participants under another variant: largest z below 4.5, mean square below 1.8.

    False alarm 5e-4. Errors of the other arm, or of the evaluation in both arms, move shares of the control
    arm by 1 point and more, six standard errors.
    """
    changes = {
        "design.n_participants": 2000,
        "assumptions.cohort.start_months": "even",
        "assumptions.outcome.endpoint": {"kind": "sustained", "first": 1, "last": 9, "months": 4},
    }
    scenario = unequal(errors).with_changes(changes)
    counts = _individuals(scenario, Streams(5), 0, False).counts
    n, events = counts.n.sum(axis=-1), counts.events.sum(axis=-1)
    risk = scenario.assumptions.outcome.risks(counts.cells, scenario.treated)
    z = (events - n * risk) / np.sqrt(n * risk * (1 - risk))
    assert np.abs(z).max() < 4.5
    assert (z**2).mean() < 1.8


@pytest.mark.long
def test_routes_agree_with_errors(errors):
    """Exact observed risks against errors laid over panels; false alarm at most 2 per cent."""
    changes = {"design.n_participants": 600, "simulation.replicates": 6400, "simulation.seed": 3}
    result = verify(unequal(errors).with_changes(changes))
    assert result.agrees, result.sentence()


def test_bias_and_coverage_are_about_the_truth(errors):
    """Bias is observed less true effect, within 4.5 errors."""
    scenario = unequal(errors).with_changes({"simulation.replicates": 20_000})
    bias = simulate(scenario, route="counts").find("bias", "difference_in_proportions_unpooled")
    difference = observed_values(scenario)[0] - true_values(scenario)[0]
    assert bias.value == pytest.approx(difference, abs=4.5 * bias.mc_standard_error)
    assert difference > 5 * bias.mc_standard_error


def test_numbers_of_months_have_the_mean_that_the_register_shows(errors):
    changes = {
        "assumptions.outcome.endpoint": MONTHS,
        "analysis.estimators": [{"kind": "difference_in_proportions"}],
        "design.n_participants": 400,
        "simulation.replicates": 320,
    }
    run = simulate(unequal(errors).with_changes(changes), route="individual")
    bias = run.find("bias", "difference_in_proportions_unpooled")
    difference = observed_values(run.scenario)[0] - true_values(run.scenario)[0]
    assert bias.value == pytest.approx(difference, abs=4.5 * bias.mc_standard_error)


def test_the_reader_is_told_what_the_data_show(errors):
    run = simulate(errors.with_changes({"simulation.replicates": 4096}))
    text = " ".join(display.simulation(run).split())
    assert "to detect 7.5 percentage points (39.5 % against 47.0 %" in text
    assert "The data show 8." in text
    assert "a chain refitted so that the register still shows the published tables" in text


def test_heterogeneity_makes_a_grid_and_moves_the_persisting_path(persist):
    controls = []
    for value in (0.0, 0.8, 1.6):
        scenario = persist.with_changes({"assumptions.cohort.heterogeneity": value})
        probability, observed, true = _risks(scenario)
        assert (observed == true).all()
        controls.append(float(probability @ true[:, 1]))
    assert controls == pytest.approx([0.401, 0.393, 0.387], abs=0.001)
    grid = persist.with_changes({"assumptions.cohort.heterogeneity": [0.0, 1.6]}).grid
    assert grid == (("assumptions.cohort.heterogeneity", (0.0, 1.6)),)
