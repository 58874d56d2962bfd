"""Critical values of Student's t in blocks of trials whose degrees of freedom differ."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit


def critical_value(tail: float, degrees_of_freedom: NDArray[np.integer[Any]] | None) -> NDArray[np.float64]:
    """Return the upper quantile that leaves the probability ``tail`` above it, NaN at 0 degrees.

    Without degrees of freedom it is that of the standard normal distribution, a scalar.
    """
    if degrees_of_freedom is None:
        return np.asarray(-ndtri(tail))
    size = int(degrees_of_freedom.max(initial=0)) + 1
    # Rounded up, so that one table serves blocks whose largest subgroup differs a little.
    table = _quantiles(1 - tail, -(-size // 1024) * 1024)
    return np.asarray(table[np.maximum(degrees_of_freedom, 0)])


@lru_cache(maxsize=32)
def _quantiles(probability: float, size: int) -> NDArray[np.float64]:
    """Quantiles at 0, 1, ..., size - 1 degrees of freedom; NaN at 0."""
    degrees = np.arange(size, dtype=np.float64)
    degrees[0] = np.nan
    return np.asarray(stdtrit(degrees, probability))
