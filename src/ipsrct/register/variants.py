"""What hangs on the choices behind the shipped fits: control paths, effects and the worth of a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from ipsrct.register.calibration import Calibration
from ipsrct.register.counterfactual import (
    CONTROL_LEVELS,
    FOLLOW_UP_MONTH,
    LONG_WINDOW,
    Counterfactual,
    make_counterfactual,
)
from ipsrct.register.endpoints import Endpoint, endpoint_moments
from ipsrct.register.hazards import Hazards
from ipsrct.register.refit import HETEROGENEITIES, START_MONTHS, shipped_calibration


@dataclass(frozen=True)
class VariantPaths:
    """One shipped fit and what it implies.

    Attributes
    ----------
    calibration : Calibration
    counterfactuals : tuple of Counterfactual
        One for each key of ``counterfactual.CONTROL_LEVELS``.
    baseline_correlation : float
        Of employment in the month before start and in month 12, on the control path ``persist``.
    """

    calibration: Calibration
    counterfactuals: tuple[Counterfactual, ...]
    baseline_correlation: float


def baseline_correlation(hazards: Hazards) -> float:
    """Return the correlation of employment in the month before start and in month 12, over all persons."""
    moments = endpoint_moments(hazards, Endpoint(kind="employed", last=FOLLOW_UP_MONTH))
    share = hazards.design.size[:, None] / hazards.design.size.sum() * moments.share
    before, after = float(share[:, 1].sum()), float((share * moments.mean).sum())
    both = float((share[:, 1] * moments.mean[:, 1]).sum())
    return float((both - before * after) / np.sqrt(before * (1 - before) * after * (1 - after)))


def variant_paths() -> Iterator[VariantPaths]:
    """Yield what each shipped fit implies, by start distribution and heterogeneity."""
    for start_distribution, heterogeneity in product(START_MONTHS, HETEROGENEITIES):
        fitted = shipped_calibration(start_distribution, heterogeneity)
        values, variant = fitted.parameters, fitted.variant
        yield VariantPaths(
            fitted,
            tuple(make_counterfactual(values, choice, variant) for choice in CONTROL_LEVELS),
            baseline_correlation(variant.hazards(values, LONG_WINDOW, 0.0)),
        )
