"""The probability that the trial succeeds when effect and control level are uncertain.

Power averaged over a prior (O'Hagan, Stevens and Campbell, Pharmaceutical Statistics 2005;4:187-201). Success
is a significant result in favour of the treatment.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtr, ndtri

from ipsrct._exact_search import round_up
from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct._search import Searcher, more_than
from ipsrct._simulated_power import CONFIDENCE_95
from ipsrct.characteristics import provenance
from ipsrct.errors import NotAvailableError
from ipsrct.scenario import PriorComponent, Scenario
from ipsrct.trial import FloatArray

if TYPE_CHECKING:
    import pandas as pd

# Nodes reach this many standard deviations; spacing is then below any trial's standard error.
_REACH, _EFFECT_NODES, _CONTROL_NODES = 8.0, 641, 65
_LARGEST = 1_000_000
_CURVE_POINTS = 25


@dataclass(frozen=True)
class AssuranceAnswer:
    """The size for one assurance; ``n_total`` is None where the ceiling lies below it.

    ``n_low`` and ``n_high`` are its 95 per cent Monte Carlo interval, from the simulated relative variance.
    """

    target: float
    n_total: int | None
    n_low: int | None = None
    n_high: int | None = None
    note: str = ""


@dataclass(frozen=True)
class AssuranceRun(AsJson):
    """The result of :func:`assurance`.

    Attributes
    ----------
    scenario : Scenario
    estimator : str
    n_total : int
        The planned size.
    assurance, mc_standard_error : float
        At the planned size; the error comes from the simulated relative variance.
    ceiling : float
        What no size exceeds: the prior's probability of an effect above zero, and of a false positive
        where there is none.
    relative_variance, relative_variance_mc_standard_error : float
        Variance of the estimate over that of an unadjusted difference between two proportions.
    prior_mean, prior_standard_deviation : float
        Of the effect.
    answers : tuple of AssuranceAnswer
    curve : tuple of (int, float)
        Sizes and their assurance.
    curve_mc_standard_error : tuple of float
        Of each assurance of the curve.
    left_out : float
        The prior's probability of risks outside 0 to 1, left out; the rest is scaled up.
    """

    scenario: Scenario
    estimator: str
    n_total: int
    assurance: float
    mc_standard_error: float
    ceiling: float
    relative_variance: float
    relative_variance_mc_standard_error: float
    prior_mean: float
    prior_standard_deviation: float
    answers: tuple[AssuranceAnswer, ...]
    curve: tuple[tuple[int, float], ...]
    curve_mc_standard_error: tuple[float, ...]
    left_out: float
    provenance: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return the curve as a data frame."""
        import pandas as pd

        table = pd.DataFrame(self.curve, columns=["n_total", "assurance"])
        return table.assign(mc_standard_error=self.curve_mc_standard_error)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain types, with the prior."""
        document = asdict(self) | {"scenario": self.scenario.name}
        document["prior"] = [component.model_dump(mode="json") for component in self.scenario.prior]
        return document


@dataclass(frozen=True)
class _Nodes:
    """Points of the prior, each array (Q,), and the shares of the arms."""

    weight: FloatArray
    control: FloatArray
    effect: FloatArray
    shares: tuple[float, float]

    def assurance(self, n: float, tail: float, relative_variance: float) -> float:
        """Return the power for a positive effect by the normal approximation, averaged over the nodes."""
        treated = self.control + self.effect
        variance = (
            treated * (1 - treated) / self.shares[0] + self.control * (1 - self.control) / self.shares[1]
        )
        error = np.sqrt(np.maximum(variance * relative_variance, 1e-300) / n)
        return float(self.weight @ ndtr(self.effect / error + ndtri(tail)))


def assurance(
    scenario: Scenario, targets: Sequence[float] = (0.5, 0.6, 0.7, 0.8), *, jobs: int = 1
) -> AssuranceRun:
    """Average power over the scenario's prior, and find the sizes for given assurances.

    Power at each point of the prior is that of the normal approximation, with the variance of two independent
    proportions times a factor for the scenario's first estimator and its randomisation; the factor is
    simulated at the assumed effect.

    Parameters
    ----------
    scenario : Scenario
        With a prior, a binary outcome and two arms.
    targets : sequence of float
        Between 0 and 1.
    jobs : int

    Raises
    ------
    NotAvailableError
        If the scenario has no prior, a list, more than two arms, or an outcome that is not yes or no.
    ValueError
        If a target is not between 0 and 1.
    """
    if not all(0 < target < 1 for target in targets):
        raise ValueError(f"assurance must be between 0 and 1, got {targets}")
    for reason, holds in (
        (Message("no assurance: the scenario has no prior"), bool(scenario.prior)),
        (Message("no assurance: the scenario has lists"), not scenario.grid),
        (Message("no assurance: there are more than two arms"), len(scenario.design.arms) == 2),
        (
            Message("no assurance: the outcome is not yes or no"),
            scenario.assumptions.outcome_model.unit == "proportion",
        ),
    ):
        if not holds:
            raise NotAvailableError(reason)
    nodes, left_out = prior_nodes(scenario)
    tail, n = scenario.analysis.tail, scenario.design.n_participants
    factor, error = _relative_variance(scenario, jobs)
    # Where there is no effect at all, a trial of any size succeeds by chance.
    ceiling = float(nodes.weight[nodes.effect > 0].sum() + tail * nodes.weight[nodes.effect == 0].sum())
    value = nodes.assurance(n, tail, factor)

    def monte_carlo_error(size: float) -> float:
        either_side = (nodes.assurance(size, tail, factor + step) for step in (-error, error))
        return abs(float(np.diff(list(either_side))[0])) / 2

    answers = tuple(_answer(nodes, target, ceiling, tail, (factor, error), scenario) for target in targets)
    largest = max([4 * n, *(a.n_total for a in answers if a.n_total)])
    sizes = np.unique(np.geomspace(max(50, n / 20), largest, _CURVE_POINTS).round().astype(int))
    mean = float(nodes.weight @ nodes.effect)
    return AssuranceRun(
        scenario,
        scenario.analysis.estimator_list[0].label,
        n,
        value,
        monte_carlo_error(n),
        ceiling,
        factor,
        error,
        mean,
        math.sqrt(float(nodes.weight @ (nodes.effect - mean) ** 2)),
        answers,
        tuple((int(size), nodes.assurance(size, tail, factor)) for size in sizes),
        tuple(monte_carlo_error(size) for size in sizes),
        left_out,
        provenance(scenario, ["normal approximation"], []),
    )


def prior_nodes(scenario: Scenario) -> tuple[_Nodes, float]:
    """Return the prior's points with weights that add up to 1, and the probability left out."""
    parts = [_component_nodes(component) for component in scenario.prior]
    total = sum(component.weight for component in scenario.prior)
    weight = np.concatenate(
        [w * c.weight / total for c, (w, _, _) in zip(scenario.prior, parts, strict=True)]
    )
    control, effect = (np.concatenate([part[i] for part in parts]) for i in (1, 2))
    inside = (control > 0) & (control < 1) & (control + effect > 0) & (control + effect < 1)
    left_out = float(weight[~inside].sum())
    names = (scenario.analysis.estimand.treatment, scenario.analysis.estimand.control)
    weights = scenario.design.weights
    shares = [weights[scenario.arm_names.index(name)] / sum(weights) for name in names]
    kept = weight[inside] / (1 - left_out)
    return _Nodes(kept, control[inside], effect[inside], (shares[0], shares[1])), left_out


def _component_nodes(c: PriorComponent) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return weights, control levels and effects of one component, each (Q,)."""
    effect, of_effect = _normal(c.effect.value, c.effect_standard_deviation, _EFFECT_NODES)
    control, of_control = _normal(c.control_level.value, c.control_standard_deviation, _CONTROL_NODES)
    weight = np.outer(of_effect, of_control).ravel()
    return weight, np.tile(control, len(effect)), np.repeat(effect, len(control))


def _normal(mean: float, spread: float, n: int) -> tuple[FloatArray, FloatArray]:
    """Return equally spaced nodes with normal weights: the trapezoid rule, exact for smooth power."""
    if spread == 0:
        return np.array([mean]), np.ones(1)
    z = np.linspace(-_REACH, _REACH, n)
    weight = np.exp(-(z**2) / 2)
    return mean + spread * z, weight / weight.sum()


def _relative_variance(scenario: Scenario, jobs: int) -> tuple[float, float]:
    """Return the simulated variance of the first estimator over the unadjusted formula's, and its error."""
    everybody = scenario.with_changes({"analysis.subgroups": [], "analysis.interactions": []})
    variance, error = Searcher(everybody, {}, jobs=jobs).variance_at(scenario.design.n_participants)
    cells = scenario.assumptions.cohort_model.cells()
    risks = cells.probability @ scenario.assumptions.outcome_model.risks(cells, scenario.treated)
    share = np.array(scenario.design.weights) / sum(scenario.design.weights)
    formula = float((risks * (1 - risks) / share).sum()) / scenario.design.n_participants
    return variance / formula, error / formula


def _answer(
    nodes: _Nodes,
    target: float,
    ceiling: float,
    tail: float,
    simulated: tuple[float, float],
    scenario: Scenario,
) -> AssuranceAnswer:
    unit, (factor, error) = sum(scenario.design.weights), simulated
    if target >= ceiling:
        note = Message("no size reaches it: the prior's ceiling is {ceiling:.3f}", ceiling=ceiling)
        return AssuranceAnswer(target, None, note=note)
    if nodes.assurance(_LARGEST, tail, factor) < target:
        return AssuranceAnswer(target, None, note=more_than(_LARGEST))
    low, high = 0, _LARGEST // unit
    while high - low > 1:
        middle = (low + high) // 2
        enough = nodes.assurance(middle * unit, tail, factor) >= target
        low, high = (low, middle) if enough else (middle, high)
    # Assurance depends on n over the factor, so a size is in proportion to the factor.
    margin = CONFIDENCE_95 * error / factor
    n_low, n_high = (round_up(high * unit * (1 + side), unit) for side in (-margin, margin))
    return AssuranceAnswer(target, high * unit, n_low, n_high)
