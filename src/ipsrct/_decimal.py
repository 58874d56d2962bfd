"""Numbers as they are typed on the command line, with a decimal point or a decimal comma.

A comma between digits may be a decimal comma, or separate thousands or the items of a list. What can be read
in two ways is refused, with the words to write instead.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import click

from ipsrct._message import Message, said_by

_WITH_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_PERHAPS_THOUSANDS = re.compile(r"[+-]?[1-9]\d*,\d{3,}")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3}){2,}")
_LIST_OF_NUMBERS = re.compile(r"\[[\d\s,.+-]*\]")
_LIST_WITH_SEMICOLONS = re.compile(r"\[[^;\"']*;[^\"']*\]")
# A whole number, and after nothing but a comma another.
_TIGHT = re.compile(r"(?<![\d.])(\d+)(?=,\d+(?![\d.]))")


def with_point(text: str) -> str:
    """Return a number with a decimal point in place of a decimal comma; any other text as it is.

    Raises
    ------
    ValueError
        If the comma may separate thousands.
    """
    text = text.strip()
    if _THOUSANDS.fullmatch(text):
        whole = text.replace(",", "")
        raise ValueError(
            Message('must be written without commas, {whole}, got "{given}"', whole=whole, given=text)
        )
    if _PERHAPS_THOUSANDS.fullmatch(text):
        raise ValueError(
            Message(
                'can be read in two ways, got "{given}": write {decimal} or {whole}',
                given=text,
                decimal=text.replace(",", "."),
                whole=text.replace(",", ""),
            )
        )
    return text.replace(",", ".") if _WITH_COMMA.fullmatch(text) else text


def toml_value(text: str) -> object:
    """Return a value written as in TOML, or with decimal commas; anything else is a string.

    Lists with decimal commas have semicolons between their numbers, as in ``[0,48; 0,5]``.

    Raises
    ------
    ValueError
        If a comma can be read in two ways.
    """
    text = text.strip()
    tight = _TIGHT.findall(text) if _LIST_OF_NUMBERS.fullmatch(text) else []
    if "0" in tight or (tight and re.search(r",\s", text)):
        raise ValueError(
            Message(
                "can be read in two ways, got {given}: write [0.48, 0.5] or [0,48; 0,5] for decimals, and "
                "[0, 48] with a space after every comma for whole numbers",
                given=text,
            )
        )
    for written in (text, _with_points(text)):
        try:
            return tomllib.loads(f"value = {written}")["value"]
        except (ValueError, RecursionError):
            continue
    return text


def _with_points(text: str) -> str:
    if _LIST_WITH_SEMICOLONS.fullmatch(text):
        return f"[{', '.join(with_point(item) for item in text[1:-1].split(';') if item.strip())}]"
    return with_point(text)


def numbers(text: str) -> tuple[float, ...]:
    """Return the numbers of ``0.8,0.9`` or ``0,8;0,9``; a single one may have a decimal comma.

    Raises
    ------
    ValueError
        If an item is not a number, or commas can be read in two ways.
    """
    if ";" in text:
        return tuple(float(with_point(item)) for item in text.split(";") if item.strip())
    items = with_point(text).split(",")
    if len(items) > 1 and not all("." in item for item in items):
        raise ValueError(
            Message('can be read in two ways, got "{given}": write 0.8,0.9 or 0,8;0,9', given=text)
        )
    return tuple(map(float, items))


class Decimal(click.FloatRange):
    """A number in a range that may be written with a decimal comma."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number."""
        try:
            point: Any = with_point(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(said_by(error), param, ctx)
        return super().convert(point, param, ctx)
