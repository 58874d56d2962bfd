"""Permuted blocks: lists for participants, and the exact distribution of an arm's count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import comb, factorial, gcd, perm, prod

import numpy as np

from ipsrct._inverse_cdf import InverseTable
from ipsrct.trial import FloatArray, IntArray

_REPEATS = 1e-15
_MOST_ARRANGEMENTS = 20_000


def block_lists(
    lengths: IntArray, block_sizes: tuple[int, ...], weights: tuple[int, ...], rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Draw allocation lists of permuted blocks, each at least as long as its entry in ``lengths``.

    Returns
    -------
    arm : int array (lists, longest + largest block)
        Places beyond a list's last block hold no assignment.
    block_end : int array, of the same shape
        The number of places up to the end of the block that a place lies in.
    """
    shape = (len(lengths), int(lengths.max(initial=0)) + max(block_sizes))
    arm, block_end = np.zeros(shape, dtype=np.int8), np.zeros(shape, dtype=np.int32)
    start, active = np.zeros(len(lengths), dtype=np.intp), np.flatnonzero(lengths > 0)
    while active.size:
        chosen = rng.integers(len(block_sizes), size=active.size)
        for i, size in enumerate(block_sizes):
            rows = active[chosen == i]
            places = start[rows, None] + np.arange(size)
            blocks = np.tile(_block(size, weights), (len(rows), 1))
            arm[rows[:, None], places] = rng.permuted(blocks, axis=1)
            start[rows] += size
            block_end[rows[:, None], places] = start[rows, None]
        active = active[start[active] < lengths[active]]
    return arm, block_end


def block_list(
    length: int, block_sizes: tuple[int, ...], weights: tuple[int, ...], rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Draw one list that ends with the block in which ``length`` is reached: arms and block ends, (L,)."""
    arm, block_end = block_lists(np.array([length]), block_sizes, weights, rng)
    whole = int(block_end[0, length - 1])
    return arm[0, :whole], block_end[0, :whole]


def equal_lists(
    n_lists: int,
    length: int,
    block_sizes: tuple[int, ...],
    weights: tuple[int, ...],
    rng: np.random.Generator,
) -> IntArray:
    """Draw allocation lists of one length, (lists, length); blocks of one size come from a table."""
    table = _arrangements(block_sizes[0], weights) if len(block_sizes) == 1 else None
    if table is None:
        return block_lists(np.full(n_lists, length), block_sizes, weights, rng)[0][:, :length]
    n_blocks = -(-length // block_sizes[0])
    chosen = rng.integers(len(table), size=(n_lists, n_blocks), dtype=np.uint16)
    # "clip" is the mode of ``take`` without a check of bounds; ``[chosen]`` is ten times as slow.
    return table.take(chosen, axis=0, mode="clip").reshape(n_lists, -1)[:, :length]


@lru_cache(maxsize=32)
def _arrangements(size: int, weights: tuple[int, ...]) -> IntArray | None:
    """Return every distinct order of a block, (arrangements, size); None where they are too many."""
    most = [weight * (size // sum(weights)) for weight in weights]
    if factorial(size) // prod(map(factorial, most)) > _MOST_ARRANGEMENTS:
        return None
    found: list[list[int]] = [[]]
    for _ in range(size):
        found = [[*row, arm] for row in found for arm, n in enumerate(most) if row.count(arm) < n]
    return np.array(found, dtype=np.int8)


def list_probability(arm: IntArray, block_sizes: tuple[int, ...], weights: tuple[int, ...]) -> FloatArray:
    """Return the probability of each list, (Q,), for the arms of its participants, (Q, n).

    By recursion over the places where a block may end; the last block may be cut.
    """
    n_lists, n = arm.shape
    ends = np.zeros((n + max(block_sizes), n_lists))
    ends[0] = 1
    for start in range(n):
        for size in block_sizes:
            part = arm[:, start : start + size]
            ends[start + size] += ends[start] * _start_of_block(part, size, weights) / len(block_sizes)
    return np.asarray(ends[n:].sum(axis=0))


def _start_of_block(part: IntArray, size: int, weights: tuple[int, ...]) -> FloatArray:
    """Return the probability that a block of a size begins with the given arms, (Q,)."""
    probability = np.full(len(part), 1 / perm(size, part.shape[1]))
    for k, weight in enumerate(weights):
        places = weight * (size // sum(weights))
        orders = np.array([float(perm(places, taken)) for taken in range(part.shape[1] + 1)])
        probability *= orders[(part == k).sum(axis=1)]
    return probability


def _block(size: int, weights: tuple[int, ...]) -> IntArray:
    return np.repeat(np.arange(len(weights), dtype=np.int8), np.array(weights) * (size // sum(weights)))


@dataclass(frozen=True)
class CountTable:
    """The exact distribution of arm counts among the first n places of a list.

    Attributes
    ----------
    leftover : int array (J,)
        Places used of an unfilled last block.
    leftover_arms : int array (J, K)
        The arms of those places.
    probability : float array (rows, J)
        For each row, the probability of each way to end.
    period : int
        Beyond the last row the distribution repeats with this period.
    weights : tuple of int
    inverse : InverseTable
        For drawing j given a row.
    """

    leftover: IntArray
    leftover_arms: IntArray
    probability: FloatArray
    period: int
    weights: tuple[int, ...]
    inverse: InverseTable

    def row(self, n: IntArray) -> IntArray:
        """Return the row of each list length."""
        rows = len(self.probability)
        return np.where(n < rows, n, rows - self.period + (n - rows) % self.period).astype(np.int32)

    def draw(self, n: IntArray, rng: np.random.Generator) -> IntArray:
        """Draw a way to end for each list length."""
        return self.inverse.draw(self.row(n), rng.random(n.shape))

    def arm_counts(self, n: IntArray, j: IntArray) -> IntArray:
        """Return participants by arm; the arm is the second-to-last axis of n's shape plus one."""
        full = (n - self.leftover[j]) // sum(self.weights)
        counts = [full * w + self.leftover_arms[j, k] for k, w in enumerate(self.weights)]
        return np.stack(counts, axis=-2)


@lru_cache(maxsize=32)
def count_table(block_sizes: tuple[int, ...], weights: tuple[int, ...]) -> CountTable:
    """Return the exact distribution of arm counts for lists of any length.

    With block sizes drawn independently, block ends are a renewal process: ``u[m]``, the probability
    that a block ends after m places, is the mean of ``u[m - size]``. A list cut after n places has r
    places in its last block of size b > r with probability ``u[n - r] / number of sizes``, and their arms
    are a multivariate hypergeometric draw from the block.
    """
    ends, period = _block_end_probability(block_sizes)
    n_rows = len(ends)
    by_leftover: dict[tuple[int, ...], FloatArray] = {(0,) * len(weights): ends}
    for size in block_sizes:
        block = [w * (size // sum(weights)) for w in weights]
        for arms in product(*(range(count + 1) for count in block)):
            used = sum(arms)
            if 0 < used < size:
                ways = prod(comb(count, taken) for count, taken in zip(block, arms, strict=True))
                column = by_leftover.setdefault(arms, np.zeros(n_rows))
                column[used:] += ends[: n_rows - used] * ways / comb(size, used) / len(block_sizes)
    probability = np.stack(list(by_leftover.values()), axis=1)
    cdf = np.cumsum(probability, axis=1)
    cdf[:, -1] = 1.0
    leftover_arms = np.array(list(by_leftover), dtype=np.int32)
    inverse = InverseTable(cdf, np.zeros(n_rows, dtype=np.intp))
    leftover = leftover_arms.sum(axis=1, dtype=np.int32)
    return CountTable(leftover, leftover_arms, probability, period, weights, inverse)


def _block_end_probability(block_sizes: tuple[int, ...]) -> tuple[FloatArray, int]:
    """Return the renewal probabilities up to where they repeat to 1e-15, and the period."""
    period, largest = gcd(*block_sizes), max(block_sizes)
    ends = [1.0]
    settled = 0
    while settled < largest + period:
        m = len(ends)
        ends.append(sum(ends[m - size] for size in block_sizes if size <= m) / len(block_sizes))
        repeats = m > largest and abs(ends[m] - ends[m - period]) < _REPEATS
        settled = settled + 1 if repeats else 0
    return np.array(ends), period
