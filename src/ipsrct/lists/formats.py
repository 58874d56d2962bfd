"""Lists as the bytes of files: CSV, Excel and REDCap's import."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from ipsrct.errors import Fault, ListFileError
from ipsrct.lists.generation import DrawnList, Purpose
from ipsrct.lists.plan import ListPlan, Stratum
from ipsrct.trial import SERVICE

Row = Sequence[object]
ARM, NUMBER, SEQUENCE = "arm", "randomisation_number", "sequence_number"
REDCAP_NUMBER, REDCAP_GROUP = "redcap_randomization_number", "redcap_randomization_group"
REDCAP_SITE = "redcap_data_access_group"
# Neither digits alone nor a date: a spreadsheet that opens the file leaves the numbers as they are.
_LETTERS: dict[Purpose, str] = {"production": "R", "development": "DEV"}
_CREATED = datetime(2000, 1, 1)  # a date of the day would give other bytes tomorrow


def csv_bytes(header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """Return a table as CSV in UTF-8, without a byte order mark, which REDCap would take for a name."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def numbers(plan: ListPlan, drawn: DrawnList, purpose: Purpose) -> list[str]:
    """Return the randomisation number of each place: the stratum's codes and the place in its list."""
    widths = [len(str(len(levels))) for levels in plan.levels.values()]
    codes = ".".join(f"{code:0{w}d}" for code, w in zip(drawn.stratum.codes, widths, strict=True))
    return [f"{_LETTERS[purpose]}{codes}-{place:04d}" for place in range(1, len(drawn.arm) + 1)]


def list_header(plan: ListPlan) -> list[str]:
    """Return the columns of a list for people."""
    return [SEQUENCE, NUMBER, *plan.factors, ARM]


def list_rows(plan: ListPlan, lists: Iterable[DrawnList], purpose: Purpose = "production") -> Iterator[Row]:
    """Yield a list for people, stratum by stratum."""
    arms = plan.scenario.arm_names
    for drawn in lists:
        places = zip(numbers(plan, drawn, purpose), drawn.arm, strict=True)
        for i, (number, arm) in enumerate(places, 1):
            yield i, number, *drawn.stratum.levels, arms[arm]


def block_rows(plan: ListPlan, lists: Iterable[DrawnList]) -> Iterator[Row]:
    """Yield the list with the number and size of each place's block."""
    for drawn in lists:
        rows = list_rows(plan, [drawn])
        yield from ((*row, *block) for row, block in zip(rows, drawn.blocks(), strict=True))


def redcap_header(plan: ListPlan, sites: Mapping[str, str] | None) -> list[str]:
    """Return the columns of REDCap's allocation table; services are data access groups if these are given."""
    fields = [name for name in plan.factors if sites is None or name != SERVICE]
    return [REDCAP_NUMBER, REDCAP_GROUP, *([REDCAP_SITE] if sites is not None else []), *fields]


def redcap_rows(
    plan: ListPlan, lists: Iterable[DrawnList], purpose: Purpose, sites: Mapping[str, str] | None
) -> Iterator[Row]:
    """Yield REDCap's allocation table, in raw codes."""
    for drawn in lists:
        codes = _redcap_codes(plan, drawn.stratum, sites)
        for number, arm in zip(numbers(plan, drawn, purpose), drawn.arm, strict=True):
            yield number, int(arm) + 1, *codes


def _redcap_codes(plan: ListPlan, stratum: Stratum, sites: Mapping[str, str] | None) -> list[object]:
    by_name = dict(zip(plan.factors, zip(stratum.levels, stratum.codes, strict=True), strict=True))
    site = [] if sites is None else [sites[by_name[SERVICE][0]]]
    return [*site, *(code for name, (_, code) in by_name.items() if sites is None or name != SERVICE)]


def code_rows(plan: ListPlan, sites: Mapping[str, str] | None) -> Iterator[Row]:
    """Yield field, code and meaning of every raw code in REDCap's tables."""
    for code, arm in enumerate(plan.scenario.arm_names, 1):
        yield REDCAP_GROUP, code, arm
    for name, levels in plan.levels.items():
        if name == SERVICE and sites is not None:
            yield from ((REDCAP_SITE, sites[level], level) for level in levels)
        else:
            yield from ((name, code, level) for code, level in enumerate(levels, 1))


def read_sites(text: str, origin: str, services: Sequence[str]) -> dict[str, str]:
    """Read REDCap's data access groups: CSV with the columns ``service`` and ``redcap_data_access_group``.

    Raises
    ------
    ListFileError
        With every service that is missing, unknown or repeated, and every id that is no number or repeated.
    """
    table = list(csv.reader(io.StringIO(text)))
    if not table or table[0] != [SERVICE, REDCAP_SITE]:
        raise ListFileError([Fault("row 1", f"must be {SERVICE},{REDCAP_SITE}")], origin)
    found: dict[str, str] = {}
    faults = []
    for i, row in enumerate(table[1:], 2):
        if len(row) != 2:
            faults.append(Fault(f"row {i}", f"must have 2 values, got {len(row)}"))
            continue
        name, site = row
        if name not in services:
            faults.append(Fault(f"row {i}", f'"{name}" is not a service of the scenario'))
        if name in found or site in found.values():
            faults.append(Fault(f"row {i}", f"each service and id must appear once, got {name},{site}"))
        if not (site.isascii() and site.isdigit()):
            faults.append(Fault(f"row {i}", f'the id must be REDCap\'s whole number, got "{site}"'))
        found[name] = site
    missing = [name for name in services if name not in found]
    faults += [Fault("services", f"{', '.join(missing)} must have an id")] if missing else []
    if faults:
        raise ListFileError(faults, origin)
    return found


def excel_bytes(sheets: Mapping[str, tuple[Sequence[str], Iterable[Row]]]) -> bytes:
    """Return tables as an Excel workbook, the same bytes every time."""
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"created": _CREATED})
        bold = book.add_format({"bold": True})
        for name, (header, rows) in sheets.items():
            sheet = book.add_worksheet(name)
            widths = [len(title) for title in header]
            sheet.write_row(0, 0, header, bold)
            last = 0
            for last, row in enumerate(rows, 1):
                sheet.write_row(last, 0, row)
                widths = [max(w, len(str(value))) for w, value in zip(widths, row, strict=True)]
            for column, width in enumerate(widths):
                sheet.set_column(column, column, width + 3)
            sheet.freeze_panes(1, 0)
            sheet.autofilter(0, 0, last, len(header) - 1)
    return buffer.getvalue()
