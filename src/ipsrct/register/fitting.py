"""Least squares from several starts, and what it says about convergence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from ipsrct.register.design import Floats
from ipsrct.register.parameters import Parameter

Residuals = Callable[[Floats], Floats]
DIFFERENCE_STEP = 1e-6
"""Step of the forward differences, in prior spreads; residuals are smooth and exact to about 1e-12."""


@dataclass(frozen=True)
class Fit:
    """Result of one start.

    Attributes
    ----------
    scaled : ndarray, shape (n_parameters,)
        Parameters minus prior centre, in prior spreads.
    cost : float
        Half the sum of squared residuals.
    gradient_norm : float
        Largest absolute element of the cost's gradient.
    converged : bool
        Whether the optimiser met one of its tolerances before its limit of steps.
    """

    scaled: Floats
    cost: float
    gradient_norm: float
    converged: bool


def prior_of(parameters: Sequence[Parameter]) -> tuple[Floats, Floats]:
    """Return centres and spreads of priors, each of shape (n_parameters,)."""
    return (
        np.array([parameter.centre for parameter in parameters]),
        np.array([parameter.spread for parameter in parameters]),
    )


def jacobian(residuals: Residuals, scaled: Floats) -> Floats:
    """Return the forward-difference Jacobian, shape (n_residuals, n_parameters)."""
    at = residuals(scaled)
    steps = DIFFERENCE_STEP * np.eye(scaled.size)
    return np.stack([residuals(scaled + step) - at for step in steps], axis=1) / DIFFERENCE_STEP


def fit_from(residuals: Residuals, start: Floats, max_steps: int = 80) -> Fit:
    """Minimise half the sum of squared residuals from one starting point.

    Parameters
    ----------
    residuals : callable
        From scaled parameters to residuals in their tolerances, priors included.
    start : ndarray, shape (n_parameters,)
        Scaled starting point.
    max_steps : int
        Limit of the optimiser's steps.

    Returns
    -------
    Fit
    """
    from scipy.optimize import least_squares

    result = least_squares(
        residuals,
        start,
        jac=partial(jacobian, residuals),
        method="trf",
        ftol=1e-7,
        xtol=1e-6,
        gtol=1e-4,
        max_nfev=max_steps,
    )
    return Fit(result.x, float(result.cost), float(np.abs(result.grad).max()), bool(result.status > 0))


def starting_points(origin: Floats, n_starts: int) -> list[Floats]:
    """Return scaled starting points: the origin, then points about it half a prior spread away."""
    rng = np.random.default_rng(20210101)
    return [origin, *(origin + rng.normal(0, 0.5, origin.size) for _ in range(n_starts - 1))]


def fit(residuals: Residuals, starts: Sequence[Floats], n_jobs: int, max_steps: int = 80) -> list[Fit]:
    """Fit from several starts; the best is first.

    Parameters
    ----------
    residuals : callable
        Picklable, see ``fit_from``.
    starts : sequence of ndarray
        Scaled starting points.
    n_jobs, max_steps : int
        Processes, and limit of steps of each start.

    Returns
    -------
    list of Fit
    """
    from joblib import Parallel, delayed

    fits = Parallel(n_jobs=n_jobs)(delayed(fit_from)(residuals, start, max_steps) for start in starts)
    return sorted(fits, key=lambda result: result.cost)
