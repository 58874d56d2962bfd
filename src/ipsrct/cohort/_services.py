"""Services that participants belong to."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel, Field, model_validator

from ipsrct.errors import NotAvailableError
from ipsrct.evidence import Size
from ipsrct.trial import IntArray

_MOST_SERVICES = 10_000


class Services(BaseModel):
    """The key ``services`` of a cohort: services by county."""

    services: dict[str, Size] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _not_too_many(self) -> Services:
        if self.n_services > _MOST_SERVICES:
            raise ValueError(f"there must be at most {_MOST_SERVICES:,} services, got {self.n_services:,}")
        return self

    @property
    def n_services(self) -> int:
        """The number of services, at least 1."""
        return max(1, round(sum(size.value for size in self.services.values())))

    @property
    def service_names(self) -> tuple[str, ...]:
        """County and number of each service, in the order of their index; empty without services.

        Raises
        ------
        NotAvailableError
            If a county has a fraction of a service.
        """
        split = [county for county, size in self.services.items() if size.value % 1]
        if split:
            raise NotAvailableError(f"services need whole numbers by county to be named: {', '.join(split)}")
        sizes = self.services.items()
        return tuple(f"{county}_{i + 1}" for county, size in sizes for i in range(int(size.value)))

    def draw_services(self, shape: tuple[int, int], rng: np.random.Generator) -> IntArray:
        """Spread participants evenly over services; all 0 where services are not modelled."""
        if self.n_services == 1:
            return np.zeros(shape, dtype=np.int32)
        return rng.integers(self.n_services, size=shape, dtype=np.int32)
