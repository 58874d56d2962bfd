"""Reads a document as far as its shape allows, before anything in it has been checked."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from ipsrct._faults import as_json
from ipsrct._parts import any_kind

Document = dict[str, Any]


def parsed(family: str, table: Document) -> Any:
    """Return a part of a scenario, or None where it is not valid by itself."""
    try:
        return TypeAdapter(any_kind(family)).validate_json(as_json(table), strict=True)
    except ValidationError:
        return None


class Reader:
    """Reads a document whose shape has not been checked."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.levels = self._levels()

    def _levels(self) -> dict[str, list[str]]:
        """Return the levels of each factor, from the cohort if it is valid and else as far as written."""
        cohort = parsed("cohort", self.table("assumptions.cohort"))
        if cohort is not None:
            cells = cohort.cells()
            return dict(zip(cells.factors, map(list, cells.levels), strict=True))
        return {
            f["name"]: [v for v in as_list(f.get("levels")) if isinstance(v, str)]
            for f in self.tables("assumptions.cohort.factors")
            if isinstance(f.get("name"), str)
        }

    def at(self, path: str) -> Any:
        node: Any = self._document
        for key in path.split("."):
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def tables(self, path: str) -> list[Document]:
        return [item if isinstance(item, dict) else {} for item in as_list(self.at(path))]

    def table(self, path: str) -> Document:
        found = self.at(path)
        return found if isinstance(found, dict) else {}


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
