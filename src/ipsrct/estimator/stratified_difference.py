"""The Mantel-Haenszel risk difference."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.estimator._strata import Stratified, collapse, share, with_interactions
from ipsrct.trial import CellCounts, Estimates, Populations


class StratifiedDifference(Stratified):
    """Differences of the strata, weighted by n1 n0 / n.

    A stratum with one arm empty has no weight. The variance is consistent both for many small and for
    few large strata: Sato, Greenland and Robins, Biometrics 1989;45:1323-1324, and Sato's letter there.

    Attributes
    ----------
    factors : tuple of str
        The strata are their cross-classification.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["stratified_difference"]

    @property
    def needs_binary(self) -> bool:
        """Sato's variance follows from proportions."""
        return True

    def estimate_counts(
        self, counts: CellCounts, treatment: str, control: str, populations: Populations
    ) -> Estimates:
        """Estimate the risk difference in every population."""
        strata = collapse(counts, treatment, control, populations, self.factors)
        n1, x1, n0, x0 = (
            strata.n_treatment,
            strata.events_treatment,
            strata.n_control,
            strata.events_control,
        )
        n = np.maximum(n1 + n0, 1.0)
        weight = n1 * n0 / n
        weighted = weight * (share(x1, n1) - share(x0, n0))
        slope = (n1**2 * x0 - n0**2 * x1 + n1 * n0 * (n0 - n1) / 2) / n**2
        level = (x1 * (n0 - x0) + x0 * (n1 - x1)) / (2 * n)
        with np.errstate(divide="ignore", invalid="ignore"):
            total = np.stack([weight[rows].sum(axis=0) for rows in strata.of_group])
            estimate = np.stack([weighted[rows].sum(axis=0) for rows in strata.of_group]) / total
            slopes = np.stack([slope[rows].sum(axis=0) for rows in strata.of_group])
            levels = np.stack([level[rows].sum(axis=0) for rows in strata.of_group])
            return with_interactions(estimate, (estimate * slopes + levels) / total**2, populations)
