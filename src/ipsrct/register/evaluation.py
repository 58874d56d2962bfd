"""The report's own before-after evaluation, run on registers.

Both models are linear, with person and month effects. The person effects are removed by subtracting person
means; the design depends on persons only through their start and end, so the moment matrices are small
and everything is batched over registers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipsrct.errors import RunError
from ipsrct.register.design import GROUPS, Design, Floats, Integers
from ipsrct.register.phases import PHASE_STARTS, demeaned_phases, phase_dummies

Outcomes = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Evaluation:
    """Estimates of one model; proportions. R registers, K outcomes, M coefficients.

    Attributes
    ----------
    coefficient : ndarray, shape (R, K, M)
        Four phases for Model 1, one for Model 2.
    classic_standard_error : ndarray, shape (R, K, M)
        Non-robust, as the report prints them.
    cluster_standard_error : ndarray, shape (R, K, M)
        Robust and clustered by person, with pyfixest's default small-sample factors.
    n_observations : ndarray of int, shape (R,)
        Person-months used.
    """

    coefficient: Floats
    classic_standard_error: Floats
    cluster_standard_error: Floats
    n_observations: Integers


def cluster_factor(
    n_persons: int, n_observations: npt.ArrayLike, n_coefficients: int, n_months: int
) -> Floats:
    """Return the factor on the sandwich variance: G/(G-1) times (n-1)/(n-k).

    k counts coefficients and months; the persons, nested in the clusters, are not counted.
    """
    n = np.asarray(n_observations, dtype=np.float64)
    return np.asarray(n_persons / (n_persons - 1) * (n - 1) / (n - n_coefficients - n_months))


@dataclass(frozen=True)
class Model1Design:
    """Everything in Model 1 that depends on the start months alone.

    Attributes
    ----------
    order : ndarray of int, shape (N,)
        Persons sorted by start month.
    bounds : ndarray of int, shape (S + 1,)
        Where each start month begins in that order.
    dummies, regressors : ndarray, shape (4, T, S)
        Phase dummies, and the same with person and month means removed.
    inverse : ndarray, shape (4, 4)
        Inverse of the regressors' moment matrix.
    """

    order: Integers
    bounds: Integers
    dummies: Floats
    regressors: Floats
    inverse: Floats

    @classmethod
    def of(cls, start_month: Integers, n_months: int, coding: str = "step") -> Model1Design:
        """Build it from the persons' start months, shape (N,)."""
        starts, position, counts = np.unique(start_month, return_inverse=True, return_counts=True)
        dummies = phase_dummies(np.arange(1, n_months + 1)[:, None] - starts, coding)
        regressors, gram = demeaned_phases(dummies, counts.astype(np.float64))
        if np.linalg.matrix_rank(gram) < len(gram):
            raise RunError(
                "Model 1 cannot tell its phases from months: too few start months or too short a window"
            )
        order = np.argsort(position, kind="stable")
        bounds = np.concatenate([[0], np.cumsum(counts)])
        return cls(order, bounds, dummies, regressors, np.asarray(np.linalg.inv(gram), dtype=np.float64))

    @property
    def slices(self) -> list[slice]:
        """The persons of each start month."""
        return [slice(low, high) for low, high in zip(self.bounds[:-1], self.bounds[1:], strict=True)]


def evaluate_model_1(outcomes: Outcomes, design: Model1Design) -> Evaluation:
    """Run Model 1 on registers that share their persons' start months.

    Parameters
    ----------
    outcomes : ndarray of bool, shape (R, K, N, T)
        Outcome by register, outcome, person and month; persons in the order of ``design.order``.
    design : Model1Design
        From the start months.

    Returns
    -------
    Evaluation
    """
    n_registers, n_outcomes, n_persons, n_months = outcomes.shape
    y = outcomes.astype(np.float64).reshape(-1, n_persons, n_months)
    scores = np.empty((len(y), n_persons, len(PHASE_STARTS)))
    for s, persons in enumerate(design.slices):
        np.matmul(y[:, persons], design.regressors[:, :, s].T, out=scores[:, persons])
    score = scores.sum(1)
    coefficient = score @ design.inverse
    month_mean = np.ones(n_persons) @ y / n_persons
    by_month = design.dummies @ np.diff(design.bounds) / n_persons
    month_effect = month_mean - coefficient @ by_month
    for s, persons in enumerate(design.slices):
        own = design.regressors[:, :, s]
        fitted = coefficient @ (design.dummies[:, :, s] @ own.T) + month_effect @ own.T
        scores[:, persons] -= fitted[:, None]
    meat = scores.swapaxes(1, 2) @ scores
    person_sum = y @ np.ones(n_months)
    between = n_persons * ((month_mean - month_mean.mean(1, keepdims=True)) ** 2).sum(1)
    residual = person_sum.sum(1) - (person_sum**2).sum(1) / n_months - between - (coefficient * score).sum(1)
    n_observations = n_persons * n_months
    freedom = n_observations - n_persons - (n_months - 1) - len(PHASE_STARTS)
    factor = cluster_factor(n_persons, n_observations, len(PHASE_STARTS), n_months)
    robust = np.einsum("ab,mbc,ca->ma", design.inverse, meat, design.inverse) * factor
    classic = np.diag(design.inverse) * residual[:, None] / freedom
    shape = (n_registers, n_outcomes, len(PHASE_STARTS))
    return Evaluation(
        coefficient.reshape(shape),
        np.sqrt(np.maximum(classic, 0)).reshape(shape),  # rounding may leave -1e-18 of a constant
        np.sqrt(robust).reshape(shape),
        np.full(n_registers, n_observations),
    )


@dataclass(frozen=True)
class Outside:
    """Months outside IPS by register and person.

    Attributes
    ----------
    kept, after : ndarray, shape (R, N, T)
        1 for months outside IPS, and for months after it.
    n_kept, n_after : ndarray, shape (R, N)
        Their numbers.
    """

    kept: Floats
    after: Floats
    n_kept: Floats
    n_after: Floats

    @classmethod
    def of(cls, start_month: Integers, last_month: Integers, n_months: int) -> Outside:
        """Build it from start months and last months in IPS, each of shape (R, N)."""
        month = np.arange(1, n_months + 1)
        after = (month > last_month[..., None]).astype(np.float64)
        kept = after + (month < start_month[..., None])
        return cls(kept, after, kept.sum(-1), after.sum(-1))


def evaluate_model_2(outcomes: Outcomes, start_month: Integers, last_month: Integers) -> Evaluation:
    """Run Model 2 on one group of persons in every register.

    Parameters
    ----------
    outcomes : ndarray of bool, shape (R, K, N, T)
        Outcome by register, outcome, person and month.
    start_month : ndarray of int, shape (R, N)
        Start month, 1 to T.
    last_month : ndarray of int, shape (R, N)
        Last month in IPS; T or more for those who did not finish in the window.

    Returns
    -------
    Evaluation
    """
    _n_registers, _n_outcomes, n_persons, n_months = outcomes.shape
    outside = Outside.of(start_month, last_month, n_months)
    inverse = _inverse_gram(outside)
    y = outcomes * outside.kept[:, None]
    mean = y.sum(-1) / outside.n_kept[:, None]
    score = np.concatenate(
        [
            y.sum(2) - mean @ outside.kept,
            ((y * outside.after[:, None]).sum((2, 3)) - (mean * outside.n_after[:, None]).sum(2))[..., None],
        ],
        axis=2,
    )[..., 1:]
    solution = score @ inverse
    residual = y.sum((2, 3)) - (mean**2 * outside.n_kept[:, None]).sum(2) - (solution * score).sum(2)
    n_observations = outside.n_kept.sum(1)
    freedom = n_observations - n_persons - n_months
    classic = inverse[:, -1, -1, None] * residual / freedom[:, None]
    contribution = influence(y, solution, inverse, outside)
    robust = (contribution**2).sum(2) * cluster_factor(n_persons, n_observations, 1, n_months)[:, None]
    return Evaluation(
        solution[..., -1:],
        np.sqrt(np.maximum(classic, 0))[..., None],
        np.sqrt(robust)[..., None],
        n_observations.astype(np.int64),
    )


def _inverse_gram(outside: Outside) -> Floats:
    """Invert the moment matrix of months 2 to T and the after dummy, shape (R, T, T)."""
    sums = np.concatenate([outside.kept, outside.n_after[..., None]], axis=2)
    gram = -(sums / outside.n_kept[..., None]).swapaxes(1, 2) @ sums
    index = np.arange(outside.kept.shape[2])
    gram[:, index, index] += outside.kept.sum(1)
    shared = outside.after.sum(1)
    gram[:, index, -1] += shared
    gram[:, -1, index] += shared
    gram[:, -1, -1] += outside.n_after.sum(1)
    gram = gram[:, 1:, 1:]
    if (np.linalg.matrix_rank(gram, hermitian=True) < gram.shape[1]).any():
        raise RunError(
            "Model 2 cannot be estimated: there is nobody, nobody has finished IPS, or a month has nobody "
            "outside it"
        )
    return np.linalg.inv(gram)


def influence(y: Floats, solution: Floats, inverse: Floats, outside: Outside) -> Floats:
    """Return each person's contribution to the error of Model 2's coefficient.

    Parameters
    ----------
    y : ndarray, shape (R, K, N, T)
        Outcomes, 0 in months not kept.
    solution : ndarray, shape (R, K, T)
        Coefficients of months 2 to T and of the after dummy.
    inverse : ndarray, shape (R, T, T)
        Inverse moment matrix in that order.
    outside : Outside
        Months kept.

    Returns
    -------
    ndarray, shape (R, K, N)
    """
    weight = np.zeros((len(y), y.shape[-1]))
    weight[:, 1:] = inverse[:, -1, :-1]
    person_weight = weight[:, None] * outside.kept + inverse[:, -1, -1, None, None] * outside.after
    person_weight -= outside.kept * (person_weight.sum(2) / outside.n_kept)[..., None]
    month_effect = np.zeros((*solution.shape[:2], y.shape[-1]))
    month_effect[..., 1:] = solution[..., :-1]
    explained = np.einsum("rnt,rkt->rkn", person_weight, month_effect)
    explained += solution[..., -1:] * (person_weight * outside.after).sum(2)[:, None]
    return np.asarray(np.einsum("rnt,rknt->rkn", person_weight, y) - explained)


def evaluate_groups(
    outcomes: Outcomes, cell: Integers, start_month: Integers, last_month: Integers, design: Design
) -> Evaluation:
    """Run Model 2 in every group of ``design.GROUPS``.

    Parameters
    ----------
    outcomes : ndarray of bool, shape (R, K, N, T)
        Outcome by register, outcome, person and month.
    cell : ndarray of int, shape (N,)
        Cell of each person, the same in all registers.
    start_month, last_month : ndarray of int, shape (R, N)
        See ``evaluate_model_2``.
    design : Design
        Gives the groups of the cells.

    Returns
    -------
    Evaluation
        With M = 8 coefficients, one a group; ``n_observations`` has shape (R, 8).
    """
    parts = []
    for group in range(len(GROUPS)):
        chosen = design.membership[group][cell]
        own = outcomes[:, :, chosen], start_month[:, chosen], last_month[:, chosen]
        try:
            parts.append(evaluate_model_2(*own))
        except RunError as error:
            raise RunError(f"{GROUPS[group]}: {error}") from None
    return Evaluation(
        np.concatenate([part.coefficient for part in parts], axis=2),
        np.concatenate([part.classic_standard_error for part in parts], axis=2),
        np.concatenate([part.cluster_standard_error for part in parts], axis=2),
        np.stack([part.n_observations for part in parts], axis=1),
    )
