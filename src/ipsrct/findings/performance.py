"""Operating characteristics with what a reader needs to judge them: truth, precision, relative errors."""

from __future__ import annotations

import math
from typing import Any

from ipsrct._accumulator import true_values
from ipsrct.characteristics import simulate
from ipsrct.findings.intervals import expected_intervals
from ipsrct.findings.loading import own
from ipsrct.findings.nuisance import TARGET_MCSE, replicates_needed
from ipsrct.scenario import Scenario

Row = dict[str, Any]


def performance(scenario: Scenario) -> dict[str, Any]:
    """Return a run with true effects, relative errors of its standard errors, intervals to expect, precision.

    ``precision`` holds the Monte Carlo standard errors that so many replicates give a share at the
    significance level, and at most, at a half: the root of p (1 - p) / n.
    """
    run = own(simulate(scenario))
    names, n = scenario.populations.names, scenario.simulation.replicates
    true = zip(names, true_values(scenario).tolist(), strict=True)
    p = scenario.analysis.significance_level
    return run | {
        "true_effects": [{"population": name, "value": value} for name, value in true],
        "relative_errors": _relative_errors(run["characteristics"]),
        "expected_intervals": expected_intervals(scenario, run["characteristics"]),
        "precision": {
            "target_mc_standard_error": TARGET_MCSE,
            "replicates_needed": replicates_needed(scenario),
            "replicates": n,
            "at_significance_level": math.sqrt(p * (1 - p) / n),
            "at_most": math.sqrt(0.25 / n),
        },
    }


def _relative_errors(rows: list[Row]) -> list[Row]:
    """Return by how much the mean standard error is off the empirical one, as a share of it.

    Morris, White and Crowther, Statistics in Medicine 2019;38:2074-2102, table 6: there the variance of the
    squared standard errors stands where the error of their mean does here.
    """
    empirical = {_cell(row): row for row in rows if row["measure"] == "empirical_standard_error"}
    return [
        {key: row[key] for key in ("estimator", "population", "n_replicates", "n_failed")}
        | _relative_error(row, empirical[_cell(row)])
        for row in rows
        if row["measure"] == "mean_standard_error"
    ]


def _cell(row: Row) -> tuple[str, str]:
    return row["estimator"], row["population"]


def _relative_error(mean: Row, empirical: Row) -> dict[str, float | None]:
    if not mean["value"] or not empirical["value"]:
        return {"value": None, "mc_standard_error": None}
    ratio = mean["value"] / empirical["value"]
    errors = [row["mc_standard_error"] / row["value"] for row in (mean, empirical)]
    return {"value": ratio - 1, "mc_standard_error": ratio * math.hypot(*errors)}
