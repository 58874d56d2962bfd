"""Pair moments of employment: autocorrelation, and baseline with follow-up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct.register.chain import N_OUTCOMES
from ipsrct.register.design import Floats
from ipsrct.register.hazards import Hazards


def pair_moments(hazards: Hazards) -> Floats:
    """Return the probability of employment in both of two months, by cell and start month.

    Parameters
    ----------
    hazards : Hazards
        The chain's monthly probabilities.

    Returns
    -------
    ndarray, shape (n_cells, n_starts, 3, n_months, n_months)
        Symmetric in the last two axes; the diagonal is the probability of employment.
    """
    n_months, n_lines, n_states = hazards.end.shape
    frame = (hazards.design.size.size, hazards.design.start_months.size, hazards.factor_weight.size)
    rows = np.zeros((2, n_lines, 1 + N_OUTCOMES * n_months, n_states))
    rows[0, :, 0] = hazards.initial
    pairs = np.empty((*frame[:2], N_OUTCOMES, n_months, n_months))
    for t in range(n_months):
        used = slice(0, 1 + N_OUTCOMES * t)
        if t > 0:
            departed = rows[0][:, used] * hazards.end[t - 1][:, None]
            rows[1][:, used] = (rows[1][:, used] + departed) @ hazards.transition[1, t]
            rows[0][:, used] = (rows[0][:, used] - departed) @ hazards.transition[0, t]
        rows[:, :, 1 + N_OUTCOMES * t : 1 + N_OUTCOMES * (t + 1)] = rows[:, :, :1] * hazards.thresholds
        known = rows[:, :, 1 : 1 + N_OUTCOMES * (t + 1)].sum(0).reshape(n_lines, t + 1, N_OUTCOMES, n_states)
        both = np.einsum("ltke,ke->lkt", known, hazards.thresholds).reshape(*frame, N_OUTCOMES, t + 1)
        pairs[..., t, : t + 1] = np.einsum("csqkt,q->cskt", both, hazards.factor_weight)
        pairs[..., : t + 1, t] = pairs[..., t, : t + 1]
    return pairs


def correlation(hazards: Hazards, first: int, second: int, outcome: int = 0) -> float:
    """Return the correlation of employment in two months relative to start, over persons.

    Parameters
    ----------
    hazards : Hazards
        The chain; its window must contain both months for at least one start.
    first, second : int
        Months relative to start.
    outcome : int
        0, 1, 2 for at least 1, more than 4, more than 10 hours.

    Returns
    -------
    float
        Over all persons whose two months lie in the window, cells and start months pooled.
    """
    design = hazards.design
    pairs = pair_moments(hazards)[:, :, outcome]
    index = design.start_months - 1
    seen = (index + min(first, second) >= 0) & (index + max(first, second) < design.n_months)
    starts = np.flatnonzero(seen)
    weight = design.persons[:, starts]
    weight = weight / weight.sum()
    at = index[starts]
    mean_first = (weight * pairs[:, starts, at + first, at + first]).sum()
    mean_second = (weight * pairs[:, starts, at + second, at + second]).sum()
    both = (weight * pairs[:, starts, at + first, at + second]).sum()
    variance = mean_first * (1 - mean_first) * mean_second * (1 - mean_second)
    return float((both - mean_first * mean_second) / np.sqrt(variance))


@dataclass(frozen=True)
class HistoryRisks:
    """Risks by cell and baseline employment; proportions.

    Attributes
    ----------
    share : ndarray, shape (n_cells, 2)
        Share of a cell's persons who were not (0) and were (1) employed at baseline.
    risk : ndarray, shape (n_cells, 2)
        Probability of employment at follow-up, given cell and baseline.
    """

    share: Floats
    risk: Floats


def history_risks(hazards: Hazards, baseline: int, follow_up: int, outcome: int = 0) -> HistoryRisks:
    """Return follow-up risks by cell and baseline employment, over every start month.

    Parameters
    ----------
    hazards : Hazards
        The chain, with a window that contains both months for every start.
    baseline, follow_up : int
        Months relative to start, such as -1 and 12.
    outcome : int
        0, 1, 2 for at least 1, more than 4, more than 10 hours, at both times.

    Returns
    -------
    HistoryRisks
    """
    design = hazards.design
    pairs = pair_moments(hazards)[:, :, outcome]
    starts = np.arange(design.start_months.size)
    at = design.start_months - 1
    weight = design.start_probability
    before = (weight * pairs[:, starts, at + baseline, at + baseline]).sum(1)
    after = (weight * pairs[:, starts, at + follow_up, at + follow_up]).sum(1)
    both = (weight * pairs[:, starts, at + baseline, at + follow_up]).sum(1)
    share = np.stack([1 - before, before], axis=1)
    return HistoryRisks(share, np.stack([after - both, both], axis=1) / share)
