"""The unadjusted difference between two proportions."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct._parts import Part
from ipsrct.estimator._strata import collapse, with_interactions
from ipsrct.trial import CellCounts, Estimates, Populations


class DifferenceInProportions(Part):
    """Difference in proportions with the normal-theory test and the Wald interval.

    Attributes
    ----------
    variance : {"unpooled", "pooled"}
        Of the test. ``pooled`` uses the common proportion under the null hypothesis (the square root of
        Pearson's chi-squared without continuity correction). The interval, and the test of an
        interaction, are unpooled. Fleiss, Levin, Paik: Statistical Methods for Rates and Proportions,
        3rd edition 2003, chapter 3.
    """

    kind: Literal["difference_in_proportions"]
    variance: Literal["unpooled", "pooled"] = "unpooled"

    @property
    def label(self) -> str:
        """The name in results."""
        return f"{self.kind}_{self.variance}"

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
            variance = p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0
            test_variance = None
            if self.variance == "pooled":
                p = (x1 + x0) / (n1 + n0)
                test_variance = p * (1 - p) * (1 / n1 + 1 / n0)
            return with_interactions(p1 - p0, variance, populations, test_variance)
