"""What each candidate for a selected register contributes to the published numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipsrct.register.anchors import ANCHORS, COUNTS, Anchor, anchor_values
from ipsrct.register.calibration import expected_coefficients
from ipsrct.register.design import GROUPS, Design, Floats, Integers
from ipsrct.register.evaluation import Outside, influence
from ipsrct.register.hazards import N_STATES
from ipsrct.register.measure_tables import NO_MEASURE, PERIODS, published_shares
from ipsrct.register.measure_types import codes_of, first_types
from ipsrct.register.measures import IN_MEASURE
from ipsrct.register.measures_calibration import MEASURE_ANCHORS, expected_measures
from ipsrct.register.moments import Moments
from ipsrct.register.phases import phase_dummies, step_design
from ipsrct.register.published import published_coefficients
from ipsrct.register.regressions import (
    OutsideDesign,
    by_group,
    expected_model_1,
    expected_model_2,
    outside_gram,
)
from ipsrct.register.reproduction import in_published_order

COUNT_SCALES = {"person_months_outside_ips": 0.5, "persons_finished": 0.1}
ANCHOR_SCALE = 0.002
SHARE_SCALE = 0.5
COEFFICIENT_SCALE = 0.1
"""Errors that the selection holds equal: months and persons, proportions, persons, and standard errors."""


@dataclass(frozen=True)
class Candidates:
    """A pool of candidates, P in all, M for each person.

    Attributes
    ----------
    cell, start : ndarray of int, shape (P,)
        Cell, and index into ``design.start_months``.
    last_month : ndarray of int, shape (P,)
        Last month in IPS.
    state : ndarray of uint8, shape (P, T)
        Hours level shown.
    measure_type : ndarray of uint8, shape (P, T)
        Type of other measure, see ``draw.Register``.
    per_person : int
        M.
    """

    cell: Integers
    start: Integers
    last_month: Integers
    state: npt.NDArray[np.uint8]
    measure_type: npt.NDArray[np.uint8]
    per_person: int


def _influence_model_1(moments: Moments, y: Floats, start: Integers) -> Floats:
    """Return contributions to Model 1's coefficients, shape (4, 3, P)."""
    design = moments.design
    model = expected_model_1(moments)
    regressors, gram = step_design(design, "step")
    dummies = phase_dummies(design.relative_month)
    fitted = np.einsum("ats,ak->stk", dummies, model.coefficient) + model.month_effect
    weights = np.linalg.solve(gram, regressors.reshape(len(gram), -1)).reshape(regressors.shape)
    offset = np.einsum("ats,stk->sak", weights, fitted)
    out = np.empty((len(gram), len(y), y.shape[1]))
    for s in range(design.start_months.size):
        chosen = start == s
        own = np.einsum("kpt,at->akp", y[:, chosen], weights[:, :, s], optimize=True)
        out[:, :, chosen] = own - offset[s][..., None]
    return out


def _influence_model_2(moments: Moments, y: Floats, pool: Candidates) -> Floats:
    """Return contributions to Model 2's coefficients, 0 outside a group, shape (8, 3, P)."""
    design = moments.design
    model = expected_model_2(moments)
    persons = by_group(moments, moments.last_month, design.membership)
    inverse = np.linalg.inv(outside_gram(OutsideDesign.of(design), persons)[:, 1:, 1:])
    solution = np.concatenate([model.month_effect[:, 1:], model.coefficient[:, None]], axis=1)
    start_month = design.start_months[pool.start]
    out = np.zeros((len(GROUPS), len(y), y.shape[1]))
    for g, cells in enumerate(design.membership):
        chosen = cells[pool.cell]
        outside = Outside.of(start_month[None, chosen], pool.last_month[None, chosen], design.n_months)
        kept = y[None, :, chosen] * outside.kept[:, None]
        out[g][:, chosen] = influence(kept, solution[g].T[None], inverse[g][None], outside)[0]
    return out


def _count_features(design: Design, pool: Candidates) -> Floats:
    values = {
        "person_months_outside_ips": design.start_months[pool.start] - 1 + design.n_months - pool.last_month,
        "persons_finished": (pool.last_month < design.n_months).astype(np.int64),
    }
    columns = [values[c.name] * design.membership[GROUPS.index(c.group)][pool.cell] for c in COUNTS]
    return np.stack(columns, axis=1).astype(np.float64)


def _anchor_features(design: Design, pool: Candidates, y: Floats, anchors: tuple[Anchor, ...]) -> Floats:
    """Return contributions to the anchors, given everybody's cell and start month, shape (P, n_anchors)."""
    columns = []
    relative = np.arange(1, design.n_months + 1) - design.start_months[pool.start][:, None]
    for anchor in anchors:
        column = np.zeros(pool.cell.size)
        for group, month, weight in anchor.terms:
            seen = (relative == month) & design.membership[GROUPS.index(group)][pool.cell][:, None]
            column += weight * (y * seen).sum(1) / (seen.sum() / pool.per_person)
        columns.append(column)
    return np.stack(columns, axis=1)


def _share_features(design: Design, pool: Candidates) -> Floats:
    """Return whether each candidate counts in each row of Tables 4 to 7, shape (P, n_shares)."""
    first = first_types(pool.measure_type, design.start_months[pool.start], pool.last_month)
    columns = [
        np.isin(first[row.period], codes_of(row.measure, row.types))
        * design.membership[GROUPS.index(row.group)][pool.cell]
        for row in published_shares()
    ]
    return np.stack(columns, axis=1)


def _share_goals(design: Design) -> list[float]:
    """Return persons that a selected register should have in each row of Tables 4 to 7.

    During IPS the published share of the 1,308; after IPS the printed persons, as those finished are printed.
    """
    size = design.membership @ design.size
    return [
        row.share * size[GROUPS.index(row.group)] if row.period == PERIODS[0] else row.started
        for row in published_shares()
    ]


def features(pool: Candidates, employment: Moments, measures: Moments) -> Floats:
    """Return each candidate's contribution to coefficients, counts and anchors.

    Parameters
    ----------
    pool : Candidates
        The pool.
    employment, measures : Moments
        Of the two chains.

    Returns
    -------
    ndarray, shape (P, J)
        In the scales above, so that an error of 1 is worth the same in every column: 44 coefficients, the
        counts, the anchors of employment and those of measures, and the shares of Tables 4 to 7.
    """
    design = employment.design
    y = (pool.state >= np.arange(1, N_STATES)[:, None, None]).astype(np.float64)
    inside = (pool.measure_type != NO_MEASURE).astype(np.float64)
    as_outcomes = np.repeat(inside[None], N_STATES - 1, axis=0)
    phases = _influence_model_1(employment, y, pool.start)
    groups = _influence_model_2(employment, y, pool)
    groups_of_measures = _influence_model_2(measures, as_outcomes, pool)
    groups_of_measures[:, [k for k in range(N_STATES - 1) if k != IN_MEASURE]] = 0
    rows = {p: [r for r in published_coefficients() if r.process == p] for p in ("employment", "measures")}
    columns = [
        in_published_order(phases, groups, rows["employment"]).T,
        in_published_order(phases, groups_of_measures, rows["measures"]).T,
        _count_features(design, pool),
        _anchor_features(design, pool, y[0], ANCHORS),
        _anchor_features(design, pool, inside, MEASURE_ANCHORS),
        _share_features(design, pool),
    ]
    return np.concatenate(columns, axis=1) / _scales()


def _scales() -> Floats:
    return np.concatenate(
        [
            COEFFICIENT_SCALE * np.array([row.standard_error for row in published_coefficients()]),
            [COUNT_SCALES[count.name] for count in COUNTS],
            np.full(len(ANCHORS) + len(MEASURE_ANCHORS), ANCHOR_SCALE),
            np.full(len(published_shares()), SHARE_SCALE),
        ]
    )


def goal(employment: Moments, measures: Moments) -> Floats:
    """Return the sums that the selection aims at, scaled as ``features``, shape (J,).

    Coefficients are to differ from their expectations by as much as the published ones do; counts and shares
    are to be the published ones; anchors are to stay at their expectations.
    """
    expected = np.concatenate([expected_coefficients(employment)[0], expected_measures(measures)[0]])
    sums = np.concatenate(
        [
            np.array([row.estimate for row in published_coefficients()]) - expected,
            [count.published for count in COUNTS],
            anchor_values(employment),
            anchor_values(measures, MEASURE_ANCHORS, IN_MEASURE),
            _share_goals(employment.design),
        ]
    )
    return sums / _scales()
