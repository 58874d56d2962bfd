"""Random registers from the chain. They are synthetic: no person in them exists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from ipsrct._streams import Streams
from ipsrct.register.calibration import default_calibration
from ipsrct.register.design import Integers
from ipsrct.register.hazards import N_STATES, Hazards
from ipsrct.register.measure_tables import NO_MEASURE
from ipsrct.register.measure_types import draw_types
from ipsrct.register.measures import measure_hazards
from ipsrct.register.measures_calibration import default_measures
from ipsrct.register.moments import make_moments

STAGE = "register"
MEASURES_STAGE = "register measures"
TYPES_STAGE = "register measure types"
FIRST_MEASURE_STATE = 2
"""The first state of the measures chain that is in a measure."""


@dataclass(frozen=True)
class Register:
    """One synthetic register.

    Attributes
    ----------
    state : ndarray of uint8, shape (N, T)
        Hours of employment by person and month: 0 none, 1 at least 1, 2 more than 4, 3 more than 10 a week.
    cell : ndarray of int, shape (N,)
        Cell of age, sex and social assistance, see ``design.Design``.
    start_month : ndarray of int, shape (N,)
        Month in which IPS started, January 2021 = 1.
    last_month : ndarray of int, shape (N,)
        Last month in IPS; T for everybody still in IPS in the last month of the window.
    measure_type : ndarray of uint8, shape (N, T), or None
        Type of other labour-market measure, a code into ``measure_tables.measure_types()``; 0 for none.
        None if measures were not drawn.
    selected : bool
        True if persons were selected to match published numbers, so that the register is no random draw.
    origin : str
        How it was made, in words.
    """

    state: npt.NDArray[np.uint8]
    cell: Integers
    start_month: Integers
    last_month: Integers
    measure_type: npt.NDArray[np.uint8] | None
    selected: bool
    origin: str

    @property
    def employed(self) -> npt.NDArray[np.bool_]:
        """Employment at 1, 4 and 10 hours, shape (3, N, T)."""
        return self.state >= np.arange(1, N_STATES, dtype=np.uint8)[:, None, None]

    @property
    def in_measure(self) -> npt.NDArray[np.bool_] | None:
        """Whether in another labour-market measure, shape (N, T); None if measures were not drawn."""
        return None if self.measure_type is None else self.measure_type != NO_MEASURE

    @property
    def n_finished(self) -> int:
        """Persons outside IPS again in the last month of the window."""
        return int((self.last_month < self.state.shape[1]).sum())

    @property
    def n_outside(self) -> int:
        """Person-months before start or after IPS."""
        return int((self.start_month - 1 + self.state.shape[1] - self.last_month).sum())


def categorical(cumulative: npt.NDArray[np.float64], uniform: npt.NDArray[np.float64]) -> Integers:
    """Return the category of each uniform number.

    Parameters
    ----------
    cumulative : ndarray, shape (..., n_categories)
        Cumulative probabilities.
    uniform : ndarray, shape (...)
        Numbers in [0, 1).

    Returns
    -------
    ndarray of int, shape (...)
    """
    return np.asarray((uniform[..., None] >= cumulative[..., :-1]).sum(-1))


def simulate_paths(
    hazards: Hazards, line: Integers, rng: np.random.Generator
) -> tuple[npt.NDArray[np.uint8], Integers]:
    """Draw states and last months in IPS for persons on given lines of the chain.

    Parameters
    ----------
    hazards : Hazards
        The chain.
    line : ndarray of int, shape (N,)
        Line (cell, start month, person factor) of each person.
    rng : numpy.random.Generator
        Two uniform numbers are used for each person and month.

    Returns
    -------
    state : ndarray of uint8, shape (N, T)
    last_month : ndarray of int, shape (N,)
    """
    n_months = hazards.end.shape[0]
    uniform = rng.random((n_months, 2, line.size))
    state = np.empty((n_months, line.size), dtype=np.uint8)
    last_month = np.full(line.size, n_months)
    cumulative = np.cumsum(hazards.transition, axis=-1)
    for t in range(n_months):
        if t == 0:
            current = categorical(np.cumsum(hazards.initial, axis=-1)[line], uniform[0, 0])
        else:
            regime = (last_month <= t).astype(np.int64)
            current = categorical(cumulative[regime, t, line, current], uniform[t, 0])
        state[t] = current
        ends = (uniform[t, 1] < hazards.end[t, line, current]) & (last_month == n_months)
        last_month[ends] = t + 1
    return state.T.copy(), last_month


def simulate_measures(
    hazards: Hazards, line: Integers, last_month: Integers, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Draw other labour-market measures, given the last month in IPS.

    Parameters
    ----------
    hazards : Hazards
        From ``measures.measure_hazards``.
    line : ndarray of int, shape (N,)
        Line (cell, start month) of each person.
    last_month : ndarray of int, shape (N,)
        Last month in IPS.
    rng : numpy.random.Generator
        One uniform number is used for each person and month.

    Returns
    -------
    ndarray of bool, shape (N, T)
    """
    n_months = hazards.end.shape[0]
    uniform = rng.random((n_months, line.size))
    cumulative = np.cumsum(hazards.transition, axis=-1)
    current = categorical(np.cumsum(hazards.initial, axis=-1)[line], uniform[0])
    inside = np.empty((n_months, line.size), dtype=np.bool_)
    inside[0] = current >= FIRST_MEASURE_STATE
    for t in range(1, n_months):
        regime = (last_month <= t).astype(np.int64)
        current = categorical(cumulative[regime, t, line, current], uniform[t])
        inside[t] = current >= FIRST_MEASURE_STATE
    return inside.T.copy()


@cache
def default_chains() -> tuple[Hazards, Hazards]:
    """Return the shipped chains of employment and of other measures."""
    employment = default_calibration().variant.shown(default_calibration().parameters)
    return employment, measure_hazards(default_measures().parameters, make_moments(employment))


def draw_register(
    seed: int, index: int = 0, hazards: Hazards | None = None, measures: Hazards | None = None
) -> Register:
    """Draw a random register.

    Cells are those of the design; start months, person factors, employment, ends of IPS and other measures
    are random.

    Parameters
    ----------
    seed : int
        Seed, at least 0.
    index : int
        Number of the register; registers of one seed and different index are independent.
    hazards : Hazards, optional
        The chain of employment; the shipped calibrations of both processes if left out.
    measures : Hazards, optional
        The chain of other measures; none are drawn if ``hazards`` is given and this is not.

    Returns
    -------
    Register
    """
    if hazards is None:
        hazards, measures = default_chains()
    design = hazards.design
    rng = Streams(seed).rng(STAGE, index)
    cell = np.repeat(np.arange(design.size.size), design.size)
    start = categorical(np.cumsum(design.start_probability, axis=1)[cell], rng.random(cell.size))
    factor = categorical(np.cumsum(hazards.factor_weight), rng.random(cell.size))
    line = (cell * design.start_months.size + start) * hazards.factor_weight.size + factor
    state, last_month = simulate_paths(hazards, line, rng)
    types = None
    if measures is not None:
        own = cell * design.start_months.size + start
        inside = simulate_measures(measures, own, last_month, Streams(seed).rng(MEASURES_STAGE, index))
        own_stream = Streams(seed).rng(TYPES_STAGE, index)
        types = draw_types(inside, design.start_months[start], last_month, own_stream)
    return Register(
        state=hazards.levels.astype(np.uint8)[state],
        cell=cell,
        start_month=design.start_months[start],
        last_month=last_month,
        measure_type=types,
        selected=False,
        origin=f"random draw {index} of seed {seed}",
    )
