"""The arrays of a simulated trial, their axes, and the protocols of the parts.

Axes: R replicates in a block, N participants, C cells, K arms, G groups (all participants and each
subgroup), M populations (the groups, then the interactions). In count arrays the replicate is the last
axis, so that arithmetic on one cell runs over contiguous memory; in arrays of participants it is the
first, so that one replicate's participants are contiguous.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtr, stdtrit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer[Any]]
BoolArray = NDArray[np.bool_]

ESTIMATED, NOT_ESTIMABLE, NOT_CONVERGED = 0, 1, 2
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
    """

    factors: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    probability: FloatArray

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
        ``all``, ``FACTOR:LEVEL`` for a subgroup, ``interaction:FACTOR`` for a difference; length M.
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
        Whole numbers, also where an enumeration holds them as floats.
    """

    cells: CellTable
    arms: tuple[str, ...]
    n: IntArray | FloatArray
    events: IntArray | FloatArray

    def of_arm(self, name: str) -> tuple[FloatArray, FloatArray]:
        """Return participants and events of one arm, each (C, R)."""
        k = self.arms.index(name)
        return self.n[:, k].astype(np.float64, copy=False), self.events[:, k].astype(np.float64, copy=False)


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
    """

    cells: CellTable
    cell: IntArray
    service: IntArray
    n_services: int

    def stratum(self, factors: Sequence[str]) -> tuple[IntArray, int]:
        """Return each participant's stratum (R, N) and the number of strata.

        ``service`` may stand among the factors.
        """
        index = self.cells.stratum_index([name for name in factors if name != SERVICE])
        stratum, n_strata = index[self.cell], int(index.max()) + 1
        if SERVICE in factors:
            return self.service * n_strata + stratum, n_strata * self.n_services
        return stratum, n_strata


@dataclass(frozen=True)
class Assignment:
    """Arms given to participants.

    Attributes
    ----------
    arm : int array (R, N)
    probability : float array (N, K)
        The exact marginal probability of each arm for the participant in each position.
    """

    arm: IntArray
    probability: FloatArray


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of participants.

    Attributes
    ----------
    y : bool array (R, N)
    """

    y: BoolArray


@lru_cache(maxsize=32)
def _t_quantiles(probability: float, size: int) -> FloatArray:
    """Quantiles of Student's t at 0, 1, ..., size - 1 degrees of freedom; NaN at 0."""
    degrees = np.arange(size, dtype=np.float64)
    degrees[0] = np.nan
    return np.asarray(stdtrit(degrees, probability))


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
        0 estimated, 1 not estimable, 2 did not converge.
    """

    estimate: FloatArray
    standard_error: FloatArray
    statistic: FloatArray
    degrees_of_freedom: IntArray | None
    status: NDArray[np.int8]

    def critical_value(self, tail: float) -> FloatArray:
        """Return the upper quantile that leaves the probability ``tail`` above it, (M, R) or scalar."""
        if self.degrees_of_freedom is None:
            return np.asarray(-ndtri(tail))
        size = int(self.degrees_of_freedom.max(initial=0)) + 1
        # Rounded up, so that one table serves blocks whose largest subgroup differs a little.
        table = _t_quantiles(1 - tail, -(-size // 1024) * 1024)
        return table[np.maximum(self.degrees_of_freedom, 0)]

    def p_value(self, sides: int) -> FloatArray:
        """Return p-values, (M, R); one-sided tests are for an effect above zero."""
        freedom = np.inf if self.degrees_of_freedom is None else self.degrees_of_freedom
        statistic = np.abs(self.statistic) if sides == 2 else self.statistic
        return np.asarray(sides * stdtr(freedom, -statistic))

    def head(self, n_replicates: int) -> Estimates:
        """Return the first replicates of the block."""
        freedom = self.degrees_of_freedom
        return Estimates(
            self.estimate[:, :n_replicates],
            self.standard_error[:, :n_replicates],
            self.statistic[:, :n_replicates],
            None if freedom is None else freedom[:, :n_replicates],
            self.status[:, :n_replicates],
        )


class CohortModel(Protocol):
    """Makes participants."""

    kind: str

    def cells(self) -> CellTable:
        """Return the cells and their probabilities."""

    def draw(self, n_participants: int, n_replicates: int, rng: np.random.Generator) -> Cohort:
        """Draw participants in the order of their randomisation."""

    def draw_counts(self, n_participants: int, n_replicates: int, rng: np.random.Generator) -> IntArray:
        """Return cell sizes, (C, R)."""


class RandomisationScheme(Protocol):
    """Gives participants to arms."""

    kind: str

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors within whose strata the scheme balances."""

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign every participant; ``weights`` are the arms' allocation weights."""

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Return participants by stratum and arm, (S, K, R), for stratum sizes (S, R)."""


class OutcomeModel(Protocol):
    """Makes outcomes, and knows the truth behind them.

    ``treated`` marks the arms that receive the intervention, (K,).
    """

    kind: str

    def risks(self, cells: CellTable, treated: Sequence[bool]) -> FloatArray:
        """Return the outcome's probability by cell and arm, (C, K)."""

    def draw(
        self, cohort: Cohort, assignment: Assignment, treated: Sequence[bool], rng: np.random.Generator
    ) -> Outcomes:
        """Draw each participant's outcome."""

    def under_null(self) -> OutcomeModel:
        """Return the model with no effect on anybody."""


class Estimator(Protocol):
    """Estimates the effect in every population at once."""

    kind: str

    @property
    def label(self) -> str:
        """The name in results."""

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors that the estimator adjusts for."""

    def estimate_counts(
        self, counts: CellCounts, treatment: str, control: str, populations: Populations
    ) -> Estimates:
        """Estimate the risk difference in every population."""
