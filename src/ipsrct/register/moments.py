"""Expected counts, curves and sums of employment, by cell and start month."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct.register.chain import run
from ipsrct.register.design import GROUPS, Design, Floats
from ipsrct.register.hazards import Hazards


@dataclass(frozen=True)
class Moments:
    """Expectations given cell and start month, per person.

    The axis of 30 last months in IPS counts those still in IPS at the end of the window under the last one,
    since the two have the same months outside IPS. Outcomes are employment at 1, 4 and 10 hours.

    Attributes
    ----------
    employed : ndarray, shape (n_months, n_cells, n_starts, 3)
        Probability of employment.
    employed_outside : ndarray, shape (n_months, n_cells, n_starts, 3)
        Probability of being employed in the month and outside IPS.
    last_month : ndarray, shape (n_months, n_cells, n_starts)
        Distribution of the last month in IPS.
    sum_outside : ndarray, shape (n_months, n_cells, n_starts, 3)
        On the event of each last month, expected months employed outside IPS.
    sum_after : ndarray, shape (n_months, n_cells, n_starts, 3)
        The same, of the months employed after IPS.
    square_outside : ndarray, shape (n_months, n_cells, n_starts, 3)
        The same, of the square of the months employed outside IPS.
    sum_all, square_all : ndarray, shape (n_cells, n_starts, 3)
        Expected months employed in the window, and their square.
    design : Design
        Cells, start months and window.
    """

    employed: Floats
    employed_outside: Floats
    last_month: Floats
    sum_outside: Floats
    sum_after: Floats
    square_outside: Floats
    sum_all: Floats
    square_all: Floats
    design: Design


def make_moments(hazards: Hazards) -> Moments:
    """Return the moments of a chain, averaged over the person factor.

    Parameters
    ----------
    hazards : Hazards
        The chain's monthly probabilities.

    Returns
    -------
    Moments
    """
    recursion = run(hazards)
    design = hazards.design
    frame = (design.size.size, design.start_months.size, hazards.factor_weight.size)

    def averaged(lines: Floats, axis: int) -> Floats:
        split = lines.reshape(*lines.shape[:axis], *frame, *lines.shape[axis + 1 :])
        return np.asarray(np.tensordot(split, hazards.factor_weight, axes=(axis + 2, 0)))

    first_start = int(design.start_months.min()) - 1
    ending, after = recursion.ending[first_start:], recursion.after[first_start:]
    ending[-1] += recursion.staying
    mass, first, second = ending[:, :, 0], ending[:, :, 1:4], ending[:, :, 4:]
    every_state = np.ones(mass.shape[-1])
    sum_after = np.einsum("tlke,tle->tlk", after[:, :, 1:4], mass)
    square = second @ every_state
    square += 2 * np.einsum("tlke,tlke->tlk", first, after[:, :, 1:4])
    square += np.einsum("tlke,tle->tlk", after[:, :, 4:], mass)

    def by_last_month(lines: Floats) -> Floats:
        values = averaged(lines, 1)
        return np.concatenate([np.zeros((first_start, *values.shape[1:])), values])

    by_regime = averaged(recursion.occupation @ hazards.thresholds.T, 2)
    before = (design.relative_month < 0)[:, None, :, None]
    total = averaged(recursion.total, 1)
    return Moments(
        employed=by_regime.sum(0),
        employed_outside=by_regime[1] + before * by_regime[0],
        last_month=by_last_month(mass @ every_state),
        sum_outside=by_last_month(first @ every_state + sum_after),
        sum_after=by_last_month(sum_after),
        square_outside=by_last_month(square),
        sum_all=total[0],
        square_all=total[1],
        design=design,
    )


def curve(moments: Moments, group: str, relative_months: list[int], outcome: int = 0) -> Floats:
    """Return expected employment by month relative to start, among those whose month lies in the window.

    Parameters
    ----------
    moments : Moments
        Expected employment.
    group : str
        One of ``design.GROUPS``.
    relative_months : list of int
        Months relative to start, -23 to 20.
    outcome : int
        0, 1, 2 for at least 1, more than 4, more than 10 hours.

    Returns
    -------
    ndarray, shape (len(relative_months),)
    """
    design = moments.design
    persons = design.persons * design.membership[GROUPS.index(group)][:, None]
    employed = np.einsum("tcs,cs->ts", moments.employed[..., outcome], persons)
    starters = persons.sum(0)
    selected = design.relative_month[None] == np.array(relative_months)[:, None, None]
    return np.asarray((selected * employed).sum((1, 2)) / (selected * starters).sum((1, 2)))


def person_months_outside(moments: Moments) -> Floats:
    """Return expected person-months outside IPS by group, shape (8,)."""
    design = moments.design
    before = design.start_months - 1
    after = design.n_months - 1 - np.arange(design.n_months)
    per_person = before + np.einsum("tcs,t->cs", moments.last_month, after)
    return np.asarray(design.membership @ (design.persons * per_person).sum(1))


def persons_finished(moments: Moments) -> Floats:
    """Return expected persons outside IPS again in the last month of the window, by group, shape (8,)."""
    design = moments.design
    finished = (design.persons * moments.last_month[:-1].sum(0)).sum(1)
    return np.asarray(design.membership @ finished)
