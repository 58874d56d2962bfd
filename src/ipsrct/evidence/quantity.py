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

from ipsrct._message import Message, joined
from ipsrct.errors import EvidenceError
from ipsrct.evidence.published import evidence
from ipsrct.evidence.value import PublishedValue

EVIDENCE_PREFIX = "@evidence."
_LARGEST_SIZE = 1e12
_NOT_JUSTIFIED = "no reason given"


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
            hint = "; write a decimal point, not a comma" if re.fullmatch(r"-?\d+,\d+", given) else ""
            raise ValueError(f'must be a number, "{EVIDENCE_PREFIX}ID" or a table, got "{given}"{hint}')
        elif isinstance(given, (int, float)) and not isinstance(given, bool):
            given = {"value": given, "assumed": _NOT_JUSTIFIED}
        if isinstance(given, dict) and given.get("evidence"):
            return _with_evidence(given)
        if isinstance(given, dict) and not str(given.get("assumed", "")).strip():
            raise ValueError('must name its "evidence" (ids) or say "assumed" with a reason')
        return given

    @model_validator(mode="after")
    def _range_holds_value(self) -> Quantity:
        low = self.value if self.low is None else self.low
        high = self.value if self.high is None else self.high
        if not low <= self.value <= high:
            hint = f"; write {self.value / 100:g}" if high <= 1 < self.value <= 100 else ""
            raise ValueError(f"must have low <= value <= high, got {low:g}, {self.value:g}, {high:g}{hint}")
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
        raise ValueError(f"evidence must be an id or a list of ids, got {ids}")
    try:
        values = [evidence[key] for key in ids]
    except EvidenceError as error:
        raise ValueError(str(error)) from None
    given["evidence"] = tuple(ids)
    if "value" not in given:
        given = {**_as_proportions(values[0]), **given}
    elif not str(given.get("assumed", "")).strip() and not _states(values[0], given["value"]):
        raise ValueError(
            f"is not what {ids[0]} states ({_stated(values[0])}); "
            'leave "value" out or say "assumed" with a reason'
        )
    return given


def _as_proportions(published: PublishedValue) -> dict[str, Any]:
    if isinstance(published.value, bool) or not isinstance(published.value, (int, float)):
        stated = _stated(published)
        raise ValueError(f'{published.id} states {stated}; give "value" and say "assumed" with a reason')
    scale = 0.01 if published.unit.startswith("percent") else 1.0
    numbers = {"value": published.value, "low": published.low, "high": published.high}
    return {key: number * scale for key, number in numbers.items() if number is not None}


def _stated(published: PublishedValue) -> str:
    if isinstance(published.value, (int, float)) and not isinstance(published.value, bool):
        return f"{published.value} {published.unit}"
    if published.low is not None and published.high is not None:
        return f"only the range {published.low} to {published.high} {published.unit}"
    return "no single number"


def _states(published: PublishedValue, value: object) -> bool:
    try:
        stated = _as_proportions(published)["value"]
        return isinstance(value, (int, float)) and math.isclose(stated, value, rel_tol=1e-9, abs_tol=1e-12)
    except (ValueError, OverflowError):
        return False


def _check_proportion(quantity: Quantity) -> Quantity:
    for name, number in (("value", quantity.value), ("low", quantity.low), ("high", quantity.high)):
        if number is not None and not 0 <= number <= 1:
            hint = f"; write {number / 100:g}" if 1 < number <= 100 else ""
            raise ValueError(f"{name} must be between 0 and 1, got {number:g}{hint}")
    return quantity


def _check_difference(quantity: Quantity) -> Quantity:
    for name, number in (("value", quantity.value), ("low", quantity.low), ("high", quantity.high)):
        if number is not None and not -1 <= number <= 1:
            hint = f"; write {number / 100:g}" if 1 < abs(number) <= 100 else ""
            raise ValueError(f"{name} must be between -1 and 1, got {number:g}{hint}")
    return quantity


def _check_size(quantity: Quantity) -> Quantity:
    for number in (quantity.value, quantity.low, quantity.high):
        if number is not None and number <= 0:
            raise ValueError(f"must be above 0, got {number:g}")
        if number is not None and number > _LARGEST_SIZE:
            raise ValueError(f"must be at most {_LARGEST_SIZE:g}, got {number:g}")
    return quantity


def _check_amount(quantity: Quantity) -> Quantity:
    for number in (quantity.value, quantity.low, quantity.high):
        if number is not None and not 0 <= number <= _LARGEST_SIZE:
            raise ValueError(f"must be between 0 and {_LARGEST_SIZE:g}, got {number:g}")
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
