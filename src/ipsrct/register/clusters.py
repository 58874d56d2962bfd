"""Cluster-robust standard errors of the report's regressions, in expectation.

The sandwich needs the expected square of each person's contribution to a coefficient, which is a weighted
sum of months. For Model 1 the weights depend on the start month, so pair moments suffice; for Model 2 they
depend also on the end of IPS, through a constant only, so weighted sums carried along the chain suffice.
"""

from __future__ import annotations

import numpy as np

from ipsrct.register.chain import N_OUTCOMES
from ipsrct.register.correlation import pair_moments
from ipsrct.register.design import GROUPS, Floats
from ipsrct.register.evaluation import cluster_factor
from ipsrct.register.hazards import Hazards
from ipsrct.register.moments import Moments
from ipsrct.register.phases import phase_dummies, step_design
from ipsrct.register.regressions import (
    OutsideDesign,
    by_group,
    expected_model_1,
    expected_model_2,
    outside_gram,
)

_SUM, _WEIGHTED, _SUM_SUM, _SUM_WEIGHTED, _WEIGHTED_WEIGHTED = (
    slice(1 + N_OUTCOMES * i, 1 + N_OUTCOMES * (i + 1)) for i in range(5)
)
_N_ROWS = 1 + 5 * N_OUTCOMES


def cluster_errors_model_1(hazards: Hazards, moments: Moments, coding: str = "step") -> Floats:
    """Return the cluster-robust standard errors that Model 1 has in large registers.

    Parameters
    ----------
    hazards, moments : Hazards, Moments
        The chain and its moments.
    coding : {"step", "level"}
        See ``phases.phase_dummies``.

    Returns
    -------
    ndarray, shape (4, 3)
        By phase and outcome; proportions.
    """
    design = moments.design
    model = expected_model_1(moments, coding)
    regressors, gram = step_design(design, coding)
    dummies = phase_dummies(design.relative_month, coding)
    mean_effect = (
        np.einsum("csk,cs->k", moments.sum_all, design.persons) / design.persons.sum() / design.n_months
    )
    fitted = np.einsum("ats,ak->stk", dummies, model.coefficient) + model.month_effect + mean_effect
    mean = np.einsum("atu,tcuk->cuka", regressors, moments.employed)
    offset = np.einsum("atu,utk->uka", regressors, fitted)
    pairs = np.einsum("atu,cukts,bsu->cukab", regressors, pair_moments(hazards), regressors, optimize=True)
    crossed = mean[..., :, None] * offset[..., None, :]
    square = pairs - crossed - crossed.swapaxes(-1, -2) + offset[..., :, None] * offset[..., None, :]
    meat = np.einsum("cukab,cu->kab", square, design.persons)
    inverse = np.linalg.inv(gram)
    variance = np.einsum("ab,kbc,ca->ak", inverse, meat, inverse)
    n_persons = design.persons.sum()
    factor = cluster_factor(round(n_persons), n_persons * design.n_months, 4, design.n_months)
    return np.asarray(np.sqrt(variance * factor))


def _add_month(sums: Floats, employed: Floats, weight: float) -> None:
    """Add a month to the sums S and A = weighted S, and to their squares and product, in place."""
    probability, plain, weighted = sums[:, :1], sums[:, _SUM], sums[:, _WEIGHTED]
    sums[:, _WEIGHTED_WEIGHTED] += employed * weight * (2 * weighted + weight * probability)
    sums[:, _SUM_WEIGHTED] += employed * (weighted + weight * (plain + probability))
    sums[:, _SUM_SUM] += employed * (2 * plain + probability)
    weighted += employed * weight * probability
    plain += employed * probability


def _sums_before(hazards: Hazards, weights: Floats) -> Floats:
    """Return sums over the months before start, on each last month in IPS, shape (T, n_lines, 16, 4)."""
    n_months, n_lines, n_states = hazards.end.shape
    started = hazards.started
    inside = np.zeros((n_lines, _N_ROWS, n_states))
    inside[:, 0] = hazards.initial
    ending = np.zeros((n_months, n_lines, _N_ROWS, n_states))
    for t in range(n_months):
        if t > 0:
            ending[t - 1] = inside * hazards.end[t - 1][:, None]
            inside = (inside - ending[t - 1]) @ hazards.transition[0, t]
        _add_month(inside, hazards.thresholds * ~started[t][:, None, None], weights[t])
    ending[-1] = inside
    return ending


def _sums_after(hazards: Hazards, weights: Floats) -> Floats:
    """Return sums over the months after each last month in IPS, given its state, shaped as before."""
    n_months, n_lines, n_states = hazards.end.shape
    after = np.zeros((n_months, n_lines, _N_ROWS, n_states))
    after[:, :, 0] = 1.0
    for t in range(n_months - 2, -1, -1):
        month = after[t + 1].copy()
        _add_month(month, hazards.thresholds, weights[t + 1])
        after[t] = month @ hazards.transition[1, t + 1].swapaxes(1, 2)
    return after


def _square(before: Floats, after: Floats, centre: Floats, offset: Floats) -> Floats:
    """Return the expected square of ``A - centre * S - offset`` on each last month.

    Parameters
    ----------
    before, after : ndarray, shape (T, n_lines, 16, 4)
        Sums before start and after IPS.
    centre : ndarray, shape (T, n_lines, 1)
        The mean weight.
    offset : ndarray, shape (T, n_lines, 3)
        What the regression explains.

    Returns
    -------
    ndarray, shape (T, n_lines, 3)
    """
    c = centre[..., None]
    k = offset[..., None]

    def first(sums: Floats) -> Floats:
        return sums[:, :, _WEIGHTED] - c * sums[:, :, _SUM]

    def second(sums: Floats) -> Floats:
        return (
            sums[:, :, _WEIGHTED_WEIGHTED] - 2 * c * sums[:, :, _SUM_WEIGHTED] + c**2 * sums[:, :, _SUM_SUM]
        )

    probability, one, two = before[:, :, :1], first(before), first(after)
    square = second(before) + 2 * one * two + probability * second(after)
    square += k**2 * probability - 2 * k * (one + probability * two)
    return np.asarray(square.sum(-1))


def cluster_errors_model_2(hazards: Hazards, moments: Moments) -> Floats:
    """Return the cluster-robust standard errors that Model 2 has in large registers.

    Parameters
    ----------
    hazards, moments : Hazards, Moments
        The chain and its moments.

    Returns
    -------
    ndarray, shape (8, 3)
        By group of ``design.GROUPS`` and outcome; proportions.
    """
    design = moments.design
    outside = OutsideDesign.of(design)
    persons = by_group(moments, moments.last_month, design.membership)
    model = expected_model_2(moments)
    inverse = np.linalg.inv(outside_gram(outside, persons)[:, 1:, 1:])
    n_persons = persons.sum((1, 2))
    n_kept = np.einsum("gls,ls->g", persons, outside.n_kept)
    n_factor = hazards.factor_weight.size
    variance = np.empty((len(GROUPS), N_OUTCOMES))
    for g, cells in enumerate(design.membership):
        month_weight = np.concatenate([[0.0], inverse[g, -1, :-1]])
        after_weight = inverse[g, -1, -1]
        total = np.einsum("tls,t->ls", outside.kept, month_weight) + after_weight * outside.n_after
        centre = total / outside.n_kept
        offset = _explained(
            outside, month_weight, after_weight, centre, model.coefficient[g], model.month_effect[g]
        )
        lines = np.repeat(np.tile(np.arange(design.start_months.size), design.size.size), n_factor)
        square = _square(
            _sums_before(hazards, month_weight),
            _sums_after(hazards, month_weight + after_weight),
            centre[:, lines, None],
            offset[:, lines],
        )
        line_weight = ((design.persons * cells[:, None])[:, :, None] * hazards.factor_weight).ravel()
        variance[g] = np.einsum("tlk,l->k", square, line_weight)
    factor = [
        cluster_factor(round(n), kept, 1, design.n_months) for n, kept in zip(n_persons, n_kept, strict=True)
    ]
    return np.asarray(np.sqrt(variance * np.array(factor)[:, None]))


def _explained(
    outside: OutsideDesign,
    month_weight: Floats,
    after_weight: float,
    centre: Floats,
    coefficient: Floats,
    month_effect: Floats,
) -> Floats:
    """Return the part of a person's contribution that the regression explains, (n_last, n_starts, 3)."""
    n_months, n_last, _ = outside.kept.shape
    after = (np.arange(n_months)[:, None] > np.arange(n_last)).astype(np.float64)
    weight = outside.kept * (month_weight[:, None, None] - centre) + after_weight * after[..., None]
    by_month = np.einsum("tls,tk->lsk", weight, month_effect)
    by_after = np.einsum("tls,tl->ls", weight, after)
    return np.asarray(by_month + by_after[..., None] * coefficient)
