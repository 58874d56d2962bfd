"""What a part must do to be used as one; a method's arrays have the axes of :mod:`ipsrct.trial`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from ipsrct._service_table import ServiceTable
from ipsrct.trial import (
    Assignment,
    CellCounts,
    CellTable,
    Cohort,
    Estimates,
    FloatArray,
    IntArray,
    Outcomes,
    Populations,
    Trial,
)


class CohortModel(Protocol):
    """Makes participants."""

    kind: str

    @property
    def service_table(self) -> ServiceTable:
        """The services; a single one where they are not modelled."""

    def cells(self) -> CellTable:
        """Return the cells and their probabilities."""

    def draw(self, n_participants: int, n_replicates: int, rng: np.random.Generator) -> Cohort:
        """Draw participants in the order of their randomisation."""

    def fixed_sizes(self, n_participants: int) -> IntArray | None:
        """Return the cell sizes that every trial has, (C,), or None where they are random."""

    def caveats(self) -> tuple[str, ...]:
        """Return sentences that a reader needs before using a number that rests on the model."""


class RandomisationScheme(Protocol):
    """Gives participants to arms."""

    kind: str

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors within whose strata the scheme balances."""

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign every participant; ``weights`` are the arms' allocation weights."""

    def why_not_weights(self, weights: tuple[int, ...]) -> str:
        """Return why the scheme cannot give these allocation weights, or an empty string."""

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:
        """Return why the scheme cannot randomise in these services, or an empty string."""

    @property
    def control_is_last(self) -> bool:
        """Whether the control arm must be listed last."""

    @property
    def randomised_unit(self) -> str:
        """``participant``, ``service``, ``county``, or ``service in a period``."""

    def caveats(self, n_participants: int, cells: CellTable, services: ServiceTable) -> tuple[str, ...]:
        """Return sentences that a reader needs about what the scheme can balance."""


@runtime_checkable
class CountableScheme(RandomisationScheme, Protocol):
    """A scheme whose counts by stratum and arm can be drawn without its list."""

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Return participants by stratum and arm, (S, K, R), for stratum sizes (S, R)."""


@runtime_checkable
class PeriodScheme(RandomisationScheme, Protocol):
    """A scheme whose arms follow from periods of recruitment."""

    def periods(self, n_participants: int) -> IntArray:
        """Return the period in which each participant enters, (N,)."""


@runtime_checkable
class ListedScheme(RandomisationScheme, Protocol):
    """A scheme in which each stratum has a list of its own, whose places are taken in order of arrival.

    Lists are independent of one another and can be written down before anybody is known.
    """

    def why_no_list(self) -> str:
        """Return why these options do not leave every assignment to the lists, or an empty string."""

    @property
    def whole_block_size(self) -> int | None:
        """The size of every block of the lists; None where it varies or there are no blocks."""

    def draw_lists(
        self, n_lists: int, length: int, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw lists of one stratum, (lists, length)."""

    def allocation_list(
        self, length: int, weights: tuple[int, ...], rng: np.random.Generator
    ) -> tuple[IntArray, IntArray | None]:
        """Draw one list for a real trial, with the distribution that ``assign`` gives.

        Returns
        -------
        arm : int array (L,)
            L is ``length``, or more where the last block goes on.
        block_end : int array (L,) or None
            The number of places up to the end of the block that a place lies in; None without blocks.
        """

    def list_probability(self, arm: IntArray, weights: tuple[int, ...]) -> FloatArray:
        """Return the probability of each list, (Q,), for the arms of its participants, (Q, n)."""


@runtime_checkable
class SequentialScheme(RandomisationScheme, Protocol):
    """A scheme whose next assignment depends on the sizes of the arms alone."""

    def allocation_probability(
        self, counts: IntArray, size: IntArray | int, weights: tuple[int, ...]
    ) -> FloatArray:
        """Return the probability of each arm for the next participant, (K, ...).

        ``counts`` are the arms' sizes so far, (K, ...), and ``size`` the participants of the whole list.
        """


class OutcomeModel(Protocol):
    """Makes outcomes, and knows the truth behind them.

    ``treated`` marks the arms that receive the intervention, (K,).
    """

    kind: str

    @property
    def unit(self) -> str:
        """``proportion`` for a binary outcome; otherwise the unit of its mean, such as ``months``."""

    @property
    def correlated_in_services(self) -> bool:
        """Whether outcomes in a service are alike beyond what the participants' cells and arms explain."""

    @property
    def event_strategy(self) -> str | None:
        """The strategy for intercurrent events that outcomes embody; None where they are what is assumed."""

    def risks(self, cells: CellTable, treated: Sequence[bool]) -> FloatArray:
        """Return the mean of the outcome as observed, if binary its probability, by cell and arm, (C, K)."""

    def draw(
        self, cohort: Cohort, assignment: Assignment, treated: Sequence[bool], rng: np.random.Generator
    ) -> Outcomes:
        """Draw each participant's outcome."""

    def caveats(self) -> tuple[str, ...]:
        """Return sentences that a reader needs before using a number that rests on the model."""

    def under_null(self) -> OutcomeModel:
        """Return the model with no effect on anybody."""


@dataclass(frozen=True)
class Randomisation:
    """How a trial was randomised, for analyses that repeat it.

    Attributes
    ----------
    scheme : RandomisationScheme
    weights : tuple of int
        The arms' allocation weights, length K.
    """

    scheme: RandomisationScheme
    weights: tuple[int, ...]


@runtime_checkable
class MeasuredWithError(OutcomeModel, Protocol):
    """An outcome that is drawn as it is observed; the estimand is about the truth."""

    def true_risks(self, cells: CellTable, treated: Sequence[bool]) -> FloatArray:
        """Return the mean of the outcome without errors of measurement by cell and arm, (C, K)."""


class Estimator(Protocol):
    """Estimates the effect in every population at once, from counts or from participants."""

    kind: str

    @property
    def label(self) -> str:
        """The name in results."""

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors that the estimator adjusts for."""


@runtime_checkable
class CountsEstimator(Estimator, Protocol):
    """An estimator for which counts by cell and arm are enough; every route can use it."""

    def estimate_counts(
        self, counts: CellCounts, treatment: str, control: str, populations: Populations
    ) -> Estimates:
        """Estimate the risk difference in every population."""


@runtime_checkable
class TrialEstimator(Estimator, Protocol):
    """An estimator that needs the participants, in their order; only the individual route can use it."""

    def estimate_trial(
        self,
        trial: Trial,
        treatment: str,
        control: str,
        populations: Populations,
        randomisation: Randomisation,
        rng: np.random.Generator,
    ) -> Estimates:
        """Estimate the effect in every population; ``rng`` is the analysis's own, the same for each."""
