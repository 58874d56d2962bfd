"""Maximum likelihood estimates of two risks under a fixed difference, ratio or odds ratio.

The estimates depend on the arm sizes only through their proportions, so the same functions serve
observed data (sizes are participants) and design calculations (sizes are allocation shares).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ipsrct.proportions._arrays import Floats, floats


def given_difference(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_size: npt.ArrayLike,
    control_size: npt.ArrayLike,
    difference: npt.ArrayLike,
) -> tuple[Floats, Floats]:
    """Estimate both risks when treatment risk - control risk is held at ``difference``.

    Parameters
    ----------
    treatment_risk, control_risk : array_like
        Observed or assumed risks, 0 to 1.
    treatment_size, control_size : array_like
        Participants, or any numbers in the same proportion; above 0.
    difference : array_like
        The difference that is held fixed, -1 to 1.

    Returns
    -------
    tuple of ndarray
        Restricted treatment risk and control risk.

    Notes
    -----
    The root of the cubic likelihood equation in closed form: Miettinen and Nurminen 1985, Statistics in
    Medicine 4:213-226, appendix I; Farrington and Manning 1990, Statistics in Medicine 9:1447-1454.
    """
    share = floats(treatment_size) / (floats(treatment_size) + floats(control_size))
    delta = floats(difference)
    treatment_events, control_events = share * floats(treatment_risk), (1 - share) * floats(control_risk)
    events = treatment_events + control_events
    square = (2 - share) * delta - 1 - events
    linear = ((1 - share) * delta - 1 - 2 * control_events) * delta + events
    constant = control_events * delta * (1 - delta)
    q = (square / 3) ** 3 - linear * square / 6 + constant / 2
    p = np.copysign(np.sqrt(np.maximum((square / 3) ** 2 - linear / 3, 0)), q)
    cosine = np.divide(q, p**3, out=np.zeros(np.broadcast(q, p).shape), where=p != 0)
    angle = (np.pi + np.arccos(np.clip(cosine, -1, 1))) / 3
    control = 2 * p * np.cos(angle) - square / 3
    control = np.clip(control, np.maximum(0, -delta), np.minimum(1, 1 - delta))
    return control + delta, control


def given_ratio(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_size: npt.ArrayLike,
    control_size: npt.ArrayLike,
    ratio: npt.ArrayLike,
) -> tuple[Floats, Floats]:
    """Estimate both risks when treatment risk / control risk is held at ``ratio``.

    Parameters
    ----------
    treatment_risk, control_risk, treatment_size, control_size : array_like
        As in :func:`given_difference`.
    ratio : array_like
        The risk ratio that is held fixed, above 0.

    Returns
    -------
    tuple of ndarray
        Restricted treatment risk and control risk.

    Notes
    -----
    Miettinen and Nurminen 1985 and Farrington and Manning 1990, as in :func:`given_difference`.
    """
    share = floats(treatment_size) / (floats(treatment_size) + floats(control_size))
    phi = floats(ratio)
    treatment_events, control_events = share * floats(treatment_risk), (1 - share) * floats(control_risk)
    linear = -(phi * (share + control_events) + treatment_events + 1 - share)
    events = treatment_events + control_events
    root = np.sqrt(np.maximum(linear**2 - 4 * phi * events, 0))
    control = np.clip(2 * events / (root - linear), 0, np.minimum(1, 1 / phi))
    return phi * control, control


def given_odds_ratio(
    treatment_risk: npt.ArrayLike,
    control_risk: npt.ArrayLike,
    treatment_size: npt.ArrayLike,
    control_size: npt.ArrayLike,
    odds_ratio: npt.ArrayLike,
) -> tuple[Floats, Floats]:
    """Estimate both risks when the odds ratio, treatment to control, is held at ``odds_ratio``.

    Parameters
    ----------
    treatment_risk, control_risk, treatment_size, control_size : array_like
        As in :func:`given_difference`.
    odds_ratio : array_like
        The odds ratio that is held fixed, above 0.

    Returns
    -------
    tuple of ndarray
        Restricted treatment risk and control risk.

    Notes
    -----
    Miettinen and Nurminen 1985, as in :func:`given_difference`. The fixed margin gives
    (1 - s)(psi - 1) p^2 + (s psi + 1 - s - m (psi - 1)) p - m = 0 for the control risk p, with s the
    treatment share and m the risk over both arms; the root is written so that psi = 1 is not a special case.
    """
    share = floats(treatment_size) / (floats(treatment_size) + floats(control_size))
    psi = floats(odds_ratio)
    events = share * floats(treatment_risk) + (1 - share) * floats(control_risk)
    linear = share * psi + 1 - share - events * (psi - 1)
    root = np.sqrt(linear**2 + 4 * (1 - share) * (psi - 1) * events)
    control = np.clip(2 * events / (linear + root), 0, 1)
    return psi * control / (1 + control * (psi - 1)), control
