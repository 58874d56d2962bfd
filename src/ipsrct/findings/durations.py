"""How long the recruitment of the sizes takes that the targets need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ipsrct.recruiting import REPLICATES, follow_up_of, plan_of
from ipsrct.recruitment.simulation import simulate_months
from ipsrct.recruitment.summary import milestone
from ipsrct.scenario import Scenario


def durations(scenario: Scenario, sizes: Sequence[int]) -> list[dict[str, Any]]:
    """Return months from opening to the last participant and to a complete register, for each size.

    All sizes are read off the same simulated recruitments, so that a larger one never takes less time. A
    month is None where no recruitment reaches the size.
    """
    if not sizes:
        return []
    plan = plan_of(scenario)
    wait = follow_up_of(scenario) + plan.reporting_lag_months.value
    months = simulate_months(
        plan, max(sizes), scenario.ips_share, replicates=REPLICATES, seed=scenario.simulation.seed
    )
    rows = []
    for n in sizes:
        time = months.reached(n)
        reached, complete = (milestone("", time + later) for later in (0, wait))
        rows.append(
            {
                "n_total": n,
                "n_reached": _number(asdict(reached.mean)),
                "register_complete": _number(asdict(complete.mean)),
                "not_reached": reached.not_reached,
            }
        )
    return rows


def _number(value: dict[str, Any]) -> dict[str, float | None]:
    return {key: value[key] if value[key] == value[key] else None for key in ("value", "mc_standard_error")}


def found_sizes(sizing: dict[str, Any], estimator: str) -> list[int]:
    """Return the sizes that an analysis of everybody needs, in ascending order, but for the formula's."""
    return sorted(
        {
            row["n_total"]
            for row in sizing["answers"]
            if (row["estimator"], row["population"]) == (estimator, "all")
            and row["method"] != "formula"
            and row["n_total"] is not None
        }
    )
