"""The calibrated chain as a trial needs it: one path for each arm, and its endpoints by cell and baseline.

Both arms follow the chain up to the month before randomisation. The treated arm follows the fitted path, or
one whose treatment effects are all scaled alike; the control arm follows an explicit counterfactual. Paths
are those of true employment; what the register shows of them is laid over.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ipsrct._message import Message
from ipsrct.errors import RunError
from ipsrct.register.calibration import Variant
from ipsrct.register.counterfactual import (
    CONTROL_LEVELS,
    FOLLOW_UP_MONTH,
    LONG_WINDOW,
    employment_path,
    solve_drift,
)
from ipsrct.register.design import Floats
from ipsrct.register.endpoints import BASELINE_MONTH, Endpoint, EndpointMoments, endpoint_moments
from ipsrct.register.hazards import Hazards
from ipsrct.register.misreporting import NO_ERRORS, TRUE_LEVELS, ErrorRates, with_errors
from ipsrct.register.panels import PanelSampler, cumulative_states, make_sampler
from ipsrct.register.refit import parameters_of

FACTORS = ("age", "sex", "social_assistance")
LEVELS = (("under_20", "20_to_23", "24_plus"), ("men", "women"), ("no_history", "history"))
BASELINE_FACTOR, BASELINE_LEVELS = "employed_before", ("no", "yes")
LAST_MONTH = 23
"""The last month that the window holds for every start month."""
_MOST_SCALED = 4.0
_SCALED = (
    "effect_months_",
    "effect_under_20",
    "effect_24_plus",
    "effect_woman",
    "effect_social_assistance",
    "exit_effect_late",
    "hours_up_effect",
    "hours_up_woman",
)


@dataclass(frozen=True)
class ControlPath:
    """The control arm: a counterfactual by name, or its level of employment at month 12."""

    variant: Variant
    counterfactual: str | None = None
    level: float | None = None


@dataclass(frozen=True)
class TreatedPath:
    """The treated arm: the fitted path with every treatment effect on a logit multiplied by ``scale``."""

    variant: Variant
    scale: float = 1.0


Path = ControlPath | TreatedPath


@lru_cache(maxsize=32)
def chain_of(path: Path) -> Hazards:
    """Return a path's monthly probabilities.

    Raises
    ------
    RunError
        If the chain cannot reach the level of a control path, or cannot be refitted under errors.
    """
    values = parameters_of(path.variant)
    if isinstance(path, TreatedPath):
        return _scaled(path)
    wanted = CONTROL_LEVELS[path.counterfactual] if path.counterfactual else path.level
    drift = 0.0 if wanted is None else solve_drift(values, wanted, path.variant)
    return path.variant.hazards(values, LONG_WINDOW, drift)


def _scaled(path: TreatedPath) -> Hazards:
    fitted = parameters_of(path.variant)
    values = {k: v * path.scale if k.startswith(_SCALED) else v for k, v in fitted.items()}
    return path.variant.hazards(values, LONG_WINDOW)


@lru_cache(maxsize=32)
def treated_path(control: ControlPath, effect: float) -> TreatedPath:
    """Return the treated path that gives an effect on employment at month 12.

    Parameters
    ----------
    control : ControlPath
    effect : float
        Risk difference at month 12, at least 1 hour a week.

    Raises
    ------
    RunError
        If no scale between -4 and 4 gives it.
    """
    from scipy.optimize import brentq

    month = np.array([FOLLOW_UP_MONTH])
    target = float(employment_path(chain_of(control), month)[0, 0]) + effect

    def excess(scale: float) -> float:
        path = TreatedPath(control.variant, scale)
        return float(employment_path(_scaled(path), month)[0, 0]) - target

    low, high = excess(-_MOST_SCALED), excess(_MOST_SCALED)
    if low > 0 or high < 0:
        raise RunError(
            Message(
                "effect at month {month} must be between {low} and {high}, which the chain can reach from "
                "this control level, got {given}",
                month=FOLLOW_UP_MONTH,
                low=f"{effect + low:.3f}",
                high=f"{effect + high:.3f}",
                given=f"{effect:g}",
            )
        )
    scale = float(brentq(excess, -_MOST_SCALED, _MOST_SCALED, xtol=1e-14))
    return TreatedPath(control.variant, scale)


@lru_cache(maxsize=64)
def moments_of(
    path: Path, endpoint: Endpoint, errors: ErrorRates = NO_ERRORS, true: bool = False
) -> EndpointMoments:
    """Return an endpoint's exact moments by cell and baseline employment.

    Parameters
    ----------
    path : ControlPath or TreatedPath
    endpoint : Endpoint
    errors : ErrorRates
        Errors of the arm's register.
    true : bool
        Whether the endpoint reads true employment; baseline employment is always what the register shows.
    """
    if not errors.any:
        return endpoint_moments(chain_of(path), endpoint)
    shown = with_errors(chain_of(path), errors)
    return endpoint_moments(shown, endpoint, TRUE_LEVELS if true else None)


@lru_cache(maxsize=8)
def sampler_of(control: Path, treated: Path, last_month: int) -> PanelSampler:
    """Return the tables for panels of both arms, control first, from the month before start."""
    return make_sampler([chain_of(control), chain_of(treated)], BASELINE_MONTH, last_month)


def baseline_moments(variant: Variant) -> EndpointMoments:
    """Return the shares of cells by baseline employment shown; any endpoint has them."""
    return moments_of(TreatedPath(variant), Endpoint(kind="employed", last=0), variant.errors)


@lru_cache(maxsize=8)
def baseline_states(variant: Variant) -> Floats:
    """Return the cumulative distribution of the state in the month before start, (n_lines, n_states)."""
    chain = chain_of(TreatedPath(variant))
    shown = with_errors(chain, variant.errors) if variant.errors.any else chain
    return cumulative_states(shown, BASELINE_MONTH)
