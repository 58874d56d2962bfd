"""Shared scenarios and helpers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import settings

from ipsrct import Scenario, read_scenario
from ipsrct.trial import CellCounts

settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci")
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="session")
def cells_trial() -> Scenario:
    """The recommended trial with one risk in each arm."""
    return read_scenario("ips_ung_cells")


def with_estimators(scenario: Scenario, *estimators: dict[str, Any], **changes: Any) -> Scenario:
    """Return the scenario with other estimators, and other values by path (with __ for a dot)."""
    values = {path.replace("__", "."): value for path, value in changes.items()}
    return scenario.with_changes({"analysis.estimators": list(estimators)} | values)


def unequal(scenario: Scenario) -> Scenario:
    """Return the scenario with 2:1 allocation, in blocks of six."""
    return scenario.with_changes(
        {"design.arms.0.allocation_weight": 2, "design.randomisation.block_sizes": [6]}
    )


@pytest.fixture
def random_counts(cells_trial: Scenario) -> Callable[..., CellCounts]:
    """Make arbitrary counts on the cells of the trial."""

    def make(seed: int, n_replicates: int, smallest: int = 2, largest: int = 60) -> CellCounts:
        rng = np.random.default_rng(seed)
        cells = cells_trial.assumptions.cohort_model.cells()
        n = rng.integers(smallest, largest, size=(cells.size, 2, n_replicates))
        n[:, 0] += rng.integers(0, 40, size=n[:, 0].shape)  # more treated than control participants
        return CellCounts(cells, cells_trial.arm_names, n, rng.binomial(n, rng.uniform(0.1, 0.9, n.shape)))

    return make


def participants(counts: CellCounts, replicate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return one row a participant: outcome, treated, cell."""
    n, events = counts.n[..., replicate], counts.events[..., replicate]
    y, treated, cell = [], [], []
    for c in range(n.shape[0]):
        for k in range(2):
            y += [1.0] * int(events[c, k]) + [0.0] * int(n[c, k] - events[c, k])
            treated += [1.0 - k] * int(n[c, k])
            cell += [c] * int(n[c, k])
    return np.array(y), np.array(treated), np.array(cell)
