"""Sections as they are read: their text, their numbers with where each stands, and numbers parsed back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ipsrct._language import Language, language
from ipsrct.report.model import Bullets, Paragraph, Section, Table, Terms, flat
from ipsrct.report.text import Fragment, Item, Joined, Link, Number, Text, fragments, plain

EN, NB = language("en"), language("nb")


def items(section: Section) -> Iterator[Item]:
    """Yield everything that a section and those inside it say."""
    for part in flat((section,)):
        yield part.title
        for block in part.blocks:
            if isinstance(block, Paragraph):
                yield block.text
            elif isinstance(block, Bullets):
                yield from block.items
            elif isinstance(block, Terms):
                yield from (item for pair in block.items for item in pair)
            elif isinstance(block, Table):
                yield from (block.caption, *block.columns, *(cell for row in block.rows for cell in row))
                if block.note:
                    yield block.note


def text(section: Section, code: Language = EN) -> str:
    return "\n".join(plain(item, code) for item in items(section))


def table(section: Section, table_id: str) -> Table:
    blocks = (block for part in flat((section,)) for block in part.blocks)
    return next(block for block in blocks if isinstance(block, Table) and block.id == table_id)


def rows(found: Table, code: Language = EN) -> dict[str, list[str]]:
    return {plain(row[0], code): [plain(cell, code) for cell in row[1:]] for row in found.rows}


def templates(item: Item) -> Iterator[str]:
    """Yield every text inside an item."""
    if isinstance(item, Text):
        yield item.template
        for value in item.values.values():
            yield from templates(value)
    elif isinstance(item, Joined):
        for part in item.items:
            yield from templates(part)


def links(section: Section) -> set[str]:
    pieces = (piece for item in items(section) for piece in fragments(item, EN))
    return {piece.item.section for piece in pieces if isinstance(piece.item, Link)}


def numbers(section: Section, code: Language) -> Iterator[Fragment]:
    pieces = (piece for item in items(section) for piece in fragments(item, code))
    return (piece for piece in pieces if isinstance(piece.item, Number))


def parsed(shown: str, code: Language) -> float:
    """Return a shown number, read as a person would read it in the language."""
    bare = shown.replace("\N{MINUS SIGN}", "-").rstrip("%").rstrip("\N{NO-BREAK SPACE}")
    pattern = r"-?\d{1,3}(,\d{3})*(\.\d+)?" if code.code == "en" else r"-?\d{1,3}(\xa0\d{3})*(,\d+)?"
    assert re.fullmatch(pattern, bare), shown
    if code.code == "en":
        return float(bare.replace(",", ""))
    return float(bare.replace("\N{NO-BREAK SPACE}", "").replace(",", "."))


def at(document: Any, pointer: str) -> Any:
    """Return what stands at a JSON pointer."""
    for key in pointer.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        document = document[int(name)] if isinstance(document, list) else document[name]
    return document
