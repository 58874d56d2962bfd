"""The exported JSON Schema accepts what the reader accepts, and catches what an editor can catch."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ipsrct import ScenarioError, packaged_scenarios, read_scenario
from ipsrct.schema import schema_json

SCHEMA = json.loads(schema_json())
VALIDATOR = Draft202012Validator(SCHEMA)


def _document(**changes: object) -> dict[str, Any]:
    """Return a scenario with values set by path, with __ for a dot."""
    document = deepcopy(read_scenario("ips_ung_cells").document)
    for path, value in changes.items():
        *parents, last = path.split("__")
        node: Any = document
        for key in parents:
            node = node[int(key)] if isinstance(node, list) else node[key]
        node[last] = value
    return document


def test_schema_is_itself_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", packaged_scenarios())
def test_packaged_scenario_is_valid_as_a_file_and_in_full(name: str) -> None:
    VALIDATOR.validate(tomllib.loads(packaged_scenarios()[name].read_text(encoding="utf-8")))
    full = read_scenario(name).document
    assert "extends" not in full
    VALIDATOR.validate(full)


@pytest.mark.parametrize(
    "changes",
    [
        {"titel": "typo"},
        {"design__n_participant": 3},
        {"design__randomisation__leftover": "pool"},
        {"design__arms__0__weight": 1},
        {"assumptions__outcome__control_risk__valu": 0.3},
    ],
)
def test_unknown_key_is_invalid(changes: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(_document(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": 3},
        {"design__n_participants": "1320"},
        {"design__n_participants": 1},
        {"design__n_participants": ["1320"]},
        {"design__n_participants": []},
        {"design__arms": {}},
        {"design__randomisation__kind": "permuted_blok"},
        {"design__randomisation__block_sizes": []},
        {"assumptions__outcome__control_risk": "39 %"},
        {"assumptions__outcome__control_risk": True},
        {"analysis__sides": 3},
        {"analysis__significance_level": 5},
        {"simulation__seed": -1},
    ],
)
def test_wrong_type_or_value_is_invalid(changes: dict[str, object]) -> None:
    assert not VALIDATOR.is_valid(_document(**changes))


@pytest.mark.parametrize(
    "path",
    [
        "name",
        "design",
        "design.n_participants",
        "design.arms.0.name",
        "design.randomisation.kind",
        "assumptions.outcome.control_risk",
        "analysis.estimand",
        "simulation.seed",
    ],
)
def test_missing_key_is_invalid(path: str) -> None:
    document = _document()
    *parents, last = path.split(".")
    node: Any = document
    for key in parents:
        node = node[int(key)] if isinstance(node, list) else node[key]
    del node[last]
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("design.n_participants", [1000, 1320]),
        ("analysis.significance_level", [0.01, 0.05]),
        ("analysis.estimand.month", [6, 12]),
        ("assumptions.outcome.control_risk", [0.36, 0.44]),
        ("assumptions.outcome.control_risk.value", [0.37, 0.44]),
        ("assumptions.outcome.effect.high", [0.1, 0.13]),
        ("assumptions.cohort.services.oslo", [3, 5]),
        ("simulation.seed", [1, 2]),
        ("assumptions.cohort.cell_sizes", ["random", "fixed"]),
        ("design.randomisation", [{"kind": "complete"}, {"kind": "simple"}]),
        ("assumptions.outcome.effect", [{"value": 0.05, "assumed": "a"}, {"value": 0.1, "assumed": "b"}]),
    ],
)
def test_reader_and_schema_agree_on_a_grid(path: str, values: list[Any]) -> None:
    assert read_scenario("ips_ung_cells", {path: values}).grid == ((path, tuple(values)),)
    VALIDATOR.validate(_document(**{path.replace(".", "__"): values}))


def test_reader_and_schema_agree_on_a_list_of_sides() -> None:
    try:
        accepted = bool(read_scenario("ips_ung_cells", {"analysis.sides": [1, 2]}).grid)
    except ScenarioError:
        accepted = False
    assert VALIDATOR.is_valid(_document(analysis__sides=[1, 2])) == accepted


def test_file_that_extends_another_need_not_repeat_its_keys() -> None:
    VALIDATOR.validate({"extends": "ips_ung", "design": {"n_participants": 900}})
    assert not VALIDATOR.is_valid({"design": {"n_participants": 900}})
