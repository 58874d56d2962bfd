"""Every allocation sequence of a small trial with its exact probability, and what follows from them."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import lcm
from typing import Any, Literal

import numpy as np
from pydantic import ValidationError

from ipsrct._faults import as_json, faults_of
from ipsrct.errors import Fault, NotAvailableError, ScenarioError
from ipsrct.protocols import ListedScheme, RandomisationScheme
from ipsrct.scenario import Design
from ipsrct.trial import FloatArray, IntArray

_MOST_SEQUENCES = 2**20
_CERTAIN = 1 - 1e-9  # a conditional probability is a ratio of sums of up to a million terms


@dataclass(frozen=True, eq=False)
class AllocationSequences:
    """Every sequence of arms that a scheme can give, with its probability.

    An arm's imbalance is its excess, ``sum(weights) * size - weights[arm] * participants``: zero at the
    exact allocation, and with two equal arms the difference between the arms' sizes.

    Attributes
    ----------
    arm : int array (Q, n)
        The arm of each participant, in the order of arrival; rows rise lexicographically.
    probability : float array (Q,)
        Positive; adds up to 1.
    weights : tuple of int
        Allocation weights of the K arms.
    stratum : int array (n,)
        The stratum of each participant.
    """

    arm: IntArray
    probability: FloatArray
    weights: tuple[int, ...]
    stratum: IntArray

    def imbalance(self, arm: int = 0) -> IntArray:
        """Return an arm's imbalance after each participant, (Q, n)."""
        so_far = np.arange(1, self.arm.shape[1] + 1, dtype=np.int32)
        sizes = np.cumsum(self.arm == arm, axis=1, dtype=np.int32)
        return np.asarray(sum(self.weights) * sizes - self.weights[arm] * so_far)

    def final_imbalance(self, arm: int = 0) -> dict[int, float]:
        """Return the distribution of an arm's imbalance at the end."""
        values, index = np.unique(self.imbalance(arm)[:, -1], return_inverse=True)
        return dict(zip(values.tolist(), np.bincount(index, self.probability).tolist(), strict=True))

    def expected_absolute_imbalance(self, arm: int = 0) -> FloatArray:
        """Return the expected absolute imbalance of an arm after each participant, (n,)."""
        return np.asarray(self.probability @ np.abs(self.imbalance(arm)))

    def expected_maximum_imbalance(self, arm: int = 0) -> float:
        """Return the expected largest absolute imbalance of an arm during the trial."""
        return float(self.probability @ np.abs(self.imbalance(arm)).max(axis=1))

    def marginal_probability(self) -> FloatArray:
        """Return the probability of each arm at each position, (n, K)."""
        return np.stack([self.probability @ (self.arm == k) for k in range(len(self.weights))], axis=1)

    def expected_correct_guesses(self, strategy: Literal["convergence", "optimal"] = "convergence") -> float:
        """Return how many assignments somebody who knows all earlier ones is expected to guess.

        Parameters
        ----------
        strategy : {"convergence", "optimal"}
            ``convergence``: the arm that is furthest behind its allocation in the participant's stratum,
            one of them at random if several are (Blackwell and Hodges, Annals of Mathematical Statistics
            1957). ``optimal``: the arm that is most probable given all earlier assignments.
        """
        if strategy == "convergence":
            return sum(float(self.probability @ share) for share in self._convergence())
        children = [self._prefix_probability(length) for length in range(self.arm.shape[1] + 1)]
        total = 0.0
        for parent, (child, mass) in pairwise(children):
            first = np.unique(child, return_index=True)[1]
            best = np.zeros(len(parent[1]))
            np.maximum.at(best, parent[0][first], mass)
            total += float(best.sum())
        return total

    @property
    def entropy(self) -> float:
        """The entropy of the sequence in nats; n log 2 for a fair coin."""
        return float(-(self.probability @ np.log(self.probability)))

    @property
    def deterministic_share(self) -> float:
        """The expected share of assignments that are certain given all earlier ones."""
        return float(self.probability @ (self.conditional_probability > _CERTAIN).mean(axis=1))

    @cached_property
    def conditional_probability(self) -> FloatArray:
        """The probability of each assignment given all earlier ones, (Q, n)."""
        prefixes = [self._prefix_probability(length) for length in range(self.arm.shape[1] + 1)]
        reached = np.stack([mass[index] for index, mass in prefixes], axis=1)
        return np.asarray(reached[:, 1:] / reached[:, :-1])

    def _prefix_probability(self, length: int) -> tuple[IntArray, FloatArray]:
        """Return which beginning of a length each sequence has, (Q,), and the beginnings' probabilities."""
        index: IntArray = np.cumsum(self._first_difference < length) - (length > 0)
        return index, np.bincount(index, self.probability).astype(np.float64)

    @cached_property
    def _first_difference(self) -> IntArray:
        """The first position at which a sequence differs from the one before it, (Q,)."""
        differs = np.diff(self.arm, axis=0, prepend=-1) != 0
        return np.asarray(differs.argmax(axis=1))

    def _convergence(self) -> Iterator[FloatArray]:
        """Yield the probability that the convergence strategy guesses each position's arm, (Q,)."""
        unit = lcm(*self.weights)
        scaled = np.array([unit // weight for weight in self.weights])
        counts = np.zeros((int(self.stratum.max()) + 1, len(self.weights), len(self.arm)), dtype=np.intp)
        column = np.arange(len(self.arm))
        for stratum, assigned in zip(self.stratum, self.arm.T, strict=True):
            filled = counts[stratum] * scaled[:, None]
            behind = filled == filled.min(axis=0)
            yield behind[assigned, column] / behind.sum(axis=0)
            counts[stratum, assigned, column] += 1


def allocation_sequences(
    scheme: RandomisationScheme | Mapping[str, Any],
    n: int,
    weights: Sequence[int] = (1, 1),
    strata: Sequence[Hashable] | None = None,
) -> AllocationSequences:
    """Enumerate every allocation sequence of a small trial.

    Parameters
    ----------
    scheme : RandomisationScheme or mapping
        A scenario's ``design.scheme``, or the keys of its table ``[design.randomisation]``.
    n : int
        Participants, at least 2; no more than 2**20 sequences (20 participants for two arms, 12 for three).
    weights : sequence of int
        Allocation weights of the arms.
    strata : sequence, optional
        The stratum of each participant in the order of arrival, for a scheme with factors. By default, all
        are of one stratum.

    Raises
    ------
    ScenarioError
        If the table is not a valid scheme, or cannot give these allocation weights.
    NotAvailableError
        If there are too many sequences, the scheme makes no lists, or ``strata`` do not fit it.
    """
    weights = tuple(weights)
    if isinstance(scheme, Mapping):
        scheme = _design(scheme, n, weights).scheme
    _check(scheme, weights)
    if not isinstance(scheme, ListedScheme):
        raise NotAvailableError(f"randomisation {scheme.kind} makes no lists whose probability is known")
    if len(weights) ** n > _MOST_SEQUENCES:
        raise NotAvailableError(f"{len(weights)}**{n} sequences are more than {_MOST_SEQUENCES:,}")
    stratum = _stratum(scheme, n, strata)
    arm = np.indices((len(weights),) * n, dtype=np.int8).reshape(n, -1).T
    probability = np.ones(len(arm))
    for s in range(int(stratum.max()) + 1):
        probability *= scheme.list_probability(arm[:, stratum == s], weights)
    possible = probability > 0
    return AllocationSequences(arm[possible], probability[possible], weights, stratum)


def _design(table: Mapping[str, Any], n: int, weights: tuple[int, ...]) -> Design:
    """Return a design with arms of these weights, checked as in a scenario."""
    arms = [{"name": f"arm_{k}", "allocation_weight": weight} for k, weight in enumerate(weights)]
    document = {"n_participants": n, "arms": arms, "randomisation": dict(table)}
    try:
        return Design.model_validate_json(as_json(document), strict=True)
    except ValidationError as error:
        raise ScenarioError(faults_of(error, document, Design), "design") from None


def _check(scheme: RandomisationScheme, weights: tuple[int, ...]) -> None:
    reasons = [scheme.why_not_weights(weights)]
    for size in getattr(scheme, "block_sizes", ()):
        if size % sum(weights):
            reasons.append(f"block sizes must be multiples of {sum(weights)}, got {size}")
    faults = [Fault("randomisation", reason) for reason in reasons if reason]
    if faults:
        raise ScenarioError(faults, "design")


def _stratum(scheme: RandomisationScheme, n: int, strata: Sequence[Hashable] | None) -> IntArray:
    """Return the stratum of each participant, (n,), numbered in the order of their first arrival."""
    if strata is None:
        return np.zeros(n, dtype=np.intp)
    if not scheme.strata_factors:
        raise NotAvailableError("strata need a scheme with factors")
    if len(strata) != n:
        raise NotAvailableError(f"strata must be {n}, one for each participant, got {len(strata)}")
    number = {label: i for i, label in enumerate(dict.fromkeys(strata))}
    return np.array([number[label] for label in strata], dtype=np.intp)
