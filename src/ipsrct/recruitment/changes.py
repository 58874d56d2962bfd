"""What could be otherwise in a recruitment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ipsrct._message import Message
from ipsrct.evidence import Quantity
from ipsrct.recruitment.plan import Recruitment


def changes(plan: Recruitment) -> Iterator[tuple[str, float | None, Message, dict[str, Any]]]:
    """Yield key, value, both in words, and the change of the plan."""
    yield "as_assumed", None, Message("as assumed"), {}
    for end in _other_ends(plan.consent):
        yield "consent", end.value, Message("consent {share:.0%}", share=end.value), {"consent": end}
    for end in _other_ends(plan.starts_per_month):
        label = Message("{starts:g} starts a month", starts=end.value)
        yield "starts_per_month", end.value, label, {"starts_per_month": end}
    other = 18 if plan.minimum_age == 16 else 16
    yield "minimum_age", other, Message("{age} years and over", age=other), {"minimum_age": other}
    at_once: dict[str, Any] = {
        "services_opening_per_month": Quantity(value=1e6, assumed="at once"),
        "ramp_up_months": Quantity(value=0, assumed="at once"),
    }
    yield "at_once", None, Message("all services open at once at their full rate"), at_once


def _other_ends(quantity: Quantity) -> list[Quantity]:
    """Return the quantity at the ends of its range."""
    ends = (quantity.low, quantity.high)
    return [
        quantity.model_copy(update={"value": end})
        for end in ends
        if end is not None and end != quantity.value
    ]
