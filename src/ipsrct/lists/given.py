"""Reads a list that somebody made: CSV or Excel, every fault at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ipsrct.errors import Fault, ListFileError, NotAvailableError, listed
from ipsrct.lists.formats import ARM, NUMBER, REDCAP_GROUP, REDCAP_NUMBER, REDCAP_SITE, SEQUENCE
from ipsrct.trial import IntArray

_ARM_COLUMNS, _NUMBER_COLUMNS = (ARM, REDCAP_GROUP), (NUMBER, REDCAP_NUMBER)
_STRATUM_COLUMNS = ("stratum", "strata", REDCAP_SITE)
_NEVER_STRATA = (*_ARM_COLUMNS, *_NUMBER_COLUMNS, SEQUENCE, "block_number", "block_size")
_MOST_FAULTS = 20

Row = tuple[int, dict[str, str]]
Stratum = tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """What a scenario says that a list's columns hold: the arms, and the levels of each factor."""

    arms: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class GivenList:
    """A list as it was given.

    Attributes
    ----------
    arms : tuple of str
    columns : tuple of str
        The columns that form strata.
    unused : tuple of str
        Columns that were read as nothing.
    strata : dict of tuple of str to int array (L,)
        Arms by stratum, in the order of the file.
    sequence : dict of tuple of str to int array (L,), or None
        Their sequence numbers, where the file has them.
    numbers : tuple of str
        Randomisation numbers; empty where the file has none.
    """

    arms: tuple[str, ...]
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    strata: Mapping[Stratum, IntArray]
    sequence: Mapping[Stratum, IntArray] | None
    numbers: tuple[str, ...]


def read_list(
    path: Path, expected: Expected | None = None, arm: str | None = None, strata: Sequence[str] | None = None
) -> GivenList:
    """Read a list.

    Parameters
    ----------
    path : Path
        ``.xlsx`` (the first sheet), else text with commas, semicolons or tabs.
    expected : Expected, optional
        Names that the list must use, or their codes, from 1.
    arm : str, optional
        The column of arms; ``arm`` or REDCap's by default.
    strata : sequence of str, optional
        The columns that form strata; by default those that ``expected`` names, else those of a list
        in this package's or REDCap's form, else ``stratum``.

    Raises
    ------
    ListFileError
        With every fault, up to twenty.
    """
    header, rows = _table(path)
    faults = [
        Fault("header", f'"{n}" appears more than once') for n in sorted(set(header)) if header.count(n) > 1
    ]
    arm = arm or next((name for name in _ARM_COLUMNS if name in header), ARM)
    columns = tuple(_strata_columns(header, arm, expected) if strata is None else strata)
    known = [arm, *columns]
    faults += [
        Fault("header", f'there must be a column "{name}"{listed(name, "columns", header)}')
        for name in known
        if name not in header
    ]
    if faults:
        raise ListFileError(faults, str(path))
    if not rows:
        raise ListFileError([Fault("rows", "there must be at least one")], str(path))
    levels = {} if expected is None else {arm: expected.arms, **expected.levels}
    values = {name: _Column(name, rows, levels.get(name)) for name in known}
    faults = [fault for column in values.values() for fault in column.faults]
    places = _whole_numbers(rows, faults) if SEQUENCE in header else None
    if faults:
        more = (
            [Fault("rows", f"{len(faults) - _MOST_FAULTS} more faults")] if len(faults) > _MOST_FAULTS else []
        )
        raise ListFileError([*faults[:_MOST_FAULTS], *more], str(path))
    key = list(zip(*(values[name].names for name in columns), strict=True)) or [()] * len(rows)
    arms = expected.arms if expected else tuple(sorted(set(values[arm].names)))
    index = {name: k for k, name in enumerate(arms)}
    number = next((name for name in _NUMBER_COLUMNS if name in header), None)
    return GivenList(
        arms,
        columns,
        tuple(name for name in header if name not in (*known, *_NEVER_STRATA)),
        _by_stratum(key, [index[name] for name in values[arm].names]),
        None if places is None else _by_stratum(key, places),
        () if number is None else tuple(row[number] for _, row in rows),
    )


def _strata_columns(header: Sequence[str], arm: str, expected: Expected | None) -> list[str]:
    if expected is not None:
        return list(expected.levels)
    if REDCAP_GROUP in header or (SEQUENCE in header and NUMBER in header):
        return [name for name in header if name not in (arm, *_NEVER_STRATA)]
    return [name for name in header if name in _STRATUM_COLUMNS]


class _Column:
    """The values of one column as names, codes translated, and what is wrong with them."""

    def __init__(self, name: str, rows: Sequence[Row], levels: Sequence[str] | None) -> None:
        given = [row[name] for _, row in rows]
        codes = {str(i): level for i, level in enumerate(levels or (), 1)}
        use_codes = bool(codes) and set(given) - {""} <= codes.keys() and not set(given) & set(levels or ())
        self.names = [codes.get(value, value) for value in given] if use_codes else given
        self.faults = list(self._faults(name, rows, levels))

    def _faults(self, name: str, rows: Sequence[Row], levels: Sequence[str] | None) -> Iterator[Fault]:
        for (line, _), value in zip(rows, self.names, strict=True):
            if not value:
                yield Fault(f"row {line}", f"{name} must not be empty")
            elif levels is not None and value not in levels:
                choices = listed(value, f"{name}s", levels)
                yield Fault(f"row {line}", f'{name} "{value}" is not in the scenario{choices}')


def _whole_numbers(rows: Sequence[Row], faults: list[Fault]) -> list[int]:
    found = []
    for line, row in rows:
        text = row[SEQUENCE]
        whole = text.isascii() and text.isdigit() and len(text) < 10
        if not whole:
            faults.append(Fault(f"row {line}", f'{SEQUENCE} must be a whole number, got "{text}"'))
        found.append(int(text) if whole else 0)
    return found


def _by_stratum(key: Sequence[Stratum], values: Sequence[int]) -> dict[Stratum, IntArray]:
    found: dict[Stratum, list[int]] = {}
    for stratum, value in zip(key, values, strict=True):
        found.setdefault(stratum, []).append(value)
    return {stratum: np.array(own, dtype=np.intp) for stratum, own in found.items()}


def _table(path: Path) -> tuple[list[str], list[Row]]:
    """Return the header and the rows with their line numbers; empty rows are left out."""
    table = list(_excel(path) if path.suffix.lower() in (".xlsx", ".xlsm") else _text(path))
    header = [name.strip() for name in table[0]] if table else []
    if not any(header):
        raise ListFileError([Fault("row 1", "must name the columns")], str(path))
    rows, faults = [], []
    for line, values in enumerate(table[1:], 2):
        cleaned = [value.strip() for value in values]
        if not any(cleaned):
            continue
        if len(cleaned) != len(header):
            faults.append(Fault(f"row {line}", f"must have {len(header)} values, got {len(cleaned)}"))
        rows.append((line, dict(zip(header, cleaned, strict=False))))
    if faults:
        raise ListFileError(_first(faults), str(path))
    return header, rows


def _first(faults: list[Fault]) -> list[Fault]:
    more = len(faults) - _MOST_FAULTS
    return [*faults[:_MOST_FAULTS], *([Fault("rows", f"{more:,} more faults")] if more > 0 else [])]


def _text(path: Path) -> Iterator[list[str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ListFileError([Fault("file", f"must be CSV in UTF-8: {error}")], str(path)) from None


def _excel(path: Path) -> Iterator[list[str]]:
    if find_spec("openpyxl") is None:
        raise NotAvailableError('reading Excel needs openpyxl: pip install "ipsrct[excel]", or use a .csv')
    from zipfile import BadZipFile

    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True)
        for row in book.worksheets[0].iter_rows(values_only=True):
            yield ["" if value is None else str(value) for value in row]
        book.close()
    except (OSError, BadZipFile, KeyError, ValueError) as error:
        raise ListFileError([Fault("file", f"must be an Excel workbook: {error}")], str(path)) from None
