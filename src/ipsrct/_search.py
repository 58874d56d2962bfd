"""The search for the sample sizes of one scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
from scipy.special import ndtr, ndtri

from ipsrct._accumulator import true_values
from ipsrct._arm_sizes import arm_sizes
from ipsrct.engine import SimulatedRoute, simulate_blocks
from ipsrct.exact import power as exact_power
from ipsrct.exact import why_not_exact
from ipsrct.proportions.sample_size import z_test_sample_size
from ipsrct.routes import choose_route
from ipsrct.scenario import Scenario

_LARGEST = 1_000_000
_CONFIDENCE_95 = 1.959963984540054
# Beyond this the formula and the exact size differ by less than a hundredth of a per cent.
_LARGEST_ENUMERATED = 10_000
_LOOK_BELOW = 20
_LOOK_BELOW_SMOOTH = 4
_NEAR = 0.05
_PILOT = 1_000
# Power of 0 and 1 has no probit.
_LEAST_POWER = 1e-9
_ROUNDS = 5
SEARCH_REPLICATES = {"counts": 20_480, "individual": 1_024}


@dataclass(frozen=True)
class Answer:
    """The sample size that one target needs.

    Attributes
    ----------
    target_power : float
    estimator, population, method : str
        ``method`` is ``formula`` (normal approximation), ``exact`` or the simulated route.
    n_total : int or None
        The smallest total, in whole multiples of the allocation, whose power reaches the target; None
        where no size does, with the reason in ``note``.
    n_per_arm : dict of str to int
    n_low, n_high : int or None
        A 95 per cent Monte Carlo interval for the n at which the smoothed power crosses the target; equal to
        ``n_total`` where nothing was simulated. With some ten or hundred participants and fixed arm sizes,
        power itself is a saw-tooth, whose first crossing may lie outside.
    power, mc_standard_error : float or None
        Power at ``n_total``, over all trials: one that cannot be analysed does not reject.
    note : str
    at : dict
        The point of the scenario's grid.
    """

    target_power: float
    estimator: str
    population: str
    method: str
    n_total: int | None
    n_per_arm: dict[str, int]
    n_low: int | None
    n_high: int | None
    power: float | None
    mc_standard_error: float | None
    note: str = ""
    at: dict[str, Any] = field(default_factory=dict)


class Searcher:
    """Searches for the sizes of one scenario."""

    def __init__(self, scenario: Scenario, at: dict[str, Any], jobs: int) -> None:
        self._scenario, self._at, self._jobs = scenario, at, jobs
        self._labels = [e.label for e in scenario.analysis.estimator_list]
        self._true_value = true_values(scenario)
        self._unit = sum(scenario.design.weights)
        # Large enough for every subgroup to be estimated, whatever size was planned.
        self._pilot_n = self._round_up(_PILOT)
        pilot = scenario.resized(self._pilot_n)
        reasons = why_not_exact(pilot)
        self._exact = [] if "exact route" in reasons else [e for e in self._labels if e not in reasons]
        self._route = cast(SimulatedRoute, "counts" if self._exact else choose_route(pilot))
        self._known: dict[int, dict[str, np.ndarray]] = {}
        self._known_power: dict[tuple[int, int], float] = {}

    def answers(self, target: float) -> Iterator[Answer]:
        """Yield the answers to one target, for every population and estimator."""
        for e, label in enumerate(self._labels):
            for m, population in enumerate(self._scenario.populations.names):
                found = self._impossible(e, m)
                if found:
                    yield self._answer(target, label, population, self._route, None, found)
                elif label in self._exact and m == 0:
                    yield from self._without_simulation(target, e)
        yield from self._simulated(target)

    def _answer(
        self, target: float, label: str, population: str, method: str, n: int | None, note: str = ""
    ) -> Answer:
        arms = dict(zip(self._scenario.arm_names, self._per_arm(n), strict=True)) if n else {}
        return Answer(target, label, population, method, n, arms, n, n, None, None, note, self._at)

    def _per_arm(self, n: int) -> list[int]:
        return [n * weight // self._unit for weight in self._scenario.design.weights]

    def _round_up(self, n: float) -> int:
        return max(1, math.ceil(n / self._unit - 1e-9)) * self._unit

    def _impossible(self, e: int, m: int) -> str:
        """Return a sentence where no size reaches the target, or an empty string."""
        effect = self._true_value[m]
        if abs(effect) < 1e-12:
            return "The assumed effect is zero: no sample size gives this power."
        if self._scenario.analysis.sides == 1 and effect < 0:
            return "The assumed effect lies on the other side of the one-sided test."
        if not math.isfinite(self._slope(e, m, self._pilot_n)):
            return f"The effect could not be estimated in any simulated trial of {self._pilot_n:,}."
        return ""

    def _sums(self, n: int) -> dict[str, np.ndarray]:
        """Simulate trials of n participants, once for each n."""
        if n not in self._known:
            scenario = self._scenario.resized(n, SEARCH_REPLICATES[self._route])
            total = simulate_blocks(scenario, self._route, jobs=self._jobs)
            if total.interrupted:
                raise KeyboardInterrupt
            self._known[n] = total.sums
        return self._known[n]

    def _slope(self, e: int, m: int, n: int) -> float:
        """Return the increase of the probit of power for each unit of the square root of n, from trials of n.

        The standard error times the square root of n hardly depends on n, but for the smallest n.
        """
        sums = {name: float(values[e, m]) for name, values in self._sums(n).items()}
        if not sums["estimated"]:
            return math.nan
        mean = sums["error"] / sums["estimated"]
        variance = sums["error_squared"] / sums["estimated"] - mean**2
        return abs(float(self._true_value[m])) / math.sqrt(variance * n) if variance > 0 else math.nan

    def _first_guess(self, target: float, e: int, m: int) -> int:
        needed = ndtri(target) - ndtri(self._scenario.analysis.tail)
        return self._round_up((needed / self._slope(e, m, self._pilot_n)) ** 2)

    def _without_simulation(self, target: float, e: int) -> Iterator[Answer]:
        """Yield the formula's size with its exact power, and the smallest exact size."""
        label = self._labels[e]
        n = self._formula(target, e)
        if n > _LARGEST_ENUMERATED:
            note = f"normal-approximation formula; trials above {_LARGEST_ENUMERATED:,} are not enumerated"
            yield self._answer(target, label, "all", "formula", n, note)
            yield self._simulated_answer(target, e, 0)
            return
        power = self._exact_power(n, e)
        note = "normal-approximation formula; power is exact"
        yield replace(
            self._answer(target, label, "all", "formula", n, note), power=power, mc_standard_error=0.0
        )
        n = self._smallest_exact(target, e, n)
        power = self._exact_power(n, e)
        yield replace(self._answer(target, label, "all", "exact", n), power=power, mc_standard_error=0.0)

    def _smallest_exact(self, target: float, e: int, guess: int) -> int:
        """Follow the probit line to the crossing, then look below it for an earlier one.

        Power of a discrete test is a saw-tooth in n; random sizes of the arms smooth it.
        """
        n, slope = guess, self._slope(e, 0, self._pilot_n)
        for _ in range(_ROUNDS):
            inside = min(max(self._exact_power(n, e), _LEAST_POWER), 1 - _LEAST_POWER)
            distance = float(ndtri(target) - ndtri(inside)) / slope
            step = self._round_up(max(math.sqrt(n) + distance, 0.0) ** 2) - n
            if abs(step) <= self._unit:
                break
            n += step
        while self._exact_power(n, e) < target:
            n += self._unit
        one_size = len(list(arm_sizes(self._scenario.resized(n)))) == 1
        reach = self._unit * (_LOOK_BELOW if one_size else _LOOK_BELOW_SMOOTH)
        while True:
            below = range(max(self._unit, n - reach), n, self._unit)
            earlier = next((size for size in below if self._exact_power(size, e) >= target), n)
            if earlier == n:
                return n
            n = earlier

    def _formula(self, target: float, e: int) -> int:
        """Return the total of the normal-approximation formula, each arm rounded up."""
        analysis = self._scenario.analysis
        cells = self._scenario.assumptions.cohort_model.cells()
        outcome = self._scenario.assumptions.outcome_model
        risks = cells.probability @ outcome.risks(cells, self._scenario.treated)
        treatment, control = (
            self._scenario.arm_names.index(name)
            for name in (analysis.estimand.treatment, analysis.estimand.control)
        )
        weights = self._scenario.design.weights
        found = z_test_sample_size(
            risks[treatment],
            risks[control],
            power=target,
            alpha=analysis.significance_level,
            sides=analysis.sides,
            treatment_per_control=weights[treatment] / weights[control],
            variance=getattr(analysis.estimators[e], "variance", "unpooled"),
            both_tails=False,
        )
        return self._unit * max(
            math.ceil(float(found.treatment) / weights[treatment] - 1e-9),
            math.ceil(float(found.control) / weights[control] - 1e-9),
        )

    def _exact_power(self, n: int, e: int) -> float:
        if (n, e) not in self._known_power:
            self._known_power[n, e] = exact_power(self._scenario.resized(n), e)
        return self._known_power[n, e]

    def _simulated(self, target: float) -> Iterator[Answer]:
        """Yield the answers that need simulation; estimators share the trials of a population."""
        for m in range(len(self._scenario.populations.names)):
            todo = [
                e
                for e, label in enumerate(self._labels)
                if not self._impossible(e, m) and not (label in self._exact and m == 0)
            ]
            if not todo:
                continue
            # Estimators of one population start from the same size, so that they share its trials.
            start = self._first_guess(target, todo[0], m)
            for e in todo:
                yield self._simulated_answer(target, e, m, start)

    def _simulated_answer(self, target: float, e: int, m: int, start: int | None = None) -> Answer:
        start = start or self._first_guess(target, e, m)
        if start <= _LARGEST:
            return self._refined(target, e, m, start)
        population, note = self._scenario.populations.names[m], f"more than {_LARGEST:,} participants"
        return self._answer(target, self._labels[e], population, self._route, None, note)

    def _refined(self, target: float, e: int, m: int, start: int) -> Answer:
        """Return the size at which the probit line through simulated power reaches the target.

        Simulates again at the answer while it lies too far from the simulated size for the line to hold.
        """
        slope, wanted = self._slope(e, m, self._pilot_n), float(ndtri(target))
        n = start
        for _ in range(_ROUNDS):
            start = n
            sums = self._sums(start)
            trials, rejected = SEARCH_REPLICATES[self._route], float(sums["rejected"][e, m])
            power = min(max(rejected / trials, 0.5 / trials), 1 - 0.5 / trials)
            probit, error = float(ndtri(power)), math.sqrt(power * (1 - power) / trials)
            here = self._slope(e, m, start)
            slope = here if math.isfinite(here) else slope
            root = math.sqrt(start) + (wanted - probit) / slope
            n = self._round_up(max(root, 0.0) ** 2)
            if abs(n - start) <= _NEAR * start:
                break
        margin = _CONFIDENCE_95 * error * math.sqrt(2 * math.pi) * math.exp(probit**2 / 2) / slope
        return replace(
            self._answer(target, self._labels[e], self._scenario.populations.names[m], self._route, n),
            n_low=self._round_up(max(root - margin, 0.0) ** 2 - self._unit + 1),
            n_high=self._round_up((root + margin) ** 2),
            power=float(ndtr(probit + slope * (math.sqrt(n) - math.sqrt(start)))),
            mc_standard_error=error,
        )
