"""The ``[recruitment]`` table of a scenario: who comes, who consents, and the places there are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ipsrct.evidence import Amount, Proportion, Size
from ipsrct.trial import FloatArray, IntArray

Month = Literal[
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
MONTHS: tuple[Month, ...] = Month.__args__  # type: ignore[attr-defined]


def _check_month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise ValueError(f'must be a month as YYYY-MM, got "{text}"')
    return text


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class County(_Table):
    """The services of one county.

    Attributes
    ----------
    services : Quantity
        A whole number.
    starts : Quantity
        Starts in any one period, the same for all counties; only their proportions count.
    specialists : Quantity
        Employment specialists.
    active : Quantity
        Participants in IPS when recruitment opens.
    monthly_exit : Quantity or None
        Share of those in IPS who leave each month, where it differs from that of all counties.
    """

    services: Size
    starts: Size
    specialists: Size
    active: Amount
    monthly_exit: Proportion | None = None


class Recruitment(_Table):
    """How participants are recruited, and the places that IPS has.

    Attributes
    ----------
    opens : str
        The month in which the first service opens, ``YYYY-MM``.
    starts_per_month : Quantity
        People who would start IPS without a trial, over all services, as the mean of a calendar year.
    counties : dict of str to County
    county_variation, service_variation : Quantity
        Coefficients of variation of a county's starts about those expected, and of a service's share of
        its county; 0 is none. Both are drawn once a trial, from gamma distributions.
    seasonality : dict of str to Quantity
        Starts in a month relative to the months that are not named.
    services_taking_part : int or None
        Fewer than all are drawn at random in each simulated trial.
    services_opening_per_month : Quantity
        In random order.
    ramp_up_months : Quantity
        Months in which a service's recruitment grows in even steps to its full rate; 0 is at once.
    minimum_age : {16, 18}
    share_under_18 : Quantity
        Of those who start IPS; they take part only if ``minimum_age`` is 16 and a guardian consents.
    consent, guardian_consent : Quantity
        Share of participants, and of guardians of those under 18, who consent.
    declined_enter_ips : bool
        Whether those who decline or are too young start IPS as they would without a trial.
    caseload, caseload_limit : Quantity
        Participants per specialist: the target, and the most that a county can hold. Where it is reached
        people wait, and are randomised when there is a place.
    monthly_exit : Quantity
        Share of those in IPS who leave each month.
    reporting_lag_months : Quantity
        From the last outcome's month until the register shows it.
    """

    opens: Annotated[str, AfterValidator(_check_month)]
    starts_per_month: Size
    counties: dict[str, County] = Field(min_length=1)
    county_variation: Amount
    service_variation: Amount
    seasonality: dict[Month, Size] = Field(default_factory=dict)
    services_taking_part: int | None = Field(default=None, ge=1)
    services_opening_per_month: Size
    ramp_up_months: Amount
    minimum_age: Literal[16, 18]
    share_under_18: Proportion
    consent: Proportion
    guardian_consent: Proportion
    declined_enter_ips: bool
    caseload: Size
    caseload_limit: Size
    monthly_exit: Proportion
    reporting_lag_months: Amount

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """Yield key and message of what keys that are valid by themselves say against each other."""
        for name, county in self.counties.items():
            if county.services.value % 1:
                value = county.services.value
                yield f"counties.{name}.services", f"must be a whole number, got {value:g}"
        known = int(self.services_of_county.sum())
        if self.services_taking_part is not None and self.services_taking_part > known:
            yield (
                "services_taking_part",
                f"must be at most {known}, the services of all counties, got {self.services_taking_part}",
            )
        if self.caseload_limit.value < self.caseload.value:
            least, limit = self.caseload.value, self.caseload_limit.value
            yield "caseload_limit", f"must be at least the caseload, {least:g}, got {limit:g}"
        if self.consenting == 0:
            yield "consent", "must leave somebody to recruit, got 0"
        if self.monthly_exit.value == 0:
            yield "monthly_exit", "must be more than 0, got 0"

    @property
    def services_of_county(self) -> IntArray:
        """Services by county, (C,)."""
        return np.array([int(county.services.value) for county in self.counties.values()])

    @property
    def n_services(self) -> int:
        """Services that take part."""
        return self.services_taking_part or int(self.services_of_county.sum())

    @property
    def county_share(self) -> FloatArray:
        """Each county's expected share of the starts, (C,)."""
        starts = np.array([county.starts.value for county in self.counties.values()])
        return np.asarray(starts / starts.sum())

    @property
    def eligible(self) -> float:
        """Share of those who start IPS who are old enough for the trial."""
        return 1.0 if self.minimum_age == 16 else 1.0 - self.share_under_18.value

    @property
    def consenting(self) -> float:
        """Share of those who start IPS who would be randomised by an open service."""
        minors = self.share_under_18.value * (self.guardian_consent.value if self.minimum_age == 16 else 0.0)
        return self.consent.value * (1.0 - self.share_under_18.value + minors)

    @property
    def specialists(self) -> FloatArray:
        """Employment specialists by county, (C,)."""
        return np.array([county.specialists.value for county in self.counties.values()])

    @property
    def active(self) -> IntArray:
        """Participants in IPS by county when recruitment opens, (C,)."""
        return np.array([round(county.active.value) for county in self.counties.values()])

    @property
    def exits(self) -> FloatArray:
        """Share of those in IPS who leave each month, by county, (C,)."""
        own = (county.monthly_exit or self.monthly_exit for county in self.counties.values())
        return np.array([quantity.value for quantity in own])

    def season(self, month: int) -> float:
        """Return the factor of starts in a month from opening, 0 and up; its mean over a year is 1."""
        factors = [self.seasonality[name].value if name in self.seasonality else 1.0 for name in MONTHS]
        return factors[(int(self.opens[5:]) - 1 + month) % 12] * 12 / sum(factors)

    def calendar(self, month: int) -> str:
        """Return the name of a month from opening, 1 and up, such as ``April 2028``."""
        year, number = self.calendar_month(month).split("-")
        return f"{MONTHS[int(number) - 1].capitalize()} {year}"

    def calendar_month(self, month: int) -> str:
        """Return a month from opening, 1 and up, such as ``2028-04``."""
        years, index = divmod(int(self.opens[5:]) - 2 + month, 12)
        return f"{int(self.opens[:4]) + years}-{index + 1:02d}"
