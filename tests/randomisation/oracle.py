"""Covariate-adaptive schemes in plain Python: one trial, one participant and one arm at a time."""

from __future__ import annotations

from fractions import Fraction
from itertools import accumulate

import numpy as np


def coin(preferred, weights, probability):
    """Each arm's probability: Han, Enas and McEntegart's, averaged over tied arms by their weights."""
    total, smallest = sum(weights), min(weights)
    chance = [0.0] * len(weights)
    tied = sum(weights[k] for k in preferred)
    for k in preferred:
        low = (1 - probability) * (total - weights[k]) / (total - smallest)
        for other, weight in enumerate(weights):
            own = 1 - low if other == k else low * weight / (total - weights[k])
            chance[other] += own * weights[k] / tied
    return chance


def imbalance(counts, weights, function):
    """The range or the variance of the counts divided by the allocation weights."""
    scaled = [Fraction(n, w) for n, w in zip(counts, weights, strict=True)]
    if function == "range":
        return max(scaled) - min(scaled)
    mean = sum(scaled) / len(scaled)
    return sum((x - mean) ** 2 for x in scaled) / len(scaled)


def totals(counts, own_strata, margin_weights, weights, function):
    """The total imbalance after assigning the next participant to each arm."""
    found = []
    for arm in range(len(weights)):
        total = 0
        for g, stratum in enumerate(own_strata):
            after = list(counts[g].get(stratum, [0] * len(weights)))
            after[arm] += 1
            total += margin_weights[g] * imbalance(after, weights, function)
        found.append(total)
    return found


def probabilities(counts, own_strata, margin_weights, weights, function, probability):
    """The next participant's probability of each arm."""
    found = totals(counts, own_strata, margin_weights, weights, function)
    preferred = [k for k, total in enumerate(found) if total == min(found)]
    return coin(preferred, weights, probability)


def count(counts, own_strata, arm, n_arms):
    """Add a participant."""
    for g, stratum in enumerate(own_strata):
        counts[g].setdefault(stratum, [0] * n_arms)[arm] += 1


def assign_in_turn(strata, margin_weights, weights, function, probability, uniform):
    """Arms of one trial; ``strata`` holds each participant's stratum in each margin."""
    counts, arms = [{} for _ in margin_weights], []
    for own_strata, u in zip(strata, uniform, strict=True):
        chance = probabilities(counts, own_strata, margin_weights, weights, function, probability)
        arm = sum(u >= edge for edge in list(accumulate(chance))[:-1])
        count(counts, own_strata, arm, len(weights))
        arms.append(arm)
    return arms


def sequences(strata, margin_weights, weights, function, probability):
    """The exact probability of every sequence of arms."""
    found = {(): 1.0}
    for i in range(len(strata)):
        longer = {}
        for arms, so_far in found.items():
            counts = [{} for _ in margin_weights]
            for own_strata, arm in zip(strata, arms, strict=False):
                count(counts, own_strata, arm, len(weights))
            chance = probabilities(counts, strata[i], margin_weights, weights, function, probability)
            longer |= {(*arms, k): so_far * p for k, p in enumerate(chance) if p}
        found = longer
    return found


def d_optimal(rows, uniform, ridge):
    """Arms of one trial by Atkinson's rule, solving the normal equations anew for each participant."""
    arms = []
    for i, u in enumerate(uniform):
        earlier, signs = rows[:i], np.array([1 - 2 * arm for arm in arms], dtype=float)
        gram = earlier.T @ earlier + ridge * np.eye(rows.shape[1])
        q = rows[i] @ np.linalg.solve(gram, earlier.T @ signs)
        arms.append(int(u >= (1 - q) ** 2 / ((1 - q) ** 2 + (1 + q) ** 2)))
    return arms
