"""Errors of the register as a scenario writes them: rates that are assumed, by arm after randomisation."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from ipsrct._message import Message
from ipsrct.evidence import Proportion, Quantity, Size
from ipsrct.register.misreporting import NO_ERRORS, ErrorRates


def _at_least_a_month(quantity: Quantity) -> Quantity:
    if min(quantity.value, quantity.value if quantity.low is None else quantity.low) < 1:
        raise ValueError(Message("must be at least 1 month, got {given}", given=f"{quantity.value:g}"))
    return quantity


Months = Annotated[Size, AfterValidator(_at_least_a_month)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class RegisterErrors(_Table):
    """How the register of the evaluation errs; published nowhere, so every rate is an assumption.

    Attributes
    ----------
    dormant_job : Quantity or None
        Probability that a job ending before start goes on being shown; none if left out, as all rates.
    late_end : Quantity or None
        The same for a job ending from the start month on.
    late_start : Quantity or None
        Probability that a job beginning from the start month on is not shown at first.
    months_to_end, months_to_start : Quantity or None
        Mean months until an end or a start is put right, at least 1; 2 if left out.
    """

    dormant_job: Proportion | None = None
    late_end: Proportion | None = None
    late_start: Proportion | None = None
    months_to_end: Months | None = None
    months_to_start: Months | None = None

    @property
    def rates(self) -> ErrorRates:
        """The rates as numbers."""
        given = {
            "carried_before": self.dormant_job,
            "carried_after": self.late_end,
            "late_start": self.late_start,
            "carried_months": self.months_to_end,
            "late_months": self.months_to_start,
        }
        return replace(NO_ERRORS, **{name: q.value for name, q in given.items() if q is not None})


class AfterStart(_Table):
    """The errors after start in one arm, where they are not those of the evaluation's register.

    Attributes
    ----------
    late_end, late_start : Quantity or None
        As for :class:`RegisterErrors`; the evaluation's rate if left out.
    """

    late_end: Proportion | None = None
    late_start: Proportion | None = None


class ErrorsByArm(_Table):
    """The errors after start by arm; those before start cannot differ.

    Attributes
    ----------
    control, treatment : AfterStart
        Arms without and with the intervention.
    """

    control: AfterStart = AfterStart()
    treatment: AfterStart = AfterStart()

    def rates(self, evaluation: ErrorRates, treated: bool) -> ErrorRates:
        """Return the errors of an arm, given those of the evaluation's register."""
        arm = self.treatment if treated else self.control
        given = {"carried_after": arm.late_end, "late_start": arm.late_start}
        return replace(evaluation, **{name: q.value for name, q in given.items() if q is not None})
