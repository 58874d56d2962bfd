"""The smallest size by enumeration, and by the usual formula."""

from __future__ import annotations

import math

from scipy.special import ndtri

from ipsrct._arm_sizes import arm_sizes
from ipsrct.exact import power as exact_power
from ipsrct.proportions.sample_size import z_test_sample_size
from ipsrct.scenario import Scenario

# Beyond this the formula and the exact size differ by less than a hundredth of a per cent.
LARGEST_ENUMERATED = 10_000
_LOOK_BELOW = 20
_LOOK_BELOW_SMOOTH = 2
# Power of 0 and 1 has no probit.
_LEAST_POWER = 1e-9
_ROUNDS = 5


class ExactPower:
    """Exact power at many sizes of one trial."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._unit = sum(scenario.design.weights)
        self._known: dict[tuple[int, int], float] = {}

    def at(self, n: int, e: int) -> float:
        """Return the power of estimator e with n participants; a trial without estimate does not reject."""
        if (n, e) not in self._known:
            self._known[n, e] = exact_power(self._scenario.resized(n), e)
        return self._known[n, e]

    def smallest(self, target: float, e: int, guess: int) -> int:
        """Follow the probit line to the crossing, then look below it for an earlier one.

        Power of a discrete test is a saw-tooth in n; random sizes of the arms smooth it.
        """
        n = guess
        slope = float(ndtri(target) - ndtri(self._scenario.analysis.tail)) / math.sqrt(guess)
        for _ in range(_ROUNDS):
            inside = min(max(self.at(n, e), _LEAST_POWER), 1 - _LEAST_POWER)
            distance = float(ndtri(target) - ndtri(inside)) / slope
            step = round_up(max(math.sqrt(n) + distance, 0.0) ** 2, self._unit) - n
            if abs(step) <= self._unit:
                break
            n += step
        while self.at(n, e) < target:
            n += self._unit
        one_size = len(list(arm_sizes(self._scenario.resized(n)))) == 1
        reach = self._unit * (_LOOK_BELOW if one_size else _LOOK_BELOW_SMOOTH)
        while True:
            below = range(max(self._unit, n - reach), n, self._unit)
            earlier = next((size for size in below if self.at(size, e) >= target), n)
            if earlier == n:
                return n
            n = earlier


def round_up(n: float, unit: int) -> int:
    """Return the smallest positive multiple of the allocation's unit that is at least n."""
    return max(1, math.ceil(n / unit - 1e-9)) * unit


def formula_size(scenario: Scenario, target: float, e: int) -> int:
    """Return the total of the normal-approximation formula, each arm rounded up."""
    analysis, weights = scenario.analysis, scenario.design.weights
    cells = scenario.assumptions.cohort_model.cells()
    risks = cells.probability @ scenario.assumptions.outcome_model.risks(cells, scenario.treated)
    names = (analysis.estimand.treatment, analysis.estimand.control)
    treatment, control = (scenario.arm_names.index(name) for name in names)
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
    return sum(weights) * max(
        math.ceil(float(found.treatment) / weights[treatment] - 1e-9),
        math.ceil(float(found.control) / weights[control] - 1e-9),
    )
