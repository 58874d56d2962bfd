"""Plain-text tables, and the quantities of a scenario."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from shutil import get_terminal_size
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from ipsrct.evidence import Quantity
from ipsrct.scenario import Scenario

_PIPED_WIDTH, _LEAST_WIDTH = 126, 80


def _width() -> int:
    """Return the terminal's width; a wide page where the output is not a terminal."""
    return max(get_terminal_size().columns, _LEAST_WIDTH) if sys.stdout.isatty() else _PIPED_WIDTH


def render(*parts: Table | str, width: int | None = None) -> str:
    """Return text and tables as plain text without trailing blanks; as wide as the terminal by default."""
    console = Console(
        file=io.StringIO(), width=width or _width(), color_system=None, highlight=False, markup=False
    )
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
    """Yield every number that nature decides about the outcome, with its path."""
    yield from quantities_in(scenario.assumptions, "assumptions")


def quantities_in(node: Any, path: str) -> Iterator[tuple[str, Quantity]]:
    """Yield every quantity inside a table of a scenario, with its path."""
    if isinstance(node, Quantity):
        yield path, node
    elif isinstance(node, BaseModel):
        for key in type(node).model_fields:
            yield from quantities_in(getattr(node, key), f"{path}.{key}")
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from quantities_in(value, f"{path}.{key}")
    elif isinstance(node, tuple):
        for i, value in enumerate(node):
            yield from quantities_in(value, f"{path}.{i}")
