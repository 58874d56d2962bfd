"""The report's regressions in expectation: exact normal equations instead of simulated registers.

Model 1 regresses employment in all months on four phases after start, Model 2 employment outside IPS on
a dummy for the months after IPS; both have person and month effects. The expected coefficients solve the
expected normal equations; the classic standard errors follow from the expected residual sum of squares.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipsrct.register.design import Design, Floats
from ipsrct.register.moments import Moments
from ipsrct.register.phases import phase_dummies, step_design


@dataclass(frozen=True)
class Expected:
    """Expected coefficients of one model; proportions.

    Attributes
    ----------
    coefficient : ndarray, shape (4, 3) for Model 1, (8, 3) for Model 2
        By phase or group, and outcome.
    classic_standard_error : ndarray, same shape
        Non-robust standard errors, as the report prints them.
    month_effect : ndarray, shape (n_months, 3) for Model 1, (8, n_months, 3) for Model 2
        Coefficients of the months; the first is 0.
    """

    coefficient: Floats
    classic_standard_error: Floats
    month_effect: Floats


def expected_model_1(moments: Moments, coding: str = "step") -> Expected:
    """Return the expectation of Model 1's coefficients for the three outcomes.

    Parameters
    ----------
    moments : Moments
        Expected employment and sums.
    coding : {"step", "level"}
        See ``phases.phase_dummies``.

    Returns
    -------
    Expected
    """
    design = moments.design
    regressors, gram = step_design(design, coding)
    employed = np.einsum("tcsk,cs->tsk", moments.employed, design.persons)
    score = np.einsum("ats,tsk->ak", regressors, employed)
    coefficient = np.linalg.solve(gram, score)
    n_persons, n_months = design.persons.sum(), design.n_months
    month_mean = employed.sum(1) / n_persons
    total = np.einsum("csk,cs->k", moments.sum_all, design.persons)
    square = np.einsum("csk,cs->k", moments.square_all, design.persons)
    between_months = n_persons * ((month_mean - month_mean.mean(0)) ** 2).sum(0)
    residual = total - square / n_months - between_months - (coefficient * score).sum(0)
    freedom = n_persons * n_months - n_persons - (n_months - 1) - len(gram)
    standard_error = np.sqrt(np.diag(np.linalg.inv(gram))[:, None] * residual / freedom)
    by_month = _phase_means(design, coding)
    month_effect = month_mean - by_month.T @ coefficient
    return Expected(coefficient, standard_error, month_effect - month_effect[0])


def _phase_means(design: Design, coding: str) -> Floats:
    starters = design.persons.sum(0)
    return np.asarray(phase_dummies(design.relative_month, coding) @ (starters / starters.sum()))


@dataclass(frozen=True)
class OutsideDesign:
    """Which months Model 2 keeps, by last month in IPS and start month.

    Attributes
    ----------
    kept : ndarray of float, shape (n_months, n_last, n_starts)
        1 for the months before start and after IPS.
    n_after, n_kept : ndarray of float, shape (n_last, n_starts)
        Months after IPS, and months kept.
    """

    kept: Floats
    n_after: Floats
    n_kept: Floats

    @classmethod
    def of(cls, design: Design) -> OutsideDesign:
        """Build it from the start months and the window."""
        month = np.arange(1, design.n_months + 1)
        before = month[:, None, None] < design.start_months
        after = month[:, None, None] > month[:, None]
        n_after = np.broadcast_to((design.n_months - month)[:, None], (month.size, design.start_months.size))
        kept = (before | after).astype(np.float64)
        return cls(kept, n_after.astype(np.float64), (design.start_months - 1 + n_after).astype(np.float64))


def outside_gram(outside: OutsideDesign, persons: Floats) -> Floats:
    """Return Model 2's moment matrix of month dummies and the after dummy, person means removed.

    Parameters
    ----------
    outside : OutsideDesign
        Months kept.
    persons : ndarray, shape (n_groups, n_last, n_starts)
        Expected persons by last month and start month.

    Returns
    -------
    ndarray, shape (n_groups, n_months + 1, n_months + 1)
        The after dummy is last.
    """
    n_groups, n_last, _n_starts = persons.shape
    n_months = outside.kept.shape[0]
    after = (np.arange(n_months)[:, None] > np.arange(n_last)).astype(np.float64)
    sums = np.concatenate([outside.kept, outside.n_after[None]]).reshape(n_months + 1, -1)
    weight = (persons / outside.n_kept).reshape(n_groups, 1, -1)
    gram = -(sums * weight) @ sums.T
    diagonal = np.einsum("gls,tls->gt", persons, outside.kept)
    shared = persons.sum(2) @ after.T
    index = np.arange(n_months)
    gram[:, index, index] += diagonal
    gram[:, index, -1] += shared
    gram[:, -1, index] += shared
    gram[:, -1, -1] += np.einsum("gls,ls->g", persons, outside.n_after)
    return np.asarray(gram)


def by_group(moments: Moments, values: Floats, membership: npt.NDArray[np.bool_]) -> Floats:
    """Sum a moment over the cells of each group.

    Parameters
    ----------
    moments : Moments
        Gives the persons by cell and start month.
    values : ndarray, shape (n_months, n_cells, n_starts, ...)
        Per person.
    membership : ndarray of bool, shape (n_groups, n_cells)
        Cells of each group.

    Returns
    -------
    ndarray, shape (n_groups, n_months, n_starts, ...)
    """
    persons = moments.design.persons
    shaped = values * persons.reshape(1, *persons.shape, *(1,) * (values.ndim - 3))
    return np.asarray(np.tensordot(membership.astype(np.float64), shaped, axes=(1, 1)))


def expected_model_2(moments: Moments) -> Expected:
    """Return the expectation of Model 2's coefficient in each of ``design.GROUPS`` for the three outcomes.

    Parameters
    ----------
    moments : Moments
        Expected employment, sums and last months in IPS.

    Returns
    -------
    Expected
    """
    design, membership = moments.design, moments.design.membership
    outside = OutsideDesign.of(design)
    persons = by_group(moments, moments.last_month, membership)
    employed = by_group(moments, moments.employed_outside, membership).sum(2)
    sums = by_group(moments, moments.sum_outside, membership)
    after = by_group(moments, moments.sum_after, membership).sum((1, 2))
    square = by_group(moments, moments.square_outside, membership)
    mean = sums / outside.n_kept[..., None]
    score = np.concatenate(
        [
            employed - np.einsum("tls,glsk->gtk", outside.kept, mean),
            (after - np.einsum("ls,glsk->gk", outside.n_after, mean))[:, None],
        ],
        axis=1,
    )
    gram = outside_gram(outside, persons)
    inverse = np.linalg.inv(gram[:, 1:, 1:])
    solution = inverse @ score[:, 1:]
    explained = (solution * score[:, 1:]).sum(1)
    residual = employed.sum(1) - (square / outside.n_kept[..., None]).sum((1, 2)) - explained
    n_kept = np.einsum("gls,ls->g", persons, outside.n_kept)
    freedom = n_kept - persons.sum((1, 2)) - (design.n_months - 1) - 1
    standard_error = np.sqrt(inverse[:, -1, -1, None] * residual / freedom[:, None])
    month_effect = np.concatenate([np.zeros_like(solution[:, :1]), solution[:, :-1]], axis=1)
    return Expected(solution[:, -1], standard_error, month_effect)
