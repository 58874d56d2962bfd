"""The report's tables as CSV, for programs and for a Norwegian Excel."""

from __future__ import annotations

import csv
import io

from ipsrct._language import Language
from ipsrct.report.columns import Cell, columns, exact
from ipsrct.report.layout import tables
from ipsrct.report.model import Report, Table
from ipsrct.report.text import Month, Number

# Separator, decimal sign and encoding: RFC 4180, and what Excel reads where the decimal sign is a comma.
DIALECTS = {"comma": (",", ".", "utf-8"), "semicolon": (";", ",", "utf-8-sig")}
# What a spreadsheet takes for a formula at the start of a cell (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def delimited(report: Report, language: Language) -> dict[str, bytes]:
    """Return every table as CSV in each dialect, by dialect and table: ``comma/characteristics.csv``."""
    return {
        f"{dialect}/{table.id}.csv": _file(table, report, language, dialect)
        for dialect in DIALECTS
        for table in tables(report)
    }


def _file(table: Table, report: Report, language: Language, dialect: str) -> bytes:
    separator, _, encoding = DIALECTS[dialect]
    held = columns(table, report, language)
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=separator)
    writer.writerow([column.heading for column in held])
    for row in zip(*(column.cells for column in held), strict=True):
        writer.writerow([_written(cell, dialect) for cell in row])
    return file.getvalue().encode(encoding)


def _written(cell: Cell, dialect: str) -> str:
    """Return a number at full precision, a month as ``2027-01``, and nothing where there is nothing.

    For a spreadsheet a text that it would take for a formula gets an apostrophe before it; programs get texts
    as they are.
    """
    if isinstance(cell, Month):
        return cell.value
    if isinstance(cell, Number):
        value = exact(cell)
        return "" if value is None else repr(value).replace(".", DIALECTS[dialect][1])
    text = cell or ""
    return f"'{text}" if dialect == "semicolon" and text.startswith(_FORMULA) else text
