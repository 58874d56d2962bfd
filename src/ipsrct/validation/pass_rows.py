"""Rows of PASS 15 output: power of z tests, and distances of confidence limits."""

from __future__ import annotations

from typing import Literal

from ipsrct import proportions
from ipsrct.validation.comparison import Quantities
from ipsrct.validation.inputs import Inputs, UnsupportedInputError
from ipsrct.validation.interval_kinds import ci_width

_DESCRIPTIONS = ("module", "group", "power", "ratio", "distance")
"""Names, targets and the allocation: the sizes that PASS found with them are in the row."""


def _arms(inputs: Inputs) -> tuple[float, float, float, float]:
    inputs.set_aside(*_DESCRIPTIONS)
    return (
        inputs.number("treatment_proportion"),
        inputs.number("reference_proportion"),
        inputs.number("treatment_size"),
        inputs.number("reference_size"),
    )


def _z_power(inputs: Inputs, margin: float) -> Quantities:
    variances: dict[str, Literal["pooled", "unpooled"]] = {"z_pooled": "pooled", "z_unpooled": "unpooled"}
    power = proportions.z_test_power(
        *_arms(inputs),
        alpha=inputs.number("alpha"),
        sides=inputs.sides(),
        direction=inputs.direction(),
        variance=inputs.choice("method", choices=variances),
        null_difference=margin,
        continuity_correction=inputs.flag("continuity_correction", default=False),
    )
    return {"actual_power": power}


def pass15_inequality(inputs: Inputs) -> Quantities:
    """Power of the test of equal risks; a one-sided test without a direction is on the side of the effect."""
    return _z_power(inputs, 0.0)


def pass15_noninferiority(inputs: Inputs) -> Quantities:
    """Power of a one-sided test against a margin for treatment - reference."""
    return _z_power(inputs, inputs.number("margin"))


def pass15_superiority(inputs: Inputs) -> Quantities:
    """Power of the test of superiority by a margin, also written as the risk that has to be exceeded."""
    reference = inputs.number("reference_proportion")
    if "superiority_proportion" not in inputs:
        return _z_power(inputs, inputs.number("margin"))
    margin = inputs.number("superiority_proportion") - reference
    if abs(inputs.number("margin", default=margin) - margin) > 1e-9:
        raise UnsupportedInputError("margin and superiority_proportion contradict each other")
    return _z_power(inputs, margin)


def pass15_confidence_interval(inputs: Inputs) -> Quantities:
    """Width of a two-sided interval; distance from the estimate to the limit of a one-sided one."""
    inputs.set_aside(*_DESCRIPTIONS)
    return ci_width(inputs)
