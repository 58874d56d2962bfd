"""What ``ipsrct register`` prints, gathered in one place: the reproduction, and how near a register comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ipsrct.register.anchors import Anchor, Count
from ipsrct.register.calibration import Calibration, default_calibration
from ipsrct.register.design import Floats
from ipsrct.register.measure_tables import PublishedShare, published_shares
from ipsrct.register.measure_types import expected_shares
from ipsrct.register.measures import IN_MEASURE, measure_moments
from ipsrct.register.measures_calibration import default_measures
from ipsrct.register.published import published_coefficients
from ipsrct.register.reproduction import (
    Estimates,
    FittedCoefficient,
    figure_curves,
    fitted_anchors,
    fitted_coefficients,
    fitted_counts,
)
from ipsrct.register.width_test import Z_95

SAME_COST = 0.01
"""Relative difference below which two starts reached the same fit."""
ROUNDING = 0.0005
"""Largest rounding error of a number printed in percentage points with one decimal."""


@dataclass(frozen=True)
class Reproduction:
    """Everything published beside everything expected.

    Attributes
    ----------
    calibration : Calibration
        The fit behind the expectations.
    coefficients : list of FittedCoefficient
        The 44 of Table 3, appendix 2 and Table 8.
    counts : list of (Count, float)
        Published counts and their expectations.
    shares : list of (PublishedShare, float)
        Tables 4 to 7, shares that start another measure, and their expectations.
    anchors : list of (process, Anchor, float)
        Published ranges of the curves and expectations.
    curves : dict of str to dict of str to ndarray, shape (41,)
        By process and group, for months -20 to 20 relative to start.
    """

    calibration: Calibration
    coefficients: list[FittedCoefficient]
    counts: list[tuple[Count, float]]
    shares: list[tuple[PublishedShare, float]]
    anchors: list[tuple[str, Anchor, float]]
    curves: dict[str, dict[str, Floats]]

    def of(self, process: str) -> list[FittedCoefficient]:
        """Return the coefficients of ``employment`` or ``measures``."""
        return [row for row in self.coefficients if row.published.process == process]

    @property
    def after_ips(self) -> FittedCoefficient:
        """Model 2 for everybody, at least one hour: the report's headline."""
        return next(row for row in self.of("employment") if row.published.model == "2")

    @property
    def n_anchors_inside(self) -> int:
        """Number of curve anchors whose expectation lies in the published range."""
        return sum(anchor.low <= value <= anchor.high for _, anchor, value in self.anchors)


def added_up_steps() -> float:
    """Return the four published steps of Model 1 added up, at least one hour a week."""
    own = [row for row in published_coefficients() if row.model == "1" and row.outcome == "employment_1h"]
    return sum(row.estimate for row in own)


def is_inside(row: FittedCoefficient) -> bool | None:
    """Return whether the expectation lies in the printed interval; None where no usable one is printed."""
    limits = (row.published.ci_low, row.published.ci_high)
    return None if np.isnan(limits).any() else limits[0] <= row.expected <= limits[1]


def is_off_centre(row: FittedCoefficient) -> bool:
    """Return whether the printed interval is not centred on its estimate, rounding allowed: a misprint."""
    own = row.published
    return abs((own.ci_low + own.ci_high) / 2 - own.estimate) > 2 * ROUNDING + 1e-9


def count_inside(rows: Iterable[FittedCoefficient]) -> tuple[int, int]:
    """Return how many expectations lie in their printed intervals, and the number of usable intervals."""
    found = [inside for row in rows if (inside := is_inside(row)) is not None]
    return sum(found), len(found)


def root_mean_square_z(rows: list[FittedCoefficient]) -> float:
    """Return the root mean square of expected minus published in published standard errors."""
    return float(np.sqrt(np.mean([row.z**2 for row in rows])))


def width_ratios(rows: list[FittedCoefficient]) -> tuple[float, float]:
    """Return the smallest and largest ratio of classic to published standard error."""
    ratios = [row.classic_standard_error / row.published.standard_error for row in rows]
    return min(ratios), max(ratios)


def inflation(row: FittedCoefficient) -> float:
    """Return by how much the printed kind of interval is too narrow: cluster-robust over classic error."""
    return row.cluster_standard_error / row.classic_standard_error


def honest_interval(row: FittedCoefficient) -> tuple[float, float]:
    """Return the published estimate's 95 per cent interval with the cluster-robust standard error."""
    half = Z_95 * row.cluster_standard_error
    return row.published.estimate - half, row.published.estimate + half


def reproduce(calibration: Calibration | None = None) -> Reproduction:
    """Return everything published beside everything expected.

    Parameters
    ----------
    calibration : Calibration, optional
        Of employment; the shipped one if left out. Other measures are always the shipped fit.

    Returns
    -------
    Reproduction
    """
    calibration, measures = calibration or default_calibration(), default_measures()
    employment = calibration.moments
    other = measure_moments(measures.parameters, employment)
    shares = expected_shares(measures.parameters, employment).tolist()
    return Reproduction(
        calibration=calibration,
        coefficients=fitted_coefficients(calibration, measures),
        counts=fitted_counts(employment),
        shares=list(zip(published_shares(), shares, strict=True)),
        anchors=fitted_anchors(employment, other),
        curves={"employment": figure_curves(employment), "measures": figure_curves(other, IN_MEASURE)},
    )


def starts_agree(calibration: Calibration) -> bool:
    """Return whether every start of a fit reached the same cost within one per cent."""
    return max(calibration.costs) <= (1 + SAME_COST) * min(calibration.costs)


def distances(estimates: Estimates) -> Floats:
    """Return one register's coefficients minus the published ones, in published standard errors."""
    rows = published_coefficients()[: estimates.coefficient.size]
    published = np.array([row.estimate for row in rows])
    return np.asarray((estimates.coefficient - published) / [row.standard_error for row in rows])
