"""The smallest effect that a trial of given size can detect, in every population."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ipsrct._accumulator import observed_values
from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct._reading import grid_points
from ipsrct._simulated_power import CONFIDENCE_95
from ipsrct.characteristics import provenance
from ipsrct.engine import BLOCK_SIZE, SimulatedRoute, in_order, run_block, why_no_counts
from ipsrct.errors import ScenarioError
from ipsrct.scenario import Scenario
from ipsrct.trial import ESTIMATED, FloatArray

if TYPE_CHECKING:
    import pandas as pd

_REPLICATES = {"counts": 20_480, "individual": 2_048}
_ROUNDS = 5
_EFFECT = "assumptions.outcome.effect"


@dataclass(frozen=True)
class DetectableEffect:
    """The smallest effect whose power reaches a target.

    Attributes
    ----------
    target_power : float
    estimator, population : str
    n_total : int
    effect : float or None
        Its size, in the outcome's unit; None where too few trials could be analysed.
    low, high, mc_standard_error : float or None
        A 95 per cent Monte Carlo interval, and the standard error.
    assumed_effect : float
        What the scenario assumes in the population.
    n_replicates : int
    note : str
    at : dict
        The point of the scenario's grid.
    """

    target_power: float
    estimator: str
    population: str
    n_total: int
    effect: float | None
    low: float | None
    high: float | None
    mc_standard_error: float | None
    assumed_effect: float
    n_replicates: int
    note: str = ""
    at: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class DetectableRun(AsJson):
    """The result of :func:`minimum_detectable_effect`."""

    scenario: Scenario
    effects: tuple[DetectableEffect, ...]
    provenance: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return the effects as a data frame."""
        import pandas as pd

        rows = [asdict(effect) for effect in self.effects]
        return pd.DataFrame([row.pop("at") | row for row in rows])

    def to_dict(self) -> dict[str, Any]:
        """Return the effects as plain types."""
        rows = [{k: v for k, v in asdict(e).items() if k != "at" or v} for e in self.effects]
        return {"scenario": self.scenario.name, "provenance": self.provenance, "effects": rows}


def minimum_detectable_effect(
    scenario: Scenario,
    power: Sequence[float] = (0.8,),
    *,
    replicates: int | None = None,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> DetectableRun:
    """Find the smallest effect that the planned trial detects with the target power.

    A trial whose estimate misses the truth by ``error`` and whose test has the standard error ``s`` and the
    critical value ``c`` rejects when the effect exceeds ``c s - error``; so the smallest detectable effect is
    a quantile of that difference over simulated trials. For the whole population the simulation is repeated
    at the effect that was found, until it stays; in subgroups the errors are those under the assumed effect.
    The test's other tail, which hardly rejects, is left out.

    Parameters
    ----------
    scenario : Scenario
    power : sequence of float
        Targets, each between the significance level and 1.
    replicates : int, optional
        20,480 by counts and 2,048 by individuals if None.
    jobs : int
        Workers; cannot change a number.
    on_progress : callable, optional
        Called with the points of the grid done and wanted.

    Raises
    ------
    ValueError
        If a target is not between the significance level and 1.
    """
    for target in power:
        if not scenario.analysis.significance_level < target < 1:
            raise ValueError(f"power must be between the significance level and 1, got {target:g}")
    points = grid_points(scenario)
    found: list[DetectableEffect] = []
    routes = []
    for i, (at, point) in enumerate(points):
        route: SimulatedRoute = "individual" if why_no_counts(point) else "counts"
        routes.append(route)
        n_replicates = replicates or _REPLICATES[route]
        detects = _detects(point, route, n_replicates, jobs)
        for target in power:
            for effect in _effects(point, detects, target):
                settled = effect
                if effect.population == "all" and effect.effect is not None:
                    settled = _settled(point, effect, route, n_replicates, jobs)
                found.append(replace(settled, at=at))
        if on_progress:
            on_progress(i + 1, len(points))
    made = provenance(scenario, routes, [])
    made["replicates"] = n_replicates
    return DetectableRun(scenario, tuple(found), made)


def _detects(scenario: Scenario, route: SimulatedRoute, replicates: int, jobs: int) -> FloatArray:
    """Return the effect beyond which each trial rejects, (E, M, R); infinite where it gives no estimate."""
    blocks = range(-(-replicates // BLOCK_SIZE[route]))
    parts = in_order(_detects_block, [(scenario, route, block) for block in blocks], jobs)
    return np.concatenate(list(parts), axis=-1)[..., :replicates]


def _detects_block(scenario: Scenario, route: SimulatedRoute, block: int) -> FloatArray:
    truth = observed_values(scenario)[:, None]
    # A negative effect is looked for in its own direction.
    sign = np.where(truth < 0, -1.0, 1.0)
    found = []
    for estimates in run_block(scenario, route, block):
        with np.errstate(divide="ignore", invalid="ignore"):
            # The test's own standard error, which a pooled test has.
            error = np.abs(estimates.estimate / estimates.statistic)
        error = np.where(np.isfinite(error), error, estimates.standard_error)
        beyond = estimates.critical_value(scenario.analysis.tail) * error
        beyond = beyond - sign * (estimates.estimate - truth)
        usable = (estimates.status == ESTIMATED) & (estimates.reference_p is None)
        found.append(np.where(usable, beyond, np.inf))
    return np.stack(found)


def _effects(scenario: Scenario, detects: FloatArray, target: float) -> Iterator[DetectableEffect]:
    """Yield the target's quantile for every estimator and population; intervals are order statistics."""
    n, ordered = detects.shape[-1], np.sort(detects, axis=-1)
    margin = CONFIDENCE_95 * math.sqrt(target * (1 - target) / n)
    ranks = [
        min(max(math.ceil(share * n) - 1, 0), n - 1) for share in (target, target - margin, target + margin)
    ]
    truth = observed_values(scenario)
    for e, estimator in enumerate(scenario.analysis.estimator_list):
        for m, population in enumerate(scenario.populations.names):
            value, low, high = (float(ordered[e, m, rank]) for rank in ranks)
            known = math.isfinite(high)
            yield DetectableEffect(
                target,
                estimator.label,
                population,
                scenario.design.n_participants,
                value if known else None,
                low if known else None,
                high if known else None,
                (high - low) / (2 * CONFIDENCE_95) if known else None,
                float(truth[m]),
                n,
                ""
                if known
                else Message("too few trials gave an estimate, or the test has no standard error"),
            )


def _settled(
    scenario: Scenario, first: DetectableEffect, route: SimulatedRoute, replicates: int, jobs: int
) -> DetectableEffect:
    """Simulate at the effect that was found until it stays, for the whole population."""
    label = [estimator.label for estimator in scenario.analysis.estimator_list].index(first.estimator)
    sign, found = math.copysign(1.0, first.assumed_effect), first
    changes: dict[str, Any] = {
        "analysis.subgroups": [],
        "analysis.interactions": [],
        "analysis.estimators": [scenario.document["analysis"]["estimators"][label]],
    }
    for _ in range(_ROUNDS):
        at, error = cast(float, found.effect), cast(float, found.mc_standard_error)
        try:
            trial = scenario.with_changes(changes | {_EFFECT: sign * at})
        except ScenarioError as fault:
            note = Message(
                "errors as under the assumed effect, since the model cannot have {effect:.3g}: {reason}",
                effect=at,
                reason=fault.faults[0].message,
            )
            return replace(first, note=note)
        (again,) = _effects(trial, _detects(trial, route, replicates, jobs), first.target_power)
        if again.effect is None:
            return replace(first, note=Message("errors as under the assumed effect"))
        found = replace(again, assumed_effect=first.assumed_effect)
        if abs(again.effect - at) < error / 4:
            break
    return found
