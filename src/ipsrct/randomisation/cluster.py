"""Cluster randomisation: whole services or counties."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct._message import _
from ipsrct._service_table import ServiceTable
from ipsrct.randomisation._scheme import Scheme, reduced
from ipsrct.randomisation._units import allocate, shares, why_no_units
from ipsrct.trial import Assignment, Cohort, IntArray

_NEEDED = {
    "service": _("needs at least {needed} services for an allocation of {allocation}, got {given}"),
    "county": _("needs at least {needed} counties for an allocation of {allocation}, got {given}"),
}


class Cluster(Scheme):
    """Whole units in one arm, their numbers in the allocation's ratio.

    Units that the ratio cannot divide go to arms drawn without replacement from one further block. See
    Donner and Klar, Design and Analysis of Cluster Randomization Trials (2000), chapter 4.

    Attributes
    ----------
    unit : {"service", "county"}
    """

    kind: Literal["cluster"]
    unit: Literal["service", "county"] = "service"

    @property
    def randomised_unit(self) -> str:
        """Services or counties."""
        return self.unit

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:
        """Return why these units cannot be randomised, or an empty string."""
        ratio, n_units = reduced(weights), _n_units(self._units(services))
        allocation = ":".join(map(str, ratio))
        return why_no_units(n_units, services, sum(ratio), _NEEDED[self.unit], allocation=allocation)

    def _units(self, services: ServiceTable) -> IntArray:
        return services.county if self.unit == "county" else np.arange(services.size)

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Give every participant the arm of the service's unit."""
        unit = self._units(cohort.services)
        by_unit = allocate(_n_units(unit), weights, len(cohort.cell), rng)
        arm = np.take_along_axis(by_unit[:, unit], cohort.service.astype(np.intp), axis=1)
        return Assignment(arm, shares(weights, cohort.cell.shape[1]))


def _n_units(unit_of_service: IntArray) -> int:
    return int(unit_of_service.max()) + 1
