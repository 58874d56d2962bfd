"""What analyses of clusters have in common. U clusters, R replicates, N participants, G groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import numpy as np

from ipsrct.estimator._named import Named
from ipsrct.protocols import Randomisation
from ipsrct.trial import ESTIMATED, NOT_ESTIMABLE, Estimates, FloatArray, IntArray, Populations, Trial

_NO_VARIANCE = 1e-20


class Clustered(Named):
    """An estimator that takes services or counties as clusters."""

    unit: Literal["service", "county"] | None = None

    @property
    def default_label(self) -> str:
        """The name in results, unless it has one of its own."""
        return f"{self.kind}_{self.unit}" if self.unit else str(self.kind)  # type: ignore[attr-defined]

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """No adjustment for baseline factors."""
        return ()

    def clusters(self, trial: Trial, randomisation: Randomisation) -> tuple[IntArray, int]:
        """Return each participant's cluster, (R, N), and the number of clusters."""
        service, services = trial.cohort.service, trial.cohort.services
        if (self.unit or randomisation.scheme.randomised_unit) == "county":
            return services.county[service], len(services.counties)
        return service, services.size


def analysed(
    trial: Trial, treatment: str, control: str, populations: Populations
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Yield each group's participants in the two arms as weights of 0 and 1, and who is treated; (R, N)."""
    arm = trial.assignment.arm
    treated = (arm == trial.arms.index(treatment)).astype(np.float64)
    either = treated + (arm == trial.arms.index(control))
    for member in populations.member:
        yield member[trial.cohort.cell] * either, treated


def sums(index: IntArray, size: int, values: FloatArray) -> FloatArray:
    """Return sums of values (R, N) by index (R, N) from 0 to ``size``, (R, size)."""
    rows = index + np.arange(len(index), dtype=np.intp)[:, None] * size
    found = np.bincount(rows.ravel(), values.ravel(), minlength=len(index) * size)
    return found.astype(np.float64, copy=False).reshape(-1, size)


def estimates(estimate: FloatArray, variance: FloatArray, freedom: IntArray) -> Estimates:
    """Return estimates, (M, R); not estimable without variance or without degrees of freedom."""
    with np.errstate(invalid="ignore"):
        estimable = (variance > _NO_VARIANCE) & np.isfinite(estimate) & (freedom > 0)
        estimate, variance = (np.where(estimable, v, np.nan) for v in (estimate, variance))
        error = np.sqrt(variance)
        status = np.where(estimable, np.int8(ESTIMATED), np.int8(NOT_ESTIMABLE))
        return Estimates(estimate, error, estimate / error, np.maximum(freedom, 0), status)
