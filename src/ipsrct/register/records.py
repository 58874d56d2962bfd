"""Registers as long tables, one row for each person and month, in memory, Parquet and CSV.

A synthetic register must never be mistaken for a real one: the person column is named ``synthetic_person``,
identifiers start with ``SYN-``, file names must contain "synthetic", and both formats carry a statement of
origin that also says whether the register was selected to match published numbers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsrct.errors import RunError
from ipsrct.register.design import AGE_GROUPS, make_design
from ipsrct.register.draw import Register
from ipsrct.register.measure_tables import NO_MEASURE, measure_types

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "synthetic_person",
    "age_group",
    "sex",
    "social_assistance",
    "start_month",
    "last_ips_month",
    "month",
    "employed_1h",
    "employed_4h",
    "employed_10h",
)
MEASURE_COLUMN, TYPE_COLUMN = MEASURE_COLUMNS = ("other_measure", "other_measure_type")
"""Whether in another labour-market measure, and of which type; a table has both columns or neither."""
TYPE_STATEMENT = (
    "Type of the measure that the spell began with, in every month of the spell: none outside measures; "
    "drawn by the published shares of Table 5 for spells begun during IPS and of Table 7 for those begun "
    "after it, assumed the same in all groups; unknown for spells begun before IPS, on which nothing is "
    "published."
)
_EMPLOYED = COLUMNS[-3:]
_PERSONAL = COLUMNS[1:6]
_WORDS = {"age_group": AGE_GROUPS, "sex": ("man", "woman"), TYPE_COLUMN: measure_types()}
_FLAGS = ("social_assistance", *_EMPLOYED, MEASURE_COLUMN)
_MONTHS = ("start_month", "last_ips_month", "month")
SELECTED_COLUMN = "selected_to_match_published_numbers"
"""True in every row of a register that was selected, so that the flag outlives a copy without metadata."""


def statement(register: Register) -> dict[str, Any]:
    """Return what every file says about the register: that it is synthetic, and how it was made."""
    columns = {} if register.measure_type is None else {TYPE_COLUMN: TYPE_STATEMENT}
    return {
        "synthetic": True,
        SELECTED_COLUMN: register.selected,
        "origin": register.origin,
        "statement": "Synthetic register: no person in it exists.",
        **columns,
    }


def to_frame(register: Register) -> pd.DataFrame:
    """Return a register as a long table.

    Parameters
    ----------
    register : Register
        The register.

    Returns
    -------
    pandas.DataFrame
        One row for each person and month. ``month`` and ``start_month`` count from January 2021 = 1;
        ``last_ips_month`` is the last month in IPS, that of the end of the window for those still in it.
        ``attrs`` holds ``statement``.
    """
    import pandas as pd

    design = make_design()
    n_persons, n_months = register.state.shape
    person = np.repeat(np.arange(n_persons), n_months)
    cell = register.cell[person]
    employed = register.employed.reshape(3, -1)
    frame = pd.DataFrame(
        {
            "synthetic_person": np.array([f"SYN-{i + 1:06d}" for i in range(n_persons)])[person],
            "age_group": np.array(AGE_GROUPS)[design.age[cell]],
            "sex": np.array(["man", "woman"])[design.woman[cell]],
            "social_assistance": design.social_assistance[cell] == 1,
            "start_month": register.start_month[person],
            "last_ips_month": register.last_month[person],
            "month": np.tile(np.arange(1, n_months + 1), n_persons),
            **dict(zip(_EMPLOYED, employed, strict=True)),
        }
    )
    if register.measure_type is not None:
        types = register.measure_type.ravel()
        frame[MEASURE_COLUMN] = types != NO_MEASURE
        frame[TYPE_COLUMN] = np.array(measure_types())[types]
    if register.selected:
        frame[SELECTED_COLUMN] = True
    frame.attrs.update(statement(register))
    return frame


def _column_faults(frame: pd.DataFrame) -> list[str]:
    """Return what keeps rows from being compared: columns missing, twice, empty or of the wrong kind."""
    import pandas as pd

    twice = frame.columns[frame.columns.duplicated()]
    if twice.size:
        return [f"columns: {', '.join(map(str, twice))} must stand once (person is synthetic_person)"]
    faults = []
    missing = [column for column in COLUMNS if column not in frame.columns]
    if missing:
        faults.append(f"columns: missing {', '.join(missing)}; a register has {', '.join(COLUMNS)}")
    lacking = [column for column in MEASURE_COLUMNS if column not in frame.columns]
    if len(lacking) == 1:
        faults.append(
            f"columns: missing {lacking[0]}; a register has both {' and '.join(MEASURE_COLUMNS)} or neither"
        )
    if frame.empty:
        faults.append("rows: there are none")
    for column in (column for column in (*COLUMNS, *MEASURE_COLUMNS) if column in frame.columns):
        values, n_empty = frame[column].dropna(), int(frame[column].isna().sum())
        if n_empty:
            faults.append(f"{column}: must not be empty, {n_empty} values are")
        if column in _MONTHS:
            if not pd.api.types.is_numeric_dtype(values) or (values % 1 != 0).any():
                faults.append(f"{column}: must be a whole number in every row")
        elif column in _FLAGS and not values.isin([True, False, 0, 1]).all():
            faults.append(f"{column}: must be true or false in every row")
    return faults


def _word_faults(frame: pd.DataFrame) -> list[str]:
    """Return the words that a register does not know."""
    faults = []
    for column, allowed in _WORDS.items():
        known = frame[column].dropna().astype(str) if column in frame.columns else ()
        unknown = sorted(set(known) - set(allowed))
        if unknown:
            faults.append(f"{column}: must be one of {', '.join(allowed)}, got {', '.join(unknown[:3])}")
    return faults


def _faults(frame: pd.DataFrame) -> list[str]:
    """Return everything that is wrong with a long table, in words."""
    blocking, faults = _column_faults(frame), _word_faults(frame)
    if blocking:
        return blocking + faults
    if frame.duplicated(["synthetic_person", "month"]).any():
        faults.append("month: a person has two rows for the same month")
    months = np.sort(frame["month"].unique())
    counts = frame.groupby("synthetic_person")["month"].size()
    if not np.array_equal(months, np.arange(1, months.size + 1)) or not (counts == months.size).all():
        faults.append(
            f"month: every person must have every month from 1 on; found {months[0]} to {months[-1]}"
        )
    distinct = frame[["synthetic_person", *_PERSONAL]].drop_duplicates()
    by_person = distinct.groupby("synthetic_person")[list(_PERSONAL)]
    varying = list(by_person.nunique().gt(1).any().loc[lambda found: found].index)
    if varying:
        faults.append(f"{', '.join(varying)}: must not vary within a person")
    if not frame["start_month"].between(2, months[-1]).all():
        faults.append(f"start_month: must lie in 2 to {months[-1]}")
    if not (frame["last_ips_month"].between(frame["start_month"], months[-1])).all():
        faults.append(f"last_ips_month: must lie between start_month and {months[-1]}")
    if (frame["employed_4h"] > frame["employed_1h"]).any() or (
        frame["employed_10h"] > frame["employed_4h"]
    ).any():
        faults.append("employed_4h, employed_10h: more hours imply fewer, but a row has them without")
    if TYPE_COLUMN in frame.columns:
        typed = frame[TYPE_COLUMN] != measure_types()[NO_MEASURE]
        n_unlike = int((typed != frame[MEASURE_COLUMN].astype(bool)).sum())
        if n_unlike:
            faults.append(
                f"{TYPE_COLUMN}: must be none where {MEASURE_COLUMN} is false and only there (unknown if "
                f"the type is not known); {n_unlike} rows differ"
            )
    return faults


def from_frame(frame: pd.DataFrame) -> Register:
    """Return the register of a long table.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``COLUMNS`` and perhaps ``MEASURE_COLUMNS``, in any order of rows. Where persons are not
        synthetic, their column is named ``person``.

    Returns
    -------
    Register

    Raises
    ------
    RunError
        If the table is malformed; the message lists every fault.
    """
    frame = frame.rename(columns={"person": "synthetic_person"})
    faults = _faults(frame)
    if faults:
        raise RunError("the register cannot be used:\n  " + "\n  ".join(faults))
    ordered = frame.sort_values(["synthetic_person", "month"], kind="stable")
    n_months = ordered["month"].nunique()
    persons = ordered.iloc[::n_months]
    age = persons["age_group"].map({name: i for i, name in enumerate(AGE_GROUPS)}).to_numpy(dtype=np.int64)
    woman = (persons["sex"] == "woman").to_numpy(dtype=np.int64)
    social = persons["social_assistance"].to_numpy(dtype=np.int64)
    levels = ordered[list(_EMPLOYED)].to_numpy(dtype=np.uint8).sum(1, dtype=np.uint8)
    types = None
    if TYPE_COLUMN in ordered.columns:
        codes = ordered[TYPE_COLUMN].map({word: i for i, word in enumerate(measure_types())})
        types = np.asarray(codes, dtype=np.uint8).reshape(-1, n_months)
    return Register(
        state=levels.reshape(-1, n_months),
        cell=4 * age + 2 * woman + social,
        start_month=persons["start_month"].to_numpy(dtype=np.int64),
        last_month=persons["last_ips_month"].to_numpy(dtype=np.int64),
        measure_type=types,
        selected=bool(frame.attrs.get(SELECTED_COLUMN, False)) or SELECTED_COLUMN in frame.columns,
        origin=str(frame.attrs.get("origin", "a table without a statement of origin")),
    )


def write_register(register: Register, path: Path) -> None:
    """Write a register as Parquet or CSV, by the suffix of the path.

    Parameters
    ----------
    register : Register
        The register.
    path : pathlib.Path
        Ends in ``.parquet`` or ``.csv``; the file name contains "synthetic", and "selected" for a register
        that was selected to match published numbers.

    Raises
    ------
    RunError
        If the name does not.
    """
    needed = ["synthetic", "selected"] if register.selected else ["synthetic"]
    for word in needed:
        if word not in path.name:
            raise RunError(
                f'{path}: the file name must contain "{word}", so that nobody mistakes the register'
            )
    frame = to_frame(register)
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    elif path.suffix == ".csv":
        header = "# " + json.dumps(frame.attrs) + "\n"
        path.write_text(header + frame.to_csv(index=False), encoding="utf-8")
    else:
        raise RunError(f"{path}: must end in .parquet or .csv")


def _statement_in(line: str) -> dict[str, Any]:
    """Return the statement of origin in a CSV's first line."""
    try:
        return dict(json.loads(line[1:]))
    except (TypeError, ValueError):
        raise ValueError(
            "line 1 begins with #, so it must be a statement of origin as `register draw` writes it; leave "
            "the line out otherwise"
        ) from None


def read_register(path: Path) -> Register:
    """Read a register written by ``write_register``.

    Raises
    ------
    RunError
        If the file cannot be read, or is malformed; the message lists every fault.
    """
    import pandas as pd

    try:
        if path.suffix == ".parquet":
            return from_frame(pd.read_parquet(path))
        with path.open(encoding="utf-8-sig") as file:  # Excel begins its UTF-8 with a byte-order mark
            first = file.readline()
        frame = pd.read_csv(path, encoding="utf-8-sig", skiprows=1 if first.startswith("#") else 0)
        if first.startswith("#"):
            frame.attrs.update(_statement_in(first))
    except (OSError, TypeError, ValueError) as error:
        raise RunError(f"{path}: cannot be read as a register: {error}") from error
    return from_frame(frame)
