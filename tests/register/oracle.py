"""Slow, plain counterparts of the recursions: every path of a tiny chain, and dummy regressions."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from ipsrct.register.design import Design
from ipsrct.register.hazards import Hazards


def tiny_hazards(n_months, starts, seed, n_factor_values=2, states=(0, 1, 2, 3), n_cells=1):
    """Return a random chain small enough to enumerate; unused states get probability 0."""
    rng = np.random.default_rng(seed)
    design = Design(
        np.arange(7, 7 + n_cells),
        rng.dirichlet(np.ones(len(starts)), size=n_cells),
        np.array(starts),
        n_months,
    )
    n_lines = n_cells * len(starts) * n_factor_values
    allowed = np.isin(np.arange(4), states)

    def distribution(shape):
        raw = rng.random((*shape, 4)) * allowed
        return raw / raw.sum(-1, keepdims=True)

    weight = rng.dirichlet(np.ones(n_factor_values))
    hazards = Hazards(
        distribution((n_lines,)), distribution((2, n_months, n_lines, 4)), np.empty(0), weight, design
    )
    end = rng.random((n_months, n_lines, 4)) * 0.5 * hazards.started[..., None]
    return Hazards(hazards.initial, hazards.transition, end, weight, design)


@dataclass
class People:
    """Every path as a weighted person; last is the 0-based last month in IPS, n_months for still there."""

    state: np.ndarray
    cell: np.ndarray
    start: np.ndarray
    last: np.ndarray
    weight: np.ndarray

    @property
    def n_months(self):
        return self.state.shape[1]

    @property
    def month(self):
        return np.arange(self.n_months)

    @property
    def relative(self):
        return self.month + 1 - self.start[:, None]

    @property
    def kept(self):
        return (self.relative < 0) | (self.month > self.last[:, None])

    @property
    def after(self):
        return (self.month > self.last[:, None]).astype(float)


def enumerate_people(hazards, states=(0, 1, 2, 3)):
    """Walk through every path of states and every last month of every line."""
    design, n_months = hazards.design, hazards.end.shape[0]
    n_cells, n_starts, n_factor = design.size.size, design.start_months.size, hazards.factor_weight.size
    rows = []
    for line, (cell, start, factor) in enumerate(
        itertools.product(range(n_cells), range(n_starts), range(n_factor))
    ):
        size = design.size[cell] * design.start_probability[cell, start] * hazards.factor_weight[factor]
        first = design.start_months[start] - 1
        for path in itertools.product(states, repeat=n_months):
            for last in range(first, n_months + 1):
                probability = size * hazards.initial[line, path[0]]
                for t in range(n_months):
                    if t > 0:
                        regime = int(t - 1 >= last)
                        probability *= hazards.transition[regime, t, line, path[t - 1], path[t]]
                    if first <= t <= last:
                        end = hazards.end[t, line, path[t]]
                        probability *= end if t == last else 1 - end
                rows.append((path, cell, design.start_months[start], last, probability))
    state, cell, start, last, weight = zip(*rows, strict=True)
    return People(np.array(state), np.array(cell), np.array(start), np.array(last), np.array(weight))


def within_regression(y, regressors, kept, weight):
    """Weighted least squares with person and month dummies; returns coefficients, classic and sandwich SEs.

    ``y``, ``kept`` are (persons, months), ``regressors`` (k, persons, months). The sandwich clusters by
    person and has no small-sample factor.
    """
    n_months = y.shape[1]
    months = np.zeros((n_months - 1, *y.shape))
    for t in range(1, n_months):
        months[t - 1, :, t] = 1
    columns = np.concatenate([months, regressors]) * kept
    n_kept = kept.sum(1)
    columns = (columns - columns.sum(2, keepdims=True) / n_kept[:, None]) * kept
    outcome = (y - (y * kept).sum(1, keepdims=True) / n_kept[:, None]) * kept
    flat = columns.reshape(len(columns), -1)
    row_weight = np.repeat(weight, n_months)
    gram = (flat * row_weight) @ flat.T
    inverse = np.linalg.inv(gram)
    coefficient = inverse @ (flat * row_weight) @ outcome.ravel()
    residual = outcome - np.tensordot(coefficient, columns, axes=1)
    n_rows = (weight * n_kept).sum()
    freedom = n_rows - weight.sum() - len(columns)
    classic = np.sqrt(np.diag(inverse) * (weight @ (residual**2).sum(1)) / freedom)
    scores = np.einsum("kpt,pt->pk", columns, residual)
    robust = np.sqrt(np.diag(inverse @ (scores.T * weight) @ scores @ inverse))
    k = len(regressors)
    return coefficient[-k:], classic[-k:], robust[-k:]
