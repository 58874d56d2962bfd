"""What a report is made of, before it has a language or a format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ipsrct.report.text import Item, Text

Edition = Literal["open", "restricted"]


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; the role says how it stands out."""

    text: Item
    role: Literal["body", "answer", "note", "warning"] = "body"


@dataclass(frozen=True)
class Bullets:
    """A list without an order."""

    items: tuple[Item, ...]


@dataclass(frozen=True)
class Terms:
    """Terms with what they mean."""

    items: tuple[tuple[Item, Item], ...]


@dataclass(frozen=True)
class Code:
    """Text for a machine: a command, a scenario file."""

    caption: Text
    text: str


@dataclass(frozen=True)
class Table:
    """A table whose first column names its rows.

    Attributes
    ----------
    id : str
        Lower-case letters, digits and hyphens; names the sheet in Excel and the CSV file.
    caption : Text
    columns : tuple of Text
        With units.
    rows : tuple of tuple
        A cell for each column.
    note : Text or None
    """

    id: str
    caption: Text
    columns: tuple[Item, ...]
    rows: tuple[tuple[Item, ...], ...]
    note: Text | None = None


@dataclass(frozen=True)
class Figure:
    """A figure with its text alternative and its data.

    Attributes
    ----------
    name : str
        Names the drawing in :mod:`ipsrct.report.figures`, and the file of ``ipsrct plot``.
    caption, alternative : Text
        The alternative says what the figure shows to those who do not see it.
    data : Table
        Every curve, bar and point drawn.
    marks : mapping of str to Item
        What is drawn besides: the planned size, a target, a heading.
    """

    name: str
    caption: Text
    alternative: Text
    data: Table
    marks: Mapping[str, Item] = field(default_factory=dict)


Block = Paragraph | Bullets | Terms | Code | Table | Figure


@dataclass(frozen=True)
class Section:
    """A section with its blocks and sections of its own."""

    id: str
    title: Text
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True)
class Report:
    """A whole report.

    Attributes
    ----------
    name : str
        Of its files, without language and suffix.
    title, subtitle : Item
    date : str
        ISO 8601.
    edition : {"open", "restricted"}
    sections : tuple of Section
    """

    name: str
    title: Item
    subtitle: Item
    date: str
    edition: Edition
    sections: tuple[Section, ...]

    def section(self, section_id: str) -> Section:
        """Return a section by its identifier, at any depth.

        Raises
        ------
        KeyError
            If there is none.
        """
        return {section.id: section for section in flat(self.sections)}[section_id]


def flat(sections: tuple[Section, ...]) -> list[Section]:
    """Return sections and all that is inside them, in order."""
    return [found for section in sections for found in (section, *flat(section.sections))]
