"""Type I error over a grid of what the null hypothesis leaves open."""

from __future__ import annotations

from typing import Any

from ipsrct._message import Message
from ipsrct._text import quantities
from ipsrct.characteristics import simulate
from ipsrct.errors import NotAvailableError
from ipsrct.scenario import Scenario

TARGET_MCSE = 0.001
EVERYBODY_ONLY: dict[str, object] = {"analysis.subgroups": [], "analysis.interactions": []}


def type_i_errors(scenario: Scenario) -> dict[str, Any]:
    """Return the type I error at the assumed value and the ends of the range of each level without IPS.

    The replicates are those that the target Monte Carlo standard error asks for, n = p (1 - p) / MCSE^2
    (Morris, White and Crowther 2019, table 6), at p the significance level.

    Raises
    ------
    NotAvailableError
        If no level of the control arm has a range.
    """
    p = scenario.analysis.significance_level
    replicates = round(p * (1 - p) / TARGET_MCSE**2)
    rows: list[dict[str, Any]] = []
    for path, quantity in quantities(scenario):
        if path.split(".")[-1] not in ("control_level", "control_risk") or quantity.low is None:
            continue
        for level in (quantity.low, quantity.value, quantity.high):
            at: dict[str, object] = {f"{path}.value": level, "simulation.replicates": replicates}
            run = simulate(scenario.with_changes(at | EVERYBODY_ONLY))
            rows += [
                {
                    "path": path,
                    "level": level,
                    "estimator": row.estimator,
                    "value": row.value,
                    "mc_standard_error": row.mc_standard_error,
                    "n_replicates": row.n_replicates,
                }
                for row in run.characteristics
                if (row.measure, row.population) == ("type_i_error", "all")
            ]
    if not rows:
        raise NotAvailableError(Message("no level of the control arm has a range"))
    return {
        "target_mc_standard_error": TARGET_MCSE,
        "replicates_needed": replicates,
        "rows": rows,
    }
