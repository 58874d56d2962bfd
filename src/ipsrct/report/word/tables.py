"""Tables in Word: headings that repeat, rows that stay whole, small tables on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipsrct.report.layout import numeric
from ipsrct.report.model import Table
from ipsrct.report.text import Item
from ipsrct.report.word.fields import element

_SMALL = 14  # rows that a table may have and still be kept on one page
_TWIPS = 20  # in a point


def table_element(
    table: Table, widths: list[float], styles: dict[str, str], pieces: Callable[[Item], list[Any]]
) -> Any:
    """Return a table.

    Parameters
    ----------
    table : Table
    widths : list of float
        Of the columns, in points.
    styles : dict of str to str
        Identifiers of styles by their names.
    pieces : callable
        Returns an item's runs.
    """
    twips = [round(_TWIPS * width) for width in widths]
    made = element("tbl")
    made.append(_properties(sum(twips), styles["report table"]))
    grid = element("tblGrid")
    grid.extend([element("gridCol", w=width) for width in twips])
    made.append(grid)
    right = numeric(table)
    small = len(table.rows) <= _SMALL
    last = len(table.rows) - 1
    rows = [(table.columns, "table heading", True)]
    rows += [
        (row, "table text", (small and i < last) or bool(table.note)) for i, row in enumerate(table.rows)
    ]
    for i, (cells, style, keep) in enumerate(rows):
        row = element("tr")
        row.append(_row_properties(heading=i == 0))
        for j, (cell, width) in enumerate(zip(cells, twips, strict=True)):
            paragraph = _paragraph(styles[style], right=j in right, keep=keep)
            paragraph.extend(pieces(cell))
            row.append(_cell(width, paragraph))
        made.append(row)
    return made


def _properties(width: int, style: str) -> Any:
    made = element("tblPr")
    made.append(element("tblStyle", val=style))
    made.append(element("tblW", w=width, type="dxa"))
    made.append(element("tblLayout", type="fixed"))
    look = {"firstRow": 1, "lastRow": 0, "firstColumn": 1, "lastColumn": 0, "noHBand": 1, "noVBand": 1}
    made.append(element("tblLook", val="06A0", **look))
    return made


def _row_properties(*, heading: bool) -> Any:
    made = element("trPr")
    made.append(element("cantSplit"))
    if heading:
        made.append(element("tblHeader"))
    return made


def _cell(width: int, paragraph: Any) -> Any:
    made, properties = element("tc"), element("tcPr")
    properties.append(element("tcW", w=width, type="dxa"))
    made.extend([properties, paragraph])
    return made


def _paragraph(style: str, *, right: bool, keep: bool) -> Any:
    made, properties = element("p"), element("pPr")
    properties.append(element("pStyle", val=style))
    if keep:
        properties.append(element("keepNext"))
    if right:
        properties.append(element("jc", val="right"))
    made.append(properties)
    return made
