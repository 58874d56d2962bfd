"""The exact distribution of the treated arm's events over all ways to permute full blocks."""

from __future__ import annotations

from functools import lru_cache
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len

from ipsrct.trial import FloatArray, IntArray


def exact_p_values(
    events_in_block: IntArray, block_size: int, treated_in_block: int, treated_events: IntArray
) -> tuple[FloatArray, FloatArray]:
    """Return one-sided and two-sided p-values of the difference in proportions, each (R,).

    A full block of b participants, k of them treated, with e events among them, has a hypergeometric
    number of treated events, and blocks are independent; the number of treated events of a trial is their
    sum. Its distribution depends on how many blocks have each e, and follows from the product of their
    characteristic functions. Since every arm's size is fixed, the difference in proportions increases
    with the number of treated events, also within strata (Mantel-Haenszel weights).

    Parameters
    ----------
    events_in_block : int array (R, blocks)
        An absent block counts as one without events.
    block_size, treated_in_block : int
        b and k.
    treated_events : int array (R,)
        As observed.

    Notes
    -----
    The two-sided p-value is the probability of a difference at least as far from zero. Rounding errors are
    below 1e-12.
    """
    n_replicates, b, k = len(events_in_block), block_size, treated_in_block
    key = events_in_block + np.arange(n_replicates)[:, None] * (b + 1)
    blocks = np.bincount(key.ravel(), minlength=n_replicates * (b + 1)).reshape(n_replicates, b + 1)
    e = np.arange(b + 1)
    lowest = np.maximum(0, e - (b - k))
    width = np.minimum(e, k) - lowest
    length = int(next_fast_len(max(int((blocks @ width).max()) + 1, 2), real=True))
    transform = np.ones((n_replicates, length // 2 + 1), dtype=np.complex128)
    for events in np.flatnonzero(width):
        most = -(-(int(blocks[:, events].max()) + 1) // 64) * 64
        transform *= _powers(b, k, int(events), length, most)[blocks[:, events]]
    mass = irfft(transform, length, axis=1)
    # b times the excess of treated events over their mean, in whole numbers, so that ties are exact.
    mean = k * (blocks @ e)
    excess = b * (np.arange(length) + (blocks @ lowest)[:, None]) - mean[:, None]
    observed = (b * treated_events - mean)[:, None]
    upper = (mass * (excess >= observed)).sum(axis=1)
    both = (mass * (np.abs(excess) >= np.abs(observed))).sum(axis=1)
    return np.clip(upper, 0.0, 1.0), np.clip(both, 0.0, 1.0)


@lru_cache(maxsize=64)
def _powers(b: int, k: int, e: int, length: int, most: int) -> NDArray[np.complex128]:
    """Return powers 0, 1, ... of the transform of a block's treated events less their least number."""
    lowest = max(0, e - (b - k))
    ways = [comb(e, x) * comb(b - e, k - x) / comb(b, k) for x in range(lowest, min(e, k) + 1)]
    transform = np.fft.rfft(ways, length)
    powers = transform ** np.arange(most)[:, None]
    return np.asarray(powers, dtype=np.complex128)
