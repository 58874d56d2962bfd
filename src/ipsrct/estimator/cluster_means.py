"""A t test on the means of whole clusters."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.estimator._clusters import Clustered, analysed, estimates, sums
from ipsrct.protocols import Randomisation
from ipsrct.trial import Estimates, FloatArray, IntArray, Populations, Trial


class ClusterMeans(Clustered):
    """Two-sample t test on the clusters' means, each cluster with the same weight.

    Valid with few clusters, and needs every cluster in one arm (Hayes and Moulton, Cluster Randomised
    Trials, 2nd edition 2017, chapter 10). An interaction compares the difference between the two groups'
    means within a cluster, among clusters that have both. Clusters of matched pairs are compared without
    their pairs.

    Attributes
    ----------
    unit : {"service", "county"} or None
        The clusters; if left out, the unit that is randomised.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["cluster_means"]

    @property
    def needs_whole_clusters(self) -> bool:
        """A cluster in both arms has no place in the test."""
        return True

    def estimate_trial(
        self,
        trial: Trial,
        treatment: str,
        control: str,
        populations: Populations,
        randomisation: Randomisation,
        rng: np.random.Generator,  # noqa: ARG002 - nothing is drawn
    ) -> Estimates:
        """Estimate the risk difference in every population."""
        cluster, n_clusters = self.clusters(trial, randomisation)
        y = trial.outcomes.y.astype(np.float64)
        means, in_treatment = [], np.zeros((len(y), n_clusters), dtype=np.bool_)
        with np.errstate(divide="ignore", invalid="ignore"):
            for weight, treated in analysed(trial, treatment, control, populations):
                n = sums(cluster, n_clusters, weight)
                means.append(sums(cluster, n_clusters, weight * y) / n)  # NaN without a participant
                in_treatment |= sums(cluster, n_clusters, weight * treated) > 0
            means += [means[a] - means[b] for a, b in populations.interactions]
            tests = [_t_test(mean, in_treatment) for mean in means]
        estimate, variance, freedom = (np.stack(values) for values in zip(*tests, strict=True))
        return estimates(estimate, variance, freedom)


def _t_test(mean: FloatArray, in_treatment: np.ndarray) -> tuple[FloatArray, FloatArray, IntArray]:
    """Return estimate, pooled variance and degrees of freedom, each (R,), from clusters' means (R, U)."""
    known = np.isfinite(mean)
    sizes, centres, squares = [], [], []
    for arm in (known & in_treatment, known & ~in_treatment):
        n = arm.sum(axis=1)
        centre = np.where(arm, mean, 0.0).sum(axis=1) / n
        sizes.append(n)
        centres.append(centre)
        squares.append((np.where(arm, mean - centre[:, None], 0.0) ** 2).sum(axis=1))
    freedom = sizes[0] + sizes[1] - 2
    variance = (squares[0] + squares[1]) / freedom * (1 / sizes[0] + 1 / sizes[1])
    return centres[0] - centres[1], variance, freedom
