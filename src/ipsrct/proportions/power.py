"""Power of tests of two proportions in the normal approximation.

Every function takes the treatment arm first. An effect is treatment risk - control risk.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri, xlogy

from ipsrct.proportions._arrays import Floats, floats
from ipsrct.proportions.restricted import given_difference

Variance = Literal["pooled", "unpooled", "restricted"]
Direction = Literal["greater", "less"]


def standard_errors(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_n: npt.ArrayLike,
    control_n: npt.ArrayLike,
    *,
    variance: Variance = "pooled",
    null_difference: npt.ArrayLike = 0.0,
) -> tuple[Floats, Floats]:
    """Return the standard error of the risk difference under the null and under the assumed risks.

    Parameters
    ----------
    treatment_risk, control_risk : array_like
        Assumed risks, 0 to 1.
    treatment_n, control_n : array_like
        Participants per arm, above 0; fractions are allowed.
    variance : {"pooled", "unpooled", "restricted"}
        What the test's standard error is made from: the risk over both arms, the two risks, or their
        maximum likelihood estimates under the null (Farrington and Manning 1990).
    null_difference : array_like
        Effect under the null, -1 to 1; used by ``"restricted"`` only.

    Returns
    -------
    tuple of ndarray
        Standard error in the test statistic, and of the estimate.
    """
    p_treatment, p_control = floats(treatment_risk), floats(control_risk)
    n_treatment, n_control = floats(treatment_n), floats(control_n)
    alternative = np.sqrt(
        p_treatment * (1 - p_treatment) / n_treatment + p_control * (1 - p_control) / n_control
    )
    if variance == "unpooled":
        return alternative, alternative
    if variance == "pooled":
        pooled = (p_treatment * n_treatment + p_control * n_control) / (n_treatment + n_control)
        null_treatment = null_control = pooled
    else:
        null_treatment, null_control = given_difference(
            p_treatment, p_control, n_treatment, n_control, null_difference
        )
    null = np.sqrt(
        null_treatment * (1 - null_treatment) / n_treatment + null_control * (1 - null_control) / n_control
    )
    return null, alternative


def z_test_power(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_n: npt.ArrayLike,
    control_n: npt.ArrayLike,
    *,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
    direction: Direction | None = None,
    variance: Variance = "pooled",
    null_difference: npt.ArrayLike = 0.0,
    continuity_correction: bool = False,
    both_tails: bool = True,
) -> Floats:
    """Power of the z test of a risk difference, with or without a margin.

    Parameters
    ----------
    treatment_risk, control_risk, treatment_n, control_n, variance, null_difference
        As in :func:`standard_errors`. A non-zero ``null_difference`` makes the test one of non-inferiority
        or of superiority by a margin.
    alpha : float
        Significance level of the whole test, between 0 and 1.
    sides : {1, 2}
        Sides of the test.
    direction : {"greater", "less"} or None
        Side of the alternative of a one-sided test; None takes the side of the assumed effect.
    continuity_correction : bool
        Take (1/treatment_n + 1/control_n)/2 off the distance from the null (Yates).
    both_tails : bool
        In a two-sided test, count rejections on the wrong side too (PASS and Stata do; R's
        ``power.prop.test`` does not unless ``strict = TRUE``).

    Returns
    -------
    ndarray
        Power, 0 to 1; 0-d for scalar arguments.

    Notes
    -----
    Chow, Shao and Wang 2008, Sample Size Calculations in Clinical Research, section 4.2; Fleiss, Levin and
    Paik 2003, Statistical Methods for Rates and Proportions, chapter 4.
    """
    null, alternative = standard_errors(
        treatment_risk,
        control_risk,
        treatment_n,
        control_n,
        variance=variance,
        null_difference=null_difference,
    )
    distance = floats(treatment_risk) - floats(control_risk) - floats(null_difference)
    if sides == 2 or direction is None:
        distance = np.abs(distance)
    elif direction == "less":
        distance = -distance
    correction = (1 / floats(treatment_n) + 1 / floats(control_n)) / 2 if continuity_correction else floats(0)
    threshold = ndtri(1 - alpha / sides) * null + correction
    return _rejection_probability(distance, threshold, alternative, wrong_side=sides == 2 and both_tails)


def _rejection_probability(
    distance: Floats, threshold: Floats, standard_error: Floats, *, wrong_side: bool
) -> Floats:
    with np.errstate(divide="ignore"):
        power = ndtr((distance - threshold) / standard_error)
        if wrong_side:
            power = power + ndtr((-distance - threshold) / standard_error)
    return floats(power)


def likelihood_ratio_information(
    treatment_risk: npt.ArrayLike, control_risk: npt.ArrayLike, treatment_share: npt.ArrayLike
) -> Floats:
    """Return the likelihood-ratio chi-square per participant of the expected table.

    Parameters
    ----------
    treatment_risk, control_risk : array_like
        Assumed risks, 0 to 1.
    treatment_share : array_like
        Share of the participants in the treatment arm, between 0 and 1.

    Returns
    -------
    ndarray
        Non-centrality per participant (Self, Mauritsen and Ohara 1992, Biometrics 48:31-39).
    """
    share = floats(treatment_share)
    p_treatment, p_control = floats(treatment_risk), floats(control_risk)
    pooled = share * p_treatment + (1 - share) * p_control

    def log_likelihood(expected: Floats, fitted: Floats) -> Floats:
        return floats(xlogy(expected, fitted) + xlogy(1 - expected, 1 - fitted))

    per_arm = share * log_likelihood(p_treatment, p_treatment) + (1 - share) * log_likelihood(
        p_control, p_control
    )
    return 2 * (per_arm - log_likelihood(pooled, pooled))


def likelihood_ratio_power(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_n: npt.ArrayLike,
    control_n: npt.ArrayLike,
    *,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
    both_tails: bool = True,
) -> Floats:
    """Power of the likelihood-ratio test of equal risks.

    Parameters
    ----------
    treatment_risk, control_risk, treatment_n, control_n, alpha, sides, both_tails
        As in :func:`z_test_power`.

    Returns
    -------
    ndarray
        Power, 0 to 1: the square root of the statistic is taken as normal with unit variance and mean the
        square root of :func:`likelihood_ratio_information` times the number of participants.
    """
    total = floats(treatment_n) + floats(control_n)
    information = likelihood_ratio_information(treatment_risk, control_risk, floats(treatment_n) / total)
    return _rejection_probability(
        np.sqrt(information * total),
        floats(ndtri(1 - alpha / sides)),
        floats(1),
        wrong_side=sides == 2 and both_tails,
    )


def equivalence_power(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_n: npt.ArrayLike,
    control_n: npt.ArrayLike,
    *,
    margin: npt.ArrayLike,
    alpha: float = 0.05,
) -> Floats:
    """Power of two one-sided z tests that the risk difference lies within plus or minus ``margin``.

    Parameters
    ----------
    treatment_risk, control_risk, treatment_n, control_n
        As in :func:`standard_errors`; the variance is unpooled.
    margin : array_like
        Equivalence margin of the risk difference, 0 to 1.
    alpha : float
        Level of each of the two tests.

    Returns
    -------
    ndarray
        Power, 0 to 1 (Chow, Shao and Wang 2008, section 4.2.3, before their approximation).
    """
    _, error = standard_errors(treatment_risk, control_risk, treatment_n, control_n, variance="unpooled")
    effect = floats(treatment_risk) - floats(control_risk)
    critical = ndtri(1 - alpha)
    upper = ndtr((floats(margin) - effect) / error - critical)
    lower = ndtr((floats(margin) + effect) / error - critical)
    return floats(np.maximum(upper + lower - 1, 0))
