"""Kinds of case about confidence intervals for two proportions; arm 1 of a case is the treatment arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from ipsrct.proportions import Interval, difference_interval, ratio_interval
from ipsrct.validation.comparison import Quantities
from ipsrct.validation.inputs import Inputs, UnsupportedInputError

DIFFERENCE_NAMES: Mapping[str, str] = {
    "agresti_caffo": "agresti_caffo",
    "chisq": "wald",
    "chi_square": "wald",
    "farrington_manning": "mee",
    "mee": "mee",
    "miettinen_nurminen": "miettinen_nurminen",
    "mn": "miettinen_nurminen",
    "newcombe": "newcombe",
    "newcombe_hybrid_score": "newcombe",
    "newcombe_wilson": "newcombe",
    "score": "miettinen_nurminen",
    "wald": "wald",
    "wilson": "newcombe",
}
"""Method of a risk difference's interval by the names that programs give it."""

_CORRECTED = ("_continuity_corrected", "_continuity_correction", "_corrected", "_cc")

RATIO_NAMES: Mapping[str, str] = {
    "adjusted_log": "adjusted_log",
    "inverse_sinh": "inverse_sinh",
    "katz": "katz_log",
    "katz_log": "katz_log",
    "koopman": "koopman",
    "koopman_score": "koopman",
    "log": "katz_log",
    "log_adjusted": "adjusted_log",
    "miettinen_nurminen": "miettinen_nurminen",
    "mover": "mover",
    "mover_wilson": "mover",
    "mover_r_wilson": "mover",
    "newcombe_inverse_sinh": "inverse_sinh",
    "score": "koopman",
    "wald_log": "katz_log",
    "walter": "adjusted_log",
    "walters": "adjusted_log",
}
"""Method of a risk ratio's interval by the names that programs give it."""


def _difference_method(inputs: Inputs) -> str:
    names = dict(DIFFERENCE_NAMES)
    for name in ("wald", "newcombe"):
        aliases = [alias for alias, method in DIFFERENCE_NAMES.items() if method == name]
        corrected = f"{name}_continuity_corrected"
        names |= {alias + suffix: corrected for alias in aliases for suffix in _CORRECTED}
    method = inputs.choice("method", choices=names)
    if not inputs.flag("continuity_correction", default=method.endswith("_corrected")):
        if method.endswith("_corrected"):
            raise UnsupportedInputError(
                f"method {inputs['method']!r} contradicts continuity_correction false"
            )
        return method
    if method in ("wald", "newcombe"):
        return f"{method}_continuity_corrected"
    if not method.endswith("_corrected"):
        raise UnsupportedInputError(f"method {inputs['method']!r} has no continuity correction")
    return method


def _events(inputs: Inputs) -> tuple[float, float, float, float]:
    """Read events and sizes; expected events, risk times size, need not be whole."""
    n1, n2 = inputs.number("n1", "treatment_size"), inputs.number("n2", "reference_size")
    if "x1" in inputs or "x2" in inputs:
        return inputs.number("x1"), n1, inputs.number("x2"), n2
    first, second = inputs.number("p1", "treatment_proportion"), inputs.number("p2", "reference_proportion")
    return first * n1, n1, second * n2, n2


def _confidence(inputs: Inputs) -> float:
    if "alpha" in inputs:
        return 1 - inputs.number("alpha")
    return inputs.number("conf", "conf_level", "confidence", default=0.95)


def _named(interval: Interval) -> Quantities:
    limits = np.stack([interval.low, interval.high])
    return {
        "interval": limits,
        "low": interval.low,
        "high": interval.high,
        "lower": interval.low,
        "upper": interval.high,
        "estimate": interval.estimate,
        "width": interval.width,
    }


def ci_difference(inputs: Inputs) -> Quantities:
    """Interval of a risk difference."""
    confidence, sides = _confidence(inputs), inputs.sides()
    method = _difference_method(inputs)
    return _named(difference_interval(*_events(inputs), method=method, confidence=confidence, sides=sides))


def ci_ratio(inputs: Inputs) -> Quantities:
    """Interval of a risk ratio."""
    confidence, sides = _confidence(inputs), inputs.sides()
    method = inputs.choice("method", choices=RATIO_NAMES)
    return _named(ratio_interval(*_events(inputs), method=method, confidence=confidence, sides=sides))


def ci_width(inputs: Inputs) -> Quantities:
    """Width of the interval that a design expects; of a one-sided one, its distance from the estimate."""
    types: Mapping[str, Literal["width", "lower", "upper"]] = {
        "2": "width",
        "two_sided": "width",
        "lower": "lower",
        "upper": "upper",
    }
    asked = inputs.choice("interval_type", "sided", choices=types, default="two-sided")
    interval = difference_interval(
        *_events(inputs),
        method=_difference_method(inputs),
        confidence=_confidence(inputs),
        sides=2 if asked == "width" else 1,
    )
    below, above = interval.estimate - interval.low, interval.high - interval.estimate
    distance = {"width": interval.width, "lower": below, "upper": above}[asked]
    return {"width": distance, "distance": distance, "actual_distance": distance}
