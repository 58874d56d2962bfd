"""The unadjusted difference between two proportions."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.estimator._named import Named
from ipsrct.estimator._strata import collapse, variance_of, with_interactions
from ipsrct.trial import CellCounts, Estimates, Populations


class DifferenceInProportions(Named):
    """Difference in proportions with the normal-theory test and the Wald interval.

    Attributes
    ----------
    variance : {"unpooled", "pooled"}
        Of the test. ``pooled`` uses the common proportion under the null hypothesis (the square root of
        Pearson's chi-squared without continuity correction). The interval, and the test of an
        interaction, are unpooled. Fleiss, Levin, Paik: Statistical Methods for Rates and Proportions,
        3rd edition 2003, chapter 3.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["difference_in_proportions"]
    variance: Literal["unpooled", "pooled"] = "unpooled"

    @property
    def default_label(self) -> str:
        """The name in results, unless it has one of its own."""
        return f"{self.kind}_{self.variance}"

    @property
    def needs_binary(self) -> bool:
        """The pooled variance follows from a common proportion."""
        return self.variance == "pooled"

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """No adjustment."""
        return ()

    def estimate_counts(
        self, counts: CellCounts, treatment: str, control: str, populations: Populations
    ) -> Estimates:
        """Estimate the risk difference in every population."""
        strata = collapse(counts, treatment, control, populations, ())
        # Without factors every group is one stratum, in the order of the groups.
        n1, x1 = strata.n_treatment, strata.events_treatment
        n0, x0 = strata.n_control, strata.events_control
        with np.errstate(divide="ignore", invalid="ignore"):
            p1, p0 = x1 / n1, x0 / n0
            spread1 = variance_of(p1, strata.squares_treatment, n1)
            spread0 = variance_of(p0, strata.squares_control, n0)
            variance = spread1 / n1 + spread0 / n0
            test_variance = None
            if self.variance == "pooled":
                p = (x1 + x0) / (n1 + n0)
                test_variance = p * (1 - p) * (1 / n1 + 1 / n0)
            return with_interactions(p1 - p0, variance, populations, test_variance)
