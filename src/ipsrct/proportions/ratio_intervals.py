"""Confidence intervals for a risk ratio, treatment / control."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from ipsrct.proportions._arrays import Floats
from ipsrct.proportions.intervals import Interval, Limits, TwoArms, bisect, wilson_limits
from ipsrct.proportions.restricted import given_ratio


def _ratio(arms: TwoArms) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(arms.treatment_risk / arms.control_risk)


def _around(log_ratio: Floats, half_width: Floats) -> Limits:
    """Limits on the log scale; 0 and infinity where the data say nothing (no events in an arm)."""
    unknown = np.isnan(log_ratio) | ~np.isfinite(half_width)
    with np.errstate(invalid="ignore"):
        low, high = np.exp(log_ratio - half_width), np.exp(log_ratio + half_width)
    return np.where(unknown, 0.0, low), np.where(unknown, np.inf, high)


def _log_scale(arms: TwoArms, z: float, *, added: float, inverse_sinh: bool = False) -> Limits:
    """Limits from the variance of the log ratio.

    Katz, Baptista, Azen and Pike 1978, Biometrics 34:469-474; with half an event and half a participant added
    to each arm, Walter 1975, Biometrika 62:371-374; through the inverse hyperbolic sine, Newcombe 2001,
    American Statistician 55:200-202.
    """
    treatment_events = arms.treatment_risk * arms.treatment_n + added
    control_events = arms.control_risk * arms.control_n + added
    treatment_n, control_n = arms.treatment_n + added, arms.control_n + added
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = 1 / treatment_events - 1 / treatment_n + 1 / control_events - 1 / control_n
        log_ratio = np.log(treatment_events / treatment_n) - np.log(control_events / control_n)
    half_width = z * np.sqrt(np.maximum(variance, 0))
    return _around(log_ratio, 2 * np.arcsinh(half_width / 2) if inverse_sinh else half_width)


def _mover(arms: TwoArms, z: float) -> Limits:
    """Recover the limits from Wilson's (Donner and Zou 2012, Stat Methods Med Res 21:347-359)."""
    low_t, high_t = wilson_limits(arms.treatment_risk, arms.treatment_n, z)
    low_c, high_c = wilson_limits(arms.control_risk, arms.control_n, z)
    product = arms.treatment_risk * arms.control_risk
    lower_term = low_t * high_c * (2 * arms.treatment_risk - low_t) * (2 * arms.control_risk - high_c)
    upper_term = high_t * low_c * (2 * arms.treatment_risk - high_t) * (2 * arms.control_risk - low_c)
    lower_denominator = high_c * (2 * arms.control_risk - high_c)
    low = (product - np.sqrt(np.maximum(product**2 - lower_term, 0))) / lower_denominator
    with np.errstate(divide="ignore", invalid="ignore"):
        high = (product + np.sqrt(np.maximum(product**2 - upper_term, 0))) / (
            low_c * (2 * arms.control_risk - low_c)
        )
    return np.maximum(low, 0), np.where(arms.control_risk == 0, np.inf, high)


def _score_statistic(arms: TwoArms, ratio: Floats, *, unbiased: bool) -> Floats:
    p_treatment, p_control = given_ratio(
        arms.treatment_risk, arms.control_risk, arms.treatment_n, arms.control_n, ratio
    )
    variance = p_treatment * (1 - p_treatment) / arms.treatment_n
    variance = variance + ratio**2 * p_control * (1 - p_control) / arms.control_n
    if unbiased:
        total = arms.treatment_n + arms.control_n
        variance = variance * total / (total - 1)
    distance = arms.treatment_risk - ratio * arms.control_risk
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = distance / np.sqrt(np.maximum(variance, 0))
    return np.where(distance == 0, 0.0, statistic)


def _score(arms: TwoArms, z: float, *, unbiased: bool) -> Limits:
    """Invert the score test: Koopman 1984, Biometrics 40:513-517, or Miettinen and Nurminen 1985.

    The search is over ratio/(1 + ratio), which takes 0 to infinity onto 0 to 1 and treats both arms alike.
    """
    with np.errstate(invalid="ignore"):
        position = arms.treatment_risk / (arms.treatment_risk + arms.control_risk)
    position = np.broadcast_arrays(position, arms.treatment_n, arms.control_n)[0]
    nothing = np.isnan(position)
    estimate = np.where(nothing, 0.5, position)

    def statistic(u: Floats) -> Floats:
        inner = np.clip(u, 1e-300, 1 - 2.0**-53)
        return _score_statistic(arms, inner / (1 - inner), unbiased=unbiased)

    low = bisect(lambda u: statistic(u) > z, np.zeros(estimate.shape), estimate)
    high = bisect(lambda u: statistic(u) >= -z, estimate, np.ones(estimate.shape))
    low = np.where(nothing | (arms.treatment_risk == 0), 0.0, low)
    high = np.where(nothing | (arms.control_risk == 0), 1.0, high)
    with np.errstate(divide="ignore"):
        return low / (1 - low), high / (1 - high)


RATIO_METHODS: Mapping[str, Callable[[TwoArms, float], Limits]] = {
    "adjusted_log": partial(_log_scale, added=0.5),
    "inverse_sinh": partial(_log_scale, added=0.0, inverse_sinh=True),
    "katz_log": partial(_log_scale, added=0.0),
    "koopman": partial(_score, unbiased=False),
    "miettinen_nurminen": partial(_score, unbiased=True),
    "mover": _mover,
}
"""Interval of a risk ratio by the name of its method."""


def ratio_interval(
    treatment_events: npt.ArrayLike,
    treatment_n: npt.ArrayLike,
    control_events: npt.ArrayLike,
    control_n: npt.ArrayLike,
    *,
    method: str = "koopman",
    confidence: float = 0.95,
    sides: Literal[1, 2] = 2,
) -> Interval:
    """Confidence interval for a risk ratio.

    Parameters
    ----------
    treatment_events, control_events : array_like
        Events per arm, 0 to n; fractions are allowed.
    treatment_n, control_n : array_like
        Participants per arm, above 0.
    method : str
        A key of ``RATIO_METHODS``.
    confidence : float
        Confidence level, between 0 and 1.
    sides : {1, 2}
        1: each limit by itself has the confidence level.

    Returns
    -------
    Interval
        Limits within 0 and infinity; the estimate is not a number where neither arm has an event.
    """
    arms = TwoArms.from_events(treatment_events, treatment_n, control_events, control_n)
    low, high = RATIO_METHODS[method](arms, float(ndtri(1 - (1 - confidence) / sides)))
    return Interval(low, _ratio(arms), high)
