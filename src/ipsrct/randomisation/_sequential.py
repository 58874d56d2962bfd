"""Schemes that assign one participant after another by the sizes that the arms have reached.

A scheme says one thing: the probability of each arm for the next participant of a list. From it follow
the drawing of lists, the exact distribution of an arm's size, and the exact probability of any list.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from ipsrct._inverse_cdf import InverseTable
from ipsrct._message import Message
from ipsrct.protocols import SequentialScheme
from ipsrct.randomisation._scheme import Scheme, rank_within, reduced
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray

Weights = tuple[int, ...]

_IMPOSSIBLE = 1e-25  # sizes of arms less probable than this are left out of exact distributions
_LONGEST_TABLE = 2_048  # participants; a table of two arms' probabilities then holds 34 megabytes
_ENTRIES = 2_000_000
_ROWS_STEP = 64


class BySizes(Scheme):
    """A scheme whose next assignment depends on the sizes of the arms alone.

    Attributes
    ----------
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them. Without
        factors, one list for the whole trial.
    """

    factors: tuple[str, ...] = ()

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors that form the strata."""
        return self.factors

    @abstractmethod
    def allocation_probability(self, counts: IntArray, size: IntArray | int, weights: Weights) -> FloatArray:
        """Return the probability of each arm for the next participant of a list.

        Parameters
        ----------
        counts : int array (K, ...)
            The sizes of the arms so far.
        size : int array (...) or int
            The number of participants that the whole list is made for.
        weights : tuple of int
            Allocation weights in the smallest whole numbers.

        Returns
        -------
        float array (K, ...)
            Adds up to 1 where ``counts`` can be reached; any finite number elsewhere.
        """

    def assign(self, cohort: Cohort, weights: Weights, rng: np.random.Generator) -> Assignment:
        """Assign participants in the order of their arrival in their stratum."""
        n_replicates, n_participants = cohort.cell.shape
        if not self.factors:
            lists, _ = draw_lists(self, np.full(n_replicates, n_participants), reduced(weights), rng)
            arm = np.ascontiguousarray(lists.T)
        else:
            stratum, n_strata = cohort.stratum(self.factors)
            key = stratum + np.arange(n_replicates)[:, None] * n_strata
            rank, size = rank_within(key, n_replicates * n_strata)
            lists, _ = draw_lists(self, size, reduced(weights), rng)
            arm = lists[rank, key]
        return Assignment(arm, self.marginal_probability(n_participants, weights))

    def marginal_probability(self, n_participants: int, weights: Weights) -> FloatArray | None:
        """Return the exact probability of each arm at each position, (N, K), or None.

        The allocation's share: by symmetry where the arms are equal. A kind says where it differs.
        """
        share = np.array(weights) / sum(weights)
        return np.broadcast_to(share, (n_participants, len(weights)))

    def assign_counts(self, stratum_sizes: IntArray, weights: Weights, rng: np.random.Generator) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R): from the exact distribution for two arms."""
        weights = reduced(weights)
        low = int(stratum_sizes.min()) // _ROWS_STEP * _ROWS_STEP
        high = (int(stratum_sizes.max()) // _ROWS_STEP + 1) * _ROWS_STEP
        if len(weights) > 2 or (high - low) * 20 * np.sqrt(high) > _ENTRIES:
            _, counts = draw_lists(self, stratum_sizes.ravel(), weights, rng)
            return np.moveaxis(counts.reshape(len(weights), *stratum_sizes.shape), 0, 1)
        row = (stratum_sizes - low).astype(np.int32)
        first = _count_table(self, weights, low, high).draw(row, rng.random(row.shape))
        return np.stack([first, stratum_sizes - first], axis=1)

    def draw_lists(self, n_lists: int, length: int, weights: Weights, rng: np.random.Generator) -> IntArray:
        """Draw lists of one stratum, (lists, length)."""
        lists, _ = draw_lists(self, np.full(n_lists, length), reduced(weights), rng)
        return np.ascontiguousarray(lists.T)

    def allocation_list(
        self, length: int, weights: Weights, rng: np.random.Generator
    ) -> tuple[IntArray, IntArray | None]:
        """Draw one list, (length,); it has no blocks."""
        return self.draw_lists(1, length, weights, rng)[0], None

    def list_probability(self, arm: IntArray, weights: Weights) -> FloatArray:
        """Return the probability of each list, (Q,), for the arms of its participants, (Q, n)."""
        weights, column = reduced(weights), np.arange(len(arm))
        probability = np.ones(len(arm))
        counts = np.zeros((len(weights), len(arm)), dtype=np.intp)
        for assigned in arm.T:
            probability *= self.allocation_probability(counts, arm.shape[1], weights)[assigned, column]
            counts[assigned, column] += 1
        return probability


class TwoEqualArms(BySizes):
    """A sequential scheme that is defined for equal allocation to two arms only."""

    def why_not_weights(self, weights: Weights) -> str:
        """Return why the scheme cannot give these allocation weights, or an empty string."""
        if reduced(weights) == (1, 1):
            return ""
        return Message(
            "this scheme is defined for equal allocation to two arms only, got {ratio}",
            ratio=_ratio(weights),
        )

    @abstractmethod
    def first_arm_probability(self, counts: IntArray, size: IntArray | int) -> FloatArray:
        """Return the probability of the first arm for the next participant."""

    def allocation_probability(self, counts: IntArray, size: IntArray | int, weights: Weights) -> FloatArray:  # noqa: ARG002 - they are equal
        """Return the probability of each arm for the next participant of a list, (2, ...)."""
        first = self.first_arm_probability(counts, size)
        return np.stack([first, 1 - first])


class PlannedScheme(BySizes):
    """A sequential scheme whose list is made for a number of participants that is known beforehand.

    The list is made for the smallest multiple of the sum of the allocation weights that holds all
    participants, and cut. Within strata, the strata's sizes must be known.
    """

    def why_no_list(self) -> str:
        """Return why there are no lists within strata, or an empty string."""
        if not self.factors:
            return ""
        return Message("its lists are made for the strata's sizes, which nobody knows beforehand")

    def assign_counts(self, stratum_sizes: IntArray, weights: Weights, rng: np.random.Generator) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R).

        The whole list has the exact allocation, and each participant that is cut off is as likely to be in
        any place: the sizes are a multivariate hypergeometric draw.
        """
        weights = reduced(weights)
        sets, left, others = complete_sets(stratum_sizes, weights), stratum_sizes, sum(weights)
        counts = np.empty((len(stratum_sizes), len(weights), *stratum_sizes.shape[1:]), dtype=np.int64)
        for k, weight in enumerate(weights):
            others -= weight
            counts[:, k] = rng.hypergeometric(sets * weight, sets * others, left)
            left = left - counts[:, k]
        return counts


def complete_sets(size: IntArray | int, weights: Weights) -> IntArray:
    """Return how many times the allocation weights must be taken to hold ``size`` participants."""
    return np.asarray(-(-np.asarray(size) // sum(weights)))


def _ratio(weights: Weights) -> str:
    return ":".join(map(str, weights))


def draw_lists(
    scheme: BySizes, lengths: IntArray, weights: Weights, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Draw allocation lists of given lengths, (L,).

    Returns
    -------
    arm : int array (longest, L)
        Places beyond a list's end hold no assignment.
    counts : int array (K, L)
        The sizes of the arms.
    """
    longest = int(lengths.max(initial=0))
    if len(weights) == 2 and longest <= _LONGEST_TABLE and (lengths == longest).all():
        return _draw_from_table(_first_arm_table(scheme, weights, longest), len(lengths), rng)
    order = np.argsort(-lengths, kind="stable")
    ordered, column = lengths[order], np.arange(len(lengths))
    drawn = np.zeros((longest, len(lengths)), dtype=np.int8)
    counts = np.zeros((len(weights), len(lengths)), dtype=np.intp)
    open_lists = np.searchsorted(-ordered, -np.arange(longest), side="left")
    for place, n_open in enumerate(open_lists.tolist()):
        now = counts[:, :n_open]
        probability = scheme.allocation_probability(now, ordered[:n_open], weights)
        uniform = rng.random(n_open)
        assigned = (uniform >= np.cumsum(probability[:-1], axis=0)).sum(axis=0)
        drawn[place, :n_open] = assigned
        now[assigned, column[:n_open]] += 1
    arm, sizes = np.empty_like(drawn), np.empty_like(counts)
    arm[:, order], sizes[:, order] = drawn, counts
    return arm, sizes


def _draw_from_table(table: FloatArray, n_lists: int, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Draw lists of one length for two arms, with nothing but a look-up for each participant."""
    longest = len(table)
    uniform = rng.random((longest, n_lists))
    arm = np.empty((longest, n_lists), dtype=np.bool_)
    second, first_probability = np.zeros(n_lists, dtype=np.intp), np.empty(n_lists)
    for row, u, assigned in zip(table, uniform, arm, strict=True):
        row.take(second, out=first_probability, mode="clip")
        np.greater_equal(u, first_probability, out=assigned)
        second += assigned
    return arm.view(np.int8), np.stack([longest - second, second])


@lru_cache(maxsize=4)
def _first_arm_table(scheme: BySizes, weights: Weights, size: int) -> FloatArray:
    """Return the first arm's probability by participants so far and the second arm's size, (size, size)."""
    table = np.zeros((size, size))
    second = np.arange(size)
    for so_far in range(size):
        counts = np.stack([so_far - second[: so_far + 1], second[: so_far + 1]])
        table[so_far, : so_far + 1] = scheme.allocation_probability(counts, size, weights)[0]
    return table


def size_distribution(
    scheme: BySizes | SequentialScheme, weights: Weights, size: int
) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield the sizes that the arms can have after 0, 1, ..., ``size`` participants, by forward recursion.

    Yields
    ------
    counts : int array (K, states)
        In rising order of the first arm's size.
    probability : float array (states,)
    """
    n_arms = len(weights)
    counts, probability = np.zeros((n_arms, 1), dtype=np.int64), np.ones(1)
    digits = (size + 1) ** np.arange(n_arms - 1)[::-1]
    for so_far in range(size + 1):
        yield counts, probability
        if so_far == size:
            return
        mass = (probability * scheme.allocation_probability(counts, size, weights)).ravel()
        moved = (counts[:, None, :] + np.eye(n_arms, dtype=np.int64)[:, :, None]).reshape(n_arms, -1)
        _, at, state = np.unique(digits @ moved[:-1], return_index=True, return_inverse=True)
        probability = np.bincount(state.ravel(), mass).astype(np.float64)
        kept = probability > _IMPOSSIBLE
        counts, probability = moved[:, at[kept]], probability[kept]


@lru_cache(maxsize=8)  # up to 16 megabytes each
def _count_table(scheme: BySizes, weights: Weights, low: int, high: int) -> InverseTable:
    """Table of the first of two arms' size in lists of low <= n < high participants."""
    firsts: list[int] = []
    rows: list[FloatArray] = []
    for n, (counts, probability) in enumerate(size_distribution(scheme, weights, high - 1)):
        if n >= low:
            firsts.append(int(counts[0, 0]))
            rows.append(np.cumsum(np.bincount(counts[0] - counts[0, 0], probability)))
    cdf = np.ones((len(rows), max(map(len, rows))))
    for full, row in zip(cdf, rows, strict=True):
        full[: len(row) - 1] = row[:-1]
    return InverseTable(cdf, np.array(firsts))
