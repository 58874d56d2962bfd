"""Model 1's phases after start and the design part of its fixed-effects regression."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ipsrct.register.design import Design, Floats, Integers

PHASE_STARTS = (0, 3, 6, 9)
"""First relative month of each phase; relative month 0 is the start month. Of the readings of the printed
phase limits, this one fits the printed interval widths (``width_test``)."""
CODINGS = ("step", "level")


def phase_dummies(relative_month: Integers, coding: str = "step") -> Floats:
    """Return the phase dummies of Model 1.

    Parameters
    ----------
    relative_month : ndarray of int, any shape
        Month minus start month.
    coding : {"step", "level"}
        ``step``: dummy k is 1 from the start of phase k on, so coefficients are increments. ``level``: dummy
        k is 1 within phase k only, so coefficients are differences from the months before start.

    Returns
    -------
    ndarray of float, shape (4, ...)
    """
    steps = np.stack([(relative_month >= first).astype(np.float64) for first in PHASE_STARTS])
    if coding == "step":
        return steps
    if coding == "level":
        return np.concatenate([steps[:-1] - steps[1:], steps[-1:]])
    raise ValueError(f'coding: must be "step" or "level", got "{coding}"')


def demeaned_phases(dummies: Floats, starters: npt.NDArray[np.floating]) -> tuple[Floats, Floats]:
    """Remove person and month means from the phase dummies of a balanced panel.

    Parameters
    ----------
    dummies : ndarray, shape (4, n_months, n_starts)
        Phase dummies by month and start month.
    starters : ndarray, shape (n_starts,)
        Persons by start month.

    Returns
    -------
    regressors : ndarray, shape (4, n_months, n_starts)
        The residualised dummies.
    gram : ndarray, shape (4, 4)
        Sums over persons and months of their products.
    """
    by_month = dummies @ (starters / starters.sum())
    regressors = (
        dummies - dummies.mean(1)[:, None, :] - by_month[:, :, None] + by_month.mean(1)[:, None, None]
    )
    return regressors, np.einsum("ats,bts,s->ab", regressors, regressors, starters)


def step_design(design: Design, coding: str) -> tuple[Floats, Floats]:
    """Return ``demeaned_phases`` of the expected register of a design."""
    return demeaned_phases(phase_dummies(design.relative_month, coding), design.persons.sum(0))
