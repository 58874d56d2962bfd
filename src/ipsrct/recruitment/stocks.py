"""Whether the simulated places hold as many people, county by county, as the services reported."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct._streams import Streams
from ipsrct.evidence import evidence
from ipsrct.trial import FloatArray

PERIODS = {"2022": ("2022", 12, "dec"), "2023_jan_jul": ("2023", 7, "jul")}


@dataclass(frozen=True)
class Stock:
    """One county's active participants at the end of a period, reported and simulated.

    Attributes
    ----------
    county, period, hazard : str
        ``hazard`` is ``exits`` where the monthly exit is the one that gives the reported exits, ``printed``
        where it is exits over the mean of first and last stock, ``national`` where it is the register's
        for everybody; ``register`` where starts are the register's as well.
    first, starts, exits, reported : int
        Active participants at the beginning, flows of the period, active participants at its end.
    simulated, mc_standard_error, standard_deviation : float
        Mean over replicates, its error, and the deviation of one replicate.
    """

    county: str
    period: str
    hazard: str
    first: int
    starts: int
    exits: int
    reported: int
    simulated: float
    mc_standard_error: float
    standard_deviation: float

    @property
    def difference(self) -> float:
        """Simulated less reported."""
        return self.simulated - self.reported


def published_stocks(*, replicates: int = 10_000, seed: int = 0) -> tuple[Stock, ...]:
    """Simulate each county's reported starts and exits from its reported first stock.

    Starts of a period are taken as even over its months and Poisson, exits as binomial. That reported
    starts are first stock, last stock and exits set off against each other makes ``exits`` a check of the
    simulation, not of the reports; ``printed`` and ``national`` are checks of how an exit rate is read.
    """
    counties = [key.split(".")[1] for key in evidence if key.startswith("county_services.")]
    rows = [_register_reading(replicates, seed)]
    for period, (year, months, last) in PERIODS.items():
        table, flows = f"county_staff_participants_{year}", "county_derived_flows"
        first = _column(table, counties, "active_participants_jan")
        starts = _column(flows, counties, f"implied_starts_{period}")
        exits = _column(f"county_exits_{year}", counties, "total_printed")
        reported = _column(table, counties, f"active_participants_{last}")
        hazards = {
            "exits": np.array([monthly_exit(*row, months) for row in zip(first, starts, exits, strict=True)]),
            "printed": _column(flows, counties, f"monthly_exit_hazard_{year}"),
            "national": np.full(len(counties), float(evidence["exit_hazard_register"].value)),
        }
        for name, hazard in hazards.items():
            end = _simulate(first, starts, hazard, months, replicates, seed)
            deviation = end.std(axis=1, ddof=1)
            for c, county in enumerate(counties):
                a, b, x, z = (int(column[c]) for column in (first, starts, exits, reported))
                error = float(deviation[c] / np.sqrt(replicates))
                found = float(end[c].mean()), error, float(deviation[c])
                rows.append(Stock(county, period, name, a, b, x, z, *found))
    return tuple(rows)


def _register_reading(replicates: int, seed: int) -> Stock:
    """Return all counties in 2022, with the starts and exits of the register instead of the services'."""
    first, reported = (int(evidence[f"active_total_{month}_2022"].value) for month in ("jan", "dec"))
    months = PERIODS["2022"][1]
    starts = round(months * float(evidence["recruitment_per_month_register"].value))
    hazard = float(evidence["exit_hazard_register"].value)
    end = _simulate(np.array([first]), np.array([starts]), np.array([hazard]), months, replicates, seed)
    exits = round(expected_exits(first, starts, hazard, months))
    deviation = float(end.std(ddof=1))
    found = float(end.mean()), deviation / float(np.sqrt(replicates)), deviation
    return Stock("all counties", "2022", "register", first, starts, exits, reported, *found)


def _column(table: str, counties: list[str], column: str) -> FloatArray:
    return np.array([float(evidence[f"{table}.{county}.{column}"].value) for county in counties])


def monthly_exit(first: float, starts: float, exits: float, months: int) -> float:
    """Return the monthly exit under which even starts give these exits in expectation.

    People who start in a month can leave from the next month on, as in the simulation.
    """
    from scipy.optimize import brentq

    def excess(hazard: float) -> float:
        return expected_exits(first, starts, hazard, months) - exits

    return float(brentq(excess, 0.0, 1.0, xtol=1e-14))


def expected_exits(first: float, starts: float, hazard: float, months: int) -> float:
    """Return the expected exits in a period of even starts."""
    stock, left = first, 0.0
    for _ in range(months):
        left += hazard * stock
        stock = stock * (1 - hazard) + starts / months
    return left


def _simulate(
    first: FloatArray, starts: FloatArray, hazard: FloatArray, months: int, replicates: int, seed: int
) -> FloatArray:
    """Return the last stock, (C, R)."""
    rng = Streams(seed).rng("recruitment/stocks", 0)
    stock = np.repeat(first.astype(np.int64)[:, None], replicates, axis=1)
    for _ in range(months):
        stock = stock - rng.binomial(stock, hazard[:, None])
        stock = stock + rng.poisson(starts[:, None] / months, stock.shape)
    return stock.astype(np.float64)
