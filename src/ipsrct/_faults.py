"""Pydantic's errors in the project's words: the path, the rule, the value and the choices."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ipsrct._message import Message, _, said_by
from ipsrct.errors import Fault, listed, suggestion
from ipsrct.evidence import Quantity

Document = dict[str, Any]

FILE = Message("file")
"""The path of a fault of the whole file."""
_TYPES = {
    "int_type": _("must be a whole number, got {given}"),
    "int_from_float": _("must be a whole number, got {given}"),
    "float_type": _("must be a number, got {given}"),
    "string_type": _("must be text in quotes, got {given}"),
    "bool_type": _("must be true or false, got {given}"),
    "tuple_type": _("must be a list, got {given}"),
    "dict_type": _("must be a table, got {given}"),
    "model_type": _("must be a number, an evidence id or a table, got {given}"),
    "model_attributes_type": _("must be a table, got {given}"),
    "dataclass_type": _("must be a table, got {given}"),
    "finite_number": _("must be a finite number, got {given}"),
    "int_parsing_size": _("must be a number of at most 18 digits, got {given}"),
    "string_pattern_mismatch": _("must be lower-case letters, digits and underscores, got {given}"),
    "string_too_short": _("must not be empty, got {given}"),
    "greater_than_equal": _("must be at least {ge}, got {given}"),
    "greater_than": _("must be more than {gt}, got {given}"),
    "less_than_equal": _("must be at most {le}, got {given}"),
    "less_than": _("must be less than {lt}, got {given}"),
    "too_short": _("needs at least {min_length}, got {actual_length}"),
}
"""Templates by pydantic's type of error; their values are pydantic's, and what was given."""


_TABLE_EXPECTED = ("model_type", "model_attributes_type", "dict_type")
_NUMBER_EXPECTED = ("int_type", "float_type", "literal_error", "model_type", "model_attributes_type")


def as_json(document: Document) -> str:
    """Return a document as JSON for checking; a TOML date or time becomes a table, which no key takes."""
    return json.dumps(document, default=lambda value: {"date": str(value)})


def is_grid(error: ErrorDetails, document: Document) -> str | None:
    """Return the path where a list stands in place of one number, word or table, or None."""
    given = error["input"]
    if not isinstance(given, list) or not given:
        return None
    kinds = {type(item) for item in given}
    numbers = kinds <= {int, float} and error["type"] in _NUMBER_EXPECTED
    words = kinds == {str} and error["type"] == "literal_error"
    tables = kinds == {dict} and error["type"] in _TABLE_EXPECTED
    return ".".join(_path(error["loc"], document)) if numbers or words or tables else None


def faults_of(error: ValidationError, document: Document, root: type[BaseModel]) -> list[Fault]:
    """Translate every error of a validation."""
    found = []
    for e in error.errors():
        path = _path(e["loc"], document) + (["kind"] if e["type"].startswith("union_tag") else [])
        found.append((e["type"], Fault(".".join(path) or FILE, _message(e, root))))
    # A list whose entries are at fault is called too short, because pydantic leaves them out.
    paths = [fault.path for _, fault in found]
    return [
        fault
        for kind, fault in found
        if kind != "too_short" or not any(path.startswith(f"{fault.path}.") for path in paths)
    ]


def _path(location: tuple[int | str, ...], document: Any) -> list[str]:
    """Drop the names of kinds that pydantic puts between a table and its keys."""
    path, node = [], document
    for key in location:
        inside_list = isinstance(node, list) and isinstance(key, int) and key < len(node)
        if inside_list or (isinstance(node, dict) and key in node):
            node = node[key]
        elif isinstance(node, dict) and node.get("kind") == key:
            continue
        else:
            node = None
        path.append(str(key))
    return path


def _message(error: ErrorDetails, root: type[BaseModel]) -> str:
    kind, given, context = error["type"], error["input"], error.get("ctx", {})
    if kind in _TYPES:
        is_table = kind == "model_type" and context["class_name"] != Quantity.__name__
        template = _TYPES["dict_type" if is_table else kind]
        values = {"given": _shown(given), **context}
        return Message(template, **{k: v for k, v in values.items() if f"{{{k}}}" in template})
    if kind == "value_error":
        return said_by(context["error"])
    if kind == "missing":
        return Message("is required")
    if kind == "extra_forbidden":
        name, keys = str(error["loc"][-1]), _keys_at(root, error["loc"][:-1])
        return Message("is not a key here{choices}", choices=listed(name, Message("keys"), keys))
    if kind == "union_tag_not_found":
        return Message("is required; kinds: {kinds}", kinds=", ".join(_kinds_at(root, error["loc"])))
    if kind == "union_tag_invalid":
        name, kinds = context["tag"], _kinds_at(root, error["loc"])
        return Message(
            '"{name}" is not a kind{choices}', name=name, choices=listed(name, Message("kinds"), kinds)
        )
    if kind == "literal_error":
        return _one_of(context["expected"].replace("'", ""), given)
    return Message("is not valid: {reason}, got {given}", reason=error["msg"], given=_shown(given))


def _one_of(expected: str, given: Any) -> str:
    """Return that one of pydantic's choices, such as ``a, b or c``, was expected."""
    others, _, last = expected.rpartition(" or ")
    near = suggestion(str(given), [*filter(None, others.split(", ")), last])
    if not others:
        return Message("must be {only}, got {given}{near}", only=last, given=_shown(given), near=near)
    return Message(
        "must be {others} or {last}, got {given}{near}",
        others=others,
        last=last,
        given=_shown(given),
        near=near,
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _classes(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models inside an annotation, e.g. each kind of a part."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _classes(inner)


def _models_at(root: type[BaseModel], location: tuple[int | str, ...]) -> list[type[BaseModel]]:
    models = [root]
    for key in location:
        chosen = [m for m in models if _kind_of(m) == key]
        if chosen:
            models = chosen
            continue
        fields = [m.model_fields[key] for m in models if isinstance(key, str) and key in m.model_fields]
        if fields:
            models = [c for f in fields for c in _classes(f.annotation)]
    return models


def _kind_of(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("kind")
    return get_args(field.annotation)[0] if field else None


def _keys_at(root: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    keys = [key for model in _models_at(root, location) for key in model.model_fields]
    return ["extends", *keys] if not location else keys


def _kinds_at(root: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    return [kind for model in _models_at(root, location) if (kind := _kind_of(model))]
