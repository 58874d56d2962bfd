"""What the planned trial would show: the assumed effects with the intervals to expect around them."""

from __future__ import annotations

import math
from typing import Any

from ipsrct._accumulator import true_values
from ipsrct.scenario import Scenario

Row = dict[str, Any]


def expected_intervals(scenario: Scenario, characteristics: list[Row]) -> list[Row]:
    """Return the assumed effect and the mean limits of its confidence interval, by estimator and population.

    The interval's middle is the mean estimate, which the bias sets apart from the effect; its width is the
    mean width. ``mc_standard_error`` is each limit's, as if middle and width were independent. Limits are
    None where no trial gave an estimate.

    Parameters
    ----------
    scenario : Scenario
    characteristics : list of dict
        Rows of :meth:`ipsrct.characteristics.SimulationRun.to_json`.
    """
    effects = dict(zip(scenario.populations.names, true_values(scenario).tolist(), strict=True))
    biases = {_cell(row): row for row in characteristics if row["measure"] == "bias"}
    return [
        {"estimator": row["estimator"], "population": row["population"]}
        | _interval(effects[row["population"]], biases[_cell(row)], row)
        for row in characteristics
        if row["measure"] == "interval_width"
    ]


def _cell(row: Row) -> tuple[str, str]:
    return row["estimator"], row["population"]


def _interval(effect: float, bias: Row, width: Row) -> dict[str, float | None]:
    if bias["value"] is None or width["value"] is None:
        return {"effect": effect, "low": None, "high": None, "mc_standard_error": None}
    middle, half = effect + bias["value"], width["value"] / 2
    errors = (bias["mc_standard_error"], width["mc_standard_error"])
    error = None if None in errors else math.hypot(errors[0], errors[1] / 2)
    return {"effect": effect, "low": middle - half, "high": middle + half, "mc_standard_error": error}
