"""Steps or levels: what the printed interval widths say about the coding of Model 1.

Under classic fixed-effects standard errors the ratio of the four interval widths depends on the design
alone: start months, coding of the phases and month dummies. Level dummies (each phase against the months
before start) and nested step dummies (each phase against the phase before) span the same space, so they
fit equally well; their standard errors differ, and the printed widths tell which was used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct.register.design import Floats, make_design
from ipsrct.register.phases import step_design
from ipsrct.register.published import published_coefficients

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class WidthTest:
    """Result of comparing printed interval widths with those that a coding implies.

    Attributes
    ----------
    coding : str
        ``step`` or ``level``.
    published : ndarray, shape (3, 4)
        Printed upper minus lower limits as proportions, by outcome and phase.
    implied : ndarray, shape (3, 4)
        The widths under the residual standard deviation that gives each outcome the most hits.
    residual_sd : ndarray, shape (3,)
        That standard deviation, a proportion.
    n_hits : int
        Widths within 0.1 percentage point, the rounding of two printed limits, out of ``n_widths``.
    n_widths : int
        Number of widths compared, 12.
    """

    coding: str
    published: Floats
    implied: Floats
    residual_sd: Floats
    n_hits: int
    n_widths: int


def width_test(coding: str, start_distribution: str = "stepped") -> WidthTest:
    """Compare the printed widths of Model 1's twelve intervals with those implied by a coding.

    Each outcome gets the one residual standard deviation that serves it best, so a coding is favoured as
    far as it can be.

    Parameters
    ----------
    coding : {"step", "level"}
        How the phases are coded.
    start_distribution : str
        A key of ``design.START_DISTRIBUTIONS``.

    Returns
    -------
    WidthTest
    """
    _, gram = step_design(make_design(start_distribution), coding)
    unit_width = 2 * Z_95 * np.sqrt(np.diag(np.linalg.inv(gram)))
    rows = [row for row in published_coefficients() if row.process == "employment" and row.model == "1"]
    published = np.array([row.ci_high - row.ci_low for row in rows]).reshape(3, 4)
    candidates = np.linspace(0.2, 0.5, 3001)
    error = np.abs(published[:, None, :] - candidates[None, :, None] * unit_width)
    hits = (error <= 0.001 + 1e-9).sum(2)
    best = np.lexsort((-error.max(2), hits), axis=1)[:, -1]
    residual_sd = candidates[best]
    implied = residual_sd[:, None] * unit_width
    n_hits = int(np.take_along_axis(hits, best[:, None], 1).sum())
    return WidthTest(coding, published, implied, residual_sd, n_hits, published.size)
