"""What a part must do to be used as one; a method's arrays have the axes of :mod:`ipsrct.trial`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np

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


@runtime_checkable
class CountableScheme(RandomisationScheme, Protocol):
    """A scheme whose counts by stratum and arm can be drawn without its list."""

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Return participants by stratum and arm, (S, K, R), for stratum sizes (S, R)."""


class OutcomeModel(Protocol):
    """Makes outcomes, and knows the truth behind them.

    ``treated`` marks the arms that receive the intervention, (K,).
    """

    kind: str

    @property
    def unit(self) -> str:
        """``proportion`` for a binary outcome; otherwise the unit of its mean, such as ``months``."""

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


@runtime_checkable
class MeasuredWithError(OutcomeModel, Protocol):
    """An outcome that is drawn as it is observed; the estimand is about the truth."""

    def true_risks(self, cells: CellTable, treated: Sequence[bool]) -> FloatArray:
        """Return the mean of the outcome without errors of measurement by cell and arm, (C, K)."""


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
