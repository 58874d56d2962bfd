"""What every format needs to know of a report: its tables, their numbers, where links go."""

from __future__ import annotations

from ipsrct._language import Language
from ipsrct.report.model import Figure, Report, Table, flat
from ipsrct.report.text import Estimate, Item, Link, Number, fragments, t

TAGS = {"en": "en-GB", "nb": "nb-NO"}
"""Each language with its country, which spelling checkers ask for."""
RESTRICTED = t("RESTRICTED: only for those who keep the allocation list")


def figures(report: Report) -> list[Figure]:
    """Return the figures in their order."""
    return [b for section in flat(report.sections) for b in section.blocks if isinstance(b, Figure)]


def tables(report: Report) -> list[Table]:
    """Return the tables in their order, then the figures' data.

    Raises
    ------
    ValueError
        If two have the same identifier: one would replace the other.
    """
    own = [b for section in flat(report.sections) for b in section.blocks if isinstance(b, Table)]
    found = own + [figure.data for figure in figures(report)]
    names = [table.id for table in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"tables that share an identifier: {', '.join(twice)}")
    return found


def key(block: Table | Figure) -> str:
    """Return what names a table or a figure in a document."""
    return block.id if isinstance(block, Table) else f"figure-{block.name}"


def labels(report: Report, language: Language) -> dict[str, str]:
    """Return the key of each table and figure with its label, such as "Table 1"; figures' data come last."""
    table, figure = language.translate("Table"), language.translate("Figure")
    found = {key(block): f"{table} {i}" for i, block in enumerate(tables(report), 1)}
    return found | {key(block): f"{figure} {i}" for i, block in enumerate(figures(report), 1)}


def numeric(table: Table) -> set[int]:
    """Return the columns, but the first, that hold a number."""
    columns = enumerate(zip(*table.rows, strict=True))
    return {i for i, cells in columns if i and any(isinstance(cell, Number | Estimate) for cell in cells)}


def shown(item: Item, report: Report, language: Language) -> str:
    """Return an item as plain text, with a section's title where a link to it stands."""
    return "".join(
        shown(report.section(piece.item.section).title, report, language)
        if isinstance(piece.item, Link)
        else piece.text
        for piece in fragments(item, language)
    )
