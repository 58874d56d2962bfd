"""Risks by cell and arm, and the outcomes drawn from them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipsrct import read_scenario, routes
from ipsrct.cohort.cells import Cells
from ipsrct.outcome.cell_risks import CellRisks
from ipsrct.trial import Assignment


@pytest.fixture(scope="module")
def scenario():
    return read_scenario(
        "ips_ung_cells",
        {
            "assumptions.outcome.control_risk_shift": {"age": {"under_20": -0.1, "24_plus": 0.05}},
            "assumptions.outcome.effect_shift": {"sex": {"men": 0.04}},
        },
    )


def test_shifts_are_centred_and_add_up(scenario):
    cells = scenario.assumptions.cohort.cells()
    risks = scenario.assumptions.outcome.risks(cells, (True, False))
    share = np.array([284, 510, 526]) / 1320
    centre = share @ [-0.1, 0, 0.05]
    assert_allclose(cells.probability @ risks, [0.47, 0.395], rtol=1e-14)
    young_man = 0
    assert risks[young_man, 1] == pytest.approx(0.395 - 0.1 - centre)
    assert risks[young_man, 0] - risks[young_man, 1] == pytest.approx(0.075 + 0.04 * (1 - 624 / 1320))


def test_every_treated_arm_gets_the_effect(scenario):
    cells = scenario.assumptions.cohort.cells()
    risks = scenario.assumptions.outcome.risks(cells, (False, True, True))
    assert_allclose(risks[:, 1], risks[:, 2])
    assert (risks[:, 1] > risks[:, 0]).all()


def test_null_keeps_the_control_risks(scenario):
    outcome, cells = scenario.assumptions.outcome, scenario.assumptions.cohort.cells()
    null = outcome.under_null().risks(cells, (True, False))
    assert_allclose(null[:, 0], null[:, 1])
    assert_allclose(null[:, 1], outcome.risks(cells, (True, False))[:, 1])


def test_outcomes_have_the_risk_of_cell_and_arm(scenario):
    """4,000 trials of 60 at 2:1; each cell and arm within 5 standard errors (false alarm 1e-5 in all 24)."""
    assumptions, rng = scenario.assumptions, np.random.default_rng(1)
    cohort = assumptions.cohort.draw(60, 4000, rng)
    arm = (rng.random(cohort.cell.shape) < 1 / 3).astype(np.int8)
    drawn = assumptions.outcome.draw(cohort, Assignment(arm, np.empty(0)), (True, False), rng)
    risks = assumptions.outcome.risks(cohort.cells, (True, False))
    for c in range(12):
        for k in range(2):
            here = drawn.y[(cohort.cell == c) & (arm == k)]
            error = np.sqrt(risks[c, k] * (1 - risks[c, k]) / here.size)
            assert here.mean() == pytest.approx(risks[c, k], abs=5 * error)


def _correlated(scenario, icc):
    return scenario.with_changes({"assumptions.outcome.service_icc": icc}).assumptions.outcome


def _by_service(outcome, seed=2, n=400, draws=600):
    """Return each service's outcomes and participants by arm, (2, R, S), at 2:1."""
    cohort = Cells.model_validate({"kind": "cells", "services": {"a": 8}}, strict=False)
    rng = np.random.default_rng(seed)
    drawn = cohort.draw(n, draws, rng)
    arm = (rng.random(drawn.cell.shape) < 1 / 3).astype(np.int8)
    y = outcome.draw(drawn, Assignment(arm, None), (True, False), rng).y
    place = np.arange(draws)[:, None] * 8 + drawn.service
    events, size = np.zeros((2, draws * 8)), np.zeros((2, draws * 8))
    for k in range(2):
        np.add.at(size[k], place[arm == k], 1)
        np.add.at(events[k], place[arm == k], y[arm == k])
    return events.reshape(2, draws, 8), size.reshape(2, draws, 8)


def test_service_icc_keeps_the_mean_and_gives_the_correlation(scenario):
    """Mean risk and pairwise correlation within services; 4,800 services, tolerance 5 standard errors.

    Two participants of a service and an arm both have the outcome with probability p^2 + icc p (1 - p).
    """
    plain = scenario.with_changes(
        {"assumptions.outcome.control_risk_shift": {}, "assumptions.outcome.effect_shift": {}}
    )
    events, size = _by_service(_correlated(plain, 0.1))
    for k, p in enumerate((0.47, 0.395)):
        rate = events[k] / size[k]
        assert rate.mean() == pytest.approx(p, abs=5 * rate.std() / np.sqrt(rate.size))
        both = events[k] * (events[k] - 1) / (size[k] * (size[k] - 1))
        expected = p**2 + 0.1 * p * (1 - p)
        assert both.mean() == pytest.approx(expected, abs=5 * both.std() / np.sqrt(both.size))
    # A service that is good for one arm is as good for the other.
    assert np.corrcoef(events[0].ravel() / size[0].ravel(), events[1].ravel() / size[1].ravel())[0, 1] > 0.7


def test_without_icc_services_are_alike(scenario):
    """An icc of 0 changes no draw, and the variance between services is binomial."""
    for icc in (None, 0.0):
        outcome = scenario.assumptions.outcome if icc is None else _correlated(scenario, icc)
        assert not outcome.correlated_in_services
        cohort = scenario.assumptions.cohort.draw(50, 3, np.random.default_rng(3))
        arm = Assignment(np.zeros((3, 50), np.int8), None)
        drawn = outcome.draw(cohort, arm, (True, False), np.random.default_rng(4)).y
        risk = outcome.risks(cohort.cells, (True, False))[cohort.cell, 0]
        assert (drawn == (np.random.default_rng(4).random(risk.shape) < risk)).all()


def test_null_shares_the_services_draws(scenario):
    """The control arm has the same outcomes with and without the effect."""
    outcome = _correlated(scenario, 0.2)
    cohort = scenario.assumptions.cohort.draw(60, 20, np.random.default_rng(5))
    arm = Assignment(np.tile(np.array([0, 1, 1], np.int8), (20, 20)), None)
    with_effect, without = (
        model.draw(cohort, arm, (True, False), np.random.default_rng(6)).y
        for model in (outcome, outcome.under_null())
    )
    assert (with_effect[arm.arm == 1] == without[arm.arm == 1]).all()
    assert (with_effect[arm.arm == 0] >= without[arm.arm == 0]).mean() > 0.9


def test_certain_outcomes_stay_certain():
    outcome = CellRisks.model_validate(
        {"kind": "cell_risks", "control_risk": 0, "effect": 1, "service_icc": 0.3}, strict=False
    )
    events, size = _by_service(outcome, draws=5)
    assert (events[0] == size[0]).all()
    assert (events[1] == 0).all()


def test_correlated_services_have_the_individual_route_only(scenario):
    correlated = scenario.with_changes({"assumptions.outcome.service_icc": 0.05})
    assert routes.choose_route(scenario) != "individual"
    assert routes.choose_route(correlated) == "individual"
    assert "counts do not know services" in routes.why_not(correlated, "counts")
    assert "correlated" in routes.why_not(correlated, "exact")
