"""Text of the report before it has a language: sentences with numbers that know where they come from."""

from __future__ import annotations

import math
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ipsrct._language import Language


@dataclass(frozen=True)
class Number:
    """A number of the results.

    Attributes
    ----------
    pointer : str
        Where it stands in the results, a JSON pointer (RFC 6901).
    value : float or None
        As it stands there.
    scale : float
        What it is multiplied by when shown, 100 for a share in per cent.
    digits : int
        Decimals shown.
    percent : bool
        Whether a percent sign follows.
    """

    pointer: str
    value: float | None
    scale: float = 1
    digits: int = 0
    percent: bool = False

    def show(self, language: Language) -> str:
        """Return the number as it is read."""
        scaled = None if self.value is None else self.scale * self.value
        return language.number(scaled, self.digits, percent=self.percent)


@dataclass(frozen=True)
class Estimate:
    """A simulated number with its Monte Carlo standard error in brackets; without brackets if exact."""

    number: Number
    error: Number


@dataclass(frozen=True)
class Month:
    """A month of the results, such as ``2027-01``."""

    pointer: str
    value: str


@dataclass(frozen=True)
class Quoted:
    """Somebody's words, such as a scenario's: translated if the catalogue has them, else as they are.

    A message is said with its values.
    """

    text: str


@dataclass(frozen=True)
class Link:
    """A reference to a section, shown as its title."""

    section: str


@dataclass(frozen=True)
class Text:
    """A text with named placeholders, and what stands in them."""

    template: str
    values: Mapping[str, Item] = field(default_factory=dict)


@dataclass(frozen=True)
class Joined:
    """Items one after the other, with a separator that every language writes alike."""

    items: tuple[Item, ...]
    separator: str = ", "


# A plain string is a name that no language changes: a path, an identifier, a title of a publication.
Item = Text | Number | Estimate | Month | Quoted | Link | Joined | str


def t(template: str, /, **values: Item) -> Text:
    """Return a text; the template must be a literal, since the catalogues are extracted from the calls."""
    return Text(template, values)


def sentences(*items: Item) -> Text:
    """Return sentences as one text."""
    return Text("{all}", {"all": Joined(items, " ")})


@dataclass(frozen=True)
class Fragment:
    """A piece of shown text; ``item`` is the number, month, quotation or link that it shows, if any."""

    text: str
    item: Number | Month | Quoted | Link | None = None


# What is left of an item when texts and lists are taken apart.
Leaf = Number | Estimate | Month | Quoted | Link | str


def leaves(item: Item, language: Language) -> Iterator[Leaf]:
    """Yield what an item is put together from, in the order in which a language shows it."""
    if isinstance(item, Joined):
        for i, part in enumerate(item.items):
            if i:
                yield item.separator
            yield from leaves(part, language)
    elif isinstance(item, Text):
        for literal, name, _, _ in string.Formatter().parse(language.translate(item.template)):
            if literal:
                yield literal
            if name is not None:
                yield from leaves(item.values[name], language)
    else:
        yield item


def fragments(item: Item, language: Language) -> Iterator[Fragment]:
    """Yield the pieces of an item in a language.

    A link's text is its section's identifier; each format puts the title there.
    """
    for leaf in leaves(item, language):
        if isinstance(leaf, str):
            yield Fragment(leaf)
        elif isinstance(leaf, Number):
            yield Fragment(leaf.show(language), leaf)
        elif isinstance(leaf, Month):
            yield Fragment(language.month(leaf.value), leaf)
        elif isinstance(leaf, Quoted):
            yield Fragment(language.say(leaf.text, names=True), leaf)
        elif isinstance(leaf, Link):
            yield Fragment(leaf.section, leaf)
        else:
            yield from _estimate(leaf, language)


def _estimate(estimate: Estimate, language: Language) -> Iterator[Fragment]:
    yield from fragments(estimate.number, language)
    error = estimate.error.value
    if estimate.number.value is not None and error is not None and error > 0:
        yield Fragment(" (")
        yield from fragments(estimate.error, language)
        yield Fragment(")")


def two_significant(value: float | None, scale: float) -> int:
    """Return how many decimals show two significant digits of a scaled value; at most six."""
    if value is None or not value or not math.isfinite(value):
        return 0
    return min(max(1 - math.floor(math.log10(abs(scale * value))), 0), 6)


def plain(item: Item, language: Language) -> str:
    """Return an item as plain text."""
    return "".join(fragment.text for fragment in fragments(item, language))
