"""Lists of a scheme by its definition, in exact fractions, against the package's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from scipy.stats import chisquare

from ipsrct import allocation_properties, allocation_sequences
from ipsrct.scenario import Design
from ipsrct.trial import CellTable, Cohort

# The next participant's probability of each arm, given the arms of all earlier ones and the trial's size.
Definition = Callable[[tuple[int, ...], int], list[Fraction]]
HALF = Fraction(1, 2)
DRAWS = 20_000


def difference(history: tuple[int, ...]) -> int:
    """The first of two arms' size less the second's."""
    return history.count(0) - history.count(1)


def two_arms(first: Fraction) -> list[Fraction]:
    return [first, 1 - first]


def lists(definition: Definition, n: int) -> dict[tuple[int, ...], Fraction]:
    """Every list of n participants with its probability."""
    found = {(): Fraction(1)}
    for _ in range(n):
        found = {
            (*history, arm): probability * next_one
            for history, probability in found.items()
            for arm, next_one in enumerate(definition(history, n))
            if next_one
        }
    return found


def scheme(table, weights=(1, 1)):
    arms = [{"name": f"arm_{k}", "allocation_weight": w} for k, w in enumerate(weights)]
    document = {"n_participants": 10, "arms": arms, "randomisation": table}
    return Design.model_validate(document, strict=False).scheme


def draw_arms(table, weights, n, draws=DRAWS, seed=1):
    """Arms of participants who are all alike, (draws, n)."""
    zeros = np.zeros((draws, n), dtype=np.intp)
    cohort = Cohort(CellTable((), (), np.ones(1)), zeros, zeros, 1)
    return scheme(table, weights).assign(cohort, weights, np.random.default_rng(seed)).arm


def check(table, definition, sizes, weights=(1, 1), drawn=6):
    """Hold a scheme to its definition: every list's probability to 1e-12, and the lists and counts drawn.

    The draws are compared by a chi-squared test over all lists of ``drawn`` participants and over all
    sizes of the arms, each with a false-alarm rate of 1e-4 and a fixed seed.
    """
    for n in sizes:
        expected = lists(definition, n)
        assert sum(expected.values()) == 1
        found = allocation_sequences(table, n, weights)
        got = dict(zip(map(tuple, found.arm.tolist()), found.probability, strict=True))
        assert got.keys() == expected.keys()
        assert max(abs(got[one] - float(p)) for one, p in expected.items()) < 1e-12
    expected = lists(definition, drawn)
    check_frequencies(map(tuple, draw_arms(table, weights, drawn).tolist()), expected, DRAWS)
    sizes = np.full((1, DRAWS), drawn)
    counts = scheme(table, weights).assign_counts(sizes, weights, np.random.default_rng(2))[0]
    expected_counts: Counter = Counter()
    for one, probability in expected.items():
        expected_counts[tuple(one.count(k) for k in range(len(weights)))] += probability
    check_frequencies(map(tuple, counts.T.tolist()), expected_counts, DRAWS)


def check_frequencies(drawn, expected, draws):
    """Chi-squared over the possible results; those expected fewer than 5 times are taken together."""
    seen = Counter(drawn)
    assert seen.keys() <= expected.keys()
    rare = [one for one, p in expected.items() if p * draws < 5]
    common = [one for one in expected if one not in set(rare)]
    observed = [seen[one] for one in common] + [sum(seen[one] for one in rare)] * bool(rare)
    wanted = [float(expected[one]) * draws for one in common]
    wanted += [float(sum(expected[one] for one in rare)) * draws] * bool(rare)
    if len(wanted) == 1:
        assert observed == [draws]
    else:
        assert chisquare(observed, wanted).pvalue > 1e-4


def check_trade_off(table, n, **published):
    """Hold the means over all positions to published simulations: value and tolerance of each measure."""
    found = allocation_properties(scheme(table), n)
    got = {
        "exact_balance": found.exact_balance.mean(),
        "final_sd": np.sqrt(found.mean_squared_imbalance[-1]),
        "entropy": found.entropy.mean(),
        "deterministic": found.deterministic.mean(),
        "correct_guess": found.correct_guess.mean(),
    }
    for name, (value, tolerance) in published.items():
        assert abs(got[name] - value) <= tolerance, (name, got[name])
