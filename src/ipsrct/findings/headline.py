"""The numbers of the answer: levels, effect, and power at the planned size."""

from __future__ import annotations

from typing import Any

from ipsrct import exact
from ipsrct._accumulator import observed_values, true_risks, true_values
from ipsrct.scenario import Scenario

_EFFECT = "assumptions.outcome.effect"


def headline(scenario: Scenario) -> dict[str, Any]:
    """Return the assumed levels and the effect, absolute and relative, and the power at the planned size.

    Power is enumerated where the exact route is valid for the first estimator; ``None`` where it is not, and
    then the simulated one stands in the characteristics.
    """
    estimand, arms = scenario.analysis.estimand, scenario.arm_names
    mean = scenario.assumptions.cohort_model.cells().probability @ true_risks(scenario)
    control, treated = float(mean[arms.index(estimand.control)]), float(mean[arms.index(estimand.treatment)])
    left_out = exact.why_not_exact(scenario)
    label = scenario.analysis.estimator_list[0].label
    possible = not {"exact route", label} & set(left_out)
    return {
        "control": control,
        "treated": treated,
        "effect": treated - control,
        "relative_effect": treated / control if control else None,
        "shown_effect": float(observed_values(scenario)[0]),
        "true_effect": float(true_values(scenario)[0]),
        "effect_range": _effect_range(scenario),
        "n_per_arm": whole_arms(scenario.design.n_participants, scenario.design.weights, arms),
        "n_total": scenario.design.n_participants,
        "estimator": label,
        "power": exact.power(scenario, 0) if possible else None,
    }


def whole_arms(n: int, weights: tuple[int, ...], names: tuple[str, ...]) -> dict[str, int]:
    """Share participants among arms in whole persons that add up; the largest remainders are rounded up."""
    unit = sum(weights)
    sizes = [n * weight // unit for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda k: -(n * weights[k] % unit))
    for k in by_remainder[: n - sum(sizes)]:
        sizes[k] += 1
    return dict(zip(names, sizes, strict=True))


def _effect_range(scenario: Scenario) -> dict[str, float] | None:
    """Return the effect on the outcome at either end of the range of the assumed effect; None without one.

    The assumed effect is a difference in employment where the outcome is counted in months.
    """
    effect = getattr(scenario.assumptions.outcome_model, "effect", None)
    if effect is None or effect.low is None or effect.high is None:
        return None
    ends = {"low": effect.low, "high": effect.high}
    return {name: float(true_values(scenario.with_changes({_EFFECT: end}))[0]) for name, end in ends.items()}
