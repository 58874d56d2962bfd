"""Whether an analysis adjusts for more than the trial's participants carry."""

from __future__ import annotations

from typing import Any

import numpy as np

from ipsrct.protocols import Estimator
from ipsrct.scenario import Scenario

LEAST_PER_COEFFICIENT = 15
"""Harrell, Regression Modeling Strategies, 2nd edition 2015, section 4.4."""


def load(scenario: Scenario, estimator: Estimator) -> dict[str, Any]:
    """Return the coefficients of an analysis and the participants that there are for each.

    One coefficient for the arm and one for each stratum that can occur. Of a binary outcome the participants
    that count are the rarer of those with and without it, as expected (Harrell, same place).
    """
    cells = scenario.assumptions.cohort_model.cells()
    columns = [cells.factors.index(factor) for factor in estimator.strata_factors]
    occurring = cells.level_index[cells.probability > 0]
    n_coefficients = len(np.unique(occurring[:, columns], axis=0)) + 1 if columns else 2
    n = float(scenario.design.n_participants)
    outcome = scenario.assumptions.outcome_model
    if outcome.unit == "proportion":
        share = float(
            cells.probability @ outcome.risks(cells, scenario.treated) @ np.array(scenario.design.weights)
        ) / sum(scenario.design.weights)
        n *= min(share, 1 - share)
    return {
        "n_coefficients": n_coefficients,
        "participants_per_coefficient": n / n_coefficients,
        "least_per_coefficient": LEAST_PER_COEFFICIENT,
        "many_covariates": bool(columns) and n / n_coefficients < LEAST_PER_COEFFICIENT,
    }
