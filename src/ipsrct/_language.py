"""The two languages: catalogues, numbers and dates.

The English text is the key of the Bokmål catalogues, ``locale/nb/*.po``, which are read as they are.
"""

from __future__ import annotations

import math
import string
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from ipsrct._message import Message

Code = Literal["en", "nb"]
LANGUAGES: tuple[Code, ...] = ("en", "nb")
NO_VALUE = "\N{EN DASH}"
_MARKS: dict[Code, dict[int, str]] = {
    "en": {},
    "nb": str.maketrans(
        {",": "\N{NO-BREAK SPACE}", ".": ",", "%": "\N{NO-BREAK SPACE}%", "-": "\N{MINUS SIGN}"}
    ),
}


@dataclass(frozen=True)
class Language:
    """A language with its catalogue.

    Attributes
    ----------
    code : {"en", "nb"}
        An ISO 639 code.
    catalogue : mapping of str to str
        From English; empty for English.
    """

    code: Code
    catalogue: Mapping[str, str]

    def knows(self, text: str) -> bool:
        """Return whether a text exists in this language."""
        return self.code == "en" or text in self.catalogue

    def translate(self, text: str) -> str:
        """Return a text in this language; in English where the catalogue does not have it.

        Names are found without the underscores that some places write them with.
        """
        return self.catalogue.get(text) or self.catalogue.get(text.replace("_", " "), text)

    def say(self, text: str, *, names: bool = False) -> str:
        """Return a text in this language, messages with their values.

        Parameters
        ----------
        text : str
        names : bool
            Whether plain strings among the values are names, said too; a file's words stay as they are.
        """
        if not isinstance(text, Message):
            return self.translate(text)
        values = {
            key: self.say(value, names=names)
            if (names and isinstance(value, str)) or isinstance(value, Message)
            else value
            for key, value in text.values.items()
        }
        return _Formatter(self.code).vformat(self.translate(text.template), (), values)

    def number(self, value: float | None, digits: int = 0, *, percent: bool = False) -> str:
        """Return a number with a fixed number of decimals; a dash where there is none.

        Parameters
        ----------
        value : float or None
        digits : int
            Decimals.
        percent : bool
            Whether a percent sign follows; the value is in per cent already.
        """
        if value is None or math.isnan(value):
            return NO_VALUE
        from babel.numbers import format_decimal

        pattern = "#,##0" + ("." + "0" * digits if digits else "")
        rounded = round(value, digits) + 0.0  # adding 0.0 turns -0.0 into 0.0
        text = format_decimal(rounded, format=pattern, locale=self.code).replace("-", "\N{MINUS SIGN}")
        sign = {"en": "%", "nb": "\N{NO-BREAK SPACE}%"}[self.code]
        return text + sign if percent else text

    def month(self, month: str) -> str:
        """Return a month such as ``2027-01`` in words."""
        from datetime import date

        from babel.dates import format_date

        return format_date(date.fromisoformat(f"{month}-01"), "MMMM y", locale=self.code)

    def date(self, day: str) -> str:
        """Return a day such as ``2027-01-31`` in words."""
        from datetime import date

        from babel.dates import format_date

        locale = "en_GB" if self.code == "en" else self.code
        return format_date(date.fromisoformat(day), "long", locale=locale)


class _Formatter(string.Formatter):
    """Formats numbers with the marks of a language."""

    def __init__(self, code: Code) -> None:
        self._marks = _MARKS[code]

    def format_field(self, value: object, format_spec: str) -> str:
        text = format(value, format_spec)
        return text.translate(self._marks) if isinstance(value, (int, float)) else text


@cache
def language(code: Code) -> Language:
    """Return a language, with every catalogue that the package ships for it."""
    return Language(code, {} if code == "en" else _catalogue(code))


def _catalogue(code: Code) -> dict[str, str]:
    from babel.messages.pofile import read_po

    found: dict[str, str] = {}
    for file in sorted(files("ipsrct").joinpath("locale", code).iterdir(), key=lambda f: f.name):
        with file.open("rb") as stream:
            for entry in read_po(stream):
                if entry.id and entry.string and not entry.fuzzy:
                    found[str(entry.id)] = str(entry.string)
    return found
