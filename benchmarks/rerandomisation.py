"""J6: re-randomisation tests of trials that are at hand, by ipsrct and by a numpy script."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import peers

import ipsrct
from ipsrct.protocols import Randomisation
from ipsrct.trial import Cohort, Outcomes, Trial

SCENARIO = Path(__file__).parent / "scenarios" / "j6.toml"
Relisted = Callable[[np.ndarray, np.random.Generator], np.ndarray]
BLOCK, N_RERANDOMISATIONS = 64, 1000


def filled_sizes() -> np.ndarray:
    """Return J2's cell sizes rounded to whole blocks of four, 1,300 in all."""
    return 4 * peers.fixed_sizes(peers.N_PARTICIPANTS // 4)


def draw_block(scenario: ipsrct.Scenario, rng: np.random.Generator, *, filled: bool) -> Trial:
    """Return a block of trials with strata of random sizes, or of whole blocks in random order."""
    design, outcome = scenario.design, scenario.assumptions.outcome_model
    cohort = scenario.assumptions.cohort_model.draw(design.n_participants, BLOCK, rng)
    if filled:
        one = np.repeat(np.arange(cohort.cells.size), filled_sizes())
        cell = rng.permuted(np.tile(one, (BLOCK, 1)), axis=1)
        cohort = Cohort(cohort.cells, cell, np.zeros_like(cell), 1)
    assignment = design.scheme.assign(cohort, design.weights, rng)
    y = outcome.draw(cohort, assignment, scenario.treated, rng)
    return Trial(cohort, assignment, Outcomes(y.y), scenario.arm_names)


def p_values(scenario: ipsrct.Scenario, trial: Trial, rng: np.random.Generator) -> np.ndarray:
    """Return two-sided p-values of a block in everybody, (R,)."""
    design, (estimator,) = scenario.design, scenario.analysis.estimators
    how = Randomisation(design.scheme, design.weights)
    fresh = Trial(trial.cohort, trial.assignment, trial.outcomes, trial.arms)  # its counts are not kept
    return estimator.estimate_trial(fresh, "ips", "control", scenario.populations, how, rng).p_value(2)[0]


def ours(*, filled: bool) -> Callable[[int], float]:
    """Return a measurement of ipsrct's tests of a block of trials, again and again."""
    scenario, rng = ipsrct.read_scenario(SCENARIO), np.random.default_rng(1)
    trial = draw_block(scenario, rng, filled=filled)

    def measure(n_replicates: int) -> float:
        start = time.perf_counter()
        for _ in range(n_replicates // BLOCK):
            p_values(scenario, trial, rng)
        return time.perf_counter() - start

    return in_whole_blocks(measure)


def in_whole_blocks(measure: Callable[[int], float]) -> Callable[[int], float]:
    """Return a measurement that runs whole blocks and scales their seconds down."""

    def scaled(n_replicates: int) -> float:
        whole = -(-n_replicates // BLOCK) * BLOCK
        return measure(whole) * n_replicates / whole

    return scaled


def afresh(relisted: Relisted) -> Callable[[int, int], np.ndarray]:
    """Return J6 in bare numpy: lists of its own for each trial, then one matrix product."""

    def run(n_replicates: int, seed: int) -> np.ndarray:
        rng = np.random.default_rng(seed)
        sizes, found = filled_sizes(), np.empty(n_replicates)
        for r in range(n_replicates):
            trial = peers.draw_trial(sizes, rng)
            found[r] = p_value(trial, relisted(sizes, rng))
        return found

    return run


def permuted(sizes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return re-randomisations of participants sorted by stratum, (B, N): each block is permuted."""
    lists = []
    for n in sizes.tolist():
        blocks = np.tile([True, True, False, False], (N_RERANDOMISATIONS * -(-n // 4), 1))
        lists.append(rng.permuted(blocks, axis=1).reshape(N_RERANDOMISATIONS, -1)[:, :n])
    return np.concatenate(lists, axis=1)


def looked_up(sizes: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the same with each block one of six in a table, as fast as numpy allows."""
    table = np.array([arms for arms in np.ndindex(2, 2, 2, 2) if sum(arms) == 2], dtype=np.int8)
    lists = []
    for n in sizes.tolist():
        chosen = rng.integers(6, size=(N_RERANDOMISATIONS, -(-n // 4)), dtype=np.uint8)
        lists.append(table.take(chosen, axis=0).reshape(N_RERANDOMISATIONS, -1)[:, :n])
    return np.concatenate(lists, axis=1)


AFRESH = {"numpy_permuted": afresh(permuted), "numpy_looked_up": afresh(looked_up)}


def p_value(trial: peers.Trial, treated: np.ndarray) -> float:
    """Return the two-sided Monte Carlo p-value of the difference in proportions."""
    everyone = np.vstack([trial.treated, treated]).astype(np.float32)  # counts are exact in 32 bits
    y = trial.y.astype(np.float32)
    n1, x1 = (everyone @ values for values in (np.ones_like(y), y))
    n1, x1 = n1.astype(np.float64), x1.astype(np.float64)
    t = np.abs(x1 / n1 - (y.sum() - x1) / (len(y) - n1))
    return float(np.mean(t >= t[0] - 1e-12))
