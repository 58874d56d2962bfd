"""The post-stratified risk difference."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.estimator._strata import Stratified, collapse, variance_of, with_interactions
from ipsrct.trial import CellCounts, Estimates, Populations


class PostStratifiedDifference(Stratified):
    """Differences of the strata, weighted by the strata's shares of the participants.

    The variance is the sum of squared shares times the strata's Neyman variances, p (1 - p) / (n - 1) in
    each arm: Miratrix, Sekhon and Yu, Journal of the Royal Statistical Society B 2013;75:369-396. A
    stratum with participants but fewer than two in an arm makes the estimate not estimable.

    Attributes
    ----------
    factors : tuple of str
        The strata are their cross-classification.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["post_stratified_difference"]

    def estimate_counts(
        self, counts: CellCounts, treatment: str, control: str, populations: Populations
    ) -> Estimates:
        """Estimate the risk difference in every population."""
        strata = collapse(counts, treatment, control, populations, self.factors)
        n1, n0 = strata.n_treatment, strata.n_control
        n = n1 + n0
        with np.errstate(divide="ignore", invalid="ignore"):
            p1, p0 = strata.events_treatment / n1, strata.events_control / n0
            spread1 = variance_of(p1, strata.squares_treatment, n1)
            spread0 = variance_of(p0, strata.squares_control, n0)
            variance = spread1 / (n1 - 1) + spread0 / (n0 - 1)
            variance[(n1 < 2) | (n0 < 2)] = np.nan
            estimate_terms = np.where(n > 0, n * (p1 - p0), 0.0)
            variance_terms = np.where(n > 0, n**2 * variance, 0.0)
            total = np.stack([n[rows].sum(axis=0) for rows in strata.of_group])
            estimate = np.stack([estimate_terms[rows].sum(axis=0) for rows in strata.of_group]) / total
            variances = np.stack([variance_terms[rows].sum(axis=0) for rows in strata.of_group])
            return with_interactions(estimate, variances / total**2, populations)
