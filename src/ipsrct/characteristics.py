"""Operating characteristics, each with its Monte Carlo standard error, and the run that they belong to."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from ipsrct._accumulator import Accumulator
from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct._reading import grid_points
from ipsrct._version import __version__
from ipsrct.engine import BLOCK_SIZE, simulate_blocks
from ipsrct.exact import enumerate_trials, why_not_exact
from ipsrct.routes import choose_route
from ipsrct.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Characteristic:
    """One operating characteristic.

    Attributes
    ----------
    measure : str
        ``not_estimated`` (share of trials), ``power``, ``type_i_error``, ``bias``, ``coverage``,
        ``empirical_standard_error``, ``mean_standard_error``, ``interval_width``; and, between estimators,
        ``power_difference``, ``type_i_error_difference``, ``coverage_difference``, ``relative_precision``.
    estimator : str
        For a comparison ``A - B``.
    estimand, population : str
    value : float
        NaN where no replicate could be estimated.
    mc_standard_error : float
        0 where the value was computed without simulation.
    n_replicates, n_failed : int
        Replicates run, and how many of them gave no estimate; ``value`` is over the others. Both are 0
        where every possible trial was enumerated.
    at : dict
        The point of the scenario's grid.
    """

    measure: str
    estimator: str
    estimand: str
    population: str
    value: float
    mc_standard_error: float
    n_replicates: int
    n_failed: int
    at: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SimulationRun(AsJson):
    """The result of :func:`simulate`.

    Attributes
    ----------
    scenario : Scenario
    characteristics : tuple of Characteristic
    provenance : dict
        What made the run and what repeats it.
    interrupted : bool
        Whether the run was stopped before its last replicate.
    """

    scenario: Scenario
    characteristics: tuple[Characteristic, ...]
    provenance: dict[str, Any]
    interrupted: bool = False

    def table(self) -> pd.DataFrame:
        """Return the characteristics as a tidy data frame; a grid's coordinates are columns."""
        import pandas as pd

        rows = [asdict(row) for row in self.characteristics]
        return pd.DataFrame([row.pop("at") | row for row in rows])

    def to_dict(self) -> dict[str, Any]:
        """Return the run as plain types; a value that could not be estimated is null."""
        rows = []
        for characteristic in self.characteristics:
            row = asdict(characteristic)
            if not row["at"]:
                del row["at"]
            row["value"], row["mc_standard_error"] = map(
                _or_none, (characteristic.value, characteristic.mc_standard_error)
            )
            rows.append(row)
        return {
            "scenario": self.scenario.name,
            "provenance": self.provenance,
            "interrupted": self.interrupted,
            "characteristics": rows,
        }

    @cached_property
    def _index(self) -> dict[tuple[str, str, str], Characteristic]:
        return {(c.measure, c.estimator, c.population): c for c in reversed(self.characteristics)}

    def find(self, measure: str, estimator: str, population: str = "all") -> Characteristic:
        """Return one characteristic (of the first point of a grid); KeyError where there is none."""
        return self._index[measure, estimator, population]


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else value


def simulate(
    scenario: Scenario,
    *,
    route: str | None = None,
    jobs: int = 1,
    backend: str = "threading",
    on_progress: Callable[[int, int], None] | None = None,
) -> SimulationRun:
    """Compute the operating characteristics of a scenario.

    Parameters
    ----------
    scenario : Scenario
    route : {"exact", "counts", "individual"}, optional
        The cheapest route that is valid for everything in the scenario, if None.
    jobs : int
        Workers; cannot change a number.
    backend : {"threading", "loky"}
        Kind of workers; cannot change a number.
    on_progress : callable, optional
        Called with the replicates done and wanted, over all points of a grid.

    Raises
    ------
    NotAvailableError
        If the route is not valid for the scenario.
    """
    points = grid_points(scenario)
    rows: list[Characteristic] = []
    skipped: list[str] = []
    interrupted, wanted = False, scenario.simulation.replicates * len(points)
    routes = []
    for i, (at, point) in enumerate(points):
        routes.append(choose_route(point, route))
        if routes[-1] == "exact":
            total, reasons = enumerate_trials(point), why_not_exact(point)
            skipped += [f"{what}: {why}" for what, why in reasons.items() if f"{what}: {why}" not in skipped]
        else:
            done = i * scenario.simulation.replicates
            progress = (lambda n, done=done: on_progress(done + n, wanted)) if on_progress else None
            total = simulate_blocks(point, routes[-1], jobs=jobs, backend=backend, on_progress=progress)
        if total.n_replicates or routes[-1] == "exact":
            rows += _characteristics(point, total, at, exact=routes[-1] == "exact")
        if total.interrupted:
            interrupted = True
            break
    made = provenance(scenario, routes, skipped)
    if interrupted:
        made["replicates_done"] = total.n_replicates
        made["points_not_finished"] = [at for at, _ in points[i:]]
    return SimulationRun(scenario, tuple(rows), made, interrupted)


def provenance(scenario: Scenario, routes: list[Any], skipped: list[str]) -> dict[str, Any]:
    """Return what made a result: the scenario, the seed, the routes and the versions."""
    route = " and ".join(sorted(set(routes)))
    return {
        "scenario_sha256": scenario.sha256,
        "scenario": scenario.document,
        "seed": scenario.simulation.seed,
        "replicates": scenario.simulation.replicates,
        "route": route,
        "block_size": {r: BLOCK_SIZE[r] for r in set(routes) if r in BLOCK_SIZE},
        "not_available_by_this_route": skipped,
        "generator": Message("SFC64, one stream for each stage and block (SeedSequence spawn keys)"),
        "versions": {
            "ipsrct": __version__,
            "numpy": np.__version__,
            "scipy": scipy.__version__,
            "python": platform.python_version(),
        },
    }


def _characteristics(
    scenario: Scenario, total: Accumulator, at: dict[str, Any], *, exact: bool
) -> Iterator[Characteristic]:
    labels = [estimator.label for estimator in scenario.analysis.estimator_list]
    for e, label in enumerate(labels):
        for m, population in enumerate(scenario.populations.names):
            cell = {name: float(values[e, m]) for name, values in total.sums.items()}
            if exact and not cell["estimated"]:
                continue
            measures = dict(_measures(cell, total.n_replicates))
            paired = _paired_measures(cell) if e else ()
            for name, comparison, (value, error, n_estimated) in (
                *((name, label, result) for name, result in measures.items()),
                *((name, f"{label} - {labels[0]}", result) for name, result in paired),
            ):
                yield Characteristic(
                    name,
                    comparison,
                    scenario.analysis.estimand.name,
                    population,
                    value,
                    0.0 if exact else error,
                    0 if exact else total.n_replicates,
                    0 if exact else total.n_replicates - round(n_estimated),
                    at,
                )


_Result = tuple[float, float, float]


def _measures(s: dict[str, float], n: int) -> Iterator[tuple[str, _Result]]:
    """Yield value, Monte Carlo standard error and replicates behind it.

    Formulas: Morris, White and Crowther, Statistics in Medicine 2019;38:2074-2102, table 6.
    """
    k = s["estimated"]
    yield "not_estimated", _proportion((n or 1) - k, n or 1)
    yield "power", _proportion(s["rejected"], k)
    if s["null_estimated"]:
        yield "type_i_error", _proportion(s["null_rejected"], s["null_estimated"])
    bias, variance = _mean(s["error"], s["error_squared"], k, n)
    spread = math.sqrt(variance)
    yield "bias", (bias, _divide(spread, math.sqrt(k)), k)
    yield "coverage", _proportion(s["covered"], k)
    yield "empirical_standard_error", (spread, _divide(spread, math.sqrt(2 * max(k - 1, 0))), k)
    mean_variance, variance_of_variance = _mean(s["variance"], s["variance_squared"], k, n)
    mean_error = math.sqrt(mean_variance)
    error = math.sqrt(_divide(variance_of_variance, 4 * k * mean_variance))
    yield "mean_standard_error", (mean_error, error, k)
    width, width_variance = _mean(s["width"], s["width_squared"], k, n)
    yield "interval_width", (width, math.sqrt(_divide(width_variance, k)), k)


def _paired_measures(s: dict[str, float]) -> Iterator[tuple[str, _Result]]:
    """Yield comparisons of an estimator with the first on the same replicates."""
    k = s["both"]
    pairs = {
        "power_difference": (s["only_this_rejected"], s["only_first_rejected"], k),
        "coverage_difference": (s["only_this_covered"], s["only_first_covered"], k),
    }
    if s["null_both"]:
        null = (s["null_only_this_rejected"], s["null_only_first_rejected"], s["null_both"])
        pairs["type_i_error_difference"] = null
    for name, (this, first, both) in pairs.items():
        difference = _divide(this - first, both)
        # Without a discordant trial the error is that of half of one, so that it is never zero.
        variance = _divide(this + first or 0.5, both) - difference**2
        yield name, (difference, math.sqrt(_divide(max(variance, 0.0), both)), both)
    if k > 2:
        ratio, correlation = _precision(s, k)
        error = 2 * ratio * math.sqrt(max(1 - correlation**2, 0.0) / (k - 1))
        yield "relative_precision", (ratio - 1, error, k)


def _precision(s: dict[str, float], k: float) -> tuple[float, float]:
    """Return the ratio of the first's variance to this one's, and the correlation of their estimates."""
    this = s["both_error_squared"] - s["both_error"] ** 2 / k
    first = s["first_error_squared"] - s["first_error"] ** 2 / k
    product = s["error_product"] - s["both_error"] * s["first_error"] / k
    return _divide(first, this), _divide(product, math.sqrt(max(this * first, 0.0)))


def _proportion(events: float, n: float) -> _Result:
    """Return a proportion; at 0 and 1 its error uses half an event more, so that it is never zero."""
    value = _divide(events, n)
    inside = value if 0 < value < 1 else _divide(events + 0.5, n + 1)
    return value, math.sqrt(_divide(inside * (1 - inside), n)), n


def _mean(total: float, total_squared: float, k: float, n: int) -> tuple[float, float]:
    """Return mean and variance; the variance has n - 1 in its denominator unless it is exact (n = 0)."""
    mean = _divide(total, k)
    denominator = k - 1 if n else k
    return mean, _divide(max(total_squared - total**2 / k, 0.0) if k else math.nan, denominator)


def _divide(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator else math.nan
