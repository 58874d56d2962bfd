"""The forward and backward recursions over months.

Sums of employment over months are carried with their squares along the chain, so the expectation of every
quantity in the report's regressions follows without simulation and without an axis for the month in
which IPS ends: a forward pass carries the months before start up to each possible end, a backward pass
carries the months after it, and the two meet in the state at the end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct.register.design import Floats
from ipsrct.register.hazards import Hazards

N_OUTCOMES = 3


@dataclass(frozen=True)
class Recursion:
    """Joint quantities by line; the last axis is the state.

    Attributes
    ----------
    occupation : ndarray, shape (2, n_months, n_lines, 4)
        Probability of regime and state in each month.
    ending : ndarray, shape (n_months, n_lines, 1 + 3 + 3, 4)
        For each month, on the event that it is the last in IPS: its probability and, by outcome, the
        expectation of the months employed before start and of their square.
    after : ndarray, shape (n_months, n_lines, 1 + 3 + 3, 4)
        For each month and its state, given that it is the last in IPS: 1 and, by outcome, the expectation of
        the months employed after it and of their square; 0 for months before the first start.
    staying : ndarray, shape (n_lines, 1 + 3 + 3, 4)
        As ``ending``, for those still in IPS when the window closes.
    total : ndarray, shape (2, n_lines, 3)
        Expectation of the months employed over the whole window and of their square.
    """

    occupation: Floats
    ending: Floats
    after: Floats
    staying: Floats
    total: Floats


def add_month(sums: Floats, employed: Floats, first: slice, second: slice) -> None:
    """Add one month to running sums in place: ``S`` becomes ``S + y`` and ``S**2`` becomes ``(S + y)**2``.

    Parameters
    ----------
    sums : ndarray, shape (n_lines, rows, 4)
        Row 0 holds probabilities, ``first`` the expectations of S, ``second`` those of S squared.
    employed : ndarray, shape (3, 4) or (n_lines, 3, 4)
        The month's y by outcome and state, 0 or 1.
    first, second : slice
        Rows of the sums.
    """
    once = employed * sums[:, :1]
    twice = employed * sums[:, first]
    twice += twice
    twice += once
    sums[:, second] += twice
    sums[:, first] += once


def occupation(hazards: Hazards) -> Floats:
    """Return the probability of regime and state in each month, shape (2, n_months, n_lines, n_states)."""
    n_months, n_lines, n_states = hazards.end.shape
    found = np.zeros((2, n_months, n_lines, 1, n_states))
    found[0, 0, :, 0] = hazards.initial
    for t in range(1, n_months):
        departed = found[0, t - 1] * hazards.end[t - 1][:, None]
        found[0, t] = (found[0, t - 1] - departed) @ hazards.transition[0, t]
        found[1, t] = (found[1, t - 1] + departed) @ hazards.transition[1, t]
    return np.asarray(found[:, :, :, 0])


def forward(hazards: Hazards) -> tuple[Floats, Floats, Floats, Floats]:
    """Run the chain from the first month on.

    Returns
    -------
    occupation, ending, staying, total
        See ``Recursion``.
    """
    n_months, n_lines, n_states = hazards.end.shape
    started = hazards.started
    before = slice(1, 4), slice(4, 7)
    whole = slice(7, 10), slice(10, 13)
    inside = np.zeros((n_lines, 13, n_states))
    inside[:, 0] = hazards.initial
    outside = np.zeros((n_lines, 7, n_states))
    occupation = np.empty((2, n_months, n_lines, n_states))
    ending = np.zeros((n_months, n_lines, 7, n_states))
    for t in range(n_months):
        if t > 0:
            if started[t - 1].any():
                departed = inside * hazards.end[t - 1][:, None]
                ending[t - 1] = departed[:, :7]
                outside += departed[:, [0, *range(7, 13)]]
                inside -= departed
                outside = outside @ hazards.transition[1, t]
                add_month(outside, hazards.thresholds, slice(1, 4), slice(4, 7))
            inside = inside @ hazards.transition[0, t]
        add_month(inside, hazards.thresholds, *whole)
        if not started[t].any():
            inside[:, 1:7] = inside[:, 7:]  # the months so far are all before start
        elif not started[t].all():
            add_month(inside, hazards.thresholds * ~started[t][:, None, None], *before)
        occupation[0, t], occupation[1, t] = inside[:, 0], outside[:, 0]
    ending[-1] = inside[:, :7] * hazards.end[-1][:, None]
    staying = inside[:, :7] - ending[-1]
    sums = inside[:, 7:].sum(2) + outside[:, 1:].sum(2)
    return occupation, ending, staying, np.stack([sums[:, :3], sums[:, 3:]])


def backward(hazards: Hazards) -> Floats:
    """Return the moments of employment after each possible last month in IPS, see ``Recursion.after``."""
    n_months, n_lines, n_states = hazards.end.shape
    after = np.zeros((n_months, n_lines, 7, n_states))
    after[:, :, 0] = 1.0
    first_start = int(np.argmax(hazards.started.any(1)))
    for t in range(n_months - 2, first_start - 1, -1):
        month = after[t + 1].copy()
        add_month(month, hazards.thresholds, slice(1, 4), slice(4, 7))
        after[t] = month @ hazards.transition[1, t + 1].swapaxes(1, 2)
    return after


def run(hazards: Hazards) -> Recursion:
    """Run both recursions."""
    occupation, ending, staying, total = forward(hazards)
    return Recursion(occupation, ending, backward(hazards), staying, total)
