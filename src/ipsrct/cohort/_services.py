"""Services that participants belong to, and when they open."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, Field, ValidationInfo, field_validator, model_validator

from ipsrct._message import Message, _, chained
from ipsrct._service_table import ServiceTable
from ipsrct.errors import listed
from ipsrct.evidence import Proportion, Size
from ipsrct.trial import IntArray

_MOST_SERVICES = 10_000


class Services(BaseModel):
    """The keys ``services`` and ``openings`` of a cohort, both by county."""

    services: dict[str, Size] = Field(default_factory=dict)
    openings: dict[str, Proportion] = Field(default_factory=dict)

    @field_validator("services")
    @classmethod
    def _whole_numbers(cls, services: dict[str, Size]) -> dict[str, Size]:
        for county, size in services.items():
            if not size.value.is_integer():
                raise ValueError(
                    Message(
                        "{county} must have a whole number of services, got {given}",
                        county=county,
                        given=f"{size.value:g}",
                    )
                )
        return services

    @model_validator(mode="after")
    def _not_too_many(self) -> Services:
        if self.n_services > _MOST_SERVICES:
            raise ValueError(
                Message(
                    "there must be at most {most:,} services, got {n:,}",
                    most=_MOST_SERVICES,
                    n=self.n_services,
                )
            )
        return self

    @field_validator("openings")
    @classmethod
    def _open_in_time(cls, openings: dict[str, Proportion], info: ValidationInfo) -> dict[str, Proportion]:
        services = info.data.get("services")
        if services is None:  # at fault itself
            return openings
        unknown = {c: listed(c, Message("counties"), services) for c in openings if c not in services}
        faults: list[str] = [
            Message('"{name}" is not a county{choices}', name=name, choices=choices)
            for name, choices in unknown.items()
        ]
        never = ", ".join(county for county, share in openings.items() if share.value >= 1)
        if never:
            faults.append(Message("must be below 1, or a service never opens: {counties}", counties=never))
        if services and not any(c not in openings or openings[c].value == 0 for c in services):
            faults.append(
                Message("must leave a service open at the start of recruitment, and none opens at 0")
            )
        if faults:
            raise ValueError(chained(faults, _("{first}; {rest}")))
        return openings

    def _opening(self, county: str) -> float:
        return self.openings[county].value if county in self.openings else 0.0

    @property
    def n_services(self) -> int:
        """The number of services, at least 1."""
        return max(1, round(sum(size.value for size in self.services.values())))

    @property
    def service_table(self) -> ServiceTable:
        """County and opening of each service."""
        sizes = [int(size.value) for size in self.services.values()] or [1]
        opening = [self._opening(county) for county in self.services] or [0.0]
        names = tuple(self.services) or ("",)
        return ServiceTable(names, np.repeat(np.arange(len(sizes)), sizes), np.repeat(opening, sizes))

    def draw_services(self, shape: tuple[int, int], rng: np.random.Generator) -> IntArray:
        """Spread participants (R, N) evenly over the services then open; all 0 without services.

        The participant in position i of N arrives when the share i / N of recruitment is over.
        """
        if self.n_services == 1:
            return np.zeros(shape, dtype=np.int32)
        opening = self.service_table.opening
        if not opening.any():
            return rng.integers(self.n_services, size=shape, dtype=np.int32)
        in_order = np.argsort(opening, kind="stable").astype(np.int32)
        n_open = np.searchsorted(opening[in_order], np.arange(shape[1]) / shape[1], side="right")
        return in_order[rng.integers(n_open, size=shape)]
