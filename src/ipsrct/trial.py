"""The arrays of a simulated trial, and their axes.

Axes: R replicates in a block, N participants, C cells, K arms, G groups (all participants and each
subgroup), M populations (the groups, then the interactions). In count arrays the replicate is the last
axis, so that arithmetic on one cell runs over contiguous memory; in arrays of participants it is the
first, so that one replicate's participants are contiguous.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from ipsrct._service_table import NO_SERVICES, ServiceTable
from ipsrct._student import critical_value

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]

ESTIMATED, NOT_ESTIMABLE = 0, 1
_ROUNDING = 1e-12
SERVICE = "service"


@dataclass(frozen=True)
class CellTable:
    """The cross-classification of participants by baseline factors.

    Attributes
    ----------
    factors : tuple of str
    levels : tuple of tuple of str
        The levels of each factor, in the order of ``factors``.
    probability : float array (C,)
        The share of each cell in the population; the last factor varies fastest.
    source : object
        What an outcome model needs to know of the population behind the cells and no analysis sees.
    """

    factors: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    probability: FloatArray
    source: object = None

    @cached_property
    def level_index(self) -> IntArray:
        """The level of each factor in each cell, (C, F); (1, 0) without factors."""
        return np.array(list(product(*(range(len(levels)) for levels in self.levels))), dtype=np.intp)

    @cached_property
    def _strata(self) -> dict[tuple[str, ...], IntArray]:
        return {(): np.zeros(self.size, dtype=np.intp)}

    def stratum_index(self, factors: Sequence[str]) -> IntArray:
        """Return the stratum of each cell, (C,), when strata are formed by ``factors``."""
        key = tuple(factors)
        if key not in self._strata:
            columns = [self.factors.index(name) for name in key]
            _, index = np.unique(self.level_index[:, columns], axis=0, return_inverse=True)
            self._strata[key] = np.asarray(index, dtype=np.intp).reshape(-1)
        return self._strata[key]

    @property
    def size(self) -> int:
        """The number of cells, C."""
        return len(self.probability)


@dataclass(frozen=True)
class Populations:
    """Whom the estimand is estimated in: everybody, each subgroup, and differences between subgroups.

    Attributes
    ----------
    names : tuple of str
        ``all``, ``FACTOR:LEVEL`` for a subgroup, ``interaction:FACTOR:LEVEL-REFERENCE`` for a difference;
        length M.
    labels : tuple of str
        What a difference subtracts, e.g. ``women - men``; equal to the name for a group.
    member : bool array (G, C)
    interactions : int array (M - G, 2)
        The two groups whose effects are subtracted, minuend first.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    member: BoolArray
    interactions: IntArray


@dataclass(frozen=True)
class CellCounts:
    """A block of trials, reduced to counts.

    Attributes
    ----------
    cells : CellTable
    arms : tuple of str
        Names, length K.
    n, events : int array (C, K, R)
        Participants, and the sum of their outcomes. Whole numbers for a binary outcome, also where an
        enumeration holds them as floats.
    squares : float array (C, K, R) or None
        The sum of their squared outcomes; None for a binary outcome, whose squares are its events.
    """

    cells: CellTable
    arms: tuple[str, ...]
    n: IntArray | FloatArray
    events: IntArray | FloatArray
    squares: FloatArray | None = None

    def of_arm(self, name: str) -> tuple[FloatArray, FloatArray, FloatArray | None]:
        """Return participants, events and squares of one arm, each (C, R); no squares if binary."""
        k = self.arms.index(name)
        n = self.n[:, k].astype(np.float64, copy=False)
        events = self.events[:, k].astype(np.float64, copy=False)
        return n, events, None if self.squares is None else self.squares[:, k]


@dataclass(frozen=True)
class Cohort:
    """Participants in the order in which they are randomised.

    Attributes
    ----------
    cells : CellTable
    cell : int array (R, N)
    service : int array (R, N)
        Index of the service that a participant belongs to; 0 where services are not modelled.
    n_services : int
    hidden : dict of str to int array (R, N)
        What an outcome model knows of participants and no analysis sees.
    services : ServiceTable
    """

    cells: CellTable
    cell: IntArray
    service: IntArray
    n_services: int
    hidden: Mapping[str, IntArray] = field(default_factory=dict)
    services: ServiceTable = NO_SERVICES

    def stratum(self, factors: Sequence[str]) -> tuple[IntArray, int]:
        """Return each participant's stratum (R, N) and their number; ``service`` may be a factor."""
        index = self.cells.stratum_index([name for name in factors if name != SERVICE])
        stratum, n_strata = index[self.cell], int(index.max()) + 1
        if SERVICE in factors:
            return self.service.astype(np.intp) * n_strata + stratum, n_strata * self.n_services
        return stratum, n_strata


@dataclass(frozen=True)
class Assignment:
    """Arms given to participants.

    Attributes
    ----------
    arm : int array (R, N)
    probability : float array (N, K) or None
        The exact marginal probability of each arm for the participant in each position; None where it
        depends on the cohort or is not known in closed form.
    """

    arm: IntArray
    probability: FloatArray | None


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of participants.

    Attributes
    ----------
    y : bool or float array (R, N)
        Floats where the outcome is not binary.
    observed : bool array (R, N) or None
        Whose outcome is seen; None where everybody's is.
    """

    y: BoolArray | FloatArray
    observed: BoolArray | None = None


@dataclass(frozen=True)
class Trial:
    """A block of trials, participant by participant.

    Attributes
    ----------
    cohort : Cohort
    assignment : Assignment
    outcomes : Outcomes
    arms : tuple of str
        Names, length K.
    """

    cohort: Cohort
    assignment: Assignment
    outcomes: Outcomes
    arms: tuple[str, ...]

    @cached_property
    def counts(self) -> CellCounts:
        """The block reduced to counts by cell and arm, of participants whose outcome is seen."""
        cells, y = self.cohort.cells, self.outcomes.y
        shape = (len(y), cells.size, len(self.arms))
        first = np.arange(shape[0])[:, None] * (shape[1] * shape[2])
        row = first + self.cohort.cell.astype(np.intp) * shape[2] + self.assignment.arm
        if self.outcomes.observed is not None:
            row, y = row[self.outcomes.observed], y[self.outcomes.observed]

        def by_cell(weight: FloatArray | None, rows: IntArray = row) -> IntArray | FloatArray:
            weights = None if weight is None else weight.ravel()
            sums = np.bincount(rows.ravel(), weights, minlength=shape[0] * shape[1] * shape[2])
            return np.moveaxis(sums.reshape(shape), 0, -1)

        if y.dtype == np.bool_:
            return CellCounts(cells, self.arms, by_cell(None), by_cell(None, row[y]))
        values = y.astype(np.float64)
        squares = by_cell(values**2).astype(np.float64)
        return CellCounts(cells, self.arms, by_cell(None), by_cell(values), squares)


@dataclass(frozen=True)
class Estimates:
    """Estimates of a block of trials.

    Attributes
    ----------
    estimate, standard_error : float array (M, R)
        NaN where ``status`` is not 0.
    statistic : float array (M, R)
        The test statistic; differs from estimate / standard_error where the test's standard error is
        computed under the null hypothesis.
    degrees_of_freedom : int array (M, R) or None
        Of Student's t; None refers the statistic to the standard normal distribution.
    status : int array (M, R)
        0 estimated, 1 not estimable.
    reference_p : float array (2, M, R) or None
        One-sided and two-sided p-values of a test with a reference set of its own, such as a
        re-randomisation test; the statistic's distribution is then used for intervals alone.
    """

    estimate: FloatArray
    standard_error: FloatArray
    statistic: FloatArray
    degrees_of_freedom: IntArray | None
    status: NDArray[np.int8]
    reference_p: FloatArray | None = None

    def critical_value(self, tail: float) -> FloatArray:
        """Return the upper quantile that leaves the probability ``tail`` above it, (M, R) or scalar."""
        return critical_value(tail, self.degrees_of_freedom)

    def p_value(self, sides: int) -> FloatArray:
        """Return p-values, (M, R); one-sided tests are for an effect above zero."""
        if self.reference_p is not None:
            return np.asarray(self.reference_p[sides - 1])
        freedom = np.inf if self.degrees_of_freedom is None else self.degrees_of_freedom
        statistic = np.abs(self.statistic) if sides == 2 else self.statistic
        return np.asarray(sides * stdtr(freedom, -statistic))

    def rejects(self, tail: float, sides: int, critical: FloatArray | None = None) -> BoolArray:
        """Return whether the test rejects at the significance level ``sides * tail``, (M, R).

        A statistic must exceed its critical value, a p-value of a reference set must not exceed the level.
        ``critical`` spares a caller that has it the second look-up.
        """
        if self.reference_p is not None:
            # Attainable p-values are fractions, which rounding may put a hair above an equal level.
            return np.asarray(self.reference_p[sides - 1] <= sides * tail * (1 + _ROUNDING))
        statistic = np.abs(self.statistic) if sides == 2 else self.statistic
        critical = self.critical_value(tail) if critical is None else critical
        return np.asarray(statistic > critical)  # NaN compares as False

    def head(self, n_replicates: int) -> Estimates:
        """Return the first replicates of the block."""
        freedom = self.degrees_of_freedom
        return Estimates(
            self.estimate[:, :n_replicates],
            self.standard_error[:, :n_replicates],
            self.statistic[:, :n_replicates],
            None if freedom is None else freedom[:, :n_replicates],
            self.status[:, :n_replicates],
            None if self.reference_p is None else self.reference_p[..., :n_replicates],
        )
