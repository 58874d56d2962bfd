"""How far the arms are from the allocation's target, overall, by factor level, service and stratum."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ipsrct.diagnostics._tally import Key, Tally
from ipsrct.trial import SERVICE, Cohort, FloatArray, IntArray

GRID = 10


@dataclass(frozen=True)
class Place:
    """A way to divide participants into units within which imbalance is looked at.

    Attributes
    ----------
    name : str
    unit : int array (R, N)
    n_units : int
    unit_names : tuple of str
        One for each unit that is reported by itself; empty if units are summed up.
    """

    name: str
    unit: IntArray
    n_units: int
    unit_names: tuple[str, ...] = ()


def places(cohort: Cohort, strata_factors: Sequence[str]) -> Iterator[Place]:
    """Yield everybody, each factor, services where there are several, and the scheme's strata."""
    yield Place("overall", np.zeros_like(cohort.cell, dtype=np.intp), 1, ("overall",))
    for f, (factor, levels) in enumerate(zip(cohort.cells.factors, cohort.cells.levels, strict=True)):
        level = cohort.cells.level_index[:, f][cohort.cell]
        yield Place(factor, level, len(levels), tuple(f"{factor}:{name}" for name in levels))
    if cohort.n_services > 1:
        yield Place(SERVICE, cohort.service.astype(np.intp), cohort.n_services)
    if strata_factors:
        yield Place("stratum", *cohort.stratum(strata_factors))


def grid(n_participants: int) -> tuple[int, ...]:
    """Return the positions in the order of recruitment at which imbalance is looked at."""
    return tuple(sorted({-(-n_participants * step // GRID) for step in range(1, GRID + 1)}))


def deviation(counts: IntArray, weights: Sequence[int]) -> IntArray:
    """Return the largest deviation of an arm from its target, in units of 1 / sum(weights) participants.

    Parameters
    ----------
    counts : int array (..., K)
        Participants by arm.
    weights : sequence of int
        Allocation weights, length K.

    Returns
    -------
    int array (...)
        max over k of abs(W n_k - w_k n), with W the sum of weights and n all participants.
    """
    target = counts.sum(axis=-1, keepdims=True) * np.asarray(weights)
    return np.asarray(np.abs(sum(weights) * counts - target).max(axis=-1))


def at_the_end(place: Place, arm: IntArray, weights: Sequence[int]) -> FloatArray:
    """Return the imbalance of every unit after the last participant, (R, units), as in :func:`observe`."""
    ((_, x),) = _course(place, arm, weights, (arm.shape[1],))
    return np.asarray(2 / sum(weights) * x)


def observe(
    tally: Tally, cohort: Cohort, arm: IntArray, weights: Sequence[int], strata_factors: Sequence[str]
) -> None:
    """Add the imbalance of a block of trials.

    The imbalance is twice the largest deviation of an arm from its target, n w_k / sum(w), in participants.
    With two equal arms that is the absolute difference of their sizes; with two unequal ones it is
    2 abs(n_1 w_2 - n_2 w_1) / (w_1 + w_2). Where units are summed up, ``imbalance_mean`` is the mean over
    units, empty ones included, and ``imbalance_largest`` the mean over trials of the worst unit's.

    Parameters
    ----------
    tally : Tally
    cohort : Cohort
    arm : int array (R, N)
    weights : sequence of int
        Allocation weights, length K.
    strata_factors : sequence of str
        The scheme's.
    """
    unit = 2 / sum(weights)
    n = arm.shape[1]
    for place in places(cohort, strata_factors):
        for position, x in _course(place, arm, weights, grid(n)):
            _add(tally, place, position, x, unit)
        _add_quantiles(tally, place, n, x, unit)
        if place.name == "overall":
            tally.add(Key("imbalance_mean_square", "overall", n), (unit * x[:, 0]) ** 2)
    tally.add(Key("imbalance_largest_on_the_way", "overall", n), unit * _largest_on_the_way(arm, weights))


def _course(
    place: Place, arm: IntArray, weights: Sequence[int], positions: Sequence[int]
) -> Iterator[tuple[int, IntArray]]:
    """Yield the deviation of every unit, (R, units), at each position."""
    n_replicates = len(arm)
    shape = (n_replicates, place.n_units, len(weights))
    row = (np.arange(n_replicates)[:, None] * place.n_units + place.unit) * len(weights) + arm
    counts, start = np.zeros(shape, dtype=np.int64), 0
    for position in positions:
        new = row[:, start:position].ravel()
        counts += np.bincount(new, minlength=counts.size).reshape(shape)
        start = position
        yield position, deviation(counts, weights)


def _add(tally: Tally, place: Place, position: int, x: IntArray, unit: float) -> None:
    if place.unit_names:
        for u, name in enumerate(place.unit_names):
            tally.add(Key("imbalance_mean", name, position), unit * x[:, u])
        return
    tally.add(Key("imbalance_mean", place.name, position), unit * x.mean(axis=1))
    tally.add(Key("imbalance_largest", place.name, position), unit * x.max(axis=1))


def _add_quantiles(tally: Tally, place: Place, n: int, x: IntArray, unit: float) -> None:
    for u, name in enumerate(place.unit_names):
        tally.count(Key("imbalance", name, n), x[:, u], unit)
    if not place.unit_names:
        tally.count(Key("imbalance", place.name, n), x, unit)


def _largest_on_the_way(arm: IntArray, weights: Sequence[int]) -> FloatArray:
    """Return the largest overall deviation after any participant, (R,)."""
    target = np.arange(1, arm.shape[1] + 1)
    largest = np.zeros(len(arm))
    for k, weight in enumerate(weights):
        off = sum(weights) * np.cumsum(arm == k, axis=1) - weight * target
        largest = np.maximum(largest, np.abs(off).max(axis=1))
    return largest
