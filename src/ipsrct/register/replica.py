"""One register selected to carry the published table. It is not a random draw.

Random registers scatter about the expectation, so hardly any shows all published coefficients at once.
Here every person is chosen from a pool of random candidates for the same cell and start month, so that
the sum of their influence functions brings each coefficient, count and curve level to its target.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ipsrct._streams import Streams
from ipsrct.register.anchors import ANCHORS, COUNTS, anchor_values
from ipsrct.register.calibration import default_calibration, employment_coefficients, expected_coefficients
from ipsrct.register.design import GROUPS, Design, Floats, Integers
from ipsrct.register.draw import Register, categorical, simulate_paths
from ipsrct.register.evaluation import Outside, influence
from ipsrct.register.hazards import N_STATES, Hazards, make_hazards
from ipsrct.register.moments import Moments, make_moments
from ipsrct.register.phases import phase_dummies, step_design
from ipsrct.register.published import OUTCOMES
from ipsrct.register.regressions import (
    OutsideDesign,
    by_group,
    expected_model_1,
    expected_model_2,
    outside_gram,
)
from ipsrct.register.reproduction import evaluate_register, in_published_order

N_CANDIDATES = 40
N_ROUNDS = 6
N_SWEEPS = 12
_COUNT_SCALE = {"person_months_outside_ips": 0.5, "persons_finished": 0.1}
_ANCHOR_SCALE = 0.002
_COEFFICIENT_SCALE = 0.1


def allocate(design: Design) -> tuple[Integers, Integers]:
    """Return cell and start position of every person, whole persons nearest to the expected numbers.

    Returns
    -------
    cell, start : ndarray of int, shape (1308,)
        Cell, and index into ``design.start_months``.
    """
    cells, starts = [], []
    for c, expected in enumerate(design.persons):
        whole = np.floor(expected).astype(np.int64)
        short = int(design.size[c] - whole.sum())
        whole[np.argsort(whole - expected, kind="stable")[:short]] += 1
        starts.append(np.repeat(np.arange(expected.size), whole))
        cells.append(np.full(whole.sum(), c))
    return np.concatenate(cells), np.concatenate(starts)


def _influence_model_1(moments: Moments, y: Floats, start: Integers) -> Floats:
    """Return contributions to Model 1's coefficients, shape (P, 4, 3)."""
    design = moments.design
    model = expected_model_1(moments)
    regressors, gram = step_design(design, "step")
    dummies = phase_dummies(design.relative_month)
    fitted = np.einsum("ats,ak->stk", dummies, model.coefficient) + model.month_effect
    weights = np.linalg.solve(gram, regressors.reshape(len(gram), -1)).reshape(regressors.shape)
    offset = np.einsum("ats,stk->sak", weights, fitted)
    out = np.empty((y.shape[1], len(gram), len(OUTCOMES)))
    for s in range(design.start_months.size):
        chosen = start == s
        out[chosen] = np.einsum("kpt,at->pak", y[:, chosen], weights[:, :, s], optimize=True) - offset[s]
    return out


def _influence_model_2(
    moments: Moments, y: Floats, cell: Integers, start: Integers, last: Integers
) -> Floats:
    """Return contributions to Model 2's coefficients, 0 outside a group, shape (P, 8, 3)."""
    design = moments.design
    model = expected_model_2(moments)
    persons = by_group(moments, moments.last_month, design.membership)
    inverse = np.linalg.inv(outside_gram(OutsideDesign.of(design), persons)[:, 1:, 1:])
    solution = np.concatenate([model.month_effect[:, 1:], model.coefficient[:, None]], axis=1)
    out = np.zeros((y.shape[1], len(GROUPS), len(OUTCOMES)))
    for g, cells in enumerate(design.membership):
        chosen = cells[cell]
        outside = Outside.of(design.start_months[start][None, chosen], last[None, chosen], design.n_months)
        kept = y[None, :, chosen] * outside.kept[:, None]
        out[chosen, g] = influence(kept, solution[g].T[None], inverse[g][None], outside)[0].T
    return out


def _count_features(design: Design, cell: Integers, start: Integers, last: Integers) -> Floats:
    values = {
        "person_months_outside_ips": design.start_months[start] - 1 + design.n_months - last,
        "persons_finished": (last < design.n_months).astype(np.int64),
    }
    columns = [values[c.name] * design.membership[GROUPS.index(c.group)][cell] for c in COUNTS]
    return np.stack(columns, axis=1).astype(np.float64)


def _anchor_features(design: Design, y: Floats, cell: Integers, start: Integers, n_candidates: int) -> Floats:
    """Return contributions to the anchors, given everybody's cell and start month, shape (P, n_anchors)."""
    columns = []
    relative = np.arange(1, design.n_months + 1) - design.start_months[start][:, None]
    for anchor in ANCHORS:
        column = np.zeros(cell.size)
        for group, month, weight in anchor.terms:
            seen = (relative == month) & design.membership[GROUPS.index(group)][cell][:, None]
            column += weight * (y[0] * seen).sum(1) / (seen.sum() / n_candidates)
        columns.append(column)
    return np.stack(columns, axis=1)


def select(
    features: Floats, target: Floats, chosen: Integers, rng: np.random.Generator, sweeps: int
) -> Integers:
    """Choose a candidate for every person so that the features sum to a target.

    Parameters
    ----------
    features : ndarray, shape (N, M, J)
        Features of M candidates for each of N persons, scaled so that an error of 1 is worth the same in all.
    target : ndarray, shape (J,)
        Sum aimed at.
    chosen : ndarray of int, shape (N,)
        Where to begin.
    rng : numpy.random.Generator
        Order of the persons.
    sweeps : int
        Times that every person is reconsidered.

    Returns
    -------
    ndarray of int, shape (N,)
        The sum of squared errors never rises from one step to the next.
    """
    chosen = chosen.copy()
    error = features[np.arange(len(chosen)), chosen].sum(0) - target
    for _ in range(sweeps):
        for person in rng.permutation(len(chosen)):
            candidates = features[person]
            errors = error - candidates[chosen[person]] + candidates
            best = int(np.argmin(np.einsum("mj,mj->m", errors, errors)))
            chosen[person], error = best, errors[best]
    return chosen


def make_replica(seed: int, hazards: Hazards | None = None) -> Register:
    """Return one register selected to carry the published coefficients, counts and curve levels.

    Parameters
    ----------
    seed : int
        Seed of the pool of candidates and of the order of the swaps.
    hazards : Hazards, optional
        The chain; the shipped calibration if left out.

    Returns
    -------
    Register
        With ``selected`` True: use it to show the published table, never as a random draw.
    """
    hazards = hazards or make_hazards(default_calibration().parameters)
    moments, design = make_moments(hazards), hazards.design
    rng = Streams(seed).rng("replica", 0)
    cell, start = allocate(design)
    n_persons = cell.size
    cells, starts = np.repeat(cell, N_CANDIDATES), np.repeat(start, N_CANDIDATES)
    factor = categorical(np.cumsum(hazards.factor_weight), rng.random(cells.size))
    line = (cells * design.start_months.size + starts) * hazards.factor_weight.size + factor
    state, last = simulate_paths(hazards, line, rng)
    features, scale, goal = _features(moments, state, cells, starts, last)
    rows = employment_coefficients()
    published = np.array([row.estimate for row in rows])
    shaped = (features / scale).reshape(n_persons, N_CANDIDATES, -1)
    chosen = np.zeros(n_persons, dtype=np.int64)
    target = goal.copy()
    best: tuple[float, Register] | None = None
    for _ in range(N_ROUNDS):
        chosen = select(shaped, target / scale, chosen, rng, N_SWEEPS)
        index = np.arange(n_persons) * N_CANDIDATES + chosen
        register = _selected(state[index], cell, design.start_months[start], last[index], seed)
        error = published - evaluate_register(register).coefficient
        worst = float(np.abs(error / np.array([row.standard_error for row in rows])).max())
        if best is None or worst < best[0]:
            best = worst, register
        target[: len(rows)] += error
    assert best is not None
    return best[1]


def _selected(
    state: npt.NDArray[np.uint8], cell: Integers, start_month: Integers, last: Integers, seed: int
) -> Register:
    origin = f"selected from candidates of seed {seed} to match the published table; not a random draw"
    return Register(state, cell, start_month, last, selected=True, origin=origin)


def _features(
    moments: Moments, state: npt.NDArray[np.uint8], cell: Integers, start: Integers, last: Integers
) -> tuple[Floats, Floats, Floats]:
    """Return candidates' features (P, J), their scale (J,) and the sum aimed at (J,)."""
    design = moments.design
    y = (state >= np.arange(1, N_STATES)[:, None, None]).astype(np.float64)
    first = _influence_model_1(moments, y, start)
    second = _influence_model_2(moments, y, cell, start, last)
    rows = employment_coefficients()
    phases, groups = np.moveaxis(first, 0, -1), np.moveaxis(second, 0, -1)
    features = np.concatenate(
        [
            in_published_order(phases, groups, rows).T,
            _count_features(design, cell, start, last),
            _anchor_features(design, y, cell, start, N_CANDIDATES),
        ],
        axis=1,
    )
    expected, _ = expected_coefficients(moments)
    scale = np.concatenate(
        [
            _COEFFICIENT_SCALE * np.array([row.standard_error for row in rows]),
            [_COUNT_SCALE[count.name] for count in COUNTS],
            np.full(len(ANCHORS), _ANCHOR_SCALE),
        ]
    )
    goal = np.concatenate(
        [
            np.array([row.estimate for row in rows]) - expected,
            [count.published for count in COUNTS],
            anchor_values(moments),
        ]
    )
    return features, scale, goal
