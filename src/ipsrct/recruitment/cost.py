"""The ``[cost]`` table of a scenario, and what a trial costs."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ipsrct.evidence import Amount


class Cost(BaseModel):
    """What a trial costs; no source publishes any of it.

    Attributes
    ----------
    currency : str
    per_place_month : Quantity
        A place in IPS for a month, for participants allocated to IPS, until they leave it; 0 if the
        programme pays.
    per_participant : Quantity
        Informing, randomising and following up one participant, of either arm.
    per_service : Quantity
        Preparing a service that takes part.
    per_month : Quantity
        Running the trial, from opening until the register is complete.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    currency: str = Field(min_length=1)
    per_place_month: Amount
    per_participant: Amount
    per_service: Amount
    per_month: Amount

    def total(
        self, n: int, *, ips_share: float, n_services: int, months: float, monthly_exit: float
    ) -> float:
        """Return what a trial costs.

        Parameters
        ----------
        n : int
            Participants.
        ips_share : float
            Share of them allocated to IPS.
        n_services : int
            Services that take part.
        months : float
            From opening until the register is complete.
        monthly_exit : float
            A participant occupies a place for ``1 / monthly_exit`` months on average.
        """
        return (
            self.per_participant.value * n
            + self.per_place_month.value * n * ips_share / monthly_exit
            + self.per_service.value * n_services
            + self.per_month.value * months
        )
