"""Risks by cell and arm, and the outcomes drawn from them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipsrct import read_scenario
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
