"""Stored findings with something changed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from ipsrct.report.results import Node


@pytest.fixture
def changed(results) -> Callable[[Mapping[str, Any]], Node]:
    """Return results with dotted paths replaced; None takes a key out."""

    def change(values: Mapping[str, Any]) -> Node:
        document = copy.deepcopy(results.value)
        for path, value in values.items():
            *parents, last = (int(key) if key.isdigit() else key for key in path.split("."))
            place: Any = document
            for key in parents:
                place = place[key]
            if value is None:
                del place[last]
            else:
                place[last] = value
        return Node(document)

    return change
