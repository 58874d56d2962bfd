"""Sample sizes on the scales of the risk ratio and of the log odds ratio, treatment to control."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import logit, ndtri

from ipsrct.proportions._arrays import Floats, floats
from ipsrct.proportions.restricted import given_odds_ratio, given_ratio
from ipsrct.proportions.sample_size import SampleSize


def risk_ratio_sample_size(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    *,
    power: float,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
    treatment_per_control: npt.ArrayLike = 1.0,
    null_risk_ratio: npt.ArrayLike = 1.0,
) -> SampleSize:
    """Continuous sample size of the score test of a risk ratio.

    Parameters
    ----------
    treatment_risk, control_risk, power, alpha, sides, treatment_per_control
        As in :func:`odds_ratio_sample_size`.
    null_risk_ratio : array_like
        Risk ratio under the null, above 0.

    Returns
    -------
    SampleSize
        Farrington and Manning 1990, Statistics in Medicine 9:1447-1454; infinite where the effect is the
        null.
    """
    share = floats(treatment_per_control) / (1 + floats(treatment_per_control))
    ratio = floats(null_risk_ratio)
    assumed = floats(treatment_risk), floats(control_risk)
    fitted = given_ratio(*assumed, share, 1 - share, ratio)

    def error(treatment: Floats, control: Floats) -> Floats:
        variance = treatment * (1 - treatment) / share + ratio**2 * control * (1 - control) / (1 - share)
        return floats(np.sqrt(variance))

    needed = ndtri(1 - alpha / sides) * error(*fitted) + ndtri(power) * error(*assumed)
    with np.errstate(divide="ignore"):
        total = (needed / (assumed[0] - ratio * assumed[1])) ** 2
    return SampleSize(total * share, total * (1 - share))


def _log_odds_error(treatment_risk: Floats, control_risk: Floats, share: Floats) -> Floats:
    treatment = 1 / (share * treatment_risk * (1 - treatment_risk))
    control = 1 / ((1 - share) * control_risk * (1 - control_risk))
    return floats(np.sqrt(treatment + control))


def odds_ratio_sample_size(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    *,
    power: float,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
    treatment_per_control: npt.ArrayLike = 1.0,
    null_log_odds_ratio: npt.ArrayLike = 0.0,
    variance: Literal["restricted", "unpooled"] = "restricted",
) -> SampleSize:
    """Continuous sample size of the z test of a log odds ratio.

    Parameters
    ----------
    treatment_risk, control_risk : array_like
        Assumed risks, strictly between 0 and 1.
    power : float
        Target power, above ``alpha`` and below 1; only the tail on the side of the effect is counted.
    alpha : float
        Significance level of the whole test.
    sides : {1, 2}
        Sides of the test.
    treatment_per_control : array_like
        Participants in the treatment arm for each one in the control arm, above 0.
    null_log_odds_ratio : array_like
        Log odds ratio under the null; non-zero for non-inferiority or superiority by a margin.
    variance : {"restricted", "unpooled"}
        Null standard error from the maximum likelihood estimates under the null (in the manner of Farrington
        and Manning 1990), or from the assumed risks (Chow, Shao and Wang 2008, section 4.6).

    Returns
    -------
    SampleSize
        The continuous solution; infinite where the effect is the null.
    """
    p_treatment, p_control = floats(treatment_risk), floats(control_risk)
    share = floats(treatment_per_control) / (1 + floats(treatment_per_control))
    alternative = null = _log_odds_error(p_treatment, p_control, share)
    if variance == "restricted":
        null_odds_ratio = np.exp(floats(null_log_odds_ratio))
        fitted = given_odds_ratio(p_treatment, p_control, share, 1 - share, null_odds_ratio)
        null = _log_odds_error(*fitted, share)
    distance = logit(p_treatment) - logit(p_control) - floats(null_log_odds_ratio)
    with np.errstate(divide="ignore"):
        total = ((ndtri(1 - alpha / sides) * null + ndtri(power) * alternative) / distance) ** 2
    return SampleSize(total * share, total * (1 - share))


def odds_ratio_equivalence_sample_size(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    *,
    margin: npt.ArrayLike,
    power: float,
    alpha: float = 0.05,
    treatment_per_control: npt.ArrayLike = 1.0,
) -> SampleSize:
    """Continuous sample size to show that the log odds ratio lies within plus or minus ``margin``.

    Parameters
    ----------
    treatment_risk, control_risk, power, treatment_per_control
        As in :func:`odds_ratio_sample_size`.
    margin : array_like
        Equivalence margin on the log scale, above 0.
    alpha : float
        Level of each of the two one-sided tests.

    Returns
    -------
    SampleSize
        Chow, Shao and Wang 2008, section 4.6; infinite where the effect is not inside the margin.
    """
    p_treatment, p_control = floats(treatment_risk), floats(control_risk)
    share = floats(treatment_per_control) / (1 + floats(treatment_per_control))
    room = np.maximum(floats(margin) - np.abs(logit(p_treatment) - logit(p_control)), 0)
    error = _log_odds_error(p_treatment, p_control, share)
    with np.errstate(divide="ignore"):
        total = ((ndtri(1 - alpha) + ndtri((1 + power) / 2)) * error / room) ** 2
    return SampleSize(total * share, total * (1 - share))
