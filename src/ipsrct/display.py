"""Results as text for a terminal; computes nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from rich.table import Table

from ipsrct._accumulator import observed_values, true_risks, true_values
from ipsrct._text import quantities, render, text_table
from ipsrct.characteristics import Characteristic, SimulationRun
from ipsrct.scenario import Scenario
from ipsrct.trial import FloatArray
from ipsrct.verification import Verification


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share in per cent; a dash where there is none."""
    if value is None or math.isnan(value):
        return "-"
    return f"{100 * value:.{digits}f} %"


def _with_error(row: Characteristic | None, digits: int = 1, scale: float = 100) -> str:
    """Return a value, in per cent or percentage points by default, with its Monte Carlo standard error."""
    if row is None or math.isnan(row.value):
        return "-"
    value = round(scale * row.value, digits) + 0.0  # adding 0.0 turns -0.0 into 0.0
    known = row.mc_standard_error > 0  # not a number after a single replicate
    error = f" ({scale * row.mc_standard_error:.2g})" if known else ""
    return f"{value:.{digits}f}{error}"


def _means(scenario: Scenario, risks: FloatArray) -> tuple[float, float]:
    """Return the population's mean in the control arm and in the treated arm, from those by cell and arm."""
    mean = scenario.assumptions.cohort_model.cells().probability @ risks
    estimand, arms = scenario.analysis.estimand, scenario.arm_names
    return float(mean[arms.index(estimand.control)]), float(mean[arms.index(estimand.treatment)])


def is_share(scenario: Scenario) -> bool:
    """Return whether the outcome is yes or no."""
    return scenario.assumptions.outcome_model.unit == "proportion"


def effect_sentence(scenario: Scenario) -> str:
    """Return the assumed effect, both levels and the test in words."""
    control, treated = _means(scenario, true_risks(scenario))
    sides = {1: "one-sided", 2: "two-sided"}[scenario.analysis.sides]
    level = f"{sides} {100 * scenario.analysis.significance_level:g} %"
    if is_share(scenario):
        risks = f"{percent(control)} against {percent(treated)}"
        return f"{round(100 * (treated - control), 1) + 0.0:.1f} percentage points ({risks}, {level})"
    unit = scenario.assumptions.outcome_model.unit
    return f"{treated - control:.2f} {unit} ({control:.2f} against {treated:.2f}, {level})"


def _shown_sentence(scenario: Scenario) -> Iterator[str]:
    """Yield what the data show of the effect, where they are in error."""
    if np.array_equal(observed_values(scenario), true_values(scenario)):
        return
    cells, outcome = scenario.assumptions.cohort_model.cells(), scenario.assumptions.outcome_model
    control, treated = _means(scenario, outcome.risks(cells, scenario.treated))
    if is_share(scenario):
        shown = f"{100 * (treated - control):.1f} percentage points ({percent(control)} against "
        yield f"The data show {shown}{percent(treated)}), because they are in error."
    else:
        shown = f"{treated - control:.2f} {outcome.unit} ({control:.2f} against {treated:.2f})"
        yield f"The data show {shown}, because they are in error."


def basis(scenario: Scenario) -> list[str]:
    """Return which scenario it is, and what the reader must know about it."""
    title = f"Scenario {scenario.name}: {scenario.title}."
    return [title, *_shown_sentence(scenario), *_caveats(scenario)]


def _caveats(scenario: Scenario) -> Iterator[str]:
    """Yield what the reader must know about assumed values before using a number."""
    yield from scenario.caveats
    for path, quantity in quantities(scenario):
        if quantity.assumed:
            *_, key = (part for part in path.split(".") if not part.isdigit())
            name = key.replace("_", " ")
            known = quantity.low is not None and quantity.high is not None
            interval = f", in a range of {quantity.low:g} to {quantity.high:g}" if known else ""
            yield f"The {name} of {quantity.value:g} is assumed{interval}: {quantity.assumed}."


def coordinates(at: dict[str, Any]) -> str:
    """Return a point of a grid in words."""
    return ", ".join(f"{path} = {_value(value)}" for path, value in at.items())


def _value(value: Any) -> str:
    if not isinstance(value, dict):
        return str(value)
    return "{" + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + "}"


def simulation(run: SimulationRun) -> str:
    """Return the answer in a sentence, what it rests on, then a table for each estimator."""
    parts: list[Table | str] = [] if run.characteristics else ["No simulated trial was finished."]
    points = list({json.dumps(row.at): row.at for row in run.characteristics}.values())
    for i, at in enumerate(points):
        rows = [row for row in run.characteristics if row.at == at]
        scenario = run.scenario.with_changes(at) if at else run.scenario
        parts += [f"\nAt {coordinates(at)}:"] if at else []
        parts += [_power_sentence(scenario, rows)]
        parts += basis(scenario) if not i else []
        parts += [*_tables(scenario, rows), *_comparisons(rows)]
        if (abs(true_values(scenario)) < 1e-12).any():
            parts.append("\nWhere the effect is 0, no difference is assumed: its power is the type I error.")
    if run.provenance["not_available_by_this_route"]:
        parts.append("\nLeft out: " + "; ".join(run.provenance["not_available_by_this_route"]) + ".")
    made = run.provenance
    if run.interrupted:
        left = "; ".join(coordinates(at) for at in made["points_not_finished"] if at)
        parts.append(f"\nSTOPPED before the end{': not finished at ' + left if left else ''}.")
    parts.append(
        f"\nRoute {made['route']}, seed {made['seed']}, ipsrct {made['versions']['ipsrct']}. "
        f"Intervals of {1 - 2 * run.scenario.analysis.tail:.0%}; in brackets: Monte Carlo standard errors."
    )
    return render(*parts)


def _power_sentence(scenario: Scenario, rows: list[Characteristic]) -> str:
    power = next((row for row in rows if row.measure == "power" and row.population == "all"), None)
    if power is None:
        return "Nothing was computed for the whole population."
    if math.isnan(power.value):
        return "No trial could be analysed in the whole population."
    error = f" (Monte Carlo standard error {100 * power.mc_standard_error:.2g} points)"
    return (
        f"With {scenario.design.n_participants:,} participants ({_split(scenario)}) the power to detect "
        f"{effect_sentence(scenario)} is {percent(power.value)}"
        f"{error if power.mc_standard_error else ', computed exactly'}."
    )


def _tables(scenario: Scenario, rows: list[Characteristic]) -> Iterator[Table]:
    found = {(row.measure, row.estimator, row.population): row for row in rows}
    truth = true_values(scenario)
    unit, scale = ("pp", 100.0) if is_share(scenario) else (scenario.assumptions.outcome_model.unit, 1.0)
    for label in (estimator.label for estimator in scenario.analysis.estimator_list):
        n = next((row.n_replicates for row in rows if row.estimator == label), None)
        if n is None:
            continue
        simulated = f"{n:,} simulated trial{'s' * (n > 1)}" if n else "every possible trial"
        columns = [f"{name}, {unit if unit_free else '%'}" for name, unit_free in _SHOWN.values()]
        table = text_table(f"\n{label}, {simulated}", "population", f"effect, {unit}", *columns, "failed")
        for m, population in enumerate(scenario.populations.names):
            cells = [found.get((measure, label, population)) for measure in _SHOWN]
            if cells[0] is not None:
                scales = [scale if unit_free else 100 for _, unit_free in _SHOWN.values()]
                digits = (1, 1, 2, 1, 1) if scale == 100 else (1, 1, 3, 1, 2)
                values = [_with_error(*row) for row in zip(cells, digits, scales, strict=True)]
                failed = _share_failed(found["not_estimated", label, population])
                effect = f"{round(scale * truth[m], 2) + 0.0:.{1 if scale == 100 else 2}f}"
                table.add_row(population_label(scenario, population), effect, *values, failed)
        yield table


def _comparisons(rows: list[Characteristic]) -> Iterator[str]:
    """Yield the power of each further estimator less that of the first, on the same trials."""
    for row in rows:
        if row.measure == "power_difference" and row.population == "all":
            yield f"\nPower on the same trials, {row.estimator}: {_with_error(row, 2)} pp."


def _share_failed(row: Characteristic) -> str:
    return "none" if abs(row.value) < 1e-12 else f"{100 * row.value:.3g} %"


def population_label(scenario: Scenario, population: str) -> str:
    """Return a population's name in words."""
    populations = scenario.populations
    if population.startswith("joint:"):
        members = population.removeprefix("joint:").split("+")
        return "jointly " + " and ".join(population_label(scenario, member) for member in members)
    label = populations.labels[populations.names.index(population)]
    return label.replace("_", " ").replace(":", ": ").replace(":  ", ": ")


# Heading of each measure, and whether it is in the outcome's unit rather than a percentage.
_SHOWN = {
    "power": ("power", False),
    "type_i_error": ("type I", False),
    "bias": ("bias", True),
    "coverage": ("coverage", False),
    "interval_width": ("width", True),
}


def _split(scenario: Scenario) -> str:
    weights, n = scenario.design.weights, scenario.design.n_participants
    if n % sum(weights):
        ratio = ":".join(map(str, weights))
        return f"planned {ratio} to " + ", ".join(scenario.arm_names)
    arms = zip(scenario.arm_names, weights, strict=True)
    return "planned " + ", ".join(f"{n * weight // sum(weights):,} in {name}" for name, weight in arms)


def verified(result: Verification) -> str:
    """Return the verdict, then the power of everybody by route, then the largest differences."""
    left_out = [f"Route {route} was not run: {why}." for route, why in result.not_valid.items()]
    parts: list[Table | str] = [result.sentence(), *left_out]
    overall = [c for c in result.comparisons if (c.measure, c.population) == ("power", "all")]
    largest = sorted(result.comparisons, key=lambda c: -abs(c.difference_in_mcse))[:12]
    for title, chosen in (("Power of everybody", overall), ("The largest differences", largest)):
        if chosen:
            columns = ("measure", "population", "routes", "first", "second", "difference, MCSE", "estimator")
            table = text_table(f"\n{title}", *columns)
            for c in chosen:
                measure, population = (
                    c.measure.replace("_", " "),
                    population_label(result.scenario, c.population),
                )
                numbers = (f"{c.first:.5f}", f"{c.second:.5f}", f"{c.difference_in_mcse:+.1f}")
                routes = f"{c.first_route}, {c.second_route}"
                table.add_row(measure, population, routes, *numbers, _short(c.estimator))
            parts.append(table)
    return render(*parts)


def _short(estimator: str) -> str:
    """Return an estimator's name shortened for a narrow column."""
    return estimator.replace("difference_in_proportions", "difference").replace(
        "linear_probability", "linear"
    )
