"""Every possible result of a two-arm trial, with its probability: sizes and events of both arms."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ipsrct._arm_sizes import Strata, arm_sizes, binomial, support
from ipsrct._joint_events import JointEvents
from ipsrct._message import Message
from ipsrct.randomisation._blocks import count_table
from ipsrct.scenario import Scenario
from ipsrct.trial import FloatArray, IntArray

# Parts of this many numbers are reused by the allocator and stay in the second-level cache.
_CACHED_NUMBERS = 8_192
_NEGLIGIBLE, _IMPOSSIBLE = 1e-13, 1e-18
# Risks that differ by less are equal but for rounding.
_ROUNDING = 1e-14
# Complex products; a modern core does about two thousand million a second.
_MOST_WORK = 1e10


class Results(NamedTuple):
    """Some of the possible results.

    Attributes
    ----------
    sizes : tuple of int
        Of the two arms.
    first, second : int array (X1,), (X0,)
        Events of the first and the second arm.
    probability : float array (X1, X0)
        Of the sizes and each pair of events.
    """

    sizes: tuple[int, int]
    first: IntArray
    second: IntArray
    probability: FloatArray


def why_not_enumerable(scenario: Scenario, risks: FloatArray) -> str:
    """Return why results with these risks by cell and arm, (C, 2), are not enumerated, or an empty string."""
    if len(risks) == 1:
        return ""
    stratum, by_stratum = _by_stratum(scenario, risks)
    fixed = scenario.assumptions.cohort_model.fixed_sizes(scenario.design.n_participants) is not None
    if fixed and np.abs(risks - by_stratum[stratum]).max() > _ROUNDING:
        return Message("risks differ between cells of a stratum whose sizes are fixed, not random")
    if not _alike(by_stratum) and _joint(scenario, by_stratum).work > _MOST_WORK:
        return Message("risks differ between too many strata, or are too close to 0 and 1")
    return ""


def every_result(scenario: Scenario, risks: FloatArray) -> Iterator[Results]:
    """Yield every possible result in parts, for risks by cell and arm, (C, 2)."""
    _, by_stratum = _by_stratum(scenario, risks)
    if not _alike(by_stratum):
        yield from _dependent(_joint(scenario, by_stratum))
        return
    for sizes, probability in arm_sizes(scenario):
        yield from _independent(sizes, probability, by_stratum[0])


def _by_stratum(scenario: Scenario, risks: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the cells' strata, (C,), and the strata's risks in each arm, (S, 2)."""
    cells = scenario.assumptions.cohort_model.cells()
    stratum = cells.stratum_index(scenario.design.scheme.strata_factors)
    share = np.bincount(stratum, cells.probability)
    by_arm = [np.bincount(stratum, cells.probability * risk) / share for risk in risks.T]
    return stratum, np.stack(by_arm, axis=1)


def _joint(scenario: Scenario, by_stratum: FloatArray) -> JointEvents:
    strata = Strata.of(scenario)
    sizes = None if strata.sizes is None else tuple(strata.sizes.tolist())
    risks = tuple(map(tuple, by_stratum.tolist()))
    block_sizes = scenario.design.randomisation.block_sizes
    return _planned(strata.n, strata.weights, block_sizes, tuple(strata.share.tolist()), sizes, risks)


@lru_cache(maxsize=2)
def _planned(
    n: int,
    weights: tuple[int, ...],
    block_sizes: tuple[int, ...],
    share: tuple[float, ...],
    sizes: tuple[int, ...] | None,
    risks: tuple[tuple[float, ...], ...],
) -> JointEvents:
    """Return the same plan to those who ask whether it is feasible and to those who use it."""
    fixed = None if sizes is None else np.array(sizes)
    strata = Strata(n, weights, np.array(share), fixed, count_table(block_sizes, weights))
    return JointEvents(strata, np.array(risks))


def _alike(by_stratum: FloatArray) -> bool:
    return bool(np.ptp(by_stratum, axis=0).max() < _ROUNDING)


def _independent(sizes: tuple[int, int], probability: float, risks: FloatArray) -> Iterator[Results]:
    """Yield the results of arms in which everybody has the same risk."""
    events = [support(n, float(risk)) for n, risk in zip(sizes, risks, strict=True)]
    masses = [binomial(x, n, float(risk)) for x, n, risk in zip(events, sizes, risks, strict=True)]
    possible = [mass > _IMPOSSIBLE for mass in masses]
    events = [x[kept] for x, kept in zip(events, possible, strict=True)]
    masses = [mass[kept] for mass, kept in zip(masses, possible, strict=True)]
    least = _NEGLIGIBLE / (len(events[0]) * len(events[1]))
    for rows in _rows(len(events[0]), len(events[1])):
        mass = masses[0][rows]
        near = _between(masses[1] * mass.max() > least)
        weight = np.outer(mass, masses[1][near]) * probability
        if weight.size:
            yield Results(sizes, events[0][rows], events[1][near], weight)


def _dependent(joint: JointEvents) -> Iterator[Results]:
    """Yield the results of arms whose events depend on each other through the strata's sizes."""
    first, second = joint.events
    least = _NEGLIGIBLE / (len(first) * len(second))
    for sizes, weight in joint.by_arm_sizes():
        for rows in _rows(len(first), len(second)):
            near = _between(weight[rows].max(axis=0) > least)
            if near.stop:
                yield Results(sizes, first[rows], second[near], weight[rows, near])


def _rows(n_rows: int, n_columns: int) -> Iterator[slice]:
    step = max(1, _CACHED_NUMBERS // n_columns)
    for start in range(0, n_rows, step):
        yield slice(start, start + step)


def _between(kept: FloatArray) -> slice:
    """Return the columns from the first that is kept to the last."""
    columns = np.flatnonzero(kept)
    return slice(columns[0], columns[-1] + 1) if columns.size else slice(0, 0)
