"""Confidence intervals for a risk difference, treatment - control.

Events may be fractions, so that the interval expected in a design can be computed from risk times size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from ipsrct.proportions._arrays import Floats, floats
from ipsrct.proportions.restricted import given_difference

_BISECTIONS = 64
"""Halvings of a bracket no wider than 2: the limit is then at the resolution of a float."""


@dataclass(frozen=True)
class Interval:
    """A confidence interval with its estimate.

    Attributes
    ----------
    low, estimate, high : ndarray
        Limits and estimate, in the broadcast shape of the data.
    """

    low: Floats
    estimate: Floats
    high: Floats

    @property
    def width(self) -> Floats:
        """Distance between the limits."""
        return self.high - self.low


@dataclass(frozen=True)
class TwoArms:
    """Observed (or expected) risks and sizes, as arrays.

    Attributes
    ----------
    treatment_risk, control_risk : ndarray
        Risks, 0 to 1.
    treatment_n, control_n : ndarray
        Participants, above 0.
    """

    treatment_risk: Floats
    control_risk: Floats
    treatment_n: Floats
    control_n: Floats

    @classmethod
    def from_events(
        cls,
        treatment_events: npt.ArrayLike,
        treatment_n: npt.ArrayLike,
        control_events: npt.ArrayLike,
        control_n: npt.ArrayLike,
    ) -> TwoArms:
        """Make the arms from events (0 to n, fractions allowed) and participants."""
        n_treatment, n_control = floats(treatment_n), floats(control_n)
        return cls(
            floats(treatment_events) / n_treatment, floats(control_events) / n_control, n_treatment, n_control
        )

    @property
    def difference(self) -> Floats:
        """Risk difference, treatment - control."""
        return self.treatment_risk - self.control_risk

    def standard_error(self) -> Floats:
        """Return the unpooled standard error of the risk difference."""
        return np.sqrt(
            self.treatment_risk * (1 - self.treatment_risk) / self.treatment_n
            + self.control_risk * (1 - self.control_risk) / self.control_n
        )


Limits = tuple[Floats, Floats]


def _wald(arms: TwoArms, z: float, *, corrected: bool) -> Limits:
    """Wald's limits; the continuity correction is Yates's (Fleiss, Levin and Paik 2003, chapter 2)."""
    half_width = z * arms.standard_error()
    if corrected:
        half_width = half_width + (1 / arms.treatment_n + 1 / arms.control_n) / 2
    return np.maximum(arms.difference - half_width, -1), np.minimum(arms.difference + half_width, 1)


def _agresti_caffo(arms: TwoArms, z: float) -> Limits:
    """Wald's limits with one event and one non-event more per arm (Agresti and Caffo 2000)."""
    moved = TwoArms.from_events(
        arms.treatment_risk * arms.treatment_n + 1,
        arms.treatment_n + 2,
        arms.control_risk * arms.control_n + 1,
        arms.control_n + 2,
    )
    return _wald(moved, z, corrected=False)


def wilson_limits(risk: npt.ArrayLike, n: npt.ArrayLike, z: float, *, corrected: bool = False) -> Limits:
    """Wilson's score limits for one risk.

    Parameters
    ----------
    risk : array_like
        Observed risk, 0 to 1.
    n : array_like
        Participants, above 0.
    z : float
        Normal quantile of the confidence level.
    corrected : bool
        With the continuity correction.

    Returns
    -------
    tuple of ndarray
        Lower and upper limit: methods 3 and 4 of Newcombe 1998, Statistics in Medicine 17:857-872.
    """
    p, size = floats(risk), floats(n)
    centre, scale = 2 * size * p + z**2, 2 * (size + z**2)
    if not corrected:
        spread = z * np.sqrt(z**2 + 4 * size * p * (1 - p))
        return (centre - spread) / scale, (centre + spread) / scale
    below = z * np.sqrt(np.maximum(z**2 - 2 - 1 / size + 4 * p * (size * (1 - p) + 1), 0))
    above = z * np.sqrt(np.maximum(z**2 + 2 - 1 / size + 4 * p * (size * (1 - p) - 1), 0))
    low = np.where(p == 0, 0, np.maximum((centre - 1 - below) / scale, 0))
    high = np.where(p == 1, 1, np.minimum((centre + 1 + above) / scale, 1))
    return low, high


def _newcombe(arms: TwoArms, z: float, *, corrected: bool) -> Limits:
    """Square-and-add Wilson limits: methods 10 and 11 of Newcombe 1998, Statistics in Medicine 17:873-890."""
    low_t, high_t = wilson_limits(arms.treatment_risk, arms.treatment_n, z, corrected=corrected)
    low_c, high_c = wilson_limits(arms.control_risk, arms.control_n, z, corrected=corrected)
    below = np.hypot(arms.treatment_risk - low_t, high_c - arms.control_risk)
    above = np.hypot(high_t - arms.treatment_risk, arms.control_risk - low_c)
    return np.maximum(arms.difference - below, -1), np.minimum(arms.difference + above, 1)


def _score_statistic(arms: TwoArms, difference: Floats, *, unbiased: bool) -> Floats:
    """Signed score statistic of a difference; infinite where the restricted variance is zero."""
    p_treatment, p_control = given_difference(
        arms.treatment_risk, arms.control_risk, arms.treatment_n, arms.control_n, difference
    )
    variance = (
        p_treatment * (1 - p_treatment) / arms.treatment_n + p_control * (1 - p_control) / arms.control_n
    )
    if unbiased:
        total = arms.treatment_n + arms.control_n
        variance = variance * total / (total - 1)
    distance = arms.difference - difference
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = distance / np.sqrt(np.maximum(variance, 0))
    return np.where(distance == 0, 0.0, statistic)


def _score(arms: TwoArms, z: float, *, unbiased: bool) -> Limits:
    """Invert the score test: Mee 1984, or with N/(N - 1) Miettinen and Nurminen 1985."""
    estimate = np.broadcast_arrays(arms.difference, arms.treatment_n, arms.control_n)[0]
    statistic = partial(_score_statistic, arms, unbiased=unbiased)
    low = bisect(lambda delta: statistic(delta) > z, np.full(estimate.shape, -1.0), estimate)
    high = bisect(lambda delta: statistic(delta) >= -z, estimate, np.full(estimate.shape, 1.0))
    return low, high


def bisect(beyond: Callable[[Floats], npt.NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Find where ``beyond`` turns from true (at the low end) to false (at the high end), elementwise.

    Parameters
    ----------
    beyond : callable
        Decision at an array of points; a bracket in which it never turns gives the end it runs into.
    low, high : ndarray
        Ends of the brackets.

    Returns
    -------
    ndarray
        The turning points.
    """
    start, end = low, high
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        true_here = beyond(middle)
        low, high = np.where(true_here, middle, low), np.where(true_here, high, middle)
    middle = (low + high) / 2
    return np.where(beyond(end), end, np.where(beyond(start), middle, start))


DIFFERENCE_METHODS: Mapping[str, Callable[[TwoArms, float], Limits]] = {
    "agresti_caffo": _agresti_caffo,
    "mee": partial(_score, unbiased=False),
    "miettinen_nurminen": partial(_score, unbiased=True),
    "newcombe": partial(_newcombe, corrected=False),
    "newcombe_continuity_corrected": partial(_newcombe, corrected=True),
    "wald": partial(_wald, corrected=False),
    "wald_continuity_corrected": partial(_wald, corrected=True),
}
"""Interval of a risk difference by the name of its method."""


def difference_interval(
    treatment_events: npt.ArrayLike,
    treatment_n: npt.ArrayLike,
    control_events: npt.ArrayLike,
    control_n: npt.ArrayLike,
    *,
    method: str = "miettinen_nurminen",
    confidence: float = 0.95,
    sides: Literal[1, 2] = 2,
) -> Interval:
    """Confidence interval for a risk difference.

    Parameters
    ----------
    treatment_events, control_events : array_like
        Events per arm, 0 to n; fractions are allowed.
    treatment_n, control_n : array_like
        Participants per arm, above 0.
    method : str
        A key of ``DIFFERENCE_METHODS``. ``"mee"`` is also the interval of Farrington and Manning.
    confidence : float
        Confidence level, between 0 and 1.
    sides : {1, 2}
        1: each limit by itself has the confidence level.

    Returns
    -------
    Interval
        Limits within -1 and 1.
    """
    arms = TwoArms.from_events(treatment_events, treatment_n, control_events, control_n)
    low, high = DIFFERENCE_METHODS[method](arms, float(ndtri(1 - (1 - confidence) / sides)))
    return Interval(low, arms.difference, high)
