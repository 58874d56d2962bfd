"""A published number and its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ipsrct._message import Message, joined


@dataclass(frozen=True)
class Source:
    """Where a published number stands.

    Attributes
    ----------
    document : str
        Title of the document, or the full reference of an article.
    place : str
        Section, table or figure, and line of the transcribed text file.
    """

    document: str
    place: str

    def words(self) -> str:
        """Return document and place."""
        return joined((self.document, self.place)) if self.place else self.document

    def __str__(self) -> str:
        return str(self.words())


@dataclass(frozen=True)
class PublishedValue:
    """One published number.

    Attributes
    ----------
    id : str
        The name by which a scenario refers to it.
    title, definition : str
        What it is.
    value : object
        The number; None where the source gives only a range or a table.
    low, high : float or None
        The range that the source's words allow, or the published confidence interval.
    unit : str
        E.g. ``percent``, ``percentage_points``, ``persons``, ``proportion``.
    source : Source
        Document, table and line.
    read_from : str
        ``table``, ``prose``, ``prose_about_figure``, ``derived`` or ``abstract``.
    note : str
        Doubts about the number.
    rows : tuple of dict
        The rows of an entry that is a table.
    """

    id: str
    title: str
    definition: str
    value: Any
    low: float | None
    high: float | None
    unit: str
    source: Source
    read_from: str
    note: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain types, for JSON."""
        return asdict(self)


def source_of(source: Mapping[str, Any], documents: Mapping[str, str]) -> Source:
    """Return the source that the keys of a data file name; ``documents`` are titles by text file."""
    parts: list[str] = [_section(source["section"])] if "section" in source else []
    parts += [place(source[key]) for key in ("table", "figure", "box") if key in source]
    lines = f"{source['line']}-{source['line_end']}" if "line_end" in source else str(source["line"])
    return Source(documents[source["document"]], joined([*parts, line(lines)]))


def _section(name: str) -> Message:
    if name == "article":
        return Message("section article")
    if name.startswith("Appendix"):
        return Message("section Appendix {number}", number=name.removeprefix("Appendix "))
    return Message("section {name}", name=name)


def place(text: str) -> str:
    """Return a place such as ``Appendix 3 Tables 2 and 8`` as text that can be translated."""
    match text.split():
        case ["Appendix", number, *rest]:
            return joined((Message("Appendix {number}", number=number), place(" ".join(rest))), " ")
        case ["Tables", first, "and", second]:
            return Message("Tables {first} and {second}", first=first, second=second)
        case ["Table", number]:
            return Message("Table {number}", number=number)
        case ["Figure", number]:
            return Message("Figure {number}", number=number)
        case ["Box", number]:
            return Message("Box {number}", number=number)
    return text


def line(lines: object) -> Message:
    """Return a line, or a range of lines, of the transcribed text file."""
    return Message("line {lines}", lines=str(lines))
