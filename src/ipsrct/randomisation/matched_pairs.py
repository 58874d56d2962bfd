"""Matched pairs of services."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct._message import Message, _
from ipsrct._service_table import ServiceTable
from ipsrct.randomisation._scheme import Scheme, why_not_two_equal
from ipsrct.randomisation._units import shares, why_no_units
from ipsrct.trial import Assignment, Cohort, IntArray


class MatchedPairs(Scheme):
    """Services in pairs, one of each pair in each arm by the toss of a coin.

    See Imai, King and Nall, Statistical Science 2009;24:29-53.

    Attributes
    ----------
    pairs_by : {"expected_size", "county"}
        ``expected_size``: services next to each other in the order of their expected number of
        participants, which falls with the time of opening. ``county``: services of the same county.
    """

    kind: Literal["matched_pairs"]
    pairs_by: Literal["expected_size", "county"] = "expected_size"

    @property
    def randomised_unit(self) -> str:
        """One of each pair."""
        return "service"

    def why_not_weights(self, weights: tuple[int, ...]) -> str:
        """Return that pairs are for two equal arms, or an empty string."""
        return why_not_two_equal(weights)

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:  # noqa: ARG002
        """Return why services cannot be paired, or an empty string."""
        n_services = services.size
        if n_services % 2 and n_services > 1 and self.pairs_by == "expected_size":
            return Message("needs an even number of services, got {n}", n=n_services)
        if n_services > 1 and self.pairs_by == "county":
            sizes = np.bincount(services.county)
            odd = [
                f"{county} ({size})"
                for county, size in zip(services.counties, sizes, strict=True)
                if size % 2
            ]
            if odd:
                return Message(
                    "needs an even number of services in each county; odd in {counties}",
                    counties=", ".join(odd),
                )
        template = _("needs at least {needed} services for a pair, got {given}")
        return why_no_units(n_services, services, 2, template)

    def _paired(self, services: ServiceTable) -> IntArray:
        """Return the services, partners next to each other."""
        by_size = self.pairs_by == "expected_size"
        return np.argsort(services.opening if by_size else services.county, kind="stable")

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Give every participant the arm of the service."""
        in_order = self._paired(cohort.services)
        first = rng.integers(2, size=(len(cohort.cell), len(in_order) // 2), dtype=np.int8)
        by_service = np.empty((len(cohort.cell), len(in_order)), dtype=np.int8)
        by_service[:, in_order[::2]], by_service[:, in_order[1::2]] = first, 1 - first
        arm = np.take_along_axis(by_service, cohort.service.astype(np.intp), axis=1)
        return Assignment(arm, shares(weights, cohort.cell.shape[1]))
