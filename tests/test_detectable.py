"""Smallest detectable effects against enumeration and formulas."""

from __future__ import annotations

import math

import pytest
from scipy.optimize import brentq

from ipsrct import minimum_detectable_effect, read_scenario, simulate
from ipsrct.exact import power as exact_power
from tests.conftest import unequal, with_estimators

UNPOOLED = {"kind": "difference_in_proportions", "variance": "unpooled"}
POOLED = {"kind": "difference_in_proportions", "variance": "pooled"}
FEW = {"analysis__subgroups": [], "analysis__interactions": []}


@pytest.mark.parametrize("estimator", [UNPOOLED, POOLED])
@pytest.mark.parametrize("sign", [1, -1])
def test_everybodys_effect_is_the_exact_one(cells_trial, estimator, sign):
    """Against the root of exact power at 2:1; 4 Monte Carlo standard errors, a false alarm in 1 of 16,000."""
    scenario = unequal(
        with_estimators(cells_trial, estimator, assumptions__outcome__effect=sign * 0.06, **FEW)
    )
    (found,) = minimum_detectable_effect(scenario, [0.8]).effects

    def missing(effect):
        changed = scenario.with_changes({"assumptions.outcome.effect": sign * effect})
        return exact_power(changed, 0) - 0.8

    exact = brentq(missing, 0.05, 0.12, xtol=1e-5)
    assert found.effect == pytest.approx(exact, abs=4 * found.mc_standard_error)
    assert found.low < found.effect < found.high
    assert found.assumed_effect == pytest.approx(sign * 0.06)


def test_subgroups_follow_the_standard_error(cells_trial):
    """(1.96 + 0.84) standard errors, within 2 per cent: t rather than normal tails and Monte Carlo error."""
    run = minimum_detectable_effect(cells_trial, [0.8])
    simulated = simulate(cells_trial.with_changes({"simulation.replicates": 20_480}), route="counts")
    for effect in run.effects:
        if effect.population != "all":
            error = simulated.find("empirical_standard_error", effect.estimator, effect.population).value
            assert effect.effect == pytest.approx(2.80158 * error, rel=0.02)


def test_larger_trials_detect_less(cells_trial):
    changes = {"design.n_participants": [600, 1200, 2400]}
    run = minimum_detectable_effect(
        with_estimators(cells_trial, UNPOOLED, **FEW).with_changes(changes), [0.8, 0.9]
    )
    found = {(e.at["design.n_participants"], e.target_power): e.effect for e in run.effects}
    assert found[600, 0.8] > found[1200, 0.8] > found[2400, 0.8]
    assert found[1200, 0.9] > found[1200, 0.8]
    assert found[600, 0.8] / found[2400, 0.8] == pytest.approx(2, rel=0.04)


def test_an_effect_that_the_model_cannot_have_is_said():
    scenario = with_estimators(read_scenario("ips_ung"), UNPOOLED, design__n_participants=24, **FEW)
    (found,) = minimum_detectable_effect(scenario, [0.9]).effects
    assert "the model cannot have" in found.note
    assert math.isfinite(found.effect)


def test_nothing_is_detectable_where_trials_cannot_be_analysed():
    scenario = with_estimators(
        read_scenario("ips_ung_cells"), UNPOOLED, design__n_participants=4,
        design__randomisation={"kind": "complete"}, **FEW
    )  # fmt: skip
    (found,) = minimum_detectable_effect(scenario, [0.9]).effects
    assert found.effect is None
    assert found.note


@pytest.mark.parametrize("target", [0.05, 1.0])
def test_impossible_targets_are_refused(cells_trial, target):
    with pytest.raises(ValueError, match="between the significance level and 1"):
        minimum_detectable_effect(cells_trial, [target])


def test_workers_change_nothing(cells_trial):
    one, two = (minimum_detectable_effect(cells_trial, [0.8], jobs=jobs).effects for jobs in (1, 2))
    assert one == two
