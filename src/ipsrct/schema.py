"""The JSON Schema of scenario files."""

from __future__ import annotations

import json
from typing import Any

from ipsrct.scenario import Scenario


def scenario_schema() -> dict[str, Any]:
    """Return the schema (JSON Schema 2020-12) of a scenario file.

    Any number, word of a choice or table may be a list, which makes a grid; a file that extends another need
    not repeat its keys, so that only a file without ``extends`` is held to the whole schema.
    """
    schema = _with_grids(Scenario.model_json_schema())
    definitions = schema.pop("$defs")
    schema["properties"]["extends"] = {"type": "string", "description": "A scenario's name or path."}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ipsrct scenario",
        "$defs": definitions,
        "if": {"required": ["extends"]},
        "then": {"type": "object", "properties": dict.fromkeys(schema["properties"], True)},
        "else": schema,
    }


def schema_json() -> str:
    """Return the schema as JSON."""
    return json.dumps(scenario_schema(), indent=2)


def _with_grids(node: Any) -> Any:
    """Let every property that is a number, a word of a choice or a table be a list of them as well."""
    if isinstance(node, list):
        return [_with_grids(item) for item in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _with_grids(value) for key, value in node.items()}
    for key, value in changed.get("properties", {}).items():
        options = value.get("anyOf", [value])
        lists = [{"type": "array", "items": option, "minItems": 1} for option in options if _may_vary(option)]
        if lists:
            changed["properties"][key] = {"anyOf": [*options, *lists]}
    return changed


def _may_vary(option: Any) -> bool:
    if not isinstance(option, dict):
        return False
    is_table = "$ref" in option or "oneOf" in option
    return is_table or "enum" in option or option.get("type") in ("integer", "number", "object")
