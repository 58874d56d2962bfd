"""Permuted blocks: lists for participants, and the exact distribution of an arm's count."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import comb, prod

import numpy as np

from ipsrct._inverse_cdf import InverseTable
from ipsrct.trial import FloatArray, IntArray

_SIZE_STEP = 64


def block_lists(
    n_lists: int,
    length: int,
    block_sizes: tuple[int, ...],
    weights: tuple[int, ...],
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray]:
    """Draw allocation lists of permuted blocks.

    Returns
    -------
    arm : int array (n_lists, length)
    block_end : int array (n_lists, length)
        The number of places up to the end of the block that a place lies in.
    """
    width = max(block_sizes)
    templates = np.stack([_template(size, width, weights) for size in block_sizes])
    arm = np.zeros((n_lists, length + width), dtype=np.int8)
    block_end = np.zeros((n_lists, length + width), dtype=np.int32)
    start, rows, places = np.zeros(n_lists, dtype=np.intp), np.arange(n_lists)[:, None], np.arange(width)
    sizes = np.array(block_sizes)
    while (start < length).any():
        chosen = rng.integers(len(sizes), size=n_lists)
        # Places beyond a short block hold the sentinel; the sort moves them behind the block's own, and
        # the next block overwrites them.
        key = rng.random((n_lists, width)) + (places >= sizes[chosen, None])
        order = np.argsort(key, axis=1)
        position = np.minimum(start, length)[:, None] + places
        arm[rows, position] = np.take_along_axis(templates[chosen], order, axis=1)
        block_end[rows, position] = (start + sizes[chosen])[:, None]
        start = start + sizes[chosen]
    return arm[:, :length], block_end[:, :length]


def _template(size: int, width: int, weights: tuple[int, ...]) -> IntArray:
    block = np.repeat(np.arange(len(weights), dtype=np.int8), np.array(weights) * (size // sum(weights)))
    return np.concatenate([block, np.zeros(width - size, dtype=np.int8)])


@dataclass(frozen=True)
class CountTable:
    """The exact distribution of arm counts among the first n places of a list.

    Attributes
    ----------
    leftover : int array (J,)
        Places used of an unfilled last block.
    leftover_arms : int array (J, K)
        The arms of those places.
    probability : float array (n_max + 1, J)
        For each n, the probability of each way to end.
    weights : tuple of int
    inverse : InverseTable
        For drawing j given n.
    """

    leftover: IntArray
    leftover_arms: IntArray
    probability: FloatArray
    weights: tuple[int, ...]
    inverse: InverseTable

    def arm_counts(self, n: IntArray, j: IntArray) -> IntArray:
        """Return participants by arm; the arm is the second-to-last axis of n's shape plus one."""
        full = (n - self.leftover[j]) // sum(self.weights)
        counts = [full * w + self.leftover_arms[j, k] for k, w in enumerate(self.weights)]
        return np.stack(counts, axis=-2)


def count_table(n_max: int, block_sizes: tuple[int, ...], weights: tuple[int, ...]) -> CountTable:
    """Return the distribution for list lengths up to at least ``n_max``.

    With block sizes drawn independently, block ends are a renewal process: ``u[m]``, the probability
    that a block ends after m places, is the mean of ``u[m - size]``. A list cut after n places has r
    places in its last block of size b > r with probability ``u[n - r] / number of sizes``, and their arms
    are a multivariate hypergeometric draw from the block.
    """
    return _count_table(-(-(n_max + 1) // _SIZE_STEP) * _SIZE_STEP, block_sizes, weights)


@lru_cache(maxsize=32)
def _count_table(n_rows: int, block_sizes: tuple[int, ...], weights: tuple[int, ...]) -> CountTable:
    ends = _block_end_probability(n_rows, block_sizes)
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
    leftover_arms = np.array(list(by_leftover))
    first = np.zeros(n_rows, dtype=np.intp)
    return CountTable(
        leftover_arms.sum(axis=1), leftover_arms, probability, weights, InverseTable(cdf, first)
    )


def _block_end_probability(n_rows: int, block_sizes: tuple[int, ...]) -> FloatArray:
    ends = np.zeros(n_rows)
    ends[0] = 1.0
    for m in range(1, n_rows):
        ends[m] = sum(ends[m - size] for size in block_sizes if size <= m) / len(block_sizes)
    return ends
