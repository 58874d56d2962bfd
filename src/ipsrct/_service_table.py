"""Services as a trial knows them: their counties, and when they open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ServiceTable:
    """The services that participants may belong to; a single one where they are not modelled.

    Attributes
    ----------
    counties : tuple of str
        Names.
    county : int array (S,)
        Index of each service's county.
    opening : float array (S,)
        The share of recruitment, 0 to below 1, after which each service opens.
    """

    counties: tuple[str, ...]
    county: NDArray[np.integer[Any]]
    opening: NDArray[np.float64]

    @property
    def size(self) -> int:
        """The number of services, S."""
        return len(self.county)

    @property
    def names(self) -> tuple[str, ...]:
        """County and number of each service, in the order of their index; empty without services."""
        if not any(self.counties):
            return ()
        first = np.searchsorted(self.county, self.county)
        return tuple(
            f"{self.counties[c]}_{i - start + 1}"
            for i, (c, start) in enumerate(zip(self.county, first, strict=True))
        )


NO_SERVICES = ServiceTable(("",), np.zeros(1, dtype=np.intp), np.zeros(1))
