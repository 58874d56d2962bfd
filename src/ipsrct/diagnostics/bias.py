"""What drift, an unobserved covariate and a guessing recruiter do to the analysis.

Everything happens under the null hypothesis, so that every rejection is a false one and the mean estimate is
the bias. Risks are shifted participant by participant; the same uniforms make the outcomes with and without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ipsrct._streams import Streams
from ipsrct.diagnostics import predictability
from ipsrct.diagnostics._tally import Key, Tally
from ipsrct.errors import NotAvailableError
from ipsrct.protocols import CountsEstimator, Randomisation, TrialEstimator
from ipsrct.scenario import Scenario
from ipsrct.trial import Assignment, BoolArray, Cohort, FloatArray, IntArray, Outcomes, Populations, Trial

NO_BIAS = "none"


@dataclass(frozen=True)
class Recruited:
    """A block of trials as a bias sees it.

    Attributes
    ----------
    cohort : Cohort
    arm : int array (R, N)
    randomisation : Randomisation
        The scheme and the allocation weights.
    treated : tuple of bool
        Which arms receive the intervention, length K.
    """

    cohort: Cohort
    arm: IntArray
    randomisation: Randomisation
    treated: tuple[bool, ...]


class Bias(Protocol):
    """Adds something to participants' risks that the analysis does not see."""

    @property
    def label(self) -> str:
        """The name in results."""

    def shift(self, recruited: Recruited, rng: np.random.Generator) -> FloatArray:
        """Return what is added to each participant's risk, (R, N) or (N,)."""


def _course(recruited: Recruited) -> FloatArray:
    """Return each position's share of the recruitment, mid-position, (N,)."""
    n = recruited.cohort.cell.shape[1]
    return np.asarray((np.arange(n) + 0.5) / n)


@dataclass(frozen=True)
class LinearDrift:
    """Risk rises by ``size`` from the first to the last participant .

    The linear time trend of Tamm and Hilgers (Methods of Information in Medicine 2014).
    """

    size: float

    @property
    def label(self) -> str:
        """The name in results."""
        return f"linear_drift_{self.size:g}"

    def shift(self, recruited: Recruited, rng: np.random.Generator) -> FloatArray:  # noqa: ARG002
        """Return the drift, with mean zero."""
        return self.size * (_course(recruited) - 0.5)


@dataclass(frozen=True)
class StepDrift:
    """Risk jumps by ``size`` after a share ``at`` of the recruitment."""

    size: float
    at: float = 0.5

    @property
    def label(self) -> str:
        """The name in results."""
        return f"step_drift_{self.size:g}"

    def shift(self, recruited: Recruited, rng: np.random.Generator) -> FloatArray:  # noqa: ARG002
        """Return the drift, with mean zero."""
        after = _course(recruited) > self.at
        return np.asarray(self.size * (after - after.mean()))


@dataclass(frozen=True)
class SeasonalDrift:
    """Risk goes up and down by ``size`` from trough to peak, ``periods`` times during recruitment."""

    size: float
    periods: float = 1.0

    @property
    def label(self) -> str:
        """The name in results."""
        return f"seasonal_drift_{self.size:g}"

    def shift(self, recruited: Recruited, rng: np.random.Generator) -> FloatArray:  # noqa: ARG002
        """Return the drift."""
        return np.asarray(self.size / 2 * np.sin(2 * np.pi * self.periods * _course(recruited)))


@dataclass(frozen=True)
class HiddenCovariate:
    """An unobserved covariate of each participant (accidental bias, Efron, Biometrika 1971).

    Attributes
    ----------
    size : float
        The difference in risk between having it and not; without a ``prevalence``, between the highest and
        the lowest value of a covariate that is uniformly distributed.
    prevalence : float or None
    """

    size: float
    prevalence: float | None = None

    def __post_init__(self) -> None:
        if self.prevalence is not None and not 0 < self.prevalence < 1:
            raise NotAvailableError(f"a prevalence must lie between 0 and 1, got {self.prevalence:g}")

    @property
    def label(self) -> str:
        """The name in results."""
        return f"hidden_covariate_{self.size:g}"

    def shift(self, recruited: Recruited, rng: np.random.Generator) -> FloatArray:
        """Draw the covariate and return its part of the risk, with mean zero."""
        uniform = rng.random(recruited.cohort.cell.shape)
        if self.prevalence is None:
            return self.size * (uniform - 0.5)
        return np.asarray(self.size * ((uniform < self.prevalence) - self.prevalence))


@dataclass(frozen=True)
class SelectionBias:
    """A recruiter who guesses the next arm enrols whom she wants there (Proschan, Statistica Sinica 1994).

    Guessing by convergence, she enrols a participant whose risk is higher by ``size`` where she expects the
    intervention, lower by ``size`` where she expects control, and anybody where she has no guess. (Kennes,
    Cramer, Hilgers and Heussen, Statistics in Medicine 2011, call ``size`` eta.)

    Attributes
    ----------
    size : float
    view : str
        What she sees, a view of :mod:`ipsrct.diagnostics.predictability`; the narrowest if empty.
    """

    size: float
    view: str = ""

    @property
    def label(self) -> str:
        """The name in results."""
        return f"selection_{self.size:g}" + (f"_{self.view}" if self.view else "")

    def shift(self, recruited: Recruited, rng: np.random.Generator) -> FloatArray:  # noqa: ARG002
        """Return plus or minus ``size``, or 0 without a guess."""
        weights = recruited.randomisation.weights
        factors = recruited.randomisation.scheme.strata_factors
        view = predictability.view_of(recruited.cohort, factors, self.view)
        past = predictability.history(view.key, recruited.arm, len(weights))
        guessed = predictability.guess(past.behind(weights), weights)
        treated = np.array(recruited.treated)
        return np.asarray(self.size * (guessed[treated].any(axis=0) * 1.0 - guessed[~treated].any(axis=0)))


def check(scenario: Scenario, biases: Sequence[Bias]) -> None:
    """Refuse what cannot be simulated: outcomes that are not yes or no, and labels that are not distinct.

    Raises
    ------
    NotAvailableError
    """
    if biases and scenario.assumptions.outcome_model.unit != "proportion":
        raise NotAvailableError("biases shift risks, and the outcome is not yes or no")
    labels = [bias.label for bias in biases]
    if len(set(labels)) < len(labels):
        raise NotAvailableError(f"each bias needs a label of its own, got {', '.join(labels)}")


def observe(
    tally: Tally,
    scenario: Scenario,
    recruited: Recruited,
    biases: Sequence[Bias],
    streams: Streams,
    block: int,
) -> None:
    """Add what each bias does to each estimator in a block of trials.

    Parameters
    ----------
    tally : Tally
    scenario : Scenario
    recruited : Recruited
    biases : sequence of Bias
    streams : Streams
        A bias has a stream of its own, so that one more changes none of the others.
    block : int
    """
    n = recruited.cohort.cell.shape[1]
    cells, arm = recruited.cohort.cells, recruited.arm
    null = scenario.assumptions.outcome_model.under_null().risks(cells, recruited.treated)
    risk = null[recruited.cohort.cell, arm]
    uniform = streams.rng("diagnostics/outcome", block).random(risk.shape)

    def analysed(risk: FloatArray) -> Iterator[tuple[str, _Result]]:
        # Analyses that draw themselves draw alike with and without a bias.
        return _analysed(scenario, recruited, uniform < risk, streams.rng("individual/analysis", block))

    plain = dict(analysed(risk))
    for label, result in plain.items():
        _add(tally, Key("", "overall", n, NO_BIAS, label), result)
    for bias in biases:
        rng = streams.rng(f"diagnostics/bias/{bias.label}", block)
        shift = np.broadcast_to(bias.shift(recruited, rng), risk.shape)
        shifted = risk + shift
        _check_risks(bias, shifted)
        between = np.abs(_between_arms(scenario, shift, arm))
        tally.add(Key("conditional_bias", "overall", n, bias.label), between)
        for label, result in analysed(shifted):
            key = Key("", "overall", n, bias.label, label)
            _add(tally, key, result)
            _add_difference(tally, key, result, plain[label])


def _check_risks(bias: Bias, risk: FloatArray) -> None:
    low, high = risk.min(), risk.max()
    if low < 0 or high > 1:
        raise NotAvailableError(
            f"{bias.label} makes risks from {low:.3g} to {high:.3g}; choose a smaller size"
        )


def _between_arms(scenario: Scenario, shift: FloatArray, arm: IntArray) -> FloatArray:
    """Return the mean shift of the treatment arm less that of control, (R,)."""
    estimand, names = scenario.analysis.estimand, scenario.arm_names
    means = []
    for name in (estimand.treatment, estimand.control):
        member = arm == names.index(name)
        means.append((shift * member).sum(axis=1) / np.maximum(member.sum(axis=1), 1))
    return np.asarray(means[0] - means[1])


_Result = tuple[FloatArray, FloatArray, FloatArray]


def _analysed(
    scenario: Scenario, recruited: Recruited, y: BoolArray, rng: np.random.Generator
) -> Iterator[tuple[str, _Result]]:
    """Yield each estimator's estimate, rejection and whether there is one, each (R,)."""
    trial = Trial(recruited.cohort, Assignment(recruited.arm, None), Outcomes(y), scenario.arm_names)
    analysis = scenario.analysis
    member = np.ones((1, recruited.cohort.cells.size), dtype=np.bool_)
    everybody = Populations(("all",), ("all",), member, np.empty((0, 2), dtype=np.intp))
    arms = analysis.estimand.treatment, analysis.estimand.control
    for estimator in analysis.estimator_list:
        if isinstance(estimator, TrialEstimator):
            found = estimator.estimate_trial(trial, *arms, everybody, recruited.randomisation, rng)
        else:
            assert isinstance(estimator, CountsEstimator)  # an estimator is one or the other
            found = estimator.estimate_counts(trial.counts, *arms, everybody)
        done = found.status[0] == 0
        estimate = np.where(done, found.estimate[0], 0.0)
        rejected = done & found.rejects(analysis.tail, analysis.sides)[0]
        yield estimator.label, (estimate, rejected * 1.0, done * 1.0)


def _add(tally: Tally, key: Key, result: _Result) -> None:
    estimate, rejected, done = result
    tally.add(key._replace(measure="type_i_error"), rejected, done, is_share=True)
    tally.add(key._replace(measure="bias"), estimate, done)
    tally.add(key._replace(measure="not_estimated"), 1 - done, is_share=True)


def _add_difference(tally: Tally, key: Key, result: _Result, plain: _Result) -> None:
    """Add the paired differences from no bias, over trials that could be analysed both times."""
    both = result[2] * plain[2]
    rejected = (result[1] - plain[1]) * both
    tally.add(key._replace(measure="type_i_error_difference"), rejected, both, is_share=True)
    tally.add(key._replace(measure="bias_difference"), (result[0] - plain[0]) * both, both)
