"""Sums over replicates, so that memory does not grow with their number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from math import nan, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ipsrct.trial import FloatArray, IntArray

_ROUNDING = 1e-12
QUANTILES = (0.5, 0.9, 0.95, 0.99)


class Key(NamedTuple):
    """What a value says, and where; empty strings where there is nothing to tell apart."""

    measure: str
    where: str
    position: int
    strategy: str = ""
    estimator: str = ""


@dataclass(frozen=True)
class Diagnostic:
    """One diagnostic of a randomisation scheme.

    Attributes
    ----------
    scheme : str
        The scheme's label.
    measure : str
        See :func:`ipsrct.diagnostics.diagnose`.
    where : str
        ``overall``, ``FACTOR:LEVEL``, ``factors``, ``service``, ``stratum``, or what a caseworker sees.
    position : int
        Participants recruited so far.
    strategy : str
        The guessing strategy, or the bias; empty for other measures.
    estimator : str
        The label of the analysis, for biases.
    value : float
        NaN where nothing was observed, such as correct guesses where none was made.
    mc_standard_error : float
        0 where the value was computed without simulation, or did not vary between replicates; NaN after a
        single replicate.
    n_replicates : int
        0 where the value was computed without simulation.
    """

    scheme: str
    measure: str
    where: str
    position: int
    strategy: str
    estimator: str
    value: float
    mc_standard_error: float
    n_replicates: int


@dataclass
class _Sums:
    """Sums of x, d, x^2, d^2 and x d, for the ratio of the means of x and d."""

    is_share: bool
    n: int = 0
    sums: FloatArray = field(default_factory=lambda: np.zeros(5))

    def add(self, x: FloatArray, d: FloatArray) -> None:
        self.n += len(x)
        self.sums += [x.sum(), d.sum(), x @ x, d @ d, x @ d]

    def result(self) -> tuple[float, float]:
        """Return the ratio and its standard error by the delta method (Cochran, 1977, section 2.11)."""
        x, d, xx, dd, xd = self.sums.tolist()
        if not d:
            return nan, nan
        ratio = x / d
        squares = max(xx - 2 * ratio * xd + ratio**2 * dd, 0.0)
        if squares <= _ROUNDING * (xx + ratio**2 * dd):
            squares = 0.5 if self.is_share else 0.0
        return ratio, sqrt(squares * self.n / (self.n - 1)) / d if self.n > 1 else nan


class Tally:
    """Means, ratios of means and quantiles over replicates, added up block by block."""

    def __init__(self) -> None:
        self._sums: dict[Key, _Sums] = {}
        self._counts: dict[Key, tuple[IntArray, float]] = {}
        self._replicates: dict[Key, int] = {}

    def add(
        self,
        key: Key,
        values: ArrayLike,
        per: ArrayLike | None = None,
        *,
        is_share: bool = False,
    ) -> None:
        """Add one value a replicate, (R,).

        Parameters
        ----------
        key : Key
        values : float array (R,)
        per : float array (R,), optional
            The value is the ratio of the mean of ``values`` to the mean of ``per``; 1 if left out.
        is_share : bool
            Each value says whether something happened in that trial; where it happened in none or in all,
            the standard error is that of half an event, so that it is never zero.
        """
        x = np.asarray(values, dtype=np.float64)
        self._sums.setdefault(key, _Sums(is_share)).add(
            x, np.ones(len(x)) if per is None else np.asarray(per, dtype=np.float64)
        )

    def count(self, key: Key, values: IntArray, unit: float) -> None:
        """Add integers, (R,) or (R, units), whose quantiles times ``unit`` are wanted."""
        added = np.bincount(values.ravel())
        so_far, _ = self._counts.get(key, (np.zeros(0, dtype=np.int64), unit))
        longer = np.zeros(max(len(added), len(so_far)), dtype=np.int64)
        longer[: len(so_far)] += so_far
        longer[: len(added)] += added
        self._counts[key] = longer, unit
        self._replicates[key] = self._replicates.get(key, 0) + len(values)

    def rows(self, scheme: str) -> Iterator[Diagnostic]:
        """Yield every value with its Monte Carlo standard error."""
        for key, sums in self._sums.items():
            yield _row(scheme, key, *sums.result(), sums.n)
        for key, (counts, unit) in self._counts.items():
            n = self._replicates[key]
            for q in QUANTILES:
                value, error = _quantile(counts, q, n)
                named = key._replace(measure=f"{key.measure}_q{100 * q:.0f}")
                yield _row(scheme, named, unit * value, unit * error, n)


def _row(scheme: str, key: Key, value: float, error: float, n: int) -> Diagnostic:
    return Diagnostic(
        scheme, key.measure, key.where, key.position, key.strategy, key.estimator, value, error, n
    )


def exact_row(scheme: str, key: Key, value: float) -> Diagnostic:
    """Return a value that was computed without simulation."""
    return _row(scheme, key, value, 0.0, 0)


def _quantile(counts: IntArray, q: float, n_replicates: int) -> tuple[float, float]:
    """Return a quantile and its standard error, a quarter of the distance between its order statistics.

    The order statistics two binomial standard errors to either side of the quantile's rank bound a 95 per
    cent interval (David and Nagaraja, Order Statistics, 2003, section 7.1). Units of one trial are not
    independent, so only trials are counted. The error is 0 where the quantile lies well inside one value.
    """
    cdf = np.cumsum(counts) / counts.sum()
    reach = 2 * sqrt(q * (1 - q) / n_replicates)
    low, value, high = (_inverse(cdf, p) for p in (q - reach, q, q + reach))
    return float(value), (high - low) / 4 if n_replicates > 1 else nan


def _inverse(cdf: FloatArray, p: float) -> int:
    """Return the smallest value whose cumulative probability reaches p."""
    return min(int(np.searchsorted(cdf, p - _ROUNDING)), len(cdf) - 1)
