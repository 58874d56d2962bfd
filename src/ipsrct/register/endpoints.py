"""What a trial may measure on a participant's monthly employment, in exact distribution and on drawn panels.

Every endpoint is a small automaton that reads one month after another and sees only whether the participant
is employed; so its exact distribution follows from the chain by carrying the automaton's state along, and
the same automaton is not needed on panels, where each endpoint is one array expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ipsrct._message import Message
from ipsrct.register.design import Floats, Integers
from ipsrct.register.hazards import Hazards
from ipsrct.register.panels import joint_transition, states_in

BASELINE_MONTH = -1
_HOURS_LEVEL = {1: 1, 4: 2, 10: 3}


class Endpoint(BaseModel):
    """An endpoint on monthly register employment; months count from the month of randomisation, 0.

    Attributes
    ----------
    kind : {"employed", "employed_at_least", "sustained", "months_employed", "months_to_first_job"}
        ``employed``: in month ``last``. ``employed_at_least``: in at least ``months`` of the months ``first``
        to ``last``. ``sustained``: in at least ``months`` consecutive ones. ``months_employed``: how many.
        ``months_to_first_job``: how many pass before the first employed one, all of them if there is none
        (so that its mean is a restricted mean time).
    last : int
        Last month that counts, at least 0.
    first : int
        First month that counts, 0 to ``last``; ``employed`` looks at ``last`` only.
    months : int
        For ``employed_at_least`` and ``sustained``.
    hours : {1, 4, 10}
        At least 1, more than 4, more than 10 expected hours a week.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Literal["employed", "employed_at_least", "sustained", "months_employed", "months_to_first_job"]
    last: int = Field(ge=0)
    first: int = Field(default=1, ge=0)
    months: int | None = Field(default=None, ge=1)
    hours: Literal[1, 4, 10] = 1

    @model_validator(mode="after")
    def _months_fit(self) -> Endpoint:
        if self.kind == "employed":
            return self
        if self.first > self.last:
            raise ValueError(
                Message(
                    "first must be at most last, got {first} and {last}", first=self.first, last=self.last
                )
            )
        needs_months = self.kind in ("employed_at_least", "sustained")
        if needs_months and not 1 <= (self.months or 0) <= self.n_months:
            raise ValueError(
                Message(
                    "months must be between 1 and {most}, got {given}", most=self.n_months, given=self.months
                )
            )
        return self

    @property
    def n_months(self) -> int:
        """Months that count."""
        return 1 if self.kind == "employed" else self.last - self.first + 1

    @property
    def is_binary(self) -> bool:
        """Whether the endpoint is yes or no."""
        return self.kind in ("employed", "employed_at_least", "sustained")

    @property
    def level(self) -> int:
        """The lowest hours level that counts as employed, 1 to 3."""
        return _HOURS_LEVEL[self.hours]

    def of_panel(self, panel: npt.NDArray[np.uint8], first_month: int = BASELINE_MONTH) -> Floats:
        """Return the endpoint of drawn participants.

        Parameters
        ----------
        panel : ndarray of uint8, shape (n_months, ...)
            Hours levels by month.
        first_month : int
            The panel's first month.

        Returns
        -------
        ndarray, shape (...)
        """
        start = self.last if self.kind == "employed" else self.first
        employed = panel[start - first_month : self.last - first_month + 1] >= self.level
        if self.kind == "months_to_first_job":
            return np.where(employed.any(axis=0), employed.argmax(axis=0), len(employed)).astype(np.float64)
        if self.kind == "sustained":
            longest = np.zeros(employed.shape[1:], dtype=np.int16)
            run = np.zeros_like(longest)
            for month in employed:
                run = (run + 1) * month
                np.maximum(longest, run, out=longest)
            return (longest >= self._required).astype(np.float64)
        count = employed.sum(axis=0)
        return np.asarray(count >= self._required if self.is_binary else count, dtype=np.float64)

    @property
    def _required(self) -> int:
        return self.months or 1

    def _advance(self, states: Integers, employed: bool) -> Integers:
        """Return the automaton's next state from each state."""
        if self.kind == "months_to_first_job":
            # States 0 to n: months waited so far; n + 1 to 2n + 1: had a job after that many.
            waiting = states <= self.n_months
            found = np.where(waiting, states + self.n_months + 1, states)
            return np.asarray(found if employed else np.where(waiting, states + 1, states))
        if self.kind == "sustained":
            done = states == self._required
            return np.asarray(np.where(done, states, states + 1 if employed else 0))
        return np.asarray(states + employed)

    def _value(self, states: Integers) -> Floats:
        if self.kind == "months_to_first_job":
            return np.where(states > self.n_months, states - self.n_months - 1, states).astype(np.float64)
        reached = states >= self._required
        return (reached if self.is_binary else states).astype(np.float64)


@dataclass(frozen=True)
class EndpointMoments:
    """An endpoint by cell and baseline employment.

    Attributes
    ----------
    share : ndarray, shape (n_cells, 2)
        Share of a cell's persons who were not (0) and were (1) employed in the month before start.
    mean, variance : ndarray, shape (n_cells, 2)
        Of the endpoint, given cell and baseline; a mean of a binary endpoint is a risk.
    """

    share: Floats
    mean: Floats
    variance: Floats


def endpoint_moments(
    hazards: Hazards, endpoint: Endpoint, endpoint_levels: Integers | None = None
) -> EndpointMoments:
    """Return an endpoint's exact moments by cell and baseline employment, over every start month.

    Parameters
    ----------
    hazards : Hazards
        The chain, with a window that holds the endpoint's months for every start. Baseline employment is
        what ``hazards.levels`` show.
    endpoint : Endpoint
        Baseline employment counts any hours, whatever the endpoint's.
    endpoint_levels : ndarray of int, shape (n_states,), optional
        Hours level that the endpoint reads in each state, where it is not what the register shows.

    Returns
    -------
    EndpointMoments
    """
    design, baseline = hazards.design, states_in(hazards, BASELINE_MONTH)
    n_lines = len(baseline)
    n_states = 2 * endpoint.n_months + 2
    carried = np.zeros((n_lines, 2 * hazards.levels.size, 2, n_states))
    for state, shown in enumerate(hazards.levels.tolist()):
        carried[:, state, int(shown >= 1), 0] = baseline[:, state]
    levels = np.tile(hazards.levels if endpoint_levels is None else endpoint_levels, 2)
    states = np.arange(n_states)
    for month in range(BASELINE_MONTH + 1, endpoint.last + 1):
        flat = carried.reshape(n_lines, levels.size, -1)
        moved = np.matmul(joint_transition(hazards, month).transpose(0, 2, 1), flat)
        carried = moved.reshape(carried.shape)
        if month >= (endpoint.last if endpoint.kind == "employed" else endpoint.first):
            carried = _read_month(carried, endpoint, levels >= endpoint.level, states)
    by_state = carried.sum(axis=1)
    weight = design.start_probability[:, :, None] * hazards.factor_weight
    frame = (*weight.shape, 2, n_states)
    by_cell = np.einsum("csq,csqba->cba", weight, by_state.reshape(frame))
    value = endpoint._value(states)
    share = by_cell.sum(axis=2)
    mean = by_cell @ value / share
    return EndpointMoments(share, mean, by_cell @ value**2 / share - mean**2)


def _read_month(
    carried: Floats, endpoint: Endpoint, employed: npt.NDArray[np.bool_], states: Integers
) -> Floats:
    """Advance the automaton by one month, (n_lines, joint states, 2, automaton's states)."""
    read = np.zeros_like(carried)
    for is_employed in (False, True):
        rows = np.flatnonzero(employed == is_employed)
        following = endpoint._advance(states, is_employed)
        for state, next_state in zip(states.tolist(), following.tolist(), strict=True):
            if next_state < len(states):  # others cannot be reached in so many months
                read[:, rows, :, next_state] += carried[:, rows, :, state]
    return read
