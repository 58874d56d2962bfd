"""Power at many sizes of one trial, simulated on common random numbers and continued as far as needed."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import ndtr, ndtri

from ipsrct._accumulator import Accumulator, observed_values
from ipsrct.engine import BLOCK_SIZE, SimulatedRoute, simulate_blocks
from ipsrct.scenario import Scenario

CONFIDENCE_95 = 1.959963984540054


@dataclass(frozen=True)
class LocalPower:
    """Power near one simulated size: its probit is taken as linear in the square root of n.

    The standard error times the square root of n hardly depends on n, so the slope is the effect over
    that product; only the level needs counting.

    Attributes
    ----------
    n : int
        The simulated size.
    probit, error : float
        Of power over all trials (one that cannot be analysed does not reject), and its Monte Carlo
        standard error.
    slope : float
        Of the probit for each unit of the square root of n.
    n_estimated : float
        The trials behind the slope.
    """

    n: int
    probit: float
    error: float
    slope: float
    n_estimated: float

    def crossing(self, target: float, shift: float = 0.0) -> float:
        """Return the n at which power reaches the target when the probit is wrong by ``shift``."""
        root = math.sqrt(self.n) + (float(ndtri(target)) - self.probit - shift) / self.slope
        return max(root, 0.0) ** 2

    def at(self, n: int) -> float:
        """Return the probit of power at another size."""
        return self.probit + self.slope * (math.sqrt(n) - math.sqrt(self.n))

    def error_at(self, target: float) -> float:
        """Return the Monte Carlo standard error of the probit where it reaches the target.

        A slope from k normal estimates has the relative error 1 / sqrt(2 k), which counts for as much as the
        target lies away from the simulated size.
        """
        away = float(ndtri(target)) - self.probit
        return math.hypot(self.error, away / math.sqrt(2 * self.n_estimated))


class SimulatedPower:
    """Simulated trials of one scenario, by their size.

    Attributes
    ----------
    n_simulated : int
        Trials simulated so far, over all sizes.
    """

    def __init__(self, scenario: Scenario, route: SimulatedRoute, jobs: int) -> None:
        self._scenario, self._route, self._jobs = scenario, route, jobs
        self._true_value = observed_values(scenario)
        self._totals: dict[int, Accumulator] = {}
        self.n_simulated = 0

    def run(self, n: int, replicates: int) -> None:
        """Simulate trials of n participants until there are this many, rounded up to whole blocks."""
        block = BLOCK_SIZE[self._route]
        replicates = -(-replicates // block) * block
        known = self._totals.get(n)
        done = known.n_replicates if known else 0
        if done >= replicates:
            return
        scenario = self._scenario.resized(n, replicates)
        added = simulate_blocks(scenario, self._route, jobs=self._jobs, done=done)
        if added.interrupted:
            raise KeyboardInterrupt
        self.n_simulated += added.n_replicates
        if known:
            known.merge(added)
        else:
            self._totals[n] = added

    def variance(self, n: int, e: int, m: int) -> tuple[float, float]:
        """Return the variance of the estimate in trials of n, and its Monte Carlo standard error.

        The error is that of normal estimates. NaN where nothing was estimated.
        """
        sums = {name: float(values[e, m]) for name, values in self._totals[n].sums.items()}
        k = sums["estimated"]
        if not k:
            return math.nan, math.nan
        variance = sums["error_squared"] / k - (sums["error"] / k) ** 2
        return variance, variance * math.sqrt(2 / k)

    def slope(self, n: int, e: int, m: int) -> float:
        """Return the slope of the probit of power from trials of n; NaN where nothing was estimated."""
        variance, _ = self.variance(n, e, m)
        return abs(float(self._true_value[m])) / math.sqrt(variance * n) if variance > 0 else math.nan

    def near(self, n: int, e: int, m: int) -> LocalPower:
        """Return the power of estimator e in population m near a simulated size."""
        total = self._totals[n]
        trials, rejected = total.n_replicates, float(total.sums["rejected"][e, m])
        # Half an event more at 0 and 1, where power has no probit and its error would be zero.
        power = min(max(rejected / trials, 0.5 / trials), 1 - 0.5 / trials)
        probit = float(ndtri(power))
        error = math.sqrt(power * (1 - power) / trials) / density(probit)
        estimated = float(total.sums["estimated"][e, m])
        return LocalPower(n, probit, error, self.slope(n, e, m), max(estimated, 1.0))

    def replicates(self, n: int) -> int:
        """Return how many trials of n were simulated."""
        return self._totals[n].n_replicates


def density(z: float) -> float:
    """Return the standard normal density."""
    return math.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)


def replicates_for(width: float, target: float, probit: float, slope: float, n: float) -> int:
    """Return the trials of n after which the 95 per cent interval of the size for a target is this wide.

    Parameters
    ----------
    width : float
        Relative: upper less lower limit over the size.
    target : float
        Power that is looked for.
    probit : float
        Of power at n.
    slope : float
        Of the probit for each unit of the square root of n.
    n : float
    """
    power, away = float(ndtr(probit)), float(ndtri(target)) - probit
    root = math.sqrt(n) + away / slope
    # d log(size) = 2 d(probit) / (slope sqrt(size)).
    error = width * slope * root / (4 * CONFIDENCE_95)
    variance = max(power * (1 - power), 1e-12) / density(probit) ** 2 + away**2 / 2
    return math.ceil(variance / error**2)
