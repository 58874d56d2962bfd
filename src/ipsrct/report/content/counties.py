"""The counties' numbers in one table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ipsrct.report.content.sources import basis
from ipsrct.report.content.words import name
from ipsrct.report.model import Block, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, t

_PATHS = (
    r"recruitment\.counties\.(?P<county>[^.]+)\.(?P<column>[^.]+)",
    r"assumptions\.cohort\.(?P<column>services|openings)\.(?P<county>[^.]+)",
)
_COLUMNS: dict[str, Text] = {
    "services": t("Services"),
    "openings": t("Part of recruitment before they open"),
    "starts": t("Starts; only their proportions count"),
    "specialists": t("Employment specialists"),
    "active": t("In IPS when recruitment opens"),
    "monthly_exit": t("Leave IPS in a month"),
}
_SHARES = ("openings", "monthly_exit")


def is_of_county(path: str) -> bool:
    """Return whether an assumption stands in the table of counties."""
    return any(re.fullmatch(pattern, path) for pattern in _PATHS)


def counties(results: Node) -> Iterator[Block]:
    """Yield a table with a row for each county and a column for each number of it; none without counties."""
    cells = _cells(results)
    if not cells:
        return
    columns = [key for key in _COLUMNS if any((county, key) in cells for county, _ in cells)]
    known = results["scenario"]["counties"]
    rows = [
        (
            known[county].value if county in known else name(county),
            *(_shown(cells[county, key], key) if (county, key) in cells else "" for key in columns),
        )
        for county in dict.fromkeys(county for county, _ in cells)
    ]
    yield Table(
        "assumptions-counties",
        t("The counties"),
        (t("County"), *(_COLUMNS[key] for key in columns)),
        tuple(rows),
        t("Sources. {sources}.", sources=Joined(tuple(_sources(results, cells, columns)), "; ")),
    )


def _cells(results: Node) -> dict[tuple[str, str], Node]:
    """Return the assumptions by county and column; recruitment's where the cohort has the same services."""
    cells: dict[tuple[str, str], Node] = {}
    for row in reversed(list(results["assumptions"])):
        for pattern in _PATHS:
            if found := re.fullmatch(pattern, row["path"].value):
                cells.setdefault((found["county"], found["column"]), row)
    return dict(reversed(cells.items()))


def _shown(row: Node, column: str) -> Item:
    return row["value"].given(100, percent=True) if column in _SHARES else row["value"].given()


def _sources(results: Node, cells: dict[tuple[str, str], Node], columns: list[str]) -> Iterator[Item]:
    """Yield for each column where its numbers stand, or that they are assumed."""
    for key in columns:
        rows = [row for (_, column), row in cells.items() if column == key]
        yield t("{column}: {source}", column=_COLUMNS[key], source=basis(results, rows))
