"""Employment panels of many trials at once, at a few times the cost of one uniform number a person-month.

Months relative to start are drawn two at a time. Given a line of the chain, two months have 8 by 8 joint
outcomes (hours level by before or after the end of IPS), and Walker's alias method draws one of 64 from a
single 32-bit random integer: 6 bits choose a column, 26 decide between the column and its alias, so that each
probability is wrong by less than 2e-8. Lines that behave alike in the window (start months differ only in
the first months of 2021) share a table, so that the tables stay in cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipsrct.register.chain import occupation
from ipsrct.register.design import Design, Floats, Integers
from ipsrct.register.draw import categorical
from ipsrct.register.hazards import N_STATES, Hazards

N_JOINT = 2 * N_STATES
"""States with the regime: the hours level before the end of IPS, and the same after it."""
N_PAIRS = N_JOINT**2
_COLUMN = np.uint32(N_PAIRS - 1)
_SECOND = np.uint32(N_JOINT - 1)
_TO_ROW = np.uint32(6)
_CHUNK = 8_192  # participants whose arrays stay in the cache beside the tables


@dataclass(frozen=True)
class PanelSampler:
    """Tables from which panels are drawn.

    Attributes
    ----------
    first_month, last_month : int
        First and last month relative to start.
    initial : ndarray, shape (n_lines, 4)
        Cumulative distribution of the hours level in the first month, the same in all arms.
    row : ndarray of int, shape (n_arms, n_lines)
        Where the tables of an arm and line begin.
    table : ndarray of uint32, shape (n_steps, n_rows)
        For each step of two months, row, state and column: 26 bits of threshold, 6 bits of alias.
    """

    first_month: int
    last_month: int
    initial: Floats
    row: Integers
    table: npt.NDArray[np.uint32]


def alias_table(probability: Floats) -> npt.NDArray[np.uint32]:
    """Return packed alias tables.

    Parameters
    ----------
    probability : ndarray, shape (n, 64)
        Rows sum to 1.

    Returns
    -------
    ndarray of uint32, shape (n, 64)
        Column k is kept if a 32-bit integer whose last 6 bits are k is below the entry; otherwise the last 6
        bits of the entry are the outcome.
    """
    n_rows, n_columns = probability.shape
    height = probability * n_columns
    keep = np.ones_like(height)
    alias = np.tile(np.arange(n_columns), (n_rows, 1))
    open_columns = np.ones_like(height, dtype=bool)
    rows = np.arange(n_rows)
    for _ in range(n_columns - 1):
        low = np.where(open_columns, height, np.inf).argmin(1)
        high = np.where(open_columns, height, -np.inf).argmax(1)
        keep[rows, low] = np.minimum(height[rows, low], 1.0)
        alias[rows, low] = high
        height[rows, high] -= 1 - keep[rows, low]
        open_columns[rows, low] = False
    bits = np.floor(np.clip(keep, 0, 1) * 2**26).astype(np.uint64)
    alias = np.where(bits == 2**26, np.arange(n_columns), alias)
    threshold = np.minimum(bits, 2**26 - 1) << np.uint64(6)
    return np.asarray(threshold | alias.astype(np.uint64), dtype=np.uint32)


def _start_of_lines(hazards: Hazards) -> Integers:
    design = hazards.design
    return np.repeat(np.tile(design.start_months, design.size.size), hazards.factor_weight.size)


def states_in(hazards: Hazards, month: int) -> Floats:
    """Return the distribution of the state in a month before start, relative to it, (n_lines, n_states)."""
    start = _start_of_lines(hazards)
    return np.asarray(occupation(hazards)[0, start - 1 + month, np.arange(start.size)])


def cumulative_states(hazards: Hazards, month: int) -> Floats:
    """Return ``states_in`` cumulated, for ``draw_first``."""
    level = states_in(hazards, month)
    return np.asarray(np.cumsum(level, axis=1) / level.sum(1, keepdims=True))


def joint_transition(hazards: Hazards, month: int) -> Floats:
    """Return transitions of state and regime into a month relative to start.

    Shape (n_lines, 2 * n_states, 2 * n_states): the states before the end of IPS, then those after it.
    """
    start = _start_of_lines(hazards)
    into, n_states = start - 1 + month, hazards.levels.size
    lines = np.arange(start.size)
    ends = hazards.end[into - 1, lines][..., None]
    before, after = hazards.transition[0, into, lines], hazards.transition[1, into, lines]
    matrix = np.zeros((start.size, 2 * n_states, 2 * n_states))
    matrix[:, :n_states, :n_states] = (1 - ends) * before
    matrix[:, :n_states, n_states:] = ends * after
    matrix[:, n_states:, n_states:] = after
    return matrix


def _two_months(hazards: Hazards, first: int, last: int) -> Floats:
    """Return joint probabilities of two months given the one before, shape (n_steps, n_lines, 8, 64)."""
    steps = [joint_transition(hazards, month) for month in range(first + 1, last + 1)]
    if len(steps) % 2:
        steps.append(np.broadcast_to(np.eye(N_JOINT), steps[0].shape))
    pairs = [a[..., :, None] * b[:, None] for a, b in zip(steps[::2], steps[1::2], strict=True)]
    return np.stack([pair.reshape(*pair.shape[:2], N_PAIRS) for pair in pairs])


def make_sampler(arms: Sequence[Hazards], first_month: int = -1, last_month: int = 24) -> PanelSampler:
    """Return the tables for panels of a trial.

    Parameters
    ----------
    arms : sequence of Hazards
        One chain of true employment for each arm, alike up to ``first_month``, with windows that contain both
        months for every start.
    first_month, last_month : int
        First month drawn, at most -1, and last, relative to start.

    Returns
    -------
    PanelSampler
    """
    pairs = np.concatenate([_two_months(arm, first_month, last_month) for arm in arms], axis=1)
    by_line = np.moveaxis(pairs, 1, 0).reshape(pairs.shape[1], -1)
    _, shown, kind = np.unique(by_line.round(12), axis=0, return_index=True, return_inverse=True)
    distinct = pairs[:, shown].reshape(-1, N_PAIRS)
    return PanelSampler(
        first_month=first_month,
        last_month=last_month,
        initial=cumulative_states(arms[0], first_month),
        row=kind.reshape(len(arms), -1) * (N_JOINT * N_PAIRS),
        table=alias_table(distinct).reshape(len(pairs), -1),
    )


def draw_lines(design: Design, factor_weight: Floats, cell: Integers, rng: np.random.Generator) -> Integers:
    """Draw a line (start month and person factor) for participants of given cells, same shape as ``cell``."""
    start = categorical(np.cumsum(design.start_probability, axis=1)[cell], rng.random(cell.shape))
    factor = categorical(np.cumsum(factor_weight), rng.random(cell.shape))
    return np.asarray((cell * design.start_months.size + start) * factor_weight.size + factor)


def draw_first(initial: Floats, line: Integers, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """Draw states of the first month from ``PanelSampler.initial``, same shape as ``line``."""
    flat, uniform = line.ravel(), rng.random(line.size)
    columns = np.ascontiguousarray(initial.T[:-1])
    state = np.zeros(flat.size, dtype=np.uint8)
    for low in range(0, flat.size, _CHUNK):
        part = slice(low, low + _CHUNK)
        for column in columns:
            state[part] += uniform[part] >= column[flat[part]]
    return state.reshape(line.shape)


class _Workspace:
    """Arrays of one chunk of participants, used again for every chunk."""

    def __init__(self, size: int) -> None:
        self._at = np.empty(size, np.int64)
        self._outcome, self._entry = np.empty(size, np.uint32), np.empty(size, np.uint32)
        self._rejected = np.empty(size, np.bool_)

    def draw(
        self,
        table: npt.NDArray[np.uint32],
        row: Integers,
        state: npt.NDArray[np.uint32],
        raw: npt.NDArray[np.uint32],
        both: npt.NDArray[np.uint8],
    ) -> None:
        """Write two months into ``both``, and the state after them into ``state``."""
        at, outcome = self._at[: raw.size], self._outcome[: raw.size]
        entry, rejected = self._entry[: raw.size], self._rejected[: raw.size]
        np.add(row, state, out=at)
        np.bitwise_and(raw, _COLUMN, out=outcome)
        np.add(at, outcome, out=at)
        np.take(table, at, out=entry, mode="clip")
        np.greater_equal(raw, entry, out=rejected)
        np.bitwise_and(entry, _COLUMN, out=entry)
        np.copyto(outcome, entry, where=rejected)
        np.copyto(both, outcome, casting="unsafe")
        np.bitwise_and(outcome, _SECOND, out=state)
        np.left_shift(state, _TO_ROW, out=state)


def draw_panels(
    sampler: PanelSampler,
    line: Integers,
    arm: Integers,
    rng: np.random.Generator,
    first: npt.NDArray[np.uint8] | None = None,
) -> npt.NDArray[np.uint8]:
    """Draw hours levels of participants in every month.

    Parameters
    ----------
    sampler : PanelSampler
        The tables.
    line : ndarray of int, shape (...)
        Line of each participant, see ``draw_lines``.
    arm : ndarray of int, shape (...)
        Position of the participant's arm among the sampler's arms.
    rng : numpy.random.Generator
        One 32-bit integer is used for two person-months.
    first : ndarray of uint8, shape (...), optional
        Hours levels of the first month, where they were drawn before.

    Returns
    -------
    ndarray of uint8, shape (n_months, ...)
        0 none, 1 at least 1, 2 more than 4, 3 more than 10 hours a week, from ``first_month`` on.
    """
    n = line.size
    n_steps = len(sampler.table)
    row = sampler.row[arm.ravel(), line.ravel()]
    panel = np.empty((1 + 2 * n_steps, n), dtype=np.uint8)
    panel[0] = draw_first(sampler.initial, line, rng).ravel() if first is None else first.ravel()
    state = panel[0].astype(np.uint32) << _TO_ROW
    both = np.empty((n_steps, n), dtype=np.uint8)
    workspace = _Workspace(min(n, _CHUNK))
    for step in range(n_steps):
        raw = rng.bit_generator.random_raw((n + 1) // 2).view(np.uint32)[:n]
        for low in range(0, n, _CHUNK):
            part = slice(low, low + _CHUNK)
            workspace.draw(sampler.table[step], row[part], state[part], raw[part], both[step, part])
    np.right_shift(both, 3, out=panel[1::2])
    panel[2::2] = both
    np.bitwise_and(panel, N_STATES - 1, out=panel)
    n_months = sampler.last_month - sampler.first_month + 1
    return panel[:n_months].reshape(n_months, *line.shape)
