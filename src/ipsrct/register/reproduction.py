"""Published against reproduced: every coefficient, count and curve anchor, with both standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipsrct.register.anchors import ANCHORS, COUNTS, Anchor, Count, anchor_values, count_values
from ipsrct.register.calibration import Calibration, default_calibration
from ipsrct.register.clusters import cluster_errors_model_1, cluster_errors_model_2
from ipsrct.register.design import GROUPS, Floats, make_design
from ipsrct.register.draw import Register
from ipsrct.register.evaluation import Evaluation, Model1Design, evaluate_groups, evaluate_model_1
from ipsrct.register.measures import IN_MEASURE, measure_hazards
from ipsrct.register.measures_calibration import MEASURE_ANCHORS, MeasuresCalibration, default_measures
from ipsrct.register.moments import Moments, curve, make_moments
from ipsrct.register.published import OUTCOMES, Coefficient, published_coefficients
from ipsrct.register.regressions import expected_model_1, expected_model_2

_ESTIMATES = ("coefficient", "classic_standard_error", "cluster_standard_error")


@dataclass(frozen=True)
class FittedCoefficient:
    """A published coefficient beside its expectation; proportions.

    Attributes
    ----------
    published : Coefficient
        As printed.
    expected : float
        Expectation under the fitted model.
    classic_standard_error, cluster_standard_error : float
        Non-robust, as the report prints; and clustered by person, as it should have been.
    """

    published: Coefficient
    expected: float
    classic_standard_error: float
    cluster_standard_error: float

    @property
    def z(self) -> float:
        """Expected minus published, in published standard errors."""
        return (self.expected - self.published.estimate) / self.published.standard_error


@dataclass(frozen=True)
class Estimates:
    """Estimates on one register, in the order of the published coefficients.

    Attributes
    ----------
    coefficient, classic_standard_error, cluster_standard_error : ndarray, shape (36,) or (44,)
        Proportions; 36 of employment, and 8 of other measures if the register has them.
    """

    coefficient: Floats
    classic_standard_error: Floats
    cluster_standard_error: Floats


def in_published_order(phases: Floats, groups: Floats, rows: list[Coefficient]) -> Floats:
    """Pick values in the order of published rows.

    Parameters
    ----------
    phases : ndarray, shape (4, 3)
        Model 1's values by phase and outcome.
    groups : ndarray, shape (8, 3)
        Model 2's values by group and outcome.
    rows : list of Coefficient
        What to pick; rows of other measures use the outcome ``measures.IN_MEASURE``.

    Returns
    -------
    ndarray, shape (len(rows),)
    """
    picked = []
    for row in rows:
        outcome = IN_MEASURE if row.process == "measures" else OUTCOMES.index(row.outcome)
        picked.append(
            phases[row.phase, outcome] if row.model == "1" else groups[GROUPS.index(row.group), outcome]
        )
    return np.array(picked)


def fitted_coefficients(
    calibration: Calibration | None = None, measures: MeasuresCalibration | None = None
) -> list[FittedCoefficient]:
    """Return all 44 published coefficients beside their expectations.

    Parameters
    ----------
    calibration, measures : Calibration, MeasuresCalibration, optional
        The shipped ones if left out.

    Returns
    -------
    list of FittedCoefficient
    """
    calibration = calibration or default_calibration()
    measures = measures or default_measures()
    variant = calibration.variant
    employment = variant.shown(calibration.parameters)
    moments = make_moments(employment)
    fitted = []
    for process, hazards in (
        ("employment", employment),
        ("measures", measure_hazards(measures.parameters, moments)),
    ):
        rows = [row for row in published_coefficients() if row.process == process]
        own = make_moments(hazards)
        first, second = expected_model_1(own, variant.coding), expected_model_2(own)
        columns = (
            (first.coefficient, second.coefficient),
            (first.classic_standard_error, second.classic_standard_error),
            (cluster_errors_model_1(hazards, own, variant.coding), cluster_errors_model_2(hazards, own)),
        )
        values = np.stack([in_published_order(*pair, rows) for pair in columns], axis=1)
        fitted += [FittedCoefficient(row, *line) for row, line in zip(rows, values.tolist(), strict=True)]
    return fitted


def fitted_counts(moments: Moments) -> list[tuple[Count, float]]:
    """Return every published count beside its expectation."""
    return list(zip(COUNTS, count_values(moments).tolist(), strict=True))


def fitted_anchors(employment: Moments, measures: Moments) -> list[tuple[str, Anchor, float]]:
    """Return every curve anchor with its process and expectation."""
    found = [("employment", a, v) for a, v in zip(ANCHORS, anchor_values(employment), strict=True)]
    own = anchor_values(measures, MEASURE_ANCHORS, IN_MEASURE)
    return found + [("measures", a, v) for a, v in zip(MEASURE_ANCHORS, own, strict=True)]


def figure_curves(moments: Moments, outcome: int = 0) -> dict[str, Floats]:
    """Return the figures' curves by group: months -20 to 20 relative to start, shape (41,)."""
    return {group: curve(moments, group, list(range(-20, 21)), outcome) for group in GROUPS}


def evaluate_register(register: Register, coding: str = "step") -> Estimates:
    """Run the report's regressions on one register: 27 of employment and, if it has them, 8 of measures.

    Parameters
    ----------
    register : Register
        Random, selected, or read from a file.
    coding : {"step", "level"}
        Coding of Model 1.

    Returns
    -------
    Estimates
    """
    outcomes = register.employed[None]
    design = Model1Design.of(register.start_month, register.state.shape[1], coding)
    first = evaluate_model_1(outcomes[:, :, design.order], design)
    second = _by_group(register, outcomes)
    rows = [row for row in published_coefficients() if row.process == "employment"]
    values = [in_published_order(getattr(first, n)[0].T, getattr(second, n)[0].T, rows) for n in _ESTIMATES]
    if register.in_measure is not None:
        rows = [row for row in published_coefficients() if row.process == "measures"]
        own = _by_group(register, register.in_measure[None, None])
        groups = [np.repeat(getattr(own, n)[0].T, len(OUTCOMES), axis=1) for n in _ESTIMATES]
        extra = [in_published_order(g, g, rows) for g in groups]
        values = [np.concatenate(pair) for pair in zip(values, extra, strict=True)]
    return Estimates(*values)


def _by_group(register: Register, outcomes: npt.NDArray[np.bool_]) -> Evaluation:
    return evaluate_groups(
        outcomes, register.cell, register.start_month[None], register.last_month[None], make_design()
    )
