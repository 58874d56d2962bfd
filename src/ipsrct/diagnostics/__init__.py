"""What a randomisation plan will do before anyone is enrolled: balance, predictability, bias, information."""

from ipsrct.diagnostics.bias import (
    Bias,
    HiddenCovariate,
    LinearDrift,
    SeasonalDrift,
    SelectionBias,
    StepDrift,
)
from ipsrct.diagnostics.leftovers import Leftovers, expected_leftovers
from ipsrct.diagnostics.plan import Diagnostics, diagnose

__all__ = [
    "Bias",
    "Diagnostics",
    "HiddenCovariate",
    "Leftovers",
    "LinearDrift",
    "SeasonalDrift",
    "SelectionBias",
    "StepDrift",
    "diagnose",
    "expected_leftovers",
]
