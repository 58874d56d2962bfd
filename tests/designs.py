"""Random two-arm designs whose power is known exactly."""

from __future__ import annotations

from typing import Any

import numpy as np

from ipsrct import Scenario, read_scenario

WEIGHTS = ((1, 1), (2, 1), (1, 2), (3, 2))


def random_design(rng: np.random.Generator) -> Scenario:
    """Return a two-arm design without strata: allocation, block sizes, risks, test and seed at random."""
    weights = WEIGHTS[rng.integers(len(WEIGHTS))]
    unit = sum(weights)
    control = round(float(rng.uniform(0.05, 0.6)), 3)
    effect = round(float(rng.choice([-1, 1]) * np.exp(rng.uniform(np.log(0.05), np.log(0.3)))), 3)
    if not 0.02 < control + effect < 0.98:
        effect = abs(effect)
    schemes: list[dict[str, Any]] = [
        {"kind": "complete"},
        {"kind": "permuted_block", "block_sizes": [unit]},
        {"kind": "permuted_block", "block_sizes": [2 * unit, 3 * unit]},
    ]
    variance = ["unpooled", "pooled"][rng.integers(2)]
    return read_scenario(
        "ips_ung_cells",
        {
            "design.arms.0.allocation_weight": weights[0],
            "design.arms.1.allocation_weight": weights[1],
            "design.randomisation": schemes[rng.integers(len(schemes))],
            "assumptions.cohort.factors": [],
            "assumptions.outcome.control_risk": control,
            "assumptions.outcome.effect": effect,
            "analysis.subgroups": [],
            "analysis.interactions": [],
            "analysis.estimators": [{"kind": "difference_in_proportions", "variance": variance}],
            "simulation.seed": int(rng.integers(1_000_000_000)),
        },
    )
