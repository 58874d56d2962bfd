"""The linear probability model with stratum dummies and heteroscedasticity-consistent errors."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from ipsrct.estimator._named import Named
from ipsrct.estimator._strata import StratumCounts, collapse, share, variance_of, with_interactions
from ipsrct.trial import CellCounts, Estimates, FloatArray, IntArray, Populations

_LEVERAGE_ONE = 1e-10
# Arrays of this many numbers are reused by the allocator and stay in the second-level cache.
_CACHED_NUMBERS = 12_288


class LinearProbability(Named):
    """Least squares of a binary outcome on the arm, adjusted for strata.

    In every population the outcome is regressed on the arm and a dummy for each stratum; the coefficient
    of the arm is the risk difference. With s a stratum, n1 and n0 its participants in treatment and
    control, n = n1 + n0, w = n1 n0 / n and d its difference in proportions, the coefficient is
    b = sum(w d) / sum(w) (Frisch, Waugh and Lovell). A treated participant's centred arm is n0 / n and
    the leverage 1/n + (n0/n)^2 / sum(w); the sum of squared residuals of the stratum's treated is
    n1 (p1 (1 - p1) + (d - b)^2 (n0/n)^2); likewise for control. So each fit is algebra on counts.

    Attributes
    ----------
    factors : tuple of str
        The strata are their cross-classification; none means no adjustment.
    variance : {"HC0", "HC1", "HC2", "HC3"}
        MacKinnon and White, Journal of Econometrics 1985. The statistic is referred to Student's t with
        participants less coefficients degrees of freedom.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["linear_probability"]
    factors: tuple[str, ...] = ()
    variance: Literal["HC0", "HC1", "HC2", "HC3"] = "HC2"

    @property
    def default_label(self) -> str:
        """The name in results, unless it has one of its own."""
        return f"{self.kind}_{self.variance}" + ("" if self.factors else "_unadjusted")

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors that the model adjusts for."""
        return self.factors

    def estimate_counts(
        self, counts: CellCounts, treatment: str, control: str, populations: Populations
    ) -> Estimates:
        """Estimate the risk difference in every population."""
        strata = collapse(counts, treatment, control, populations, self.factors)
        shape = (len(strata.of_group), strata.n_treatment.shape[1])
        estimate, variance = np.empty(shape), np.empty(shape)
        freedom = np.empty(shape, dtype=np.int32)
        step = max(1, _CACHED_NUMBERS // len(strata.n_treatment))
        with np.errstate(divide="ignore", invalid="ignore"):
            for start in range(0, shape[1], step):
                part = slice(start, start + step)
                moments = _moments(strata, part)
                for g, rows in enumerate(strata.of_group):
                    fit = _fit(moments if len(rows) == len(moments.n) else moments.of(rows), self.variance)
                    estimate[g, part], variance[g, part], freedom[g, part] = fit
            variance[freedom < 1] = np.nan
            return with_interactions(estimate, variance, populations, None, freedom)


@dataclass(frozen=True)
class _Moments:
    """What a fit needs from each stratum; Q strata, R replicates, arms treatment and control.

    Attributes
    ----------
    n, weight, difference : float array (Q, R)
    centred : float array (2, Q, R)
        The squared centred arm of a participant.
    scale : float array (2, Q, R)
        Participants times ``centred``.
    spread : float array (2, Q, R)
        Variance of the outcome, p (1 - p) if it is binary.
    unexplained : float array (Q, R)
        1 - 1/n, the part of 1 less the leverage that does not depend on the group.
    """

    n: FloatArray
    weight: FloatArray
    difference: FloatArray
    centred: FloatArray
    scale: FloatArray
    spread: FloatArray
    unexplained: FloatArray

    def of(self, rows: IntArray) -> _Moments:
        """Return the moments of some strata."""
        return _Moments(*(getattr(self, field.name).take(rows, axis=-2) for field in fields(self)))


def _moments(strata: StratumCounts, part: slice) -> _Moments:
    arm_n = np.stack([strata.n_treatment[:, part], strata.n_control[:, part]])
    risk = share(np.stack([strata.events_treatment[:, part], strata.events_control[:, part]]), arm_n)
    first, second = strata.squares_treatment, strata.squares_control
    squares = None
    if first is not None and second is not None:
        squares = np.stack([first[:, part], second[:, part]])
    n = arm_n[0] + arm_n[1]
    inverse_n = 1 / np.maximum(n, 1.0)
    weight = arm_n[0] * arm_n[1] * inverse_n
    centred = (arm_n[::-1] * inverse_n) ** 2
    return _Moments(
        n=n,
        weight=weight,
        difference=risk[0] - risk[1],
        centred=centred,
        scale=centred * arm_n,
        spread=variance_of(risk, squares, arm_n),
        # In a stratum with one arm nothing is estimated; 2 keeps its zero terms from being 0 / 0.
        unexplained=np.where(weight > 0, 1 - inverse_n, 2.0),
    )


def _fit(m: _Moments, kind: str) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return estimate, variance and degrees of freedom of one group, each (R,)."""
    bread = 1 / m.weight.sum(axis=0)
    estimate = (m.weight * m.difference).sum(axis=0) * bread
    squares = (m.difference - estimate) ** 2 * m.centred
    squares += m.spread
    squares *= m.scale
    if kind in ("HC2", "HC3"):
        unexplained = m.centred * -bread
        unexplained += m.unexplained
        undefined = unexplained < _LEVERAGE_ONE
        if undefined.any():
            unexplained[undefined] = np.nan
        squares /= unexplained if kind == "HC2" else unexplained**2
    variance = squares.sum(axis=(0, 1)) * bread**2
    n = m.n.sum(axis=0)
    freedom = n - np.count_nonzero(m.n, axis=0) - 1
    return estimate, variance * (n / freedom) if kind == "HC1" else variance, freedom
