"""Differences in means with variances that hold under covariate-adaptive randomisation."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.estimator._strata import Stratified, StratumCounts, collapse, variance_of, with_interactions
from ipsrct.trial import CellCounts, Estimates, FloatArray, IntArray, Populations


class CovariateAdaptiveDifference(Stratified):
    """Difference in means whose variance knows that randomisation balanced the strata.

    With p the strata's shares of the participants, pi the treated share, and d a stratum's difference, n
    times the variance is the sum of what varies within strata, of ``H = sum(p (d - estimate)^2)`` because
    participants are a sample, and of a part A for the imbalance that the scheme leaves, with variance
    tau n in a stratum. For the difference in means, ``A = sum(p tau (c1 / pi + c0 / (1 - pi))^2)``, where
    c is a stratum's mean less its arm's; with fixed effects, ``A = (1 - 2 pi)^2 / (pi (1 - pi))^2
    sum(p tau (d - estimate)^2)``; saturated, none: Bugni, Canay and Shaikh, Journal of the American
    Statistical Association 2018;113:1784-1796 and Quantitative Economics 2019;10:1747-1785. Saturated is
    the heterogeneous analysis of covariance with the strata as covariates, whose variance is the same under
    every scheme that balances by them, minimisation too: Ye, Shao, Yi and Zhao, Journal of the American
    Statistical Association 2023;118:2370-2382; Ye, Yi and Shao, Biometrika 2022;109:33-47. Variances
    within an arm of a stratum have n - 1 in their denominator, where the papers have n; a stratum with
    participants but fewer than two in an arm makes the estimate not estimable.

    Attributes
    ----------
    factors : tuple of str
        Those by which randomisation is stratified; the strata are their cross-classification.
    adjustment : {"none", "fixed_effects", "saturated"}
        The difference in means, or strata's differences weighted by n1 n0 / n (least squares with a dummy
        for each stratum) or by n (interactions too).
    balance : {"strong", "none"}
        ``strong``: tau is 0, as under stratified permuted blocks and biased coins. ``none``: tau is
        pi (1 - pi), complete randomisation. Without effect if saturated, which therefore is the choice under
        minimisation, the D_A-optimal coin and urns, where tau is neither.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["covariate_adaptive_difference"]
    adjustment: Literal["none", "fixed_effects", "saturated"] = "saturated"
    balance: Literal["strong", "none"] = "strong"

    @property
    def default_label(self) -> str:
        """The name in results, unless it has one of its own."""
        return f"{self.kind}_{self.adjustment}"

    def estimate_counts(
        self, counts: CellCounts, treatment: str, control: str, populations: Populations
    ) -> Estimates:
        """Estimate the risk difference in every population."""
        strata = collapse(counts, treatment, control, populations, self.factors)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean1, variance1 = _mean_and_its_variance(
                strata.n_treatment, strata.events_treatment, strata.squares_treatment
            )
            mean0, variance0 = _mean_and_its_variance(
                strata.n_control, strata.events_control, strata.squares_control
            )
            fits = [
                self._fit(strata, rows, (mean1[rows], mean0[rows]), (variance1[rows], variance0[rows]))
                for rows in strata.of_group
            ]
            estimate, variance = (np.stack(values) for values in zip(*fits, strict=True))
            return with_interactions(estimate, variance, populations)

    def _fit(
        self,
        strata: StratumCounts,
        rows: IntArray,
        means: tuple[FloatArray, FloatArray],
        variances: tuple[FloatArray, FloatArray],
    ) -> tuple[FloatArray, FloatArray]:
        """Return estimate and variance of one group, each (R,); its strata's arrays are (S, R)."""
        n1, n0 = strata.n_treatment[rows], strata.n_control[rows]
        n = n1 + n0
        present = n > 0
        # An empty stratum has no means, and no weight.
        mean1, mean0, variance1, variance0 = (np.where(present, v, 0.0) for v in (*means, *variances))
        weight1, weight0 = self._weights(n1, n0, np.maximum(n, 1.0))
        estimate = (weight1 * mean1).sum(axis=0) - (weight0 * mean0).sum(axis=0)
        within = (weight1**2 * variance1 + weight0**2 * variance0).sum(axis=0)
        total = n.sum(axis=0)
        share, treated = n / total, n1.sum(axis=0) / total
        between = (share * (mean1 - mean0 - estimate) ** 2).sum(axis=0)
        imbalance = np.zeros_like(between)
        spread = treated * (1 - treated)
        if self.balance == "none" and self.adjustment == "none":
            centred1 = mean1 - (weight1 * mean1).sum(axis=0)
            centred0 = mean0 - (weight0 * mean0).sum(axis=0)
            both = centred1 / treated + centred0 / (1 - treated)
            imbalance = spread * (share * both**2).sum(axis=0)
        elif self.balance == "none" and self.adjustment == "fixed_effects":
            imbalance = (1 - 2 * treated) ** 2 / spread * between
        return estimate, within + (between + imbalance) / total

    def _weights(self, n1: FloatArray, n0: FloatArray, n: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the strata's weights in the treated and in the control arm's mean, each (S, R)."""
        if self.adjustment == "none":
            return n1 / n1.sum(axis=0), n0 / n0.sum(axis=0)
        weight = n1 * n0 / n if self.adjustment == "fixed_effects" else n1 + n0
        weight = weight / weight.sum(axis=0)
        return weight, weight


def _mean_and_its_variance(
    n: FloatArray, events: FloatArray, squares: FloatArray | None
) -> tuple[FloatArray, FloatArray]:
    """Return an arm's means in strata and their variances, (Q, R); NaN below two participants."""
    mean = events / n
    return mean, variance_of(mean, squares, n) / np.where(n > 1, n - 1, np.nan)
