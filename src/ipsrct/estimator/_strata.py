"""What the estimators share: strata within groups, and differences between groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from pydantic import Field

from ipsrct.estimator._named import Named
from ipsrct.trial import (
    ESTIMATED,
    NOT_ESTIMABLE,
    BoolArray,
    CellCounts,
    CellTable,
    Estimates,
    FloatArray,
    IntArray,
    Populations,
)

# A variance of counts below 1e7 exceeds 1e-14; rounding leaves about 1e-32 where it is zero.
_NO_VARIANCE = 1e-20


class Stratified(Named):
    """The keys of an estimator that needs strata."""

    kind: str
    factors: tuple[str, ...] = Field(min_length=1)

    @property
    def default_label(self) -> str:
        """The name in results, unless it has one of its own."""
        return self.kind

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors that form the strata."""
        return self.factors


@dataclass(frozen=True)
class StratumCounts:
    """Two arms' counts in strata; Q strata, R replicates.

    Attributes
    ----------
    n_treatment, events_treatment, n_control, events_control : float array (Q, R)
        Participants, and sums of outcomes.
    squares_treatment, squares_control : float array (Q, R) or None
        Sums of squared outcomes; None for a binary outcome.
    of_group : tuple of int array
        For each group, its strata.
    """

    n_treatment: FloatArray
    events_treatment: FloatArray
    squares_treatment: FloatArray | None
    n_control: FloatArray
    events_control: FloatArray
    squares_control: FloatArray | None
    of_group: tuple[IntArray, ...]


def collapse(
    counts: CellCounts, treatment: str, control: str, populations: Populations, factors: Sequence[str]
) -> StratumCounts:
    """Add up cells to the strata that ``factors`` form within each group."""
    columns: tuple[Any, ...] = (*counts.of_arm(treatment), *counts.of_arm(control))
    member, of_group = _strata_of_groups(counts.cells, populations, tuple(factors))
    if member is not None:
        columns = tuple(None if values is None else _add_up(member, values) for values in columns)
    n1, events1, squares1, n0, events0, squares0 = columns
    return StratumCounts(n1, events1, squares1, n0, events0, squares0, of_group)


def strata_cells(
    cells: CellTable, populations: Populations, factors: tuple[str, ...]
) -> tuple[IntArray, ...]:
    """Return the cells of each stratum, in the order of :func:`collapse`."""
    member, _ = _strata_of_groups(cells, populations, factors)
    return tuple(np.arange(cells.size)[:, None]) if member is None else member


def _add_up(member: tuple[IntArray, ...], values: FloatArray) -> FloatArray:
    """Return sums over the cells of each stratum, (Q, R), without waking the threads of a matrix product."""
    return np.stack([values[cells].sum(axis=0) for cells in member])


def _strata_of_groups(
    cells: CellTable, populations: Populations, factors: tuple[str, ...]
) -> tuple[tuple[IntArray, ...] | None, tuple[IntArray, ...]]:
    """Return the cells of each distinct stratum, and each group's strata.

    None stands for strata that are the cells, which need no adding up.
    """
    stratum = cells.stratum_index(factors)
    return _distinct(populations.member.tobytes(), stratum.tobytes(), populations.member.shape)


@lru_cache(maxsize=64)
def _distinct(
    member_bytes: bytes, stratum_bytes: bytes, shape: tuple[int, int]
) -> tuple[tuple[IntArray, ...] | None, tuple[IntArray, ...]]:
    member = np.frombuffer(member_bytes, dtype=np.bool_).reshape(shape)
    stratum = np.frombuffer(stratum_bytes, dtype=np.intp)
    found: dict[bytes, int] = {}
    masks: list[BoolArray] = []
    of_group = []
    for group in member:
        rows = []
        for s in np.unique(stratum[group]):
            mask = group & (stratum == s)
            if mask.tobytes() not in found:
                found[mask.tobytes()] = len(masks)
                masks.append(mask)
            rows.append(found[mask.tobytes()])
        of_group.append(np.array(rows, dtype=np.intp))
    strata = np.stack(masks)
    if len(strata) == shape[1] and (strata.sum(axis=1) == 1).all():
        cell = strata.argmax(axis=1)
        return None, tuple(np.sort(cell[rows]) for rows in of_group)
    return tuple(np.flatnonzero(mask) for mask in strata), tuple(of_group)


def with_interactions(
    estimate: FloatArray,
    variance: FloatArray,
    populations: Populations,
    test_variance: FloatArray | None = None,
    degrees_of_freedom: IntArray | None = None,
) -> Estimates:
    """Complete the groups' estimates, (G, R), with the differences between groups.

    Groups that are compared share no participant, so the variances add, and a difference equals the
    interaction coefficient of the regression in which the strata are nested in the groups (with HC1, up to
    its degrees-of-freedom factor, which is each group's own here).

    Parameters
    ----------
    estimate, variance : float array (G, R)
        NaN where a group's effect cannot be estimated.
    populations : Populations
    test_variance : float array (G, R), optional
        The variance for testing a group's effect, where it differs; interactions use ``variance``.
    degrees_of_freedom : int array (G, R), optional
    """
    test_variance = variance if test_variance is None else test_variance
    minuend, subtrahend = populations.interactions.T
    if len(minuend):
        between = variance[minuend] + variance[subtrahend]
        estimate = np.concatenate([estimate, estimate[minuend] - estimate[subtrahend]])
        same = test_variance is variance
        variance = np.concatenate([variance, between])
        test_variance = variance if same else np.concatenate([test_variance, between])
        if degrees_of_freedom is not None:
            added = degrees_of_freedom[minuend] + degrees_of_freedom[subtrahend]
            degrees_of_freedom = np.concatenate([degrees_of_freedom, added])
    # A pooled test can be made where the interval's variance is zero: all events in one arm.
    estimable = (test_variance > _NO_VARIANCE) & np.isfinite(estimate)
    status = np.where(estimable, np.int8(ESTIMATED), np.int8(NOT_ESTIMABLE))
    if not estimable.all():
        estimate, variance = np.where(estimable, estimate, np.nan), np.where(estimable, variance, np.nan)
        test_variance = np.where(estimable, test_variance, np.nan)
    standard_error, statistic = np.sqrt(variance), estimate / np.sqrt(test_variance)
    return Estimates(estimate, standard_error, statistic, degrees_of_freedom, status)


def variance_of(mean: FloatArray, squares: FloatArray | None, n: FloatArray) -> FloatArray:
    """Return the variance of the outcome, p (1 - p) for a binary one (no squares)."""
    return np.asarray(mean * (1 - mean) if squares is None else share(squares, n) - mean**2)


def share(events: FloatArray, n: FloatArray) -> FloatArray:
    """Return the mean outcome, and 0 for an empty arm, whose stratum then carries no weight."""
    return events / np.maximum(n, 1.0)
