"""The only reader of scenario files: name or path -> document -> overrides -> grid -> checked scenario."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from importlib.resources import files
from importlib.resources.abc import Traversable
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ipsrct._consistency import consistency_faults
from ipsrct._decimal import toml_value
from ipsrct._faults import FILE, as_json, faults_of, is_grid
from ipsrct._foreign_words import recognised
from ipsrct._message import Message, said_by
from ipsrct.errors import Fault, ScenarioError, listed
from ipsrct.scenario import Scenario

Document = dict[str, Any]
_MAX_EXTENSIONS = 8


def read_scenario(source: str | Path, changes: Mapping[str, object] | None = None) -> Scenario:
    """Read and check a scenario.

    Parameters
    ----------
    source : str or Path
        The name of a packaged scenario (``ips_ung``) or the path of a TOML file.
    changes : mapping of str to object, optional
        Values by dotted path, e.g. ``{"design.n_participants": 1500}``. A list where a number is
        expected makes a grid.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        With every fault of the file.
    """
    return scenario_from_document(_load(str(source)), changes or {}, str(source))


def scenario_from_document(document: Document, changes: Mapping[str, object], origin: str) -> Scenario:
    """Check a document after setting some paths to other values."""
    document, faults = deepcopy(document), []
    for path, value in changes.items():
        fault = _set(document, path, value)
        faults += [fault] if fault else []
    axes, points = _expand(document)
    for _, point in points:
        faults += [fault for fault in _faults(point) if fault not in faults]
    if faults:
        raise ScenarioError(faults, origin)
    scenario = Scenario.model_validate_json(as_json(points[0][1]), strict=True)
    scenario._document, scenario._grid, scenario._read = document, axes, scenario_from_document
    return scenario


def grid_points(scenario: Scenario) -> list[tuple[dict[str, Any], Scenario]]:
    """Return each point of the scenario's grid with its coordinates; one empty point without a grid."""
    if not scenario.grid:
        return [({}, scenario)]
    _, points = _expand(scenario.document)
    return [(at, scenario_from_document(document, {}, scenario.name)) for at, document in points]


def packaged_scenarios() -> dict[str, Traversable]:
    """Return the scenarios that ship with the package, by name."""
    folders = (files("ipsrct").joinpath("scenarios"), Path(__file__).parents[2] / "scenarios")
    # A wheel carries the files inside the package; a checkout has them at its top.
    folder = next((f for f in folders if f.is_dir()), None)
    found = sorted(folder.iterdir(), key=lambda f: f.name) if folder else []
    return {f.name.removesuffix(".toml"): f for f in found if f.name.endswith(".toml")}


def parse_change(text: str) -> tuple[str, object]:
    """Split ``path=value``; the value is TOML, a number may have a decimal comma, anything else is a string.

    Raises
    ------
    ScenarioError
        If the text has no path or no equals sign, or its commas can be read in two ways.
    """
    path, separator, value = text.partition("=")
    if not separator or not path.strip():
        raise ScenarioError([Fault(text, Message("must look like path=value"))], "--set")
    try:
        return path.strip(), toml_value(value)
    except ValueError as error:
        raise ScenarioError([Fault(path.strip(), said_by(error))], "--set") from None


def read_with_changes(source: str, texts: Iterable[str], changes: Mapping[str, object]) -> Scenario:
    """Read a scenario with changes of which some are written as ``path=value``.

    Raises
    ------
    ScenarioError
        With the faults of the changes and of the file.
    """
    faults: list[Fault] = []
    values = dict(changes)
    for text in texts:
        try:
            values.update([parse_change(text)])
        except ScenarioError as error:
            faults += error.faults
    try:
        scenario = read_scenario(source, values)
    except ScenarioError as error:
        raise ScenarioError([*faults, *error.faults], source) from None
    if faults:
        raise ScenarioError(faults, source)
    return scenario


def _load(source: str, extended: tuple[str, ...] = (), base: Path | None = None) -> Document:
    packaged = packaged_scenarios()
    path = (base or Path()) / source
    file: Traversable = packaged.get(source, path)
    folder = None if source in packaged else path.parent
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as error:
        fault = Fault(FILE, Message("must be UTF-8 text: {reason}", reason=recognised(error.reason)))
        raise ScenarioError([fault], source) from None
    except OSError as error:
        reason = recognised(error.strerror) if error.strerror else Message("cannot be read")
        choices = listed(source, Message("packaged scenarios"), packaged)
        message = Message('"{file}": {reason}{choices}', file=source, reason=reason, choices=choices)
        raise ScenarioError([Fault(FILE, message)], source) from None
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, endless brackets
        message = Message("is not valid TOML: {reason}", reason=recognised(str(error)))
        raise ScenarioError([Fault(FILE, message)], source) from None
    if "extends" not in document:
        return document
    parent = document.pop("extends")
    wrong = _why_not_parent(parent, (*extended, source))
    if wrong:
        raise ScenarioError([Fault("extends", wrong)], source)
    try:
        base_document = _load(parent, (*extended, source), folder)
    except ScenarioError as error:
        faults = [Fault("extends", f.message) if f.path == FILE else f for f in error.faults]
        raise ScenarioError(faults, source) from None
    return _merge(base_document, document)


def _why_not_parent(parent: Any, extended: tuple[str, ...]) -> str:
    """Return why a file cannot extend ``parent``, or an empty string."""
    if not isinstance(parent, str):
        return Message("must be a scenario's name or path, got {given}", given=str(parent))
    chain = " -> ".join([*extended, parent])
    if parent in extended:
        return Message("must not come back to itself: {chain}", chain=chain)
    if len(extended) > _MAX_EXTENSIONS:
        return Message("goes through too many files: {chain}", chain=chain)
    return ""


def _merge(base: Document, changes: Document) -> Document:
    """Return ``base`` with tables merged key by key.

    A part that names its kind, and a quantity with its own value or evidence, replace the whole table: what
    they do not say must not come from a file that described something else.
    """
    merged = dict(base)
    for key, value in changes.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict) and not _is_whole(value):
            merged[key] = _merge(old, value)
        else:
            merged[key] = value
    return merged


def _is_whole(table: Document) -> bool:
    return not table.keys().isdisjoint(("kind", "value", "evidence"))


def _set(document: Document, path: str, value: object) -> Fault | None:
    """Set a dotted path in place; list entries are addressed by position."""
    *parents, last = path.split(".")
    node: Any = document
    for key in parents:
        if isinstance(node, list) and _is_position(key) and int(key) < len(node):
            node = node[int(key)]
        elif isinstance(node, dict):
            node = node.setdefault(key, {})
        else:
            return Fault(path, _not_inside(key))
    if isinstance(node, list) and _is_position(last) and int(last) < len(node):
        node[int(last)] = value
    elif isinstance(node, dict):
        node[last] = value
    else:
        return Fault(path, _not_inside(last))
    return None


def _not_inside(key: str) -> str:
    return Message('cannot be set: "{key}" is not inside a table or list', key=key)


def _is_position(key: str) -> bool:
    return key.isascii() and key.isdigit()


def _get(document: Any, path: str) -> Any:
    for key in path.split("."):
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def _expand(
    document: Document,
) -> tuple[tuple[tuple[str, tuple[Any, ...]], ...], list[tuple[dict[str, Any], Document]]]:
    """Find lists of numbers that stand where one number is expected, and form every combination."""
    axes = tuple((path, tuple(_get(document, path))) for path in _grid_paths(document))
    points = []
    for values in product(*(values for _, values in axes)):
        at = dict(zip((path for path, _ in axes), values, strict=True))
        point = deepcopy(document)
        for path, value in at.items():
            _set(point, path, value)
        points.append((at, point))
    return axes, points


def _grid_paths(document: Document) -> Iterable[str]:
    try:
        Scenario.model_validate_json(as_json(document), strict=True)
    except ValidationError as error:
        return [path for path in (is_grid(e, document) for e in error.errors()) if path]
    return []


def _faults(document: Document) -> list[Fault]:
    found: list[Fault] = []
    try:
        Scenario.model_validate_json(as_json(document), strict=True)
    except ValidationError as error:
        found = faults_of(error, document, Scenario)
    known = {fault.path for fault in found}
    return found + [fault for fault in consistency_faults(document) if fault.path not in known]
