"""Balance and predictability of a scheme at every position of a list, exactly and for any length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm

import numpy as np
from scipy.special import xlogy

from ipsrct.errors import Fault, NotAvailableError, ScenarioError
from ipsrct.protocols import RandomisationScheme, SequentialScheme
from ipsrct.randomisation._sequential import size_distribution
from ipsrct.trial import FloatArray, IntArray

_CERTAIN = 1 - 1e-12
_MOST_STATES = 100_000


@dataclass(frozen=True, eq=False)
class AllocationProperties:
    """Exact properties of a list of n participants, position by position.

    The imbalance is the first arm's excess, ``sum(weights) * size - weights[0] * participants``: with two
    equal arms the difference between the arms' sizes.

    Attributes
    ----------
    expected_absolute_imbalance, mean_squared_imbalance : float array (n,)
        After each participant.
    exact_balance : float array (n,)
        The probability that all arms are at their exact allocation after each participant.
    marginal_probability : float array (n, K)
        The probability of each arm for the participant at each position.
    correct_guess : float array (n,)
        The probability that the convergence strategy guesses the assignment: the arm that is furthest
        behind its allocation, one of them at random if several are (Blackwell and Hodges, Annals of
        Mathematical Statistics 1957).
    entropy : float array (n,)
        The expected entropy of the assignment given all earlier ones, in nats.
    deterministic : float array (n,)
        The probability that the assignment is certain given all earlier ones.
    final_imbalance : dict of int to float
        The distribution of the imbalance at the end.
    """

    expected_absolute_imbalance: FloatArray
    mean_squared_imbalance: FloatArray
    exact_balance: FloatArray
    marginal_probability: FloatArray
    correct_guess: FloatArray
    entropy: FloatArray
    deterministic: FloatArray
    final_imbalance: dict[int, float]


def allocation_properties(
    scheme: RandomisationScheme, n: int, weights: Sequence[int] = (1, 1)
) -> AllocationProperties:
    """Return the exact properties of a scheme's list, by recursion over the sizes of the arms.

    Sizes less probable than 1e-25 are left out.

    Parameters
    ----------
    scheme : RandomisationScheme
        Whose next assignment depends on the sizes of the arms alone, e.g. a scenario's ``design.scheme``.
    n : int
        Participants of the list; with factors, those of one stratum.
    weights : sequence of int
        Allocation weights of the arms.

    Raises
    ------
    ScenarioError
        If the scheme cannot give these allocation weights.
    NotAvailableError
        If the scheme depends on more than the sizes of the arms, or they can take more than 100,000 values.
    """
    weights = tuple(weights)
    reason = scheme.why_not_weights(weights)
    if reason:
        raise ScenarioError([Fault("randomisation", reason)], "design")
    if not isinstance(scheme, SequentialScheme):
        raise NotAvailableError(f"randomisation {scheme.kind} depends on more than the sizes of the arms")
    after, before = np.zeros((3, n)), np.zeros((3 + len(weights), n))
    for so_far, (counts, probability) in enumerate(size_distribution(scheme, weights, n)):
        if len(probability) > _MOST_STATES:
            raise NotAvailableError(f"the arms can have more than {_MOST_STATES:,} sizes")
        imbalance = sum(weights) * counts[0] - weights[0] * so_far
        if so_far:
            after[:, so_far - 1] = _balance(counts, imbalance, weights) @ probability
        if so_far < n:
            now = scheme.allocation_probability(counts, n, weights)
            before[:, so_far] = np.vstack([_predictability(counts, now, weights), now]) @ probability
    values, index = np.unique(imbalance, return_inverse=True)
    final = dict(zip(values.tolist(), np.bincount(index, probability).tolist(), strict=True))
    return AllocationProperties(
        expected_absolute_imbalance=after[0],
        mean_squared_imbalance=after[1],
        exact_balance=after[2],
        marginal_probability=before[3:].T,
        correct_guess=before[0],
        entropy=before[1],
        deterministic=before[2],
        final_imbalance=final,
    )


def _balance(counts: IntArray, imbalance: IntArray, weights: tuple[int, ...]) -> FloatArray:
    """Return absolute and squared imbalance and whether all arms are balanced, (3, states)."""
    scaled = counts * np.array([lcm(*weights) // weight for weight in weights])[:, None]
    return np.stack([np.abs(imbalance), imbalance**2, (scaled == scaled[0]).all(axis=0)]).astype(np.float64)


def _predictability(counts: IntArray, now: FloatArray, weights: tuple[int, ...]) -> FloatArray:
    """Return the probability of a correct guess, the entropy and whether the arm is certain, (3, states)."""
    scaled = counts * np.array([lcm(*weights) // weight for weight in weights])[:, None]
    behind = scaled == scaled.min(axis=0)
    guess = (now * behind).sum(axis=0) / behind.sum(axis=0)
    return np.stack([guess, -xlogy(now, now).sum(axis=0), now.max(axis=0) > _CERTAIN])
