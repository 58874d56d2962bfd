"""Comparison of a computed quantity with the published one."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ipsrct.validation.cases import Case
from ipsrct.validation.inputs import UnsupportedInputError

Quantities = Mapping[str, object]
"""What a kind computes, by name; the first is meant where a case expects a bare number or list."""

_ROUND_OFF = 4 * np.finfo(np.float64).eps


def select(quantities: Quantities, expected: Any) -> Any:
    """Return the computed counterpart of ``expected`` in built-in types.

    Raises
    ------
    UnsupportedInputError
        If the case expects a quantity that its kind does not compute.
    """
    if not isinstance(expected, Mapping):
        return _built_in(next(iter(quantities.values())))
    missing = [name for name in expected if name not in quantities]
    if missing:
        raise UnsupportedInputError(
            f"{', '.join(missing)} cannot be computed from these inputs; computed: {', '.join(quantities)}"
        )
    return {name: _built_in(quantities[name]) for name in expected}


def _built_in(value: object) -> Any:
    return np.asarray(value).tolist() if not isinstance(value, str | None) else value


def disagreements(got: Any, expected: Any, case: Case, name: str = "value") -> list[str]:
    """Return a line for each number of ``got`` that is further from ``expected`` than the tolerance.

    Parameters
    ----------
    got, expected : object
        Numbers, text, or lists and mappings of them.
    case : Case
        The case, for its tolerance.
    name : str
        What to call the quantity.
    """
    if isinstance(expected, Mapping):
        return [line for key in expected for line in disagreements(got[key], expected[key], case, key)]
    if isinstance(expected, Sequence) and not isinstance(expected, str):
        if not isinstance(got, Sequence) or len(got) != len(expected):
            return [f"{name}: expected {len(expected)} numbers, got {got}"]
        pairs = enumerate(zip(got, expected, strict=True))
        return [line for i, (g, e) in pairs for line in disagreements(g, e, case, f"{name}[{i}]")]
    if _agree(got, expected, case.tolerance):
        return []
    return [f"{name}: expected {expected}, got {got}"]


def _agree(got: Any, expected: Any, tolerance: Mapping[str, Any]) -> bool:
    if not isinstance(expected, int | float) or not isinstance(got, int | float):
        return bool(got == expected)
    if not math.isfinite(expected) or not math.isfinite(got):
        return got == expected or (math.isnan(got) and math.isnan(expected))
    if tolerance.get("exact"):
        return got == expected
    allowed = tolerance.get("abs", 0) + (tolerance.get("rel", 0) + float(_ROUND_OFF)) * abs(expected)
    return bool(abs(got - expected) <= allowed)
