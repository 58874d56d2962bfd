"""Published reference cases: what they hold, and how they are read.

Two formats are read: a JSON list of cases (or an object with the list under ``cases``), and a JSON list of
rows of PASS output.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from ipsrct.errors import IpsrctError

PACKAGED_FILES = ("cases.json", "pass15_two_proportions.json")

_REQUIRED = ("id", "kind", "inputs", "expected", "tolerance")

_PASS_RESULTS = ("actual_power", "actual_distance")

_PASS_TOLERANCE = {"abs": 1e-8}

_PASS_ITERATED_TOLERANCE = {"abs": 2e-8}
"""For a one-sided score limit: the limits that PASS prints miss the score equation by up to 2e-7, hence the
exact root by up to 1.1e-8 (in either direction), because its search stops there."""


@dataclass(frozen=True)
class Case:
    """A value that somebody else published, with what it was computed from.

    Attributes
    ----------
    id, kind, source : str
        Name of the case, kind of calculation, and where the value was published.
    inputs : mapping
        Inputs of the calculation by name.
    expected : object
        A number, a list of numbers, or a mapping from names to these.
    tolerance : mapping
        ``{"abs": a}``, ``{"rel": r}`` or both, which add up, or ``{"exact": True}``.
    note : str
        What else the source says.
    """

    id: str
    kind: str
    source: str
    inputs: Mapping[str, Any]
    expected: Any
    tolerance: Mapping[str, Any]
    note: str = ""

    @property
    def whole_numbers(self) -> bool:
        """Whether the expected value is compared exactly, so that sizes are whole participants."""
        return bool(self.tolerance.get("exact")) or not any(self.tolerance.get(key) for key in ("abs", "rel"))


def read_cases(path: str | Path | None = None) -> list[Case]:
    """Read reference cases.

    Parameters
    ----------
    path : str, Path or None
        A file in either format; None reads the public cases that come with the package.

    Returns
    -------
    list of Case
        The cases in the order of the file. A row of PASS output without an id gets its position, from 0.

    Raises
    ------
    IpsrctError
        If the file cannot be read or a case is malformed; the message names the file, the position and the
        fault.
    """
    if path is not None:
        return _read_file(Path(path), str(path))
    folder = files("ipsrct.validation") / "data"
    return [case for name in PACKAGED_FILES for case in _read_file(folder / name, name)]


def _read_file(file: Path | Traversable, name: str) -> list[Case]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise IpsrctError(f"{name}: cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        raise IpsrctError(f"{name}: not JSON: {error}") from error
    if isinstance(document, dict):
        document = document.get("cases")
    if not isinstance(document, list):
        raise IpsrctError(f'{name}: must be a list of cases, or an object with a list under "cases"')
    return [_read_item(item, position, f"{name}: case {position}") for position, item in enumerate(document)]


def _read_item(item: Any, position: int, place: str) -> Case:
    if not isinstance(item, dict):
        raise IpsrctError(f"{place}: must be an object, got {type(item).__name__}")
    if "kind" not in item and any(key in item for key in _PASS_RESULTS):
        return _read_pass_row(item, position, place)
    missing = [key for key in _REQUIRED if key not in item]
    if missing:
        raise IpsrctError(f"{place}: {' and '.join(missing)} missing; a case has {', '.join(_REQUIRED)}")
    place = f"{place} ({item['id']})"
    if not isinstance(item["kind"], str):
        raise IpsrctError(f"{place}: kind must be a string, got {item['kind']!r}")
    if not isinstance(item["inputs"], dict):
        raise IpsrctError(f"{place}: inputs must be an object, got {item['inputs']!r}")
    return Case(
        id=str(item["id"]),
        kind=item["kind"],
        source=str(item.get("source") or ""),
        inputs=item["inputs"],
        expected=item["expected"],
        tolerance=_read_tolerance(item["tolerance"], place),
        note=str(item.get("note") or ""),
    )


def _read_tolerance(tolerance: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(tolerance, dict) or not tolerance:
        raise IpsrctError(
            f'{place}: tolerance must be {{"abs": ...}}, {{"rel": ...}}, both or {{"exact": true}}'
        )
    for key, value in tolerance.items():
        if key not in ("abs", "rel", "exact"):
            raise IpsrctError(f"{place}: tolerance {key!r} is not known; choices: abs, rel, exact")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if key == "exact" and not isinstance(value, bool):
            raise IpsrctError(f"{place}: tolerance exact must be true or false, got {value!r}")
        if key != "exact" and not (is_number and math.isfinite(value) and value >= 0):
            raise IpsrctError(f"{place}: tolerance {key} must be a number, 0 or above, got {value!r}")
    return tolerance


def _read_pass_row(row: dict[str, Any], position: int, place: str) -> Case:
    result = next(key for key in _PASS_RESULTS if key in row)
    value = row[result]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise IpsrctError(f"{place}: {result} must be a number, got {value!r}")
    kind = _pass_kind(row)
    iterated = row.get("method") in ("miettinen_nurminen", "farrington_manning")
    one_sided = row.get("interval_type") in ("lower", "upper")
    return Case(
        id=str(row.get("id", position)),
        kind=kind,
        source=f"PASS 15, {row.get('group', kind)}",
        inputs={key: value for key, value in row.items() if key not in (result, "id")},
        expected=value,
        tolerance=_PASS_ITERATED_TOLERANCE if iterated and one_sided else _PASS_TOLERANCE,
    )


def _pass_kind(row: Mapping[str, Any]) -> str:
    """Name a row's procedure by its module, or by the fields that only this procedure has."""
    if "actual_distance" in row:
        return "pass15_confidence_interval"
    module = str(row.get("module", ""))
    for name in ("inequality", "superiority", "noninferiority"):
        if module.endswith(f"test_{name}"):
            return f"pass15_{name}"
    if row.get("superiority_proportion") is not None:
        return "pass15_superiority"
    return "pass15_inequality" if row.get("margin") is None else "pass15_noninferiority"
