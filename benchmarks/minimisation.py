"""Minimisation of the trial's participants, by ipsrct and by a plain Python loop over trials."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import ipsrct

SCENARIO = Path(__file__).parent / "scenarios" / "minimisation.toml"
AT_ONCE = {"minimisation": 1024, "minimise_64": 64}
N_PARTICIPANTS, PROBABILITY = 1320, 0.8
N_LEVELS = (3, 2, 2, 47)


def ours(at_once: int) -> Callable[[int], float]:
    """Return a measurement of ipsrct: seconds for some trials, whole calls scaled down."""
    scenario, rng = ipsrct.read_scenario(SCENARIO), np.random.default_rng(1)
    design = scenario.design
    cohort = scenario.assumptions.cohort_model.draw(design.n_participants, at_once, rng)

    def measure(n_replicates: int) -> float:
        calls = -(-n_replicates // at_once)
        start = time.perf_counter()
        for _ in range(calls):
            design.scheme.assign(cohort, design.weights, rng)
        return (time.perf_counter() - start) * n_replicates / (calls * at_once)

    return measure


def any_arms(levels: list[list[int]], uniform: list[float], weights: tuple[int, ...] = (1, 1)) -> list[int]:
    """Return the arms of one trial by Pocock and Simon's method, for any allocation of any arms.

    Ranges of counts divided by allocation weights, and the biased coin of Han, Enas and McEntegart.
    """
    arms, total_weight = range(len(weights)), sum(weights)
    lost = (1 - PROBABILITY) * total_weight / (total_weight - min(weights))
    unit = [math.lcm(*weights) // w for w in weights]  # whole numbers, so that ties are ties
    counts = [[[0] * len(weights) for _ in range(n)] for n in N_LEVELS]
    assigned = []
    for own, u in zip(levels, uniform, strict=True):
        totals = []
        for arm in arms:
            after = [list(counts[f][level]) for f, level in enumerate(own)]
            for count in after:
                count[arm] += unit[arm]
            totals.append(sum(max(count) - min(count) for count in after))
        tied = [w if t == min(totals) else 0 for w, t in zip(weights, totals, strict=True)]
        chances = [
            lost * w / total_weight + (1 - lost) * t / sum(tied) for w, t in zip(weights, tied, strict=True)
        ]
        arm = sum(u >= sum(chances[: k + 1]) for k in arms[:-1])
        assigned.append(arm)
        for f, level in enumerate(own):
            counts[f][level][arm] += unit[arm]
    return assigned


def two_arms(levels: list[list[int]], uniform: list[float]) -> list[int]:
    """Return the arms of one trial by the shortest loop for two equal arms: differences and their signs."""
    difference = [[0] * n for n in N_LEVELS]
    assigned = []
    for own, u in zip(levels, uniform, strict=True):
        total = 0
        for f, level in enumerate(own):
            d = difference[f][level]
            total += (d > 0) - (d < 0)
        chance = 0.5 if total == 0 else PROBABILITY if total < 0 else 1 - PROBABILITY
        arm = 0 if u < chance else 1
        assigned.append(arm)
        for f, level in enumerate(own):
            difference[f][level] += 1 - 2 * arm
    return assigned


def looped(trial: Callable[[list[list[int]], list[float]], list[int]]) -> Callable[[int], float]:
    """Return a measurement of a loop over trials whose covariates are at hand."""
    rng = np.random.default_rng(1)
    levels = rng.integers(N_LEVELS, size=(N_PARTICIPANTS, len(N_LEVELS))).tolist()

    def measure(n_replicates: int) -> float:
        start = time.perf_counter()
        for _ in range(n_replicates):
            trial(levels, rng.random(N_PARTICIPANTS).tolist())
        return time.perf_counter() - start

    return measure


PEERS = {"plain_python": any_arms, "plain_python_two_arms": two_arms}
