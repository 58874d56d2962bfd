"""Which of the three routes a scenario can take."""

from __future__ import annotations

from typing import Literal, get_args

from ipsrct._message import Message
from ipsrct.engine import why_no_counts
from ipsrct.errors import NotAvailableError, listed
from ipsrct.exact import why_not_exact, why_unavailable
from ipsrct.scenario import Scenario

Route = Literal["exact", "counts", "individual"]
ROUTES: tuple[Route, ...] = get_args(Route)


def why_not(scenario: Scenario, route: Route) -> str:
    """Return why a route is not valid for any part of a scenario, or an empty string."""
    if route == "exact":
        return why_unavailable(scenario)
    return why_no_counts(scenario) if route == "counts" else ""


def choose_route(scenario: Scenario, wanted: str | None = None) -> Route:
    """Return the cheapest route that covers the whole scenario, or the wanted one if it is valid.

    Raises
    ------
    NotAvailableError
        If the wanted route does not exist or covers no part of the scenario.
    """
    if wanted is not None:
        if wanted not in ROUTES:
            choices = listed(wanted, Message("routes"), ROUTES)
            raise NotAvailableError(Message('"{name}" is not a route{choices}', name=wanted, choices=choices))
        reason = why_not(scenario, wanted)
        if reason:
            raise NotAvailableError(
                Message("the {route} route is not valid here: {reason}", route=wanted, reason=reason)
            )
        return wanted
    if not why_not_exact(scenario):
        return "exact"
    return "individual" if why_not(scenario, "counts") else "counts"
