"""Sums over replicates, so that memory does not grow with them.

E estimators, M populations. Every sum is taken over one block and added in the order of the blocks, which
makes results independent of how blocks were spread over workers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ipsrct.protocols import MeasuredWithError
from ipsrct.scenario import Scenario
from ipsrct.trial import ESTIMATED, BoolArray, Estimates, FloatArray

_SUMS = (
    "estimated",
    "rejected",
    "covered",
    "error",
    "error_squared",
    "variance",
    "variance_squared",
    "width",
    "width_squared",
    "null_estimated",
    "null_rejected",
    # Of an estimator and the first, over replicates that both estimated.
    "both",
    "both_error",
    "first_error",
    "both_error_squared",
    "first_error_squared",
    "error_product",
    "only_this_rejected",
    "only_first_rejected",
    "only_this_covered",
    "only_first_covered",
    "null_both",
    "null_only_this_rejected",
    "null_only_first_rejected",
)


class Accumulator:
    """Sums of a run, each an array (E, M).

    Attributes
    ----------
    sums : dict of str to float array
        Counts are whole numbers below 2**53; in an exact calculation they are probabilities.
    n_replicates : int
    interrupted : bool
    """

    def __init__(self, true_value: FloatArray, tail: float, sides: int, n_estimators: int) -> None:
        self._true_value, self._tail, self._sides = true_value[:, None], tail, sides
        self.sums = {name: np.zeros((n_estimators, len(true_value))) for name in _SUMS}
        self.n_replicates = 0
        self.interrupted = False

    @classmethod
    def empty(cls, scenario: Scenario) -> Accumulator:
        """Return sums of no replicate."""
        analysis = scenario.analysis
        return cls(true_values(scenario), analysis.tail, analysis.sides, len(analysis.estimators))

    def merge(self, other: Accumulator) -> None:
        """Add another accumulator's sums."""
        for name, values in other.sums.items():
            self.sums[name] += values
        self.n_replicates += other.n_replicates

    def add(
        self,
        estimates: Sequence[Estimates],
        n_replicates: int,
        *,
        null: bool = False,
        weight: FloatArray | None = None,
    ) -> None:
        """Add the first replicates of a block, or every point of an enumeration with its probability."""
        first: _Summary | None = None
        for e, block in enumerate(estimates):
            summary = _Summary(block.head(n_replicates), self._true_value, self._tail, self._sides, weight)
            found = summary.null_sums(first) if null else summary.sums(first)
            for name, values in found.items():
                self.sums[name][e] += values
            first = first or summary
        if not null:
            self.n_replicates += n_replicates


class _Summary:
    """What one estimator's block contributes."""

    def __init__(
        self,
        estimates: Estimates,
        true_value: FloatArray,
        tail: float,
        sides: int,
        weight: FloatArray | None,
    ) -> None:
        critical = estimates.critical_value(tail)
        self.estimated: BoolArray = estimates.status == ESTIMATED
        self.rejected = estimates.rejects(tail, sides, critical)
        self._weight = weight
        self._critical, self._estimates, self._true_value = critical, estimates, true_value
        self._complete = bool(self.estimated.all())

    def _total(self, values: FloatArray | BoolArray) -> FloatArray:
        if self._weight is not None:
            return np.asarray(np.einsum("mr,r->m", values, self._weight))
        return np.asarray(values.sum(axis=1), dtype=np.float64)

    def _known(self, values: FloatArray) -> FloatArray:
        return values if self._complete else np.where(self.estimated, values, 0.0)

    def sums(self, first: _Summary | None) -> dict[str, FloatArray]:
        self.error = self._known(self._estimates.estimate - self._true_value)
        variance = self._known(self._estimates.standard_error**2)
        half_width = self._known(self._critical * self._estimates.standard_error)
        self.covered = (np.abs(self.error) <= half_width) & self.estimated
        squared = self.error**2
        found = {
            "estimated": self._total(self.estimated),
            "rejected": self._total(self.rejected),
            "covered": self._total(self.covered),
            "error": self._total(self.error),
            "error_squared": self._total(squared),
            "variance": self._total(variance),
            "variance_squared": self._total(variance**2),
            "width": 2 * self._total(half_width),
            "width_squared": 4 * self._total(half_width**2),
        }
        return found | (self._paired(first) if first else {})

    def null_sums(self, first: _Summary | None) -> dict[str, FloatArray]:
        found = {"null_estimated": self._total(self.estimated), "null_rejected": self._total(self.rejected)}
        if first:
            both = self.estimated & first.estimated
            found["null_both"] = self._total(both)
            found["null_only_this_rejected"] = self._total(both & self.rejected & ~first.rejected)
            found["null_only_first_rejected"] = self._total(both & first.rejected & ~self.rejected)
        return found

    def _paired(self, first: _Summary) -> dict[str, FloatArray]:
        both = self.estimated & first.estimated
        this_error, first_error = self.error * both, first.error * both
        return {
            "both": self._total(both),
            "both_error": self._total(this_error),
            "first_error": self._total(first_error),
            "both_error_squared": self._total(this_error**2),
            "first_error_squared": self._total(first_error**2),
            "error_product": self._total(this_error * first_error),
            "only_this_rejected": self._total(both & self.rejected & ~first.rejected),
            "only_first_rejected": self._total(both & first.rejected & ~self.rejected),
            "only_this_covered": self._total(both & self.covered & ~first.covered),
            "only_first_covered": self._total(both & first.covered & ~self.covered),
        }


def true_values(scenario: Scenario) -> FloatArray:
    """Return the risk difference in each population, (M,), averaged over the population's cells."""
    return _differences(scenario, true_risks(scenario))


def observed_values(scenario: Scenario) -> FloatArray:
    """Return the risk difference that the data show, (M,); not the true one if they are in error."""
    cells = scenario.assumptions.cohort_model.cells()
    return _differences(scenario, scenario.assumptions.outcome_model.risks(cells, scenario.treated))


def true_risks(scenario: Scenario) -> FloatArray:
    """Return the outcome's true mean by cell and arm, (C, K)."""
    cells, outcome = scenario.assumptions.cohort_model.cells(), scenario.assumptions.outcome_model
    mean = outcome.true_risks if isinstance(outcome, MeasuredWithError) else outcome.risks
    return mean(cells, scenario.treated)


def _differences(scenario: Scenario, risks: FloatArray) -> FloatArray:
    cells, populations = scenario.assumptions.cohort_model.cells(), scenario.populations
    estimand = scenario.analysis.estimand
    treatment, control = (scenario.arm_names.index(name) for name in (estimand.treatment, estimand.control))
    share = populations.member * cells.probability
    groups = share @ (risks[:, treatment] - risks[:, control]) / share.sum(axis=1)
    minuend, subtrahend = populations.interactions.T
    return np.concatenate([groups, groups[minuend] - groups[subtrahend]])
