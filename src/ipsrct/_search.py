"""The search for the sample sizes of one scenario: every target, population and estimator at once."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from scipy.special import ndtr, ndtri

from ipsrct._accumulator import observed_values
from ipsrct._exact_search import LARGEST_ENUMERATED, ExactPower, formula_size, round_up
from ipsrct._message import Message
from ipsrct._simulated_power import CONFIDENCE_95, LocalPower, SimulatedPower, density, replicates_for
from ipsrct.engine import SimulatedRoute, why_no_counts
from ipsrct.exact import why_not_exact
from ipsrct.routes import choose_route
from ipsrct.scenario import Scenario

_LARGEST = 1_000_000
# Large enough for every subgroup to be estimated, whatever size was planned.
_PILOT = 1_000
_PILOT_REPLICATES = {"counts": 4_096, "individual": 512}
_POWER_REPLICATES = {"counts": 20_480, "individual": 2_048}
_MOST_REPLICATES = {"counts": 400_000, "individual": 40_000}
# One simulated size serves targets whose sizes lie within this ratio of it; larger sizes are all read off
# trials of this many, where estimates are normal for any practical purpose and only the slope matters.
_NEAR = 1.25
_LARGEST_SIMULATED = 10_000
_ROUNDS = 6
DEFAULT_WIDTH = {"counts": 0.04, "individual": 0.1}


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
    n_replicates : int
        Trials simulated at the size from which the answer was read; 0 without simulation.
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
    n_replicates: int = 0
    note: str = ""
    at: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Wanted:
    """A target for estimator e in population m; where it is looked for, and how steep power is there."""

    target: float
    e: int
    m: int
    guess: float
    slope: float


class Searcher:
    """Searches for the sizes of one scenario.

    Parameters
    ----------
    scenario : Scenario
    at : dict
        The point of the scenario's grid.
    route : {"counts", "individual"}, optional
        Simulate by this route also what could be enumerated; None takes the best.
    width : float, optional
        Relative width of the 95 per cent interval for n at which a search stops.
    jobs : int
    """

    def __init__(
        self,
        scenario: Scenario,
        at: dict[str, Any],
        *,
        route: str | None = None,
        width: float | None = None,
        jobs: int = 1,
    ) -> None:
        self._scenario, self._at = scenario, at
        self._labels = [e.label for e in scenario.analysis.estimator_list]
        self._effect = observed_values(scenario)
        self._unit = sum(scenario.design.weights)
        self._pilot_n = round_up(_PILOT, self._unit)
        pilot = scenario.resized(self._pilot_n)
        reasons = why_not_exact(pilot) if route is None else {"exact route": "another was asked for"}
        self._exact = [] if "exact route" in reasons else [e for e in self._labels if e not in reasons]
        wanted = route or ("individual" if why_no_counts(pilot) else "counts")
        self._route = cast(SimulatedRoute, choose_route(pilot, wanted))
        self._width = width or DEFAULT_WIDTH[self._route]
        self._simulated = SimulatedPower(scenario, self._route, jobs)
        self._exact_power = ExactPower(scenario)

    @property
    def n_simulated(self) -> int:
        """Trials simulated so far, over all sizes."""
        return self._simulated.n_simulated

    def answers(self, targets: tuple[float, ...]) -> Iterator[Answer]:
        """Yield the answers to all targets, for every population and estimator, as they are found."""
        if len(self._exact) < len(self._labels) or len(self._scenario.populations.names) > 1:
            self._pilot()
        wanted = []
        for e, label in enumerate(self._labels):
            for m, population in enumerate(self._scenario.populations.names):
                reason = self._impossible(e, m)
                for target in targets:
                    if reason:
                        yield self._answer(target, label, population, self._route, None, reason)
                    elif label in self._exact and m == 0:
                        yield from self._without_simulation(target, e)
                        if formula_size(self._scenario, target, e) > LARGEST_ENUMERATED:
                            self._pilot()
                            wanted.append(self._wanted(target, e, m))
                    else:
                        wanted.append(self._wanted(target, e, m))
        yield from self._search(wanted)

    def _pilot(self) -> None:
        self._simulated.run(self._pilot_n, _PILOT_REPLICATES[self._route])

    def power_at(self, n: int, e: int = 0) -> tuple[float, float]:
        """Return the power of an estimator for everybody at a size, and its Monte Carlo standard error."""
        if self._labels[e] in self._exact and n <= LARGEST_ENUMERATED:
            return self._exact_power.at(n, e), 0.0
        self._simulated.run(n, _POWER_REPLICATES[self._route])
        line = self._simulated.near(n, e, 0)
        return float(ndtr(line.probit)), line.error * density(line.probit)

    def variance_at(self, n: int, e: int = 0) -> tuple[float, float]:
        """Return the variance of an estimate for everybody at a size, and its Monte Carlo standard error."""
        self._simulated.run(n, _POWER_REPLICATES[self._route])
        return self._simulated.variance(n, e, 0)

    def _answer(
        self, target: float, label: str, population: str, method: str, n: int | None, note: str = ""
    ) -> Answer:
        weights = self._scenario.design.weights
        arms = {
            name: n * weight // self._unit
            for name, weight in zip(self._scenario.arm_names, weights, strict=True)
            if n
        }
        return Answer(target, label, population, method, n, arms, n, n, None, None, note=note, at=self._at)

    def _impossible(self, e: int, m: int) -> str:
        """Return a sentence where no size reaches the target, or an empty string."""
        effect = self._effect[m]
        if abs(effect) < 1e-12:
            return Message("The assumed effect is zero: no sample size gives this power.")
        if self._scenario.analysis.sides == 1 and effect < 0:
            return Message("The assumed effect lies on the other side of the one-sided test.")
        enumerated = m == 0 and self._labels[e] in self._exact
        if not enumerated and not math.isfinite(self._simulated.slope(self._pilot_n, e, m)):
            return Message(
                "The effect could not be estimated in any simulated trial of {n:,}.", n=self._pilot_n
            )
        return ""

    def _without_simulation(self, target: float, e: int) -> Iterator[Answer]:
        """Yield the formula's size with its exact power, and the smallest exact size."""
        label, n = self._labels[e], formula_size(self._scenario, target, e)
        if n > LARGEST_ENUMERATED:
            note = Message(
                "normal-approximation formula; trials above {n:,} are not enumerated", n=LARGEST_ENUMERATED
            )
            yield self._answer(target, label, "all", "formula", n, note)
            return
        note = Message("normal-approximation formula; power is exact")
        smallest = self._exact_power.smallest(target, e, n)
        for method, size, words in (("formula", n, note), ("exact", smallest, "")):
            yield replace(
                self._answer(target, label, "all", method, size, words),
                power=self._exact_power.at(size, e),
                mc_standard_error=0.0,
            )

    def _wanted(self, target: float, e: int, m: int) -> _Wanted:
        needed = float(ndtri(target) - ndtri(self._scenario.analysis.tail))
        slope = self._simulated.slope(self._pilot_n, e, m)
        return _Wanted(target, e, m, (needed / slope) ** 2, slope)

    def _search(self, wanted: list[_Wanted]) -> Iterator[Answer]:
        """Simulate at a size near each target, one size for all that lie together, until all are settled.

        A target whose crossing turns out to lie too far from the simulated size for the probit line to hold
        is looked for again from there.
        """
        for last in (False,) * (_ROUNDS - 1) + (True,):
            too_large = [w for w in wanted if w.guess > _LARGEST]
            for w in too_large:
                population, note = self._population(w), more_than(_LARGEST)
                yield self._answer(w.target, self._labels[w.e], population, self._route, None, note)
            again = []
            for n, together in _clusters([w for w in wanted if w.guess <= _LARGEST], self._unit):
                for w, line in self._lines(n, together):
                    crossing = line.crossing(w.target)
                    near = 1 / _NEAR < crossing / n < _NEAR
                    if last or near or crossing > n >= _LARGEST_SIMULATED or crossing <= self._unit >= n:
                        yield self._read_off(w, line)
                    else:
                        again.append(replace(w, guess=crossing))
            wanted = again
            if not wanted:
                return

    def _population(self, wanted: _Wanted) -> str:
        return self._scenario.populations.names[wanted.m]

    def _lines(self, n: int, together: list[_Wanted]) -> list[tuple[_Wanted, LocalPower]]:
        """Simulate trials of n until the interval of every target there is as narrow as asked for."""
        tail = float(ndtri(self._scenario.analysis.tail))
        needed = max(
            replicates_for(self._width, w.target, tail + w.slope * math.sqrt(n), w.slope, n) for w in together
        )
        replicates = min(needed, _MOST_REPLICATES[self._route])
        for _ in range(2):
            self._simulated.run(n, replicates)
            lines = [(w, self._simulated.near(n, w.e, w.m)) for w in together]
            usable = [(w, line) for w, line in lines if math.isfinite(line.slope) and abs(line.probit) < 3]
            needed = max(
                (replicates_for(self._width, w.target, line.probit, line.slope, n) for w, line in usable),
                default=0,
            )
            replicates = min(needed, _MOST_REPLICATES[self._route])
        return [(w, line if math.isfinite(line.slope) else replace(line, slope=w.slope)) for w, line in lines]

    def _read_off(self, w: _Wanted, line: LocalPower) -> Answer:
        n = round_up(line.crossing(w.target), self._unit)
        error = line.error_at(w.target)
        margin, probit = CONFIDENCE_95 * error, line.at(n)
        return replace(
            self._answer(w.target, self._labels[w.e], self._population(w), self._route, n),
            n_low=round_up(line.crossing(w.target, margin), self._unit),
            n_high=round_up(line.crossing(w.target, -margin), self._unit),
            power=float(ndtr(probit)),
            mc_standard_error=error * density(probit),
            n_replicates=self._simulated.replicates(line.n),
        )


def more_than(n: int) -> Message:
    """Return the note of a target that no size that is looked at reaches."""
    return Message("more than {n:,} participants", n=n)


def _clusters(wanted: list[_Wanted], unit: int) -> Iterator[tuple[int, list[_Wanted]]]:
    """Yield sizes, and the targets that lie within the ratio ``_NEAR`` of them."""
    together: list[_Wanted] = []
    for w in sorted(wanted, key=lambda w: w.guess):
        if together and min(w.guess, _LARGEST_SIMULATED) > together[0].guess * _NEAR**2:
            yield _centre(together, unit), together
            together = []
        together.append(w)
    if together:
        yield _centre(together, unit), together


def _centre(together: list[_Wanted], unit: int) -> int:
    centre = math.sqrt(together[0].guess * together[-1].guess)
    return round_up(min(centre, _LARGEST_SIMULATED), unit)
