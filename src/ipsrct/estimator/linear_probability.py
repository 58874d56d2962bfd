"""The linear probability model with stratum dummies and heteroscedasticity-consistent errors."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct._parts import Part
from ipsrct.estimator._strata import collapse, share, with_interactions
from ipsrct.trial import CellCounts, Estimates, FloatArray, IntArray, Populations

_LEVERAGE_ONE = 1e-10


class LinearProbability(Part):
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
    """

    kind: Literal["linear_probability"]
    factors: tuple[str, ...] = ()
    variance: Literal["HC0", "HC1", "HC2", "HC3"] = "HC2"

    @property
    def label(self) -> str:
        """The name in results."""
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
        n1, n0 = strata.n_treatment, strata.n_control
        n = n1 + n0
        p1, p0 = share(strata.events_treatment, n1), share(strata.events_control, n0)
        inverse_n = 1 / np.maximum(n, 1.0)
        centred1, centred0 = (n0 * inverse_n) ** 2, (n1 * inverse_n) ** 2
        weight = n1 * n0 * inverse_n
        moments = _Moments(
            n=n,
            weight=weight,
            difference=p1 - p0,
            # In a stratum with one arm nothing is estimated; 2 keeps its zero terms from being 0 / 0.
            unexplained=np.where(weight > 0, 1 - inverse_n, 2.0),
            centred=(centred1, centred0),
            scale=(centred1 * n1, centred0 * n0),
            spread=(p1 * (1 - p1), p0 * (1 - p0)),
        )
        shape = (len(strata.of_group), n.shape[1])
        estimate, variance = np.empty(shape), np.empty(shape)
        freedom = np.empty(shape, dtype=np.int32)
        with np.errstate(divide="ignore", invalid="ignore"):
            for g, rows in enumerate(strata.of_group):
                estimate[g], variance[g], freedom[g] = moments.of(rows).fit(self.variance)
            variance[freedom < 1] = np.nan
            return with_interactions(estimate, variance, populations, None, freedom)


class _Moments:
    """What a fit needs from each stratum, (Q, R) each; pairs are treatment and control."""

    def __init__(
        self,
        n: FloatArray,
        weight: FloatArray,
        difference: FloatArray,
        unexplained: FloatArray,
        centred: tuple[FloatArray, FloatArray],
        scale: tuple[FloatArray, FloatArray],
        spread: tuple[FloatArray, FloatArray],
    ) -> None:
        self.n, self.weight, self.difference, self.unexplained = n, weight, difference, unexplained
        self.centred, self.scale, self.spread = centred, scale, spread

    def of(self, rows: IntArray) -> _Moments:
        """Return the moments of some strata."""
        if len(rows) == len(self.n):
            return self
        return _Moments(
            self.n[rows],
            self.weight[rows],
            self.difference[rows],
            self.unexplained[rows],
            (self.centred[0][rows], self.centred[1][rows]),
            (self.scale[0][rows], self.scale[1][rows]),
            (self.spread[0][rows], self.spread[1][rows]),
        )

    def fit(self, kind: str) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return estimate, variance and degrees of freedom, each (R,)."""
        total_weight = self.weight.sum(axis=0)
        estimate = (self.weight * self.difference).sum(axis=0) / total_weight
        misfit = (self.difference - estimate) ** 2
        meat = np.zeros(estimate.shape)
        for centred, scale, spread in zip(self.centred, self.scale, self.spread, strict=True):
            squares = scale * (spread + misfit * centred)
            if kind in ("HC2", "HC3"):
                unexplained = self.unexplained - centred / total_weight
                if unexplained.min(initial=1.0) < _LEVERAGE_ONE:
                    unexplained[unexplained < _LEVERAGE_ONE] = np.nan
                squares /= unexplained if kind == "HC2" else unexplained**2
            meat += squares.sum(axis=0)
        n = self.n.sum(axis=0)
        freedom = n - np.count_nonzero(self.n, axis=0) - 1
        if kind == "HC1":
            meat *= n / freedom
        return estimate, meat / total_weight**2, freedom
