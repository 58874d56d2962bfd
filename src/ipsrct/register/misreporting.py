"""Errors of the employer register as a layer over the chain.

Section 2.3 of the report names three kinds and gives no rate for any: the end of a job before start reported
late or never, the same after start, and the start of a job after start reported late or never. Rates here are
therefore assumptions, to be scanned; they may differ by arm. With the layer on, the chain is refitted so that
the *shown* register still carries the published table (``calibration.Variant``).

States beside the chain's 0 to 3: 4 to 6 have no job but are shown at level 1 to 3, 7 to 9 have a job of level
1 to 3 but are shown without. A new job replaces a record carried over. Nobody is shown wrongly in the first
month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ipsrct.register.design import Floats, Integers
from ipsrct.register.hazards import N_STATES, Hazards

N_SHOWN = 10
SHOWN_LEVELS = np.array([0, 1, 2, 3, 1, 2, 3, 0, 0, 0])
TRUE_LEVELS = np.array([0, 1, 2, 3, 0, 0, 0, 1, 2, 3])
_JOB, _CARRIED, _HIDDEN = slice(1, 4), slice(4, 7), slice(7, 10)


@dataclass(frozen=True)
class ErrorRates:
    """Rates of the three kinds of error; assumptions, published nowhere.

    Attributes
    ----------
    carried_before : float
        Probability that a job ending before start goes on being shown.
    carried_after : float
        The same for a job ending from the start month on.
    late_start : float
        Probability that a job beginning from the start month on is not shown at first.
    carried_months, late_months : float
        Mean months until the record is put right, at least 1; geometric. A start never reported is one with
        a long mean.
    """

    carried_before: float = 0.0
    carried_after: float = 0.0
    late_start: float = 0.0
    carried_months: float = 2.0
    late_months: float = 2.0

    def __post_init__(self) -> None:
        for name in ("carried_before", "carried_after", "late_start"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name}: must be between 0 and 1, got {getattr(self, name)}")
        for name in ("carried_months", "late_months"):
            if not getattr(self, name) >= 1:
                raise ValueError(f"{name}: must be at least 1, got {getattr(self, name)}")

    @property
    def any(self) -> bool:
        """Whether any error can happen."""
        return max(self.carried_before, self.carried_after, self.late_start) > 0


NO_ERRORS = ErrorRates()


def with_errors(hazards: Hazards, rates: ErrorRates) -> Hazards:
    """Return the chain as a register with errors shows it.

    Parameters
    ----------
    hazards : Hazards
        The chain of true employment, four states.
    rates : ErrorRates
        Rates of the errors.

    Returns
    -------
    Hazards
        Ten states; ``levels`` holds what the register shows, so that moments, regressions and draws are
        those of the register.
    """
    started = hazards.started[None, :, :, None]
    carried = np.where(started, rates.carried_after, rates.carried_before)
    late = started * rates.late_start
    goes_on, stays_hidden = 1 - 1 / rates.carried_months, 1 - 1 / rates.late_months
    true = hazards.transition
    shown = np.zeros((*true.shape[:3], N_SHOWN, N_SHOWN))
    entry, stay = true[..., 0, 1:], true[..., 1:, 1:]
    leave, none = true[..., 1:, 0], true[..., 0, :1]
    for state in (0, *range(4, 7)):
        shown[..., state, _JOB] = entry * (1 - late)
        shown[..., state, _HIDDEN] = entry * late
    shown[..., 0, 0] = none[..., 0]
    shown[..., _JOB, _JOB] = stay
    shown[..., _JOB, 0] = leave * (1 - carried)
    shown[..., _HIDDEN, _JOB] = stay * (1 - stays_hidden)
    shown[..., _HIDDEN, _HIDDEN] = stay * stays_hidden
    shown[..., _HIDDEN, 0] = leave
    for level in range(1, N_STATES):
        shown[..., level, level + 3] = (leave * carried)[..., level - 1]
        shown[..., level + 3, level + 3] = none[..., 0] * goes_on
        shown[..., level + 3, 0] = none[..., 0] * (1 - goes_on)
    initial = np.zeros((hazards.initial.shape[0], N_SHOWN))
    initial[:, :N_STATES] = hazards.initial
    return replace(
        hazards,
        initial=initial,
        transition=shown,
        end=hazards.end[..., TRUE_LEVELS],
        levels=SHOWN_LEVELS,
    )


def show_panel(
    panel: npt.NDArray[np.uint8],
    state: npt.NDArray[np.uint8],
    rates: Sequence[ErrorRates],
    arm: Integers,
    rng: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    """Return drawn panels as a register with errors shows them; shares no code with ``with_errors``.

    Parameters
    ----------
    panel : ndarray of uint8, shape (n_months, ...)
        True hours levels from the month before start on.
    state : ndarray of uint8, shape (...)
        State in that month, 0 to 6: a job may still be shown that has ended.
    rates : sequence of ErrorRates
        Errors by arm.
    arm : ndarray of int, shape (...)
        Position of each participant's arm in ``rates``.
    rng : numpy.random.Generator
        One uniform number is used for each person and month.

    Returns
    -------
    ndarray of uint8, shape (n_months, ...)
        Hours levels shown.
    """

    def by_person(name: str) -> Floats:
        return np.array([getattr(one, name) for one in rates])[arm]

    late_end, late_start = by_person("carried_after"), by_person("late_start")
    end_known, start_known = 1 / by_person("carried_months"), 1 / by_person("late_months")
    shown = np.empty_like(panel)
    shown[0] = SHOWN_LEVELS[state]
    carried = np.where(panel[0] == 0, shown[0], 0).astype(np.uint8)
    hidden = np.zeros(arm.shape, dtype=np.bool_)
    for month in range(1, len(panel)):
        before, now = panel[month - 1], panel[month]
        uniform = rng.random(arm.shape)
        had, has = before > 0, now > 0
        dropped = has | np.where(had, hidden | (uniform >= late_end), uniform < end_known)
        carried = np.where(dropped, 0, np.where(had, before, carried)).astype(np.uint8)
        hidden = has & np.where(had, hidden & (uniform >= start_known), uniform < late_start)
        shown[month] = np.where(has, np.where(hidden, 0, now), carried)
    return shown


def true_employment(hazards: Hazards) -> Hazards:
    """Return a chain with errors so that its moments are those of true employment."""
    return replace(hazards, levels=TRUE_LEVELS)
