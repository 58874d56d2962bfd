"""Means and quantiles over simulated trials, with their Monte Carlo standard errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ipsrct.trial import FloatArray, IntArray


@dataclass(frozen=True)
class Value:
    """A simulated number with its Monte Carlo standard error."""

    name: str
    value: float
    mc_standard_error: float


@dataclass(frozen=True)
class Milestone:
    """When something is done, in months from opening, over the trials that reached their size.

    Attributes
    ----------
    name : str
        ``n_reached``, ``last_outcome`` or ``register_complete``.
    mean, q10, median, q90 : Value
    not_reached : float
        Share of the simulated trials that had not reached their size after ``LONGEST`` months.
    """

    name: str
    mean: Value
    q10: Value
    median: Value
    q90: Value
    not_reached: float


def mean(name: str, values: FloatArray | IntArray) -> Value:
    """Return a mean with its standard error; NaN where there are too few values."""
    values = np.asarray(values, dtype=np.float64)
    if len(values) < 2:
        return Value(name, float(values.mean()) if len(values) else math.nan, math.nan)
    return Value(name, float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))))


def quantile(name: str, values: FloatArray, q: float) -> Value:
    """Return a quantile; its error is half the span of the order statistics one binomial deviation away."""
    if not len(values):
        return Value(name, math.nan, math.nan)
    reach = math.sqrt(q * (1 - q) / len(values))
    low, middle, high = np.quantile(values, (max(q - reach, 0), q, min(q + reach, 1)))
    return Value(name, float(middle), float(high - low) / 2)


def milestone(name: str, time: FloatArray) -> Milestone:
    """Return when something is done, from the times of all replicates, (R,); infinite if never."""
    reached = time[np.isfinite(time)]
    quantiles = (("q10", 0.1), ("median", 0.5), ("q90", 0.9))
    low, middle, high = (quantile(label, reached, q) for label, q in quantiles)
    return Milestone(name, mean("mean", reached), low, middle, high, 1 - len(reached) / len(time))
