"""Sizes and powers of designs next to the parallel trial of two independent proportions."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from ipsrct.proportions._arrays import Floats, floats


def mcnemar_sample_size(
    gain_probability: npt.ArrayLike,
    loss_probability: npt.ArrayLike,
    *,
    power: float,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 2,
) -> Floats:
    """Continuous number of pairs for McNemar's test.

    Parameters
    ----------
    gain_probability, loss_probability : array_like
        Probabilities of the two kinds of discordant pair, 0 to 1, unequal.
    power, alpha : float
        Target power and significance level, between 0 and 1.
    sides : {1, 2}
        Sides of the test.

    Returns
    -------
    ndarray
        Pairs (Connor 1987, Biometrics 43:207-211).
    """
    discordant = floats(gain_probability) + floats(loss_probability)
    difference = floats(gain_probability) - floats(loss_probability)
    null, alternative = np.sqrt(discordant), np.sqrt(discordant - difference**2)
    with np.errstate(divide="ignore"):
        return floats(((ndtri(1 - alpha / sides) * null + ndtri(power) * alternative) / difference) ** 2)


def design_effect(
    cluster_size: npt.ArrayLike, icc: npt.ArrayLike, cluster_size_cv: npt.ArrayLike = 0.0
) -> Floats:
    """Return the factor by which clustering inflates the variance of an arm's proportion.

    Parameters
    ----------
    cluster_size : array_like
        Mean participants per cluster, at least 1.
    icc : array_like
        Intra-cluster correlation coefficient, 0 to 1.
    cluster_size_cv : array_like
        Coefficient of variation of the cluster sizes, at least 0.

    Returns
    -------
    ndarray
        1 + ((cv^2 + 1) size - 1) icc (Eldridge, Ashby and Kerry 2006, International Journal of Epidemiology
        35:1292-1300).
    """
    spread = floats(cluster_size_cv) ** 2 + 1
    return 1 + (spread * floats(cluster_size) - 1) * floats(icc)


def normal_assurance(
    n: npt.ArrayLike,
    difference: npt.ArrayLike,
    variance: npt.ArrayLike,
    *,
    alpha: float = 0.05,
    sides: Literal[1, 2] = 1,
    analysis_prior_n: npt.ArrayLike = 0.0,
    design_prior_n: npt.ArrayLike = np.inf,
) -> Floats:
    """Assurance of a normal mean with conjugate priors; with the defaults, the power of its z test.

    Parameters
    ----------
    n : array_like
        Observations, above 0.
    difference : array_like
        Mean expected by both priors less the mean under the null.
    variance : array_like
        Known variance of an observation, above 0.
    alpha : float
        One less the posterior probability that the analysis asks for (half on each side if ``sides`` is 2).
    sides : {1, 2}
        1: the mean is above the null; 2: it is on either side, both counted.
    analysis_prior_n, design_prior_n : array_like
        Observations that the prior of the analysis, and the prior of the design, are worth; 0 is flat,
        infinity is certainty.

    Returns
    -------
    ndarray
        Probability that the analysis succeeds, 0 to 1 (O'Hagan and Stevens 2001, Medical Decision
        Making 21:219-230; Pan and Banerjee 2023, The R Journal 15(3)).
    """
    posterior_n = floats(n) + floats(analysis_prior_n)
    mean = posterior_n * floats(difference) / np.sqrt(floats(variance))
    threshold = ndtri(1 - alpha / sides) * np.sqrt(posterior_n)
    spread = floats(n) * np.sqrt(1 / floats(n) + 1 / floats(design_prior_n))
    assurance = ndtr((mean - threshold) / spread)
    if sides == 2:
        assurance = assurance + ndtr((-mean - threshold) / spread)
    return floats(assurance)
