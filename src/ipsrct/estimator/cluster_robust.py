"""Least squares with a variance that lets participants of a cluster be alike."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.estimator._clusters import Clustered, analysed, estimates, sums
from ipsrct.protocols import PeriodScheme, Randomisation
from ipsrct.trial import Estimates, FloatArray, Populations, Trial


class ClusterRobust(Clustered):
    """Linear probability model with cluster-robust errors, and period effects in a stepped wedge.

    The outcome is regressed on the arm and, in a design with periods, a dummy for each. With a the arm
    less its mean in the period, e the residual and s a cluster's sum of a e, the variance is
    sum(s^2) / sum(a^2)^2 times U / (U - 1) (n - 1) / (n - k) for U clusters and k coefficients (CR1; Liang
    and Zeger, Biometrika 1986;73:13-22), and the statistic is referred to Student's t with U - 1 degrees
    of freedom. Below some 40 clusters the variance is too small on average (Cameron and Miller, Journal
    of Human Resources 2015;50:317-372). An interaction subtracts two such fits, and the clusters' sums too.

    Attributes
    ----------
    unit : {"service", "county"} or None
        The clusters; if left out, the unit that is randomised, or the service where participants are.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["cluster_robust"]

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
        y, scheme = trial.outcomes.y.astype(np.float64), randomisation.scheme
        period = scheme.periods(y.shape[1]) if isinstance(scheme, PeriodScheme) else np.zeros(y.shape[1], int)
        estimate, influence, present = [], [], []
        with np.errstate(divide="ignore", invalid="ignore"):
            for weight, treated in analysed(trial, treatment, control, populations):
                b, score, n_coefficients = _fit(y, treated, weight, np.broadcast_to(period, y.shape))
                n, here = weight.sum(axis=1), sums(cluster, n_clusters, weight) > 0
                n_here = here.sum(axis=1)
                factor = n_here / (n_here - 1) * (n - 1) / (n - n_coefficients)
                estimate.append(b)
                influence.append(sums(cluster, n_clusters, score) * np.sqrt(factor)[:, None])
                present.append(n_here)
            for minuend, subtrahend in populations.interactions:
                estimate.append(estimate[minuend] - estimate[subtrahend])
                influence.append(influence[minuend] - influence[subtrahend])
                present.append(np.minimum(present[minuend], present[subtrahend]))
        variance = (np.stack(influence) ** 2).sum(axis=2)
        return estimates(np.stack(estimate), variance, np.stack(present) - 1)


def _fit(
    y: FloatArray, treated: FloatArray, weight: FloatArray, period: np.ndarray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the arm's coefficient (R,), participants' influence on it (R, N) and the coefficients (R,)."""
    n_periods = int(period.max()) + 1
    n = sums(period, n_periods, weight)

    def centred(values: FloatArray) -> FloatArray:
        mean = sums(period, n_periods, weight * values) / np.maximum(n, 1.0)
        return np.asarray(weight * (values - np.take_along_axis(mean, period, axis=1)))

    arm, outcome = centred(treated), centred(y)
    squares = (arm**2).sum(axis=1)
    b = (arm * outcome).sum(axis=1) / np.where(squares > 1e-9, squares, np.nan)
    influence = arm * (outcome - b[:, None] * arm) / squares[:, None]
    return b, influence, (n > 0).sum(axis=1) + 1.0
