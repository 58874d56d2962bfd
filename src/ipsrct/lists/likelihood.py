"""How likely permuted blocks and complete randomisation make a list, places outside whole blocks allowed.

The model of blocks is a proper distribution over lists: at the end of a block the next row is, with a small
probability, a stray one from complete randomisation, and else the next block begins. A row that was deleted,
added or swapped then costs a few stray rows, not the whole list. Because both models are distributions, a
list from complete randomisation reaches a likelihood ratio of x with a probability of at most 1/x (Markov).
"""

from __future__ import annotations

from itertools import combinations
from math import lgamma, log

import numpy as np

from ipsrct.trial import BoolArray, FloatArray, IntArray

MULTIPLES = 6
_STRAY = 1e-3
_NEVER_IF_AVOIDABLE = -1e6

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
    chance = (1 - _STRAY) * member / member.sum(axis=0)
    with np.errstate(divide="ignore"):
        block = np.log(chance) - np.array([_log_ways(size, weights) for size in sizes])[:, None]
    exact = _exact_blocks(arm, weights, sizes)
    stray = log(_STRAY) + np.log(np.array(weights) / sum(weights))[arm]
    reached = np.zeros((len(arm) + 1, len(sets)))
    for place in range(1, len(arm) + 1):
        total = reached[place - 1] + stray[place - 1]
        for b in np.flatnonzero(exact[:, place]):
            total = np.logaddexp(total, reached[place - sizes[b]] + block[b])
        reached[place] = total
    result: FloatArray = reached[-1]
    for used in range(1, min(max(sizes) - 1, len(arm)) + 1):
        cut = np.exp(_log_cut(arm, used, weights, sizes))
        with np.errstate(divide="ignore"):
            result = np.logaddexp(result, reached[len(arm) - used] + np.log(cut @ chance))
    return result


def stray_places(arm: IntArray, weights: tuple[int, ...], sizes: Sizes) -> IntArray:
    """Return the places, from 0, that a cover of the list with as many whole blocks as can be leaves out.

    Empty if the list is whole blocks, the last one perhaps cut. Which of several covers is taken is
    arbitrary, so that the places show where a list is broken, not which row is wrong.
    """
    exact = _exact_blocks(arm, weights, sizes)
    best, origin = np.full(len(arm) + 1, -np.inf), np.zeros(len(arm) + 1, dtype=np.intp)
    best[0] = 0.0
    for place in range(1, len(arm) + 1):
        best[place], origin[place] = best[place - 1] + _NEVER_IF_AVOIDABLE, place - 1
        for b in np.flatnonzero(exact[:, place]):
            start = place - sizes[b]
            if best[start] - 1 > best[place]:
                best[place], origin[place] = best[start] - 1, start
    ends = [(best[-1], len(arm))]
    for used in range(1, min(max(sizes) - 1, len(arm)) + 1):
        if np.isfinite(_log_cut(arm, used, weights, sizes)).any():
            ends.append((best[len(arm) - used] - 1, len(arm) - used))
    place, stray = max(ends)[1], []
    while place:
        if place - origin[place] == 1:  # no block holds one place only
            stray.append(place - 1)
        place = int(origin[place])
    return np.array(stray[::-1], dtype=np.intp)


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
