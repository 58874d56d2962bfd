"""Assurance of a difference between two proportions with beta priors, by enumeration."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import betaln, gammaln, ndtri, xlog1py, xlogy

from ipsrct.proportions._arrays import Floats

Beta = tuple[float, float]


def beta_binomial_assurance(
    n_1: int,
    n_2: int,
    design_1: Beta | float,
    design_2: Beta | float,
    *,
    analysis_1: Beta = (0.5, 0.5),
    analysis_2: Beta = (0.5, 0.5),
    alpha: float = 0.05,
    alternative: Literal["two_sided", "greater", "less"] = "two_sided",
) -> float:
    """Return the probability that a Bayesian analysis of two proportions succeeds.

    Success: the normal approximation to the posterior of p_1 - p_2, with its exact posterior mean and
    variance under independent beta priors, leaves zero outside the central (or one-sided)
    1 - alpha. The number of events is beta-binomial, or binomial where a proportion is known.

    Parameters
    ----------
    n_1, n_2 : int
        Participants, at least 1.
    design_1, design_2 : (float, float) or float
        The shapes of a beta prior of the design, or a known proportion, 0 to 1.
    analysis_1, analysis_2 : (float, float)
        The shapes of the beta priors of the analysis, above 0.
    alpha : float
    alternative : {"two_sided", "greater", "less"}
        ``greater``: p_1 above p_2.

    Returns
    -------
    float
        By enumeration of both numbers of events (Pan and Banerjee 2023, The R Journal 15(3), section on
        the beta-binomial model, who simulate).
    """
    mass_1, mean_1, variance_1 = _posterior(n_1, design_1, analysis_1)
    mass_2, mean_2, variance_2 = _posterior(n_2, design_2, analysis_2)
    z = (mean_1[:, None] - mean_2) / np.sqrt(variance_1[:, None] + variance_2)
    if alternative == "two_sided":
        succeeds = np.abs(z) > -ndtri(alpha / 2)
    else:
        succeeds = (z if alternative == "greater" else -z) > -ndtri(alpha)
    return float(mass_1 @ succeeds @ mass_2)


def _posterior(n: int, design: Beta | float, analysis: Beta) -> tuple[Floats, Floats, Floats]:
    """Return the probability of each number of events, and the posterior mean and variance that it gives."""
    x = np.arange(n + 1)
    log_mass = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    if isinstance(design, tuple):
        log_mass = log_mass + betaln(x + design[0], n - x + design[1]) - betaln(*design)
    else:
        log_mass = log_mass + xlogy(x, design) + xlog1py(n - x, -design)
    first, second = analysis[0] + x, analysis[1] + n - x
    total = first + second
    return np.exp(log_mass), first / total, first * second / (total**2 * (total + 1))
