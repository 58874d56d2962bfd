"""The numbers of the answer: levels, effect, and power at the planned size."""

from __future__ import annotations

from typing import Any

from ipsrct import exact
from ipsrct._accumulator import observed_values, true_risks, true_values
from ipsrct.scenario import Scenario


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
        "estimator": label,
        "power": exact.power(scenario, 0) if possible else None,
    }
