"""Power along the lists of a scenario, all points on the same random numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct._reading import grid_points
from ipsrct.characteristics import provenance
from ipsrct.engine import BLOCK_SIZE, SimulatedRoute, in_order, run_block
from ipsrct.errors import NotAvailableError
from ipsrct.routes import choose_route
from ipsrct.scenario import Scenario
from ipsrct.trial import BoolArray, FloatArray

if TYPE_CHECKING:
    import pandas as pd

_SHARES = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0)
_REPLICATES = {"counts": 20_480, "individual": 2_048}


@dataclass(frozen=True)
class CurvePoint:
    """Power at one point of a grid.

    Attributes
    ----------
    at : dict
        The point's coordinates.
    estimator, population : str
    power, mc_standard_error : float
        Over all trials: one that cannot be analysed does not reject.
    difference, difference_mc_standard_error : float or None
        Power less that of the point before on the last list, on the same trials; None where a line begins.
    unpaired_mc_standard_error : float or None
        What the difference's error would be with random numbers of its own at each point.
    n_replicates, n_failed : int
    """

    at: dict[str, Any]
    estimator: str
    population: str
    power: float
    mc_standard_error: float
    difference: float | None
    difference_mc_standard_error: float | None
    unpaired_mc_standard_error: float | None
    n_replicates: int
    n_failed: int


@dataclass(frozen=True)
class Curve(AsJson):
    """The result of :func:`power_curve`."""

    scenario: Scenario
    points: tuple[CurvePoint, ...]
    provenance: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return the points as a data frame; the coordinates are columns."""
        import pandas as pd

        rows = [asdict(point) for point in self.points]
        return pd.DataFrame([row.pop("at") | row for row in rows])

    def to_dict(self) -> dict[str, Any]:
        """Return the points as plain types."""
        return {
            "scenario": self.scenario.name,
            "provenance": self.provenance,
            "points": [asdict(point) for point in self.points],
        }


@dataclass
class _Sums:
    """Sums over replicates; P points, E estimators, M populations, each array (P, E, M).

    ``gained`` and ``lost`` count trials that reject here and not at the point before, and the reverse.
    """

    rejected: FloatArray
    failed: FloatArray
    gained: FloatArray
    lost: FloatArray

    def add(self, other: _Sums) -> None:
        for name in ("rejected", "failed", "gained", "lost"):
            getattr(self, name)[...] += getattr(other, name)


def power_curve(
    scenario: Scenario,
    *,
    replicates: int | None = None,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Curve:
    """Compute power at every point of the scenario's grid.

    Parameters
    ----------
    scenario : Scenario
        With at least one list where a number is expected, e.g. of ``design.n_participants``.
    replicates : int, optional
        Trials at each point; 20,480 by counts and 2,048 by individuals if None.
    jobs : int
        Workers; cannot change a number.
    on_progress : callable, optional
        Called with the blocks done and wanted.

    Raises
    ------
    NotAvailableError
        If the scenario has no list.
    """
    if not scenario.grid:
        raise NotAvailableError(
            Message(
                "a curve needs a list where a number is expected, e.g. --set "
                "design.n_participants=[1000,1500]"
            )
        )
    grid = grid_points(scenario)
    trials = [point for _, point in grid]
    routes = [choose_route(point) for point in trials]
    route: SimulatedRoute = "individual" if "individual" in routes else "counts"
    wanted = replicates or _REPLICATES[route]
    blocks = range(-(-wanted // BLOCK_SIZE[route]))
    calls = [(trials, route, block, wanted) for block in blocks]
    total: _Sums | None = None
    for done, sums in enumerate(in_order(_block, calls, jobs), start=1):
        if total is None:
            total = sums
        else:
            total.add(sums)
        if on_progress:
            on_progress(done, len(blocks))
    assert total is not None  # there is always a block
    made = provenance(scenario, [route], [])
    made["replicates"] = wanted
    return Curve(scenario, _points(scenario, grid, total, wanted), made)


def over_sizes(scenario: Scenario) -> Scenario:
    """Return the scenario with a list of sizes from half to twice the planned one."""
    unit, planned = sum(scenario.design.weights), scenario.design.n_participants
    sizes = {max(1, round(planned * share / unit)) * unit for share in _SHARES}
    return scenario.with_changes({"design.n_participants": sorted(sizes)})


def _block(trials: list[Scenario], route: SimulatedRoute, block: int, wanted: int) -> _Sums:
    """Simulate one block of trials at every point, and compare each point with the one before."""
    kept = min(BLOCK_SIZE[route], wanted - block * BLOCK_SIZE[route])
    shape = (len(trials), len(trials[0].analysis.estimators), len(trials[0].populations.names))
    sums = _Sums(*(np.zeros(shape) for _ in range(4)))
    before: BoolArray | None = None
    for i, trial in enumerate(trials):
        tail, sides = trial.analysis.tail, trial.analysis.sides
        estimates = [found.head(kept) for found in run_block(trial, route, block)]
        rejected = np.stack([found.rejects(tail, sides) for found in estimates])
        sums.rejected[i] = rejected.sum(axis=-1)
        sums.failed[i] = np.stack([(found.status != 0).sum(axis=-1) for found in estimates])
        if before is not None:
            sums.gained[i] = (rejected & ~before).sum(axis=-1)
            sums.lost[i] = (before & ~rejected).sum(axis=-1)
        before = rejected
    return sums


def _points(
    scenario: Scenario, grid: list[tuple[dict[str, Any], Scenario]], sums: _Sums, n: int
) -> tuple[CurvePoint, ...]:
    labels = [estimator.label for estimator in scenario.analysis.estimator_list]
    last = scenario.grid[-1][0]
    found = []
    for i, (at, _) in enumerate(grid):
        others = {key: value for key, value in at.items() if key != last}
        follows = i > 0 and others == {k: v for k, v in grid[i - 1][0].items() if k != last}
        for e, label in enumerate(labels):
            for m, population in enumerate(scenario.populations.names):
                power = sums.rejected[i, e, m] / n
                error = _error(power, n)
                difference = paired = unpaired = None
                if follows:
                    gained, lost = sums.gained[i, e, m], sums.lost[i, e, m]
                    difference = float(gained - lost) / n
                    # Without a discordant trial the error is that of half of one, so that it is never zero.
                    paired = math.sqrt(max((gained + lost or 0.5) / n - difference**2, 0.0) / n)
                    unpaired = math.hypot(error, _error(sums.rejected[i - 1, e, m] / n, n))
                failed = int(sums.failed[i, e, m])
                found.append(
                    CurvePoint(
                        at, label, population, float(power), error, difference, paired, unpaired, n, failed
                    )
                )
    return tuple(found)


def _error(power: float, n: int) -> float:
    """Return the Monte Carlo standard error of a share; at 0 and 1 that of half an event more."""
    inside = power if 0 < power < 1 else (power * n + 0.5) / (n + 1)
    return float(math.sqrt(inside * (1 - inside) / n))
