"""A number in a scenario that remembers where it comes from."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)

from ipsrct._message import Message, _, joined, said_by
from ipsrct.errors import EvidenceError
from ipsrct.evidence.published import evidence
from ipsrct.evidence.value import PublishedValue

EVIDENCE_PREFIX = "@evidence."
_LARGEST_SIZE = 1e12
_NOT_JUSTIFIED = "no reason given"
_UNITS = (
    *(_("proportion"), _("percent"), _("percentage_points"), _("count"), _("persons"), _("participants")),
    *(_("services"), _("days"), _("weeks"), _("months"), _("years")),
)


class Quantity(BaseModel):
    """A number, its plausible range, and its source or the reason for assuming it.

    In a scenario file it is written as a number, as ``"@evidence.ID"``, or as a table with ``value``,
    ``low``, ``high`` and either ``evidence`` (ids) or ``assumed`` (a reason), or both where an
    assumption leans on evidence. Published percentages and percentage points become proportions.

    Attributes
    ----------
    value : float
        The number; a share is a proportion, never a percentage.
    low, high : float or None
        The range that sensitivity analyses use.
    evidence : tuple of str
        Ids in :data:`ipsrct.evidence.evidence`.
    assumed : str
        Why the value is assumed; empty where the evidence states it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: float = Field(allow_inf_nan=False)
    low: float | None = Field(default=None, allow_inf_nan=False)
    high: float | None = Field(default=None, allow_inf_nan=False)
    evidence: tuple[str, ...] = ()
    assumed: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_short_forms(cls, given: Any) -> Any:
        if isinstance(given, str) and given.startswith(EVIDENCE_PREFIX):
            given = {"evidence": [given.removeprefix(EVIDENCE_PREFIX)]}
        elif isinstance(given, str):
            comma = re.fullmatch(r"-?\d+,\d+", given)
            raise ValueError(
                Message(
                    'must be a number, "{prefix}ID" or a table, got "{given}"{hint}',
                    prefix=EVIDENCE_PREFIX,
                    given=given,
                    hint=Message("; write a decimal point, not a comma") if comma else "",
                )
            )
        elif isinstance(given, (int, float)) and not isinstance(given, bool):
            given = {"value": given, "assumed": _NOT_JUSTIFIED}
        if isinstance(given, dict) and given.get("evidence"):
            return _with_evidence(given)
        if isinstance(given, dict) and not str(given.get("assumed", "")).strip():
            raise ValueError(Message('must name its "evidence" (ids) or say "assumed" with a reason'))
        return given

    @model_validator(mode="after")
    def _range_holds_value(self) -> Quantity:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            raise ValueError(
                Message(
                    "must have low <= value <= high, got {low}, {value}, {high}{hint}",
                    low=f"{low:g}",
                    value=f"{self.value:g}",
                    high=f"{high:g}",
                    hint=_hint(self.value) if high <= 1 else "",
                )
            )
        return self

    @property
    def is_justified(self) -> bool:
        """Whether a source or a reason was given."""
        return bool(self.evidence) or self.assumed != _NOT_JUSTIFIED

    def origin(self) -> str:
        """Return the sources or the reason in words."""
        cited = ((key, evidence[key].source.words()) for key in self.evidence)
        sources = joined((Message("{id} ({source})", id=key, source=source) for key, source in cited), "; ")
        if not self.assumed:
            return sources
        if not sources:
            return Message("assumed: {reason}", reason=self.assumed)
        return Message("assumed: {reason} [based on {sources}]", reason=self.assumed, sources=sources)


def _with_evidence(given: dict[str, Any]) -> dict[str, Any]:
    """Check the ids; fill value and range from the first where the scenario gives no value."""
    given = dict(given)
    ids = [given["evidence"]] if isinstance(given["evidence"], str) else given["evidence"]
    if not isinstance(ids, list) or not all(isinstance(key, str) for key in ids):
        raise ValueError(Message("evidence must be an id or a list of ids, got {given}", given=str(ids)))
    try:
        values = [evidence[key] for key in ids]
    except EvidenceError as error:
        raise ValueError(said_by(error)) from None
    given["evidence"] = tuple(ids)
    if "value" not in given:
        given = {**_as_proportions(values[0]), **given}
    elif not str(given.get("assumed", "")).strip() and not _states(values[0], given["value"]):
        raise ValueError(
            Message(
                'is not what {id} states ({stated}); leave "value" out or say "assumed" with a reason',
                id=ids[0],
                stated=_stated(values[0]),
            )
        )
    return given


def _as_proportions(published: PublishedValue) -> dict[str, Any]:
    if isinstance(published.value, bool) or not isinstance(published.value, (int, float)):
        raise ValueError(
            Message(
                '{id} states {stated}; give "value" and say "assumed" with a reason',
                id=published.id,
                stated=_stated(published),
            )
        )
    scale = 0.01 if published.unit.startswith("percent") else 1.0
    numbers = {"value": published.value, "low": published.low, "high": published.high}
    return {key: number * scale for key, number in numbers.items() if number is not None}


def _stated(published: PublishedValue) -> str:
    if isinstance(published.value, (int, float)) and not isinstance(published.value, bool):
        return Message("{value} {unit}", value=published.value, unit=_unit(published))
    if published.low is not None and published.high is not None:
        return Message(
            "only the range {low} to {high} {unit}",
            low=published.low,
            high=published.high,
            unit=_unit(published),
        )
    return Message("no single number")


def _unit(published: PublishedValue) -> str:
    return Message(published.unit) if published.unit in _UNITS else published.unit


def _states(published: PublishedValue, value: object) -> bool:
    try:
        stated = _as_proportions(published)["value"]
        return isinstance(value, (int, float)) and math.isclose(stated, value, rel_tol=1e-9, abs_tol=1e-12)
    except (ValueError, OverflowError):
        return False


def _hint(number: float) -> str:
    """Return what a percentage would be as a proportion, or an empty string."""
    return Message("; write {number}", number=f"{number / 100:g}") if 1 < abs(number) <= 100 else ""


def _check_proportion(quantity: Quantity) -> Quantity:
    for name, number in (("value", quantity.value), ("low", quantity.low), ("high", quantity.high)):
        if number is not None and not 0 <= number <= 1:
            message = Message(
                "{key} must be between 0 and 1, got {given}{hint}",
                key=name,
                given=f"{number:g}",
                hint=_hint(number) if number > 0 else "",
            )
            raise ValueError(message)
    return quantity


def _check_difference(quantity: Quantity) -> Quantity:
    for name, number in (("value", quantity.value), ("low", quantity.low), ("high", quantity.high)):
        if number is not None and not -1 <= number <= 1:
            message = Message(
                "{key} must be between -1 and 1, got {given}{hint}",
                key=name,
                given=f"{number:g}",
                hint=_hint(number),
            )
            raise ValueError(message)
    return quantity


def _check_size(quantity: Quantity) -> Quantity:
    for number in (quantity.value, quantity.low, quantity.high):
        if number is not None and number <= 0:
            raise ValueError(Message("must be above 0, got {given}", given=f"{number:g}"))
        if number is not None and number > _LARGEST_SIZE:
            most, given = f"{_LARGEST_SIZE:g}", f"{number:g}"
            raise ValueError(Message("must be at most {most}, got {given}", most=most, given=given))
    return quantity


def _check_amount(quantity: Quantity) -> Quantity:
    for number in (quantity.value, quantity.low, quantity.high):
        if number is not None and not 0 <= number <= _LARGEST_SIZE:
            most, given = f"{_LARGEST_SIZE:g}", f"{number:g}"
            raise ValueError(Message("must be between 0 and {most}, got {given}", most=most, given=given))
    return quantity


_SCHEMA = {
    "anyOf": [
        {"type": "number"},
        {"type": "array", "items": {"type": "number"}, "minItems": 1},
        {"type": "string", "pattern": "^@evidence\\..+"},
        {
            "type": "object",
            "properties": {
                "value": {"anyOf": [{"type": "number"}, {"type": "array", "items": {"type": "number"}}]},
                "low": {"type": "number"},
                "high": {"type": "number"},
                "evidence": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
                "assumed": {"type": "string"},
            },
            "additionalProperties": False,
        },
    ]
}

Proportion = Annotated[Quantity, AfterValidator(_check_proportion), WithJsonSchema(_SCHEMA)]
Difference = Annotated[Quantity, AfterValidator(_check_difference), WithJsonSchema(_SCHEMA)]
Size = Annotated[Quantity, AfterValidator(_check_size), WithJsonSchema(_SCHEMA)]
Amount = Annotated[Quantity, AfterValidator(_check_amount), WithJsonSchema(_SCHEMA)]
