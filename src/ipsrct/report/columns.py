"""A table as a spreadsheet holds it: a number alone in its cell, its Monte Carlo standard error beside it.

A cell that holds words and one number, with the same words all down its column, is that number, and its
words join the heading. Where a column's cells hold other words or several numbers, the text stays as it is
shown and columns with the numbers follow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from ipsrct._language import Language
from ipsrct.report.layout import shown
from ipsrct.report.model import Report, Table
from ipsrct.report.text import Estimate, Item, Leaf, Month, Number, leaves, plain, t

Cell = str | Number | Month | None


@dataclass(frozen=True)
class Column:
    """A column with its heading; a cell is a text, a number, a month, or None where there is nothing."""

    heading: str
    cells: tuple[Cell, ...]


def columns(table: Table, report: Report, language: Language) -> list[Column]:
    """Return a table's columns, and those that its numbers need besides."""
    found = []
    for i, heading in enumerate(table.columns):
        cells = [row[i] for row in table.rows]
        found += _split(shown(heading, report, language), cells, report, language)
    return found


def exact(number: Number) -> int | float | None:
    """Return what a spreadsheet holds: the number in the report's unit, a share where that shows per cent.

    The product is a decimal one, so that 100 times 0.07 is 7 and not 7.000000000000001.
    """
    if number.value is None or not math.isfinite(number.value):
        return None
    scale = number.scale / 100 if number.percent else number.scale
    if scale == 1:
        return number.value
    return float(Decimal(repr(number.value)) * Decimal(repr(scale)))


def _split(heading: str, cells: Sequence[Item], report: Report, language: Language) -> list[Column]:
    taken = [list(leaves(cell, language)) for cell in cells]
    texts = [_text(item, cell, report, language) for item, cell in zip(cells, taken, strict=True)]
    numbers = [[leaf for leaf in cell if isinstance(leaf, Number | Estimate)] for cell in taken]
    words = {_around(cell, report, language) for cell, found in zip(taken, numbers, strict=True) if found}
    most = max(map(len, numbers), default=0)
    own: list[str | Month | Number | Estimate | None]
    if most == 1 and len(words) == 1:
        name = " ".join([heading, *(f"({word})" for word in words if word)])
        own = [found[0] if found else text for found, text in zip(numbers, texts, strict=True)]
        return _with_errors(name, own, language)
    # A number without words would be read as text, or as another number where the decimal sign is another.
    bare = [len(cell) == len(found) == 1 for cell, found in zip(taken, numbers, strict=True)]
    result = [Column(heading, tuple(None if b else text for b, text in zip(bare, texts, strict=True)))]
    for k in range(most):
        own = [found[k] if k < len(found) else None for found in numbers]
        result += _with_errors(f"{heading} ({k + 1})", own, language)
    return result


def _text(item: Item, cell: Sequence[Leaf], report: Report, language: Language) -> str | Month:
    first = cell[0] if len(cell) == 1 else None
    return first if isinstance(first, Month) else shown(item, report, language)


def _around(cell: Sequence[Leaf], report: Report, language: Language) -> str:
    """Return the words around the first number of a cell, with dots in its place where words precede it."""
    place = next(i for i, leaf in enumerate(cell) if isinstance(leaf, Number | Estimate))
    before = "".join(shown(leaf, report, language) for leaf in cell[:place]).strip()
    after = "".join(shown(leaf, report, language) for leaf in cell[place + 1 :]).strip()
    return f"{before} … {after}".strip() if before else after


def _with_errors(
    heading: str, cells: Sequence[str | Month | Number | Estimate | None], language: Language
) -> list[Column]:
    values = tuple(cell.number if isinstance(cell, Estimate) else cell for cell in cells)
    errors = tuple(_error(cell) if isinstance(cell, Estimate) else None for cell in cells)
    found = [Column(heading, values)]
    if any(error and error.value is not None for error in errors):
        found.append(Column(plain(t("{column} (MCSE)", column=heading), language), errors))
    return found


def _error(estimate: Estimate) -> Number:
    """Return the error, per cent where the estimate is."""
    return replace(estimate.error, percent=estimate.number.percent)
