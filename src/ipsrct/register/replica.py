"""One register selected to carry the published table. It is not a random draw.

Random registers scatter about the expectation, so hardly any shows all published coefficients at once.
Here every person is chosen from a pool of random candidates for the same cell and start month, so that
the sum of their influence functions brings each coefficient, count and curve level to its target. Because
influence functions are linear and coefficients are not quite, the targets are corrected by what the chosen
register shows, and the choice is repeated.
"""

from __future__ import annotations

import numpy as np

from ipsrct._streams import Streams
from ipsrct.register.candidates import COEFFICIENT_SCALE, Candidates, features, goal
from ipsrct.register.design import Design, Floats, Integers
from ipsrct.register.draw import Register, categorical, default_chains, simulate_measures, simulate_paths
from ipsrct.register.hazards import Hazards
from ipsrct.register.measure_types import draw_types
from ipsrct.register.moments import make_moments
from ipsrct.register.published import published_coefficients
from ipsrct.register.reproduction import evaluate_register

STAGE = "replica"
N_CANDIDATES = 40
N_ROUNDS = 6
N_SWEEPS = 12


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


def make_candidates(
    employment: Hazards, measures: Hazards, per_person: int, rng: np.random.Generator
) -> Candidates:
    """Draw the same number of candidates for every person of ``allocate``."""
    design = employment.design
    cell, start = (np.repeat(values, per_person) for values in allocate(design))
    factor = categorical(np.cumsum(employment.factor_weight), rng.random(cell.size))
    line = cell * design.start_months.size + start
    state, last_month = simulate_paths(employment, line * employment.factor_weight.size + factor, rng)
    in_measure = simulate_measures(measures, line, last_month, rng)
    types = draw_types(in_measure, design.start_months[start], last_month, rng)
    shown = employment.levels.astype(np.uint8)[state]
    return Candidates(cell, start, last_month, shown, types, per_person)


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


def make_replica(seed: int, chains: tuple[Hazards, Hazards] | None = None) -> Register:
    """Return one register selected to carry the published coefficients, counts, shares and curve levels.

    Parameters
    ----------
    seed : int
        Seed of the pool of candidates and of the order of the swaps.
    chains : tuple of Hazards, optional
        The chains of employment and of other measures; the shipped ones if left out.

    Returns
    -------
    Register
        With ``selected`` True: use it to show the published table, never as a random draw.
    """
    employment, measures = chains or default_chains()
    moments, measure_moments = make_moments(employment), make_moments(measures)
    rng = Streams(seed).rng(STAGE, 0)
    pool = make_candidates(employment, measures, N_CANDIDATES, rng)
    n_persons = pool.cell.size // N_CANDIDATES
    shaped = features(pool, moments, measure_moments).reshape(n_persons, N_CANDIDATES, -1)
    target = goal(moments, measure_moments)
    published = np.array([row.estimate for row in published_coefficients()])
    unit = COEFFICIENT_SCALE * np.array([row.standard_error for row in published_coefficients()])
    chosen = np.zeros(n_persons, dtype=np.int64)
    found: list[tuple[float, Register]] = []
    for _ in range(N_ROUNDS):
        chosen = select(shaped, target, chosen, rng, N_SWEEPS)
        register = _register(pool, chosen, employment.design, seed)
        error = (published - evaluate_register(register).coefficient) / unit
        found.append((float(np.abs(error).max()), register))
        target[: error.size] += error
    return min(found, key=lambda pair: pair[0])[1]


def _register(pool: Candidates, chosen: Integers, design: Design, seed: int) -> Register:
    index = np.arange(chosen.size) * pool.per_person + chosen
    return Register(
        state=pool.state[index],
        cell=pool.cell[index],
        start_month=design.start_months[pool.start[index]],
        last_month=pool.last_month[index],
        measure_type=pool.measure_type[index],
        selected=True,
        origin=f"selected from candidates of seed {seed} to match the published table; not a random draw",
    )
