"""Runs of equal arms in lists, against complete randomisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ipsrct.trial import FloatArray, IntArray

_LONGEST_EXACT = 20_000


@dataclass(frozen=True)
class RunsTest:
    """The number of runs in all lists together, given each list's arm sizes (Wald and Wolfowitz 1940).

    Attributes
    ----------
    observed : int
    expected, standard_deviation : float
    p_value : float
        Two-sided.
    exact : bool
        Exact for two arms and up to 20,000 rows, else by the normal approximation.
    """

    observed: int
    expected: float
    standard_deviation: float
    p_value: float
    exact: bool


def count_runs(arm: IntArray) -> int:
    """Return the number of runs in a list, 0 if it is empty."""
    return int((np.diff(arm) != 0).sum()) + 1 if len(arm) else 0


def runs_test(lists: Sequence[IntArray], n_arms: int) -> RunsTest:
    """Test whether arms follow each other as in complete randomisation.

    The mean and variance for any number of arms are those of Barton and David (Annals of Human
    Genetics 1957).
    """
    counts = [np.bincount(arm, minlength=n_arms) for arm in lists]
    observed = sum(map(count_runs, lists))
    mean, variance = (float(sum(x)) for x in zip(*map(_moments, counts), strict=True))
    exact = n_arms == 2 and sum(map(len, lists)) <= _LONGEST_EXACT
    if exact:
        pmf = np.ones(1)
        for first, second in counts:
            pmf = np.convolve(pmf, _two_arm_pmf(int(first), int(second)))
        p = float(pmf[pmf <= pmf[observed] * (1 + 1e-9)].sum())
    else:
        from scipy.special import erfc

        p = float(erfc(abs(observed - mean) / np.sqrt(2 * variance))) if variance else 1.0
    return RunsTest(observed, mean, float(np.sqrt(variance)), min(p, 1.0), exact)


def _moments(counts: IntArray) -> tuple[float, float]:
    n = float(counts.sum())
    if n < 2:
        return n, 0.0
    squares, cubes = float((counts.astype(float) ** 2).sum()), float((counts.astype(float) ** 3).sum())
    variance = squares * (squares + n * (n + 1)) - 2 * n * cubes - n**3
    return (n * (n + 1) - squares) / n, max(variance / (n**2 * (n - 1)), 0.0)


def _two_arm_pmf(first: int, second: int) -> FloatArray:
    """Return the probability of 0, 1, ... runs given the arms' sizes."""
    if not first or not second:
        return np.array([0.0, 1.0]) if first + second else np.ones(1)
    from scipy.special import gammaln

    def log_choose(n: int, k: IntArray) -> FloatArray:
        inside = (k >= 0) & (k <= n)
        k = np.clip(k, 0, n)
        return np.where(inside, gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), -np.inf)

    total = float(log_choose(first + second, np.array(first)))
    half = np.arange(1, min(first, second) + 1)
    pmf = np.zeros(2 * len(half) + 2)
    even = log_choose(first - 1, half - 1) + log_choose(second - 1, half - 1)
    pmf[2 * half] = 2 * np.exp(even - total)
    odd = np.exp(log_choose(first - 1, half) + log_choose(second - 1, half - 1) - total)
    pmf[2 * half + 1] = odd + np.exp(log_choose(first - 1, half - 1) + log_choose(second - 1, half) - total)
    return pmf


def longest_run(arm: IntArray) -> int:
    """Return the length of the longest run of one arm."""
    ends = np.flatnonzero(np.diff(arm, append=-1))
    return int(np.diff(ends, prepend=-1).max(initial=0))


def longest_run_probability(length: int, list_lengths: Sequence[int], weights: tuple[int, ...]) -> float:
    """Return the probability that complete randomisation has a run of at least ``length`` in any list.

    By recursion over the arm and the length of the current run.
    """
    if length <= 1:
        return float(any(list_lengths))
    share = np.array(weights) / sum(weights)
    lengths = Counter(list_lengths)
    log_none = 0.0
    state = np.zeros((len(share), length - 1))  # (K, length of the current run - 1)
    for place in range(1, max(lengths, default=0) + 1):
        if place == 1:
            state[:, 0] = share
        else:
            by_arm = state.sum(axis=1)
            state[:, 1:] = state[:, :-1] * share[:, None]
            state[:, 0] = share * (by_arm.sum() - by_arm)
        if place in lengths:
            log_none += lengths[place] * float(np.log(max(state.sum(), np.finfo(float).tiny)))
    return float(-np.expm1(log_none))
