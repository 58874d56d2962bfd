"""The results that a report shows, read by path so that every number knows where it stands."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ipsrct.findings.texts import message
from ipsrct.report.text import Estimate, Item, Month, Number, Quoted, t, two_significant


@dataclass(frozen=True)
class Node:
    """A place in the results.

    Attributes
    ----------
    value : object
        What stands there: a table, a list, a number, a word or nothing.
    pointer : str
        A JSON pointer (RFC 6901) to it.
    texts : mapping
        How texts around here were made: the table ``texts`` of the nearest document.
    """

    value: Any
    pointer: str = ""
    texts: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.value, Mapping) and "texts" in self.value:
            object.__setattr__(self, "texts", self.value["texts"])

    def __getitem__(self, key: str | int) -> Node:
        escaped = str(key).replace("~", "~0").replace("/", "~1")
        return Node(self.value[key], f"{self.pointer}/{escaped}", self.texts)

    def __contains__(self, key: object) -> bool:
        return key in self.value

    def __bool__(self) -> bool:
        return bool(self.value)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Node]:
        return (self[i] for i in range(len(self.value)))

    def items(self) -> Iterator[tuple[str, Node]]:
        """Yield the keys of a table with what stands there."""
        return ((key, self[key]) for key in self.value)

    def rows(self, **fields: Any) -> list[Node]:
        """Return the rows of a list whose fields have these values."""
        return [row for row in self if all(row.value.get(k) == v for k, v in fields.items())]

    def row(self, **fields: Any) -> Node:
        """Return the first row whose fields have these values.

        Raises
        ------
        KeyError
            If there is none.
        """
        found = self.rows(**fields)
        if not found:
            raise KeyError(f"{self.pointer}: no row with {fields}")
        return found[0]

    def count(self) -> Number:
        """Return a whole number."""
        return Number(self.pointer, self.value)

    def decimal(self, digits: int = 1, error: Node | None = None, *, scale: float = 1) -> Number | Estimate:
        """Return a number with so many decimals; with its Monte Carlo standard error if one is given.

        With an error, no more decimals are shown than it supports: none finer than its first digit.
        """
        if error is None:
            return Number(self.pointer, self.value, scale, digits)
        return self._estimate(digits, error, scale, percent=False)

    def significant(self, scale: float = 1) -> Number:
        """Return a number with two significant digits."""
        return Number(self.pointer, self.value, scale, two_significant(self.value, scale))

    def percent(self, digits: int = 1, error: Node | None = None) -> Number | Estimate:
        """Return a share in per cent, or a difference of shares in percentage points, without a sign."""
        return self.decimal(digits, error, scale=100)

    def share(self, digits: int = 1, error: Node | None = None) -> Number | Estimate:
        """Return a share in per cent, with the sign."""
        if error is None:
            return Number(self.pointer, self.value, 100, digits, percent=True)
        return self._estimate(digits, error, 100, percent=True)

    def given(self, scale: float = 1, *, percent: bool = False) -> Number:
        """Return a number with the decimals that it was given, at most four."""
        digits = 0
        while digits < 4 and not math.isclose(
            scale * self.value, round(scale * self.value, digits), rel_tol=1e-9, abs_tol=1e-9
        ):
            digits += 1
        return Number(self.pointer, self.value, scale, digits, percent)

    def _estimate(self, digits: int, error: Node, scale: float, *, percent: bool) -> Estimate:
        spread, width = error.value, abs(scale)
        if spread and math.isfinite(spread):
            digits = min(digits, max(-math.floor(math.log10(width * spread)), 0))
        shown = two_significant(spread, width)
        return Estimate(
            Number(self.pointer, self.value, scale, digits, percent),
            Number(error.pointer, spread, width, shown),
        )

    def as_written(self) -> Item:
        """Return a value of a scenario: a number with the decimals that it has, a word, yes or no."""
        if isinstance(self.value, bool):
            return t("yes") if self.value else t("no")
        if isinstance(self.value, str):
            return Quoted(self.value.replace("_", " "))
        digits = max(-int(Decimal(repr(self.value)).normalize().as_tuple().exponent), 0)
        return Number(self.pointer, self.value, digits=digits)

    def month(self) -> Month:
        """Return a month such as ``2027-01``."""
        return Month(self.pointer, self.value)

    def quoted(self) -> Quoted:
        """Return somebody's words, or a text of a computation, to be said in a language."""
        return Quoted(message(self.value, self.texts))
