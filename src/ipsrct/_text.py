"""Plain-text tables, and the quantities of a scenario."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from ipsrct.evidence import Quantity
from ipsrct.scenario import Scenario

_WIDTH = 126


def render(*parts: Table | str) -> str:
    """Return text and tables as plain text without trailing blanks."""
    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, highlight=False, markup=False)
    for part in parts:
        console.print(part)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def text_table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="")
    for i, column in enumerate(columns):
        table.add_column(column, justify="right" if i else "left", no_wrap=not i, overflow="fold")
    return table


def quantities(scenario: Scenario) -> Iterator[tuple[str, Quantity]]:
    """Yield every number that nature decides, with its path."""
    yield from _quantities(scenario.assumptions, "assumptions")


def _quantities(node: Any, path: str) -> Iterator[tuple[str, Quantity]]:
    if isinstance(node, Quantity):
        yield path, node
    elif isinstance(node, BaseModel):
        for key in type(node).model_fields:
            yield from _quantities(getattr(node, key), f"{path}.{key}")
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _quantities(value, f"{path}.{key}")
    elif isinstance(node, tuple):
        for i, value in enumerate(node):
            yield from _quantities(value, f"{path}.{i}")
