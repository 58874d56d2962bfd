"""Discrete draws by inversion with a guide table, for many distributions at once.

Chen and Asau's guide table (Journal of Statistical Planning and Inference 1974; Devroye, Non-Uniform
Random Variate Generation, 1986, section III.2.4). One uniform makes one draw, and the draw increases
with the uniform, so that two scenarios that share uniforms are positively correlated.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import bdtr, gammaln, ndtri, xlog1py, xlogy

from ipsrct.trial import FloatArray, IntArray

_GUIDES = 256
_ROWS_STEP = 64
# A table is made once and then costs a tenth of a walk, so it may have this many entries for each draw.
_ENTRIES_A_DRAW = 20


class InverseTable:
    """Distributions on consecutive integers, one a row.

    Parameters
    ----------
    cdf : float array (rows, width)
        Cumulative probabilities of ``first``, ``first + 1``, ...; the last is 1.
    first : int array (rows,)
        The smallest value of each row.
    """

    def __init__(self, cdf: FloatArray, first: IntArray) -> None:
        rows, width = cdf.shape
        grid = np.arange(_GUIDES) / _GUIDES
        self._cdf = cdf.ravel()
        guide = np.stack([np.searchsorted(row, grid, side="right") for row in cdf])
        # A guide entry is the smallest column whose cumulative probability exceeds the guide's lower end.
        start = np.arange(rows)[:, None] * width
        self._guide = (guide + start).astype(np.int32).ravel()
        last = np.concatenate([guide[:, 1:], np.full((rows, 1), width - 1)], axis=1)
        self._last = (last + start).astype(np.int32).ravel()
        self._offset = (first - np.arange(rows) * width).astype(np.int32)

    def draw(self, row: IntArray, uniform: FloatArray) -> IntArray:
        """Return one value for each uniform in [0, 1), from the distribution in its row."""
        slot = (uniform * _GUIDES).astype(np.int32)
        slot += row * np.int32(_GUIDES)
        position = self._guide.take(slot)
        behind = np.flatnonzero(self._cdf.take(position) <= uniform)
        if behind.size:
            self._advance(position.reshape(-1), behind, uniform.reshape(-1)[behind], slot.reshape(-1)[behind])
        drawn: IntArray = position + self._offset.take(row)
        return drawn

    def _advance(self, position: IntArray, behind: IntArray, uniform: FloatArray, slot: IntArray) -> None:
        """Move positions up, in place, to the first column whose probability exceeds the uniform.

        Bisection between the guide entry and the next: a guide in a tail spans many columns.
        """
        low, high = position[behind], self._last.take(slot)
        while True:
            open_ = high - low > 1
            if not open_.any():
                break
            middle = (low + high) >> 1
            above = self._cdf.take(middle) > uniform
            high = np.where(above & open_, middle, high)
            low = np.where(above | ~open_, low, middle)
        position[behind] = high


@lru_cache(maxsize=160)
def _binomial_table(probability: float, n_low: int, n_high: int) -> InverseTable:
    """Table of Binomial(n, probability) for n_low <= n < n_high.

    The support is cut 10 standard deviations and 40 events from the mean, beyond which less than 1e-17
    of the probability lies, a tenth of the spacing of the uniforms.
    """
    n = np.arange(n_low, n_high)
    mean, spread = n * probability, 10 * np.sqrt(n * probability * (1 - probability)) + 40
    first = np.maximum(np.floor(mean - spread), 0).astype(np.intp)
    width = int(np.max(np.minimum(np.ceil(mean + spread), n) - first)) + 1
    values = first[:, None] + np.arange(width)
    cdf = np.cumsum(_mass(np.minimum(values, n[:, None]), n[:, None], probability), axis=1)
    # What was cut off, and rounding, must not leave a row short of 1.
    cdf = np.where(values >= n[:, None], 1.0, np.minimum(cdf, 1.0))
    cdf[:, -1] = 1.0
    return InverseTable(cdf, first)


@lru_cache(maxsize=1)
def _log_factorials(size: int) -> FloatArray:
    return np.asarray(gammaln(np.arange(size) + 1.0))


def _mass(count: IntArray, n: IntArray, probability: float) -> FloatArray:
    """Return binomial probabilities; log factorials are looked up, ten times as fast as computed."""
    # Rounded up, so that one list serves neighbouring sizes.
    log_factorial = _log_factorials(-(-(int(n.max()) + 1) // 16_384) * 16_384)
    log_ways = log_factorial[n] - log_factorial[count] - log_factorial[n - count]
    return np.asarray(np.exp(log_ways + xlogy(count, probability) + xlog1py(n - count, -probability)))


def draw_binomial(n: IntArray, probability: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw binomial counts by inversion.

    Parameters
    ----------
    n : int array (rows, R)
        Numbers of trials.
    probability : float array (rows,)
        The probability of success in each row.
    rng : numpy.random.Generator
        Exactly one uniform is used for each count.
    """
    uniform = rng.random(n.shape)
    drawn = np.empty(n.shape, dtype=np.int32)
    for value in dict.fromkeys(probability.tolist()):
        rows = np.flatnonzero(probability == value)
        if len(rows) == len(n):
            return _invert(n, value, uniform)
        drawn[rows] = _invert(n[rows], value, uniform[rows])
    return drawn


def draw_multinomial(n: IntArray, probability: FloatArray, rng: np.random.Generator) -> IntArray:
    """Draw multinomial counts, each category by inversion given the ones before.

    Parameters
    ----------
    n : int array (...)
        Numbers of trials.
    probability : float array (categories,)
        Adds up to 1.
    rng : numpy.random.Generator
        Exactly one uniform is used for each count but those of the last category.

    Returns
    -------
    int array (categories, ...)
    """
    drawn = np.empty((len(probability), *n.shape), dtype=np.int32)
    uniform = rng.random((len(probability) - 1, *n.shape))
    left, ahead = n.astype(np.int32), 1.0
    for c, share in enumerate(probability[:-1]):
        drawn[c] = _invert(left, float(min(share / ahead, 1.0)), uniform[c])
        left = left - drawn[c]
        ahead -= share
    drawn[-1] = left
    return drawn


def _invert(n: IntArray, probability: float, uniform: FloatArray) -> IntArray:
    """Return the smallest counts whose cumulative probability exceeds the uniforms."""
    low = int(n.min()) // _ROWS_STEP * _ROWS_STEP
    high = (int(n.max()) // _ROWS_STEP + 1) * _ROWS_STEP
    width = 20 * np.sqrt(high * probability * (1 - probability)) + 80
    if (high - low) * width > _ENTRIES_A_DRAW * n.size:
        return _walk(n, probability, uniform)
    table = _binomial_table(probability, low, high)
    return table.draw((n - low).astype(np.int32), uniform)


def _walk(n: IntArray, probability: float, uniform: FloatArray) -> IntArray:
    """Return the same counts without a table: walk from the normal quantile with its skewness correction."""
    spread, z = np.sqrt(n * probability * (1 - probability)), ndtri(np.clip(uniform, 1e-300, 1 - 1e-16))
    start = n * probability + z * spread + (z**2 - 1) * (1 - 2 * probability) / 6 - 0.5
    count = np.clip(np.rint(start), 0, n).astype(np.intp).ravel()
    flat_n, flat_uniform = n.ravel().astype(np.intp), uniform.ravel()
    below = bdtr(count, flat_n, probability)
    up = np.flatnonzero(below <= flat_uniform)
    down = np.flatnonzero(below > flat_uniform)
    while up.size:
        count[up] += 1
        below[up] += _mass(count[up], flat_n[up], probability)
        up = up[(below[up] <= flat_uniform[up]) & (count[up] < flat_n[up])]
    while down.size:
        below[down] -= _mass(count[down], flat_n[down], probability)
        down = down[(below[down] > flat_uniform[down]) & (count[down] > 0)]
        count[down] -= 1
    return np.asarray(count.reshape(n.shape), dtype=np.int32)
