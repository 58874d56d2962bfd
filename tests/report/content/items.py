"""What stands in a section: its texts, its numbers, its tables."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from ipsrct._language import Code, language
from ipsrct.report.model import Block, Bullets, Figure, Paragraph, Section, Table, Terms, flat
from ipsrct.report.results import Node
from ipsrct.report.text import Estimate, Item, Joined, Number, Text, plain


def blocks(section: Section) -> list[Block]:
    """Return the blocks of a section and of those inside it."""
    return [block for one in flat((section,)) for block in one.blocks]


def tables(section: Section) -> dict[str, Table]:
    found = [block for block in blocks(section) if isinstance(block, Table)]
    assert len({table.id for table in found}) == len(found)
    return {table.id: table for table in found}


def _items(block: Block) -> Iterator[Item]:
    match block:
        case Paragraph():
            yield block.text
        case Bullets():
            yield from block.items
        case Terms():
            yield from (item for pair in block.items for item in pair)
        case Table():
            yield from (block.caption, *block.columns, *(cell for row in block.rows for cell in row))
            yield from (block.note,) if block.note else ()


def leaves(item: Item) -> Iterator[Item]:
    """Yield an item's numbers, estimates, links and quotations."""
    if isinstance(item, Text):
        for value in item.values.values():
            yield from leaves(value)
    elif isinstance(item, Joined):
        for value in item.items:
            yield from leaves(value)
    else:
        yield item


def of_section(section: Section) -> list[Item]:
    """Return the leaves of everything in a section but its figures."""
    return [leaf for block in blocks(section) for item in _items(block) for leaf in leaves(item)]


def pointers(section: Section) -> set[str]:
    """Return where the numbers of a section stand in the results."""
    found = {leaf.pointer for leaf in of_section(section) if isinstance(leaf, Number)}
    return found | {leaf.number.pointer for leaf in of_section(section) if isinstance(leaf, Estimate)}


def said(section: Section, code: Code = "en") -> str:
    """Return a section as plain text: a line for each paragraph and row."""
    shown, lines = language(code), []
    for one in flat((section,)):
        lines.append(plain(one.title, shown))
        for block in one.blocks:
            if isinstance(block, Table):
                lines += [" | ".join(plain(cell, shown) for cell in row) for row in block.rows]
            if not isinstance(block, Figure):
                lines += [plain(item, shown) for item in _items(block)]
    return "\n".join(lines)


def rows(table: Table, code: Code = "en") -> list[list[str]]:
    """Return a table's rows as plain text."""
    return [[plain(cell, language(code)) for cell in row] for row in table.rows]


def changed(results: Node, **values: Any) -> Node:
    """Return results with paths (``__`` for a slash) replaced; None takes a key out."""
    document = copy.deepcopy(results.value)
    for path, value in values.items():
        *parents, last = (int(key) if key.isdigit() else key for key in path.split("__"))
        place: Any = document
        for key in parents:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value
    return Node(document)


def without(results: Node, part: str, reason: str = "for a reason") -> Node:
    """Return results in which a part is not available."""
    return changed(results, **{part: None, f"not_available__{part}": reason})


def resolves(results: Node, pointer: str) -> Any:
    """Return what stands at a JSON pointer (RFC 6901)."""
    found = results.value
    for key in pointer.split("/")[1:]:
        name = key.replace("~1", "/").replace("~0", "~")
        assert not isinstance(found, list) or name.isdigit(), pointer
        found = found[int(name)] if isinstance(found, list) else found[name]
    return found
