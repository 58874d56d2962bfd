"""Kinds of case about randomisation."""

from __future__ import annotations

import re
from typing import Literal

import numpy as np

from ipsrct.randomisation.minimisation import total_imbalance
from ipsrct.validation.comparison import Quantities
from ipsrct.validation.inputs import Inputs, UnsupportedInputError, plain


def minimisation_worked_example(inputs: Inputs) -> Quantities:
    """Total imbalance of a participant's possible assignments, from the counts in the own levels."""
    by_level = inputs["factors"]
    own = list(inputs["new_patient"])
    missing = [level for level in own if level not in by_level]
    if missing:
        raise UnsupportedInputError(f"counts of the level {missing[0]} are not given")
    arms = list(by_level[own[0]])
    counts = np.array([[by_level[level][arm] for level in own] for arm in arms])
    factor_weights = _factor_weights(inputs, len(own))
    totals = total_imbalance(counts, factor_weights=factor_weights, imbalance=_imbalance(inputs))
    found: dict[str, object] = {
        f"total_if_{arm}": float(total) for arm, total in zip(arms, totals, strict=True)
    }
    least = np.flatnonzero(totals == totals.min())
    return found | {"assigned": arms[least[0]] if len(least) == 1 else "tie"}


def _imbalance(inputs: Inputs) -> Literal["range", "variance"]:
    words = str(inputs.get("imbalance", "range")).lower()
    if re.search(r"\brange\b|absolute", words):
        return "range"
    if "variance" in words:
        return "variance"
    raise UnsupportedInputError(f"imbalance {words!r} is not understood")


def _factor_weights(inputs: Inputs, n_factors: int) -> tuple[int, ...]:
    weights = inputs.get("weights", "equal")
    if isinstance(weights, str) and plain(weights) == "equal":
        return (1,) * n_factors
    if isinstance(weights, dict):
        weights = [weights[level] for level in inputs["new_patient"]]
    if not isinstance(weights, list) or len(weights) != n_factors:
        raise UnsupportedInputError(f"weights {weights!r} are not understood")
    return tuple(weights)
