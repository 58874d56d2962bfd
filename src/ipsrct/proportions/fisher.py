"""Power of Fisher's exact test by enumeration of both binomial distributions."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, xlog1py, xlogy

from ipsrct.proportions._arrays import Floats, floats

Alternative = Literal["two-sided", "greater", "less"]

_TIE = 1 + 1e-7
"""Tables whose probabilities differ by less than this factor are tied, as in R's ``fisher.test``."""


def fisher_rejection_region(
    treatment_n: int, control_n: int, *, alpha: float = 0.05, alternative: Alternative = "two-sided"
) -> npt.NDArray[np.bool_]:
    """Mark the tables in which Fisher's exact test rejects equal risks.

    Parameters
    ----------
    treatment_n, control_n : int
        Participants per arm, at least 1.
    alpha : float
        Significance level, between 0 and 1; a p-value equal to it rejects.
    alternative : {"two-sided", "greater", "less"}
        Side on which the treatment risk lies under the alternative. The two-sided p-value adds up the tables
        that are no more probable than the observed one.

    Returns
    -------
    ndarray of bool, shape (treatment_n + 1, control_n + 1)
        Entry [i, j] is the decision for i events under treatment and j under control.
    """
    log_treatment, log_control = _log_binomials(treatment_n), _log_binomials(control_n)
    rejected = np.zeros((treatment_n + 1, control_n + 1), dtype=np.bool_)
    for events in range(treatment_n + control_n + 1):
        treatment_events = np.arange(max(0, events - control_n), min(treatment_n, events) + 1)
        log_weight = log_treatment[treatment_events] + log_control[events - treatment_events]
        weight = np.exp(log_weight - log_weight.max())
        p_value = _tail(weight / weight.sum(), alternative)
        rejected[treatment_events, events - treatment_events] = p_value <= alpha * (1 + 1e-12)
    return rejected


def _tail(probability: Floats, alternative: Alternative) -> Floats:
    if alternative == "less":
        return np.cumsum(probability)
    if alternative == "greater":
        return np.cumsum(probability[::-1])[::-1]
    ordered = np.sort(probability)
    last = np.searchsorted(ordered, probability * _TIE, side="right") - 1
    return np.cumsum(ordered)[last]


def _log_binomials(n: int) -> Floats:
    events = np.arange(n + 1)
    return floats(gammaln(n + 1) - gammaln(events + 1) - gammaln(n - events + 1))


def binomial_probabilities(n: int, risk: npt.ArrayLike) -> Floats:
    """Return the probabilities of 0 to ``n`` events.

    Parameters
    ----------
    n : int
        Participants, at least 1.
    risk : array_like
        Risk of the event, 0 to 1.

    Returns
    -------
    ndarray, shape of ``risk`` + (n + 1,)
        Probabilities, which add up to 1 along the last axis.
    """
    events = np.arange(n + 1)
    p = floats(risk)[..., np.newaxis]
    return floats(np.exp(_log_binomials(n) + xlogy(events, p) + xlog1py(n - events, -p)))


def fisher_power(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_n: int,
    control_n: int,
    *,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
) -> Floats:
    """Exact power of Fisher's exact test.

    Parameters
    ----------
    treatment_risk, control_risk : array_like
        True risks, 0 to 1; one rejection region serves them all.
    treatment_n, control_n, alpha, alternative
        As in :func:`fisher_rejection_region`.

    Returns
    -------
    ndarray
        Power, 0 to 1, in the broadcast shape of the risks.
    """
    region = fisher_rejection_region(treatment_n, control_n, alpha=alpha, alternative=alternative)
    treatment = binomial_probabilities(treatment_n, treatment_risk)
    control = binomial_probabilities(control_n, control_risk)
    return floats(np.sum((treatment @ region.astype(np.float64)) * control, axis=-1))
