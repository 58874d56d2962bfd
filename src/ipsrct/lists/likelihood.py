"""How likely permuted blocks and complete randomisation make a list, places outside whole blocks allowed.

The model of blocks is a proper distribution over lists: after each block, stray rows from complete
randomisation come with a small probability, ten of them on average, and then the next block begins. A row
that was deleted, added or swapped then costs a few stray rows, not the whole list. Because both models are
distributions, a list from complete randomisation reaches a likelihood ratio of x with a probability of at
most 1/x (Markov).
"""

from __future__ import annotations

from itertools import combinations
from math import lgamma, log

import numpy as np

from ipsrct.trial import BoolArray, FloatArray, IntArray

MULTIPLES = 6
_STRAY, _STAY = 1e-3, 0.9

Sizes = tuple[int, ...]


def size_sets(weights: tuple[int, ...], more: Sizes = ()) -> list[Sizes]:
    """Return every set of block sizes up to six times the smallest that holds the allocation.

    ``more`` is a set that is added if it is not among them.
    """
    sizes = [sum(weights) * i for i in range(1, MULTIPLES + 1)]
    sets = [found for count in range(1, MULTIPLES + 1) for found in combinations(sizes, count)]
    extra = tuple(sorted(set(more)))
    return [*sets, extra] if extra and extra not in sets else sets


def complete_log_likelihood(arm: IntArray, weights: tuple[int, ...]) -> float:
    """Return the log-likelihood of a list under complete randomisation."""
    return float(np.log(np.array(weights) / sum(weights))[arm].sum())


def block_log_likelihood(arm: IntArray, weights: tuple[int, ...], sets: list[Sizes]) -> FloatArray:
    """Return the log-likelihood of a list under permuted blocks of each set of sizes, (M,).

    A set's sizes are drawn with equal probability, block by block; the last block may be cut.
    """
    sizes = sorted({size for found in sets for size in found})
    member = np.array([[size in found for found in sets] for size in sizes])  # (B, M)
    chance = member / member.sum(axis=0)
    with np.errstate(divide="ignore"):
        block = np.log(chance) - np.array([_log_ways(size, weights) for size in sizes])[:, None]
    exact = _exact_blocks(arm, weights, sizes)
    free = np.log(np.array(weights) / sum(weights))[arm]
    start = np.zeros((len(arm) + 1, len(sets)))  # a block begins after this place
    ended, stray = np.zeros(len(sets)), np.full(len(sets), -np.inf)
    start[0] = log(1 - _STRAY)
    for place in range(1, len(arm) + 1):
        stray = np.logaddexp(ended + log(_STRAY), stray + log(_STAY)) + free[place - 1]
        ended = np.full(len(sets), -np.inf)
        for b in np.flatnonzero(exact[:, place]):
            ended = np.logaddexp(ended, start[place - sizes[b]] + block[b])
        start[place] = np.logaddexp(ended + log(1 - _STRAY), stray + log(1 - _STAY))
    result: FloatArray = np.logaddexp(ended, stray)
    for used in range(1, min(max(sizes) - 1, len(arm)) + 1):
        cut = np.exp(_log_cut(arm, used, weights, sizes))
        with np.errstate(divide="ignore"):
            result = np.logaddexp(result, start[len(arm) - used] + np.log(cut @ chance))
    return result


def break_between(arm: IntArray, weights: tuple[int, ...], sizes: Sizes) -> tuple[int, int] | None:
    """Return where a list stops being whole blocks and where, seen from its end, it is whole blocks again.

    Returns
    -------
    (int, int) or None
        The last place up to which whole blocks fit from the start, and the first after which they fit to the
        end, the last one perhaps cut; chance can let the two overlap. None if the whole list is whole blocks.
    """
    exact, length = _exact_blocks(arm, weights, sizes), len(arm)
    from_start, to_end = np.zeros(length + 1, dtype=np.bool_), np.zeros(length + 1, dtype=np.bool_)
    from_start[0] = to_end[length] = True
    for place in range(1, length + 1):
        from_start[place] = any(from_start[place - sizes[b]] for b in np.flatnonzero(exact[:, place]))
    for used in range(1, min(max(sizes) - 1, length) + 1):
        to_end[length - used] = np.isfinite(_log_cut(arm, used, weights, sizes)).any()
    for place in range(length, 0, -1):
        if to_end[place]:
            for b in np.flatnonzero(exact[:, place]):
                to_end[place - sizes[b]] = True
    if to_end[0]:
        return None
    return int(np.flatnonzero(from_start)[-1]), int(np.flatnonzero(to_end)[0])


def _exact_blocks(arm: IntArray, weights: tuple[int, ...], sizes: Sizes | list[int]) -> BoolArray:
    """Return whether the last places up to each hold the exact allocation, (B, L + 1)."""
    so_far = np.zeros((len(arm) + 1, len(weights)), dtype=np.intp)
    so_far[1:] = np.cumsum(arm[:, None] == np.arange(len(weights)), axis=0)
    exact = np.zeros((len(sizes), len(arm) + 1), dtype=np.bool_)
    for b, size in enumerate(sizes):
        if size <= len(arm):
            block = np.array(weights) * (size // sum(weights))
            exact[b, size:] = (so_far[size:] - so_far[:-size] == block).all(axis=1)
    return exact


def _log_ways(size: int, weights: tuple[int, ...]) -> float:
    """Return the log of the number of orders that a block can have."""
    unit = size // sum(weights)
    return lgamma(size + 1) - sum(lgamma(w * unit + 1) for w in weights)


def _log_cut(arm: IntArray, used: int, weights: tuple[int, ...], sizes: Sizes | list[int]) -> FloatArray:
    """Return the log-probability that a block of each size, (B,), begins with the list's last places."""
    counts = np.bincount(arm[len(arm) - used :], minlength=len(weights))
    log_p = np.full(len(sizes), -np.inf)
    for b, size in enumerate(sizes):
        left = np.array(weights) * (size // sum(weights)) - counts
        if size > used and (left >= 0).all():
            rest = lgamma(size - used + 1) - sum(lgamma(x + 1) for x in left.tolist())
            log_p[b] = rest - _log_ways(size, weights)
    return log_p
