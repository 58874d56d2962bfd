"""What schemes have in common."""

from __future__ import annotations

from math import gcd, prod

from ipsrct._parts import Part
from ipsrct._service_table import ServiceTable
from ipsrct.trial import SERVICE, CellTable


class Scheme(Part):
    """A scheme without strata that gives any allocation; a kind says where it differs."""

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors within whose strata the scheme balances."""
        return ()

    @property
    def control_is_last(self) -> bool:
        """Whether the control arm must be listed last."""
        return False

    def why_not_weights(self, weights: tuple[int, ...]) -> str:  # noqa: ARG002 - kinds that differ use it
        """Return why the scheme cannot give these allocation weights, or an empty string."""
        return ""

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:  # noqa: ARG002
        """Return why the scheme cannot randomise in these services, or an empty string."""
        return ""

    def n_strata(self, cells: CellTable, services: ServiceTable) -> int:
        """Return the number of strata among which participants are spread."""
        return prod(n_levels(name, cells, services) for name in self.strata_factors)


def n_levels(factor: str, cells: CellTable, services: ServiceTable) -> int:
    """Return the number of levels of a factor, which may be ``service``."""
    if factor == SERVICE:
        return services.size
    return len(cells.levels[cells.factors.index(factor)])


def reduced(weights: tuple[int, ...]) -> tuple[int, ...]:
    """Return the same allocation in the smallest whole numbers: 4 and 2 are 2 and 1."""
    divisor = gcd(*weights)
    return tuple(weight // divisor for weight in weights)
