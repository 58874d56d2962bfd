"""Stepped wedge: services cross over to the intervention one group after another."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct._message import _
from ipsrct._service_table import ServiceTable
from ipsrct.randomisation._scheme import Scheme, why_not_two_equal
from ipsrct.randomisation._units import allocate, why_no_units
from ipsrct.trial import Assignment, Cohort, IntArray


class SteppedWedge(Scheme):
    """All services begin in the last arm and cross over to the first in random order.

    Recruitment has one period more than steps, of equally many participants; at the start of each period
    but the first, one group of services crosses over (Hussey and Hughes, Contemporary Clinical Trials
    2007;28:182-191). The arm follows from the participant's service and entry. The groups are as equal as
    can be. Over all periods the arms have equal shares.

    Attributes
    ----------
    steps : int
        Groups of services.
    """

    kind: Literal["stepped_wedge"]
    steps: int = Field(ge=1)

    @property
    def control_is_last(self) -> bool:
        """Services begin in the arm listed last, which must be the control arm."""
        return True

    @property
    def randomised_unit(self) -> str:
        """A service has an arm in each period."""
        return "service in a period"

    def why_not_weights(self, weights: tuple[int, ...]) -> str:
        """Return that the design is for two equal arms, or an empty string."""
        return why_not_two_equal(weights)

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:  # noqa: ARG002
        """Return why services cannot cross over in so many steps, or an empty string."""
        template = _("needs at least {needed} services to cross over, one at each step, got {given}")
        return why_no_units(services.size, services, self.steps, template)

    def periods(self, n_participants: int) -> IntArray:
        """Return the period, 0 to the number of steps, in which each participant enters, (N,)."""
        return np.arange(n_participants) * (self.steps + 1) // n_participants

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:  # noqa: ARG002
        """Give every participant the arm of the service in the period of entry."""
        n_replicates, n_participants = cohort.cell.shape
        step = allocate(cohort.services.size, (1,) * self.steps, n_replicates, rng)
        own_step = np.take_along_axis(step, cohort.service.astype(np.intp), axis=1)
        period = self.periods(n_participants)
        treated = period / self.steps
        arm = (own_step >= period).astype(np.int8)
        return Assignment(arm, np.stack([treated, 1 - treated], axis=1))
