"""What would have happened without IPS: an explicit choice, because the before-after table cannot tell.

The published evaluation sees the treated path only. A counterfactual is a level of control employment twelve
months after start; a constant drift of the entry logit from the start month on is solved so that the
chain without any treatment effect passes through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ipsrct._message import Message
from ipsrct.errors import RunError, suggestion
from ipsrct.register.calibration import Variant
from ipsrct.register.chain import occupation
from ipsrct.register.design import Floats, Integers
from ipsrct.register.hazards import Hazards
from ipsrct.register.moments import make_moments
from ipsrct.register.regressions import expected_model_1

FOLLOW_UP_MONTH = 12
CONTROL_LEVELS: dict[str, float | None] = {"persist": None, "revert": 0.439, "decline": 0.36}
"""Control employment at month 12. ``persist``: hazards stay at their values before start. ``revert``: the dip
before start reverts. ``decline``: the decline before start goes on. The two levels are assumptions."""
LONG_WINDOW = 48
"""Months of a window that follows the last starters for two years."""
_DRIFT_BOUND = 8.0


@dataclass(frozen=True)
class Counterfactual:
    """A control path, the treated path beside it, and what the before-after table would show.

    Attributes
    ----------
    name : str
        ``persist``, ``revert``, ``decline`` or ``level``.
    drift : float
        Added to the logit of job entry from the start month on.
    relative_months : ndarray of int, shape (M,)
        Months relative to start.
    control, treated : ndarray, shape (M, 3)
        Employment over all persons, every start followed as long, for 1, 4 and 10 hours.
    effect : ndarray, shape (M, 3)
        Treated minus control.
    shown_without_effect : ndarray, shape (4, 3)
        Model 1's expected difference from the months before start, by phase and outcome, if IPS had no
        effect and everybody followed the control path.
    """

    name: str
    drift: float
    relative_months: Integers
    control: Floats
    treated: Floats
    effect: Floats
    shown_without_effect: Floats


def employment_path(
    hazards: Hazards, relative_months: Integers, membership: npt.NDArray[np.bool_] | None = None
) -> Floats:
    """Return employment by month since start, over every start month.

    Parameters
    ----------
    hazards : Hazards
        With a window long enough for the last start.
    relative_months : ndarray of int, shape (M,)
        Months relative to start.
    membership : ndarray of bool, shape (12,), optional
        Cells to include; all if left out.

    Returns
    -------
    ndarray, shape (M, 3)
        For 1, 4 and 10 hours; proportions.
    """
    design = hazards.design
    by_line = occupation(hazards).sum(0) @ hazards.thresholds.T
    frame = (design.n_months, design.size.size, design.start_months.size, hazards.factor_weight.size, -1)
    employed = np.einsum("tcsqy,q->tscy", by_line.reshape(frame), hazards.factor_weight)
    persons = design.persons if membership is None else design.persons * membership[:, None]
    index = relative_months[:, None] + design.start_months - 1
    followed = employed[index, np.arange(design.start_months.size)]
    return np.asarray(np.einsum("mscy,cs->my", followed, persons) / persons.sum())


def solve_drift(values: Mapping[str, float], level: float, variant: Variant | None = None) -> float:
    """Return the drift under which control employment at month 12 is a given level.

    Parameters
    ----------
    values : mapping of str to float
        Parameters of the chain.
    level : float
        Control employment (at least 1 hour) at month 12, a proportion.
    variant : Variant, optional
        Start distribution and heterogeneity.

    Returns
    -------
    float

    Raises
    ------
    RunError
        If no drift between -8 and 8 gives the level.
    """
    from scipy.optimize import brentq

    variant = variant or Variant()
    month = np.array([FOLLOW_UP_MONTH])

    def excess(drift: float) -> float:
        return float(employment_path(variant.hazards(values, 36, drift), month)[0, 0]) - level

    low, high = excess(-_DRIFT_BOUND), excess(_DRIFT_BOUND)
    if low > 0 or high < 0:
        raise RunError(
            Message(
                "control level at month {month}: must be between {low} and {high}, which the chain can "
                "reach, got {given}",
                month=FOLLOW_UP_MONTH,
                low=f"{level + low:.3f}",
                high=f"{level + high:.3f}",
                given=level,
            )
        )
    return float(brentq(excess, -_DRIFT_BOUND, _DRIFT_BOUND, xtol=1e-12, rtol=1e-14))


def make_counterfactual(
    values: Mapping[str, float], choice: str | float, variant: Variant | None = None
) -> Counterfactual:
    """Return the control path under a choice, the effect path and what Model 1 would show without effect.

    Parameters
    ----------
    values : mapping of str to float
        Parameters of the chain, such as ``default_calibration().parameters``.
    choice : str or float
        A key of ``CONTROL_LEVELS``, or control employment at month 12 as a proportion.
    variant : Variant, optional
        Start distribution and heterogeneity.

    Returns
    -------
    Counterfactual
    """
    if isinstance(choice, str):
        if choice not in CONTROL_LEVELS:
            raise RunError(
                Message(
                    'counterfactual: "{given}" is not one of {choices}{near}',
                    given=choice,
                    choices=", ".join(CONTROL_LEVELS),
                    near=suggestion(choice, CONTROL_LEVELS),
                )
            )
        name, level = choice, CONTROL_LEVELS[choice]
    else:
        name, level = "level", choice
    variant = variant or Variant()
    drift = 0.0 if level is None else solve_drift(values, level, variant)
    months = np.arange(-1, 25)
    control = employment_path(variant.hazards(values, LONG_WINDOW, drift), months)
    treated = employment_path(variant.hazards(values, LONG_WINDOW), months)
    register = make_moments(variant.hazards(values, control_drift=drift))
    shown = expected_model_1(register, "level").coefficient
    return Counterfactual(name, drift, months, control, treated, treated - control, shown)
