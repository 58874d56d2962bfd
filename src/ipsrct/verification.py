"""The routes against each other: each computes the same numbers with other code."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ipsrct._reading import grid_points
from ipsrct.characteristics import Characteristic, SimulationRun, simulate
from ipsrct.routes import ROUTES, why_not
from ipsrct.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

LIMIT, ENOUGH = 4.0, 1_000


@dataclass(frozen=True)
class Comparison:
    """One number by two routes.

    Attributes
    ----------
    measure, estimator, population : str
    first_route, second_route : str
    first, second : float
    difference_in_mcse : float
        The difference over its Monte Carlo standard error; the routes share no draws.
    """

    measure: str
    estimator: str
    population: str
    first_route: str
    first: float
    second_route: str
    second: float
    difference_in_mcse: float


@dataclass(frozen=True)
class Verification:
    """The result of :func:`verify`.

    Attributes
    ----------
    comparisons : tuple of Comparison
    not_valid : dict of str to str
        Why a route was not run.
    """

    scenario: Scenario
    comparisons: tuple[Comparison, ...]
    not_valid: dict[str, str]
    provenance: dict[str, Any]

    @property
    def agrees(self) -> bool:
        """Whether there was something to compare and every difference is within the limit."""
        return bool(self.comparisons) and self.largest <= LIMIT

    @property
    def largest(self) -> float:
        """The largest difference in Monte Carlo standard errors."""
        return max((abs(c.difference_in_mcse) for c in self.comparisons), default=math.nan)

    def sentence(self) -> str:
        """Return the verdict in words."""
        n = len(self.comparisons)
        if not n:
            return "Only one route is valid for this scenario: nothing to compare."
        # Two-sided normal tail beyond 4 times the number of comparisons (Bonferroni).
        alarm = n * math.erfc(LIMIT / math.sqrt(2))
        few = self.scenario.simulation.replicates < ENOUGH
        rough = f", but more often with fewer than {ENOUGH:,} replicates" if few else ""
        verdict = "The routes agree" if self.agrees else "THE ROUTES DISAGREE"
        return (
            f"{verdict}: the largest of {n} differences is {self.largest:.1f} Monte Carlo standard errors "
            f"(limit {LIMIT:g}; correct routes exceed it in at most {alarm:.1%} of verifications{rough})."
        )

    def table(self) -> pd.DataFrame:
        """Return the comparisons as a data frame."""
        import pandas as pd

        return pd.DataFrame([asdict(c) for c in self.comparisons])

    def to_json(self) -> str:
        """Return the verification as JSON."""
        document = {
            "scenario": self.scenario.name,
            "provenance": self.provenance,
            "agrees": self.agrees,
            "largest_difference_in_mcse": None if math.isnan(self.largest) else self.largest,
            "not_valid": self.not_valid,
            "comparisons": [asdict(c) for c in self.comparisons],
        }
        return json.dumps(document, indent=2, ensure_ascii=False)


def verify(
    scenario: Scenario, *, jobs: int = 1, on_progress: Callable[[int, int], None] | None = None
) -> Verification:
    """Run every valid route of a scenario and compare every number that two of them give.

    A scenario with a grid is verified at its first point.

    Parameters
    ----------
    scenario : Scenario
    jobs : int
        Workers.
    on_progress : callable, optional
        Called with replicates done and wanted, of the simulated routes.
    """
    scenario = grid_points(scenario)[0][1]
    reasons = {route: why_not(scenario, route) for route in ROUTES}
    valid = [route for route in ROUTES if not reasons[route]]
    runs: dict[str, SimulationRun] = {}
    simulated = [route for route in valid if route != "exact"]
    for route in valid:
        progress = None
        if on_progress and route != "exact":
            before = simulated.index(route) * scenario.simulation.replicates
            progress = _shifted(on_progress, before, len(simulated))
        runs[route] = simulate(scenario, route=route, jobs=jobs, on_progress=progress)
        if runs[route].interrupted:
            raise KeyboardInterrupt
    comparisons = [c for a, b in combinations(valid, 2) for c in _compare(a, runs[a], b, runs[b])]
    first = runs[valid[-1]].provenance | {"route": " and ".join(valid)}
    return Verification(scenario, tuple(comparisons), {r: why for r, why in reasons.items() if why}, first)


def _shifted(on_progress: Callable[[int, int], None], before: int, n_runs: int) -> Callable[[int, int], None]:
    return lambda done, wanted: on_progress(before + done, wanted * n_runs)


def _key(row: Characteristic) -> tuple[str, str, str, str]:
    return row.measure, row.estimator, row.population, json.dumps(row.at)


def _compare(first: str, a: SimulationRun, second: str, b: SimulationRun) -> Iterator[Comparison]:
    found = {_key(row): row for row in a.characteristics}
    for row in b.characteristics:
        other = found.get(_key(row))
        if other is None:
            continue
        error = math.hypot(row.mc_standard_error, other.mc_standard_error)
        difference = other.value - row.value
        if math.isnan(difference) or math.isnan(error) or not error:
            continue  # too few replicates for an error, or the same in every trial by both routes
        in_errors = difference / error
        yield Comparison(
            row.measure, row.estimator, row.population, first, other.value, second, row.value, in_errors
        )
