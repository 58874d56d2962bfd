"""The inputs of a case, which notice what has been read, so that none is ignored by mistake."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar

from ipsrct.errors import NotAvailableError
from ipsrct.validation.cases import Case

Choice = TypeVar("Choice")

_SIDES: Mapping[str, Literal[1, 2]] = {
    "1": 1,
    "one_sided": 1,
    "greater": 1,
    "larger": 1,
    "upper": 1,
    "less": 1,
    "smaller": 1,
    "lower": 1,
    "2": 2,
    "two_sided": 2,
}

_DIRECTIONS: Mapping[str, Literal["greater", "less"]] = {
    "greater": "greater",
    "larger": "greater",
    "upper": "greater",
    "less": "less",
    "smaller": "less",
    "lower": "less",
}


class UnsupportedInputError(NotAvailableError):
    """A case has an input, or a combination of inputs, that is not understood."""


def plain(text: object) -> str:
    """Return a name in lower case, without remarks in brackets, words joined by underscores."""
    without_remarks = re.sub(r"\(.*?\)", " ", str(text)).lower()
    return re.sub(r"[^a-z0-9]+", "_", without_remarks).strip("_")


class Inputs(Mapping[str, Any]):
    """Inputs of a case by name.

    Parameters
    ----------
    case : Case
        The case; an input that is null counts as absent.

    Attributes
    ----------
    source : str
        Where the expected value was published; programs differ in their conventions.
    whole_numbers : bool
        Whether sizes are to be whole participants.
    """

    def __init__(self, case: Case) -> None:
        self.source = case.source
        self.whole_numbers = case.whole_numbers
        self._values = {key: value for key, value in case.inputs.items() if value is not None}
        self._read = {"note"}

    def __getitem__(self, key: str) -> Any:
        self._read.add(key)
        return self._values[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def unread(self) -> list[str]:
        """Return the inputs that nothing has asked for."""
        return sorted(set(self._values) - self._read)

    def set_aside(self, *keys: str) -> None:
        """Declare that inputs describe the case and cannot change the answer."""
        self._read.update(keys)

    def number(self, *keys: str, default: float | None = None) -> float:
        """Return the number under the first of the ``keys`` that is present."""
        for key in keys:
            if key in self._values:
                value = self[key]
                if isinstance(value, bool) or not isinstance(value, int | float):
                    raise UnsupportedInputError(f"{key} must be a number, got {value!r}")
                return float(value)
        if default is None:
            raise UnsupportedInputError(f"{' or '.join(keys)} is missing")
        return default

    def flag(self, *keys: str, default: bool) -> bool:
        """Return the truth value under the first of the ``keys`` that is present."""
        for key in keys:
            if key in self._values:
                value = self[key]
                if not isinstance(value, bool):
                    raise UnsupportedInputError(f"{key} must be true or false, got {value!r}")
                return value
        return default

    def choice(self, *keys: str, choices: Mapping[str, Choice], default: str | None = None) -> Choice:
        """Return the choice that the first present of the ``keys`` names."""
        named = next((self[key] for key in keys if key in self._values), default)
        if named is None:
            raise UnsupportedInputError(f"{' or '.join(keys)} is missing")
        if plain(named) not in choices:
            raise UnsupportedInputError(f"{keys[0]} {named!r} is not known; choices: {', '.join(choices)}")
        return choices[plain(named)]

    def sides(self, default: Literal[1, 2] = 2) -> Literal[1, 2]:
        """Return the number of sides of the test or interval."""
        keys = ("sided", "sides", "alternative", "direction", "interval_type")
        stated = {self.choice(key, choices=_SIDES) for key in keys if key in self._values}
        if len(stated) > 1:
            raise UnsupportedInputError(f"the number of sides is contradictory: {sorted(stated)}")
        return stated.pop() if stated else default

    def direction(self) -> Literal["greater", "less"] | None:
        """Return the side of the alternative, first arm against second, where the inputs name it."""
        named = [str(self[key]) for key in ("alternative", "alt", "direction") if key in self._values]
        return next((_DIRECTIONS[plain(name)] for name in named if plain(name) in _DIRECTIONS), None)

    def both_tails(self) -> bool:
        """Return whether a two-sided power counts rejections on the wrong side.

        Stated by ``both_tails`` (or R's ``strict``), else a convention of the program that the value is from:
        R's ``power.prop.test`` and JMP count one tail; PASS, Stata and the textbooks' calculators both.
        """
        one_tail = re.search(r"power\.prop\.test|\bJMP\b", self.source) is not None
        return self.flag("both_tails", "strict", default=not one_tail)
