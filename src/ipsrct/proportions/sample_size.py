"""Sample sizes for two proportions: continuous solutions, and the whole participants that follow.

An allocation is always given as ``treatment_per_control``, participants in the treatment arm for each one
in the control arm, and a size comes back with both arms named.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypedDict, Unpack

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from ipsrct.proportions._arrays import Floats, floats
from ipsrct.proportions.power import (
    Variance,
    likelihood_ratio_information,
    likelihood_ratio_power,
    standard_errors,
    z_test_power,
)

_ROUND_OFF = 1e-9
"""Participants by which a size may exceed a whole number through rounding errors alone."""


@dataclass(frozen=True)
class SampleSize:
    """Participants per arm.

    Attributes
    ----------
    treatment, control : ndarray
        Participants in each arm; fractions in a continuous solution, infinite where no size is enough.
    """

    treatment: Floats
    control: Floats

    @property
    def total(self) -> Floats:
        """Participants in both arms."""
        return self.treatment + self.control

    def rounded_up(self) -> SampleSize:
        """Return the size with each arm rounded up to whole participants."""
        return SampleSize(np.ceil(self.treatment - _ROUND_OFF), np.ceil(self.control - _ROUND_OFF))


def _split(total: npt.ArrayLike, treatment_share: Floats) -> SampleSize:
    return SampleSize(floats(total) * treatment_share, floats(total) * (1 - treatment_share))


def z_test_sample_size(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    *,
    power: float,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
    treatment_per_control: npt.ArrayLike = 1.0,
    variance: Variance = "pooled",
    null_difference: npt.ArrayLike = 0.0,
    continuity_correction: bool = False,
    both_tails: bool = True,
) -> SampleSize:
    """Continuous sample size of the z test of a risk difference.

    Parameters
    ----------
    treatment_risk, control_risk : array_like
        Assumed risks, 0 to 1.
    power : float
        Target power, above ``alpha`` and below 1.
    alpha, sides, variance, null_difference, continuity_correction, both_tails
        As in :func:`ipsrct.proportions.z_test_power`; a one-sided test is on the side of the assumed effect.
        ``variance="restricted"`` with a null difference is the size of Farrington and Manning 1990.
    treatment_per_control : array_like
        Participants in the treatment arm for each one in the control arm, above 0.

    Returns
    -------
    SampleSize
        The size at which the power is the target; infinite where the effect is the null.

    Notes
    -----
    The closed form for one tail: Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions,
    chapter 4, whose continuity-corrected size solves the corrected power exactly. With both tails the closed
    form is the upper end of a bisection.
    """
    share = floats(treatment_per_control) / (1 + floats(treatment_per_control))
    null, alternative = standard_errors(
        treatment_risk, control_risk, share, 1 - share, variance=variance, null_difference=null_difference
    )
    distance = np.abs(floats(treatment_risk) - floats(control_risk) - floats(null_difference))
    needed = ndtri(1 - alpha / sides) * null + ndtri(power) * alternative
    correction = (1 / share + 1 / (1 - share)) / 2 if continuity_correction else floats(0)
    with np.errstate(divide="ignore"):
        total = ((needed + np.sqrt(needed**2 + 4 * correction * distance)) / (2 * distance)) ** 2
    if sides == 1 or not both_tails:
        return _split(total, share)

    def achieved(size: Floats) -> Floats:
        return z_test_power(
            treatment_risk,
            control_risk,
            size * share,
            size * (1 - share),
            alpha=alpha,
            variance=variance,
            null_difference=null_difference,
            continuity_correction=continuity_correction,
        )

    return _split(_lowest_reaching(achieved, power, total), share)


def _lowest_reaching(achieved: Callable[[Floats], Floats], target: float, enough: Floats) -> Floats:
    """Bisect for the size at which an increasing power is the target, from a size that is enough."""
    low, high = np.full(enough.shape, 1e-9), np.where(np.isfinite(enough), enough, 1.0)
    for _ in range(100):
        middle = (low + high) / 2
        reached = achieved(middle) >= target
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    return np.where(np.isfinite(enough), high, np.inf)


class ZTestOptions(TypedDict, total=False):
    """Options of the z test that its power and its sample size have in common."""

    alpha: float
    sides: Literal[1, 2]
    variance: Variance
    null_difference: float
    continuity_correction: bool
    both_tails: bool


def smallest_z_test_sample_size(
    treatment_risk: float,
    control_risk: float,
    *,
    power: float,
    treatment_per_control: float = 1.0,
    **test: Unpack[ZTestOptions],
) -> SampleSize:
    """Smallest whole sample size of the z test, as PASS counts it.

    Parameters
    ----------
    treatment_risk, control_risk, power, treatment_per_control
        As in :func:`z_test_sample_size`, all scalars.
    **test
        Options of the test, as in :func:`z_test_sample_size`.

    Returns
    -------
    SampleSize
        The smallest treatment arm that reaches the target together with the control arm that belongs to it,
        rounded up.

    Raises
    ------
    ValueError
        If the assumed effect is the null, so that no size is enough.
    """
    start = z_test_sample_size(
        treatment_risk, control_risk, power=power, treatment_per_control=treatment_per_control, **test
    )
    if not np.isfinite(start.total):
        raise ValueError("the assumed effect is the null: no sample size reaches the target power")
    treatment = max(1, math.floor(float(start.treatment) - treatment_per_control) - 1)
    while True:
        control = math.ceil(treatment / treatment_per_control - _ROUND_OFF)
        if z_test_power(treatment_risk, control_risk, treatment, control, **test) >= power:
            return SampleSize(floats(treatment), floats(control))
        treatment += 1


def likelihood_ratio_sample_size(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    *,
    power: float,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
    treatment_per_control: npt.ArrayLike = 1.0,
    both_tails: bool = True,
) -> SampleSize:
    """Continuous sample size of the likelihood-ratio test of equal risks.

    Parameters
    ----------
    treatment_risk, control_risk, power, alpha, sides, treatment_per_control, both_tails
        As in :func:`z_test_sample_size`.

    Returns
    -------
    SampleSize
        The size at which :func:`ipsrct.proportions.likelihood_ratio_power` is the target.
    """
    share = floats(treatment_per_control) / (1 + floats(treatment_per_control))
    information = likelihood_ratio_information(treatment_risk, control_risk, share)
    with np.errstate(divide="ignore"):
        total = (ndtri(1 - alpha / sides) + ndtri(power)) ** 2 / information
    if sides == 1 or not both_tails:
        return _split(total, share)

    def achieved(size: Floats) -> Floats:
        return likelihood_ratio_power(
            treatment_risk, control_risk, size * share, size * (1 - share), alpha=alpha
        )

    return _split(_lowest_reaching(achieved, power, floats(total)), share)


def equivalence_sample_size(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    *,
    margin: npt.ArrayLike,
    power: float,
    alpha: float = 0.05,
    treatment_per_control: npt.ArrayLike = 1.0,
) -> SampleSize:
    """Continuous sample size to show that the risk difference lies within plus or minus ``margin``.

    Parameters
    ----------
    treatment_risk, control_risk, power, treatment_per_control
        As in :func:`z_test_sample_size`.
    margin : array_like
        Equivalence margin of the risk difference, 0 to 1.
    alpha : float
        Level of each of the two one-sided tests.

    Returns
    -------
    SampleSize
        Chow, Shao and Wang 2008, section 4.2.3: both tests share the type II error equally, which is exact
        for no difference and on the safe side otherwise. Infinite where the effect is not inside the margin.
    """
    share = floats(treatment_per_control) / (1 + floats(treatment_per_control))
    _, error = standard_errors(treatment_risk, control_risk, share, 1 - share, variance="unpooled")
    room = np.maximum(floats(margin) - np.abs(floats(treatment_risk) - floats(control_risk)), 0)
    with np.errstate(divide="ignore"):
        total = ((ndtri(1 - alpha) + ndtri((1 + power) / 2)) * error / room) ** 2
    return _split(total, share)
