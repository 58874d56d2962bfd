"""Results as text for a terminal; computes nothing."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from ipsrct import _parts
from ipsrct._accumulator import true_values
from ipsrct.characteristics import Characteristic, SimulationRun
from ipsrct.evidence import PublishedValue, Quantity
from ipsrct.scenario import Scenario
from ipsrct.sizing import Answer, SizingRun
from ipsrct.validation import CaseResult
from ipsrct.verification import Verification

_WIDTH = 118


def _render(*parts: Table | str) -> str:
    """Return text and tables as plain text without trailing blanks."""
    console = Console(file=io.StringIO(), width=_WIDTH, color_system=None, highlight=False, markup=False)
    for part in parts:
        console.print(part)
    text: str = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="")
    for i, column in enumerate(columns):
        table.add_column(column, justify="left" if i == 0 else "right", overflow="fold")
    return table


def _percent(value: float | None, digits: int = 1) -> str:
    if value is None or math.isnan(value):
        return "-"
    return f"{round(100 * value, digits) + 0.0:.{digits}f} %"  # adding 0.0 turns -0.0 into 0.0


def _with_error(row: Characteristic | None, digits: int = 1) -> str:
    if row is None:
        return "-"
    error = f" ({100 * row.mc_standard_error:.2g})" if row.mc_standard_error else " (exact)"
    return _percent(row.value, digits) + ("" if math.isnan(row.value) else error)


def _mean_risks(scenario: Scenario) -> tuple[float, float]:
    """Return the population's control risk and its treated risk."""
    cells = scenario.assumptions.cohort_model.cells()
    risks = cells.probability @ scenario.assumptions.outcome_model.risks(cells, scenario.treated)
    estimand = scenario.analysis.estimand
    arms = scenario.arm_names
    return float(risks[arms.index(estimand.control)]), float(risks[arms.index(estimand.treatment)])


def _effect_sentence(scenario: Scenario) -> str:
    control, treated = _mean_risks(scenario)
    sides = {1: "one-sided", 2: "two-sided"}[scenario.analysis.sides]
    risks, level = f"{_percent(control)} against {_percent(treated)}", scenario.analysis.significance_level
    return f"{100 * (treated - control):.1f} percentage points ({risks}, {sides} {100 * level:g} %)"


def _caveats(scenario: Scenario) -> Iterator[str]:
    """Yield what the reader must know about assumed values before using a number."""
    for path, quantity in quantities(scenario):
        if quantity.assumed and quantity.low is not None and quantity.high is not None:
            name = path.rsplit(".", 1)[-1].replace("_", " ")
            yield (
                f"The {name} of {quantity.value:g} is assumed, in a range of {quantity.low:g} to "
                f"{quantity.high:g}: {quantity.assumed}."
            )


def _coordinates(at: dict[str, Any]) -> str:
    return ", ".join(f"{path} = {value}" for path, value in at.items())


def simulation(run: SimulationRun) -> str:
    """Return the answer in a sentence, what it rests on, then a table for each estimator."""
    parts: list[Table | str] = []
    points = list({json.dumps(row.at): row.at for row in run.characteristics}.values())
    for i, at in enumerate(points):
        rows = [row for row in run.characteristics if row.at == at]
        scenario = run.scenario.with_changes(at) if at else run.scenario
        parts += [f"\nAt {_coordinates(at)}:"] if at else []
        parts += [_power_sentence(scenario, rows), *(_caveats(run.scenario) if i == 0 else ())]
        parts += _tables(scenario, rows)
    if run.provenance["not_available_by_this_route"]:
        parts.append("\nLeft out: " + "; ".join(run.provenance["not_available_by_this_route"]) + ".")
    made = run.provenance
    parts.append(
        f"\nRoute {made['route']}, seed {made['seed']}, ipsrct {made['versions']['ipsrct']}. "
        "In brackets: Monte Carlo standard errors in percentage points."
    )
    return _render(*parts)


def _power_sentence(scenario: Scenario, rows: list[Characteristic]) -> str:
    power = next((row for row in rows if row.measure == "power" and row.population == "all"), None)
    if power is None:
        return "Nothing was computed for the whole population."
    error = f" (Monte Carlo standard error {100 * power.mc_standard_error:.2g})"
    return (
        f"With {scenario.design.n_participants:,} participants ({_split(scenario)}) the power to detect "
        f"{_effect_sentence(scenario)} is {_percent(power.value)}"
        f"{error if power.mc_standard_error else ', computed exactly'}."
    )


def _tables(scenario: Scenario, rows: list[Characteristic]) -> Iterator[Table]:
    found = {(row.measure, row.estimator, row.population): row for row in rows}
    truth = true_values(scenario)
    for label in (estimator.label for estimator in scenario.analysis.estimator_list):
        n = next((row.n_replicates for row in rows if row.estimator == label), None)
        if n is None:
            continue
        simulated = f"{n:,} simulated trials" if n else "every possible trial"
        table = _table(f"\n{label}, {simulated}", "population", "effect", *_SHOWN.values(), "failed")
        for m, population in enumerate(scenario.populations.names):
            cells = [found.get((measure, label, population)) for measure in _SHOWN]
            if cells[0] is not None:
                values = [_with_error(cell, 2 if i == 2 else 1) for i, cell in enumerate(cells)]
                failed = _share_failed(found["not_estimated", label, population])
                name = _label(scenario, population)
                table.add_row(name, f"{100 * truth[m]:.1f} pp", *values, failed)
        yield table


def _share_failed(row: Characteristic) -> str:
    return "none" if abs(row.value) < 1e-12 else f"{100 * row.value:.2g} %"


def _label(scenario: Scenario, population: str) -> str:
    """Return a population's name in words."""
    populations = scenario.populations
    label = populations.labels[populations.names.index(population)]
    return label.replace("_", " ").replace(":", ": ").replace(":  ", ": ")


_SHOWN = {
    "power": "power",
    "type_i_error": "type I error",
    "bias": "bias",
    "coverage": "coverage",
    "interval_width": "interval width",
}


def _split(scenario: Scenario) -> str:
    weights, n = scenario.design.weights, scenario.design.n_participants
    if n % sum(weights):
        ratio = ":".join(map(str, weights))
        return f"{ratio} to " + ", ".join(scenario.arm_names)
    arms = zip(scenario.arm_names, weights, strict=True)
    return ", ".join(f"{n * weight // sum(weights):,} in {name}" for name, weight in arms)


def sizes(run: SizingRun) -> str:
    """Return the answer in a sentence for each target, what it rests on, then a table for each estimator."""
    parts: list[Table | str] = []
    for i, at in enumerate(list({json.dumps(a.at): a.at for a in run.answers}.values())):
        scenario = run.scenario.with_changes(at) if at else run.scenario
        answers = [answer for answer in run.answers if answer.at == at]
        parts += [f"\nAt {_coordinates(at)}:"] if at else []
        parts += [_size_sentence(scenario, answers, t) for t in sorted({a.target_power for a in answers})]
        parts += list(_caveats(run.scenario)) if i == 0 else []
        parts += _size_tables(scenario, answers)
        notes = {f"{_label(scenario, a.population)}: {a.note}" for a in answers if a.n_total is None}
        parts += ["\n" + "\n".join(sorted(notes))] if notes else []
    parts.append("\nIn brackets: 95 % Monte Carlo interval for n.")
    return _render(*parts)


def _size_tables(scenario: Scenario, answers: list[Answer]) -> Iterator[Table]:
    targets = sorted({a.target_power for a in answers})
    for label in (estimator.label for estimator in scenario.analysis.estimator_list):
        columns = [f"n for {target:.0%}" for target in targets]
        table = _table(f"\n{label}", "population", "method", *columns, "per arm")
        own = [a for a in answers if a.estimator == label and a.n_total is not None]
        for population, method in dict.fromkeys((a.population, a.method) for a in own):
            row = {a.target_power: a for a in own if (a.population, a.method) == (population, method)}
            cells = [_n_with_interval(row[t]) if t in row else "-" for t in targets]
            arms = [" + ".join(f"{n:,}" for n in row[t].n_per_arm.values()) for t in targets if t in row]
            table.add_row(_label(scenario, population), method, *cells, ", ".join(arms))
        yield table


def _n_with_interval(answer: Answer) -> str:
    interval = f" ({answer.n_low:,} to {answer.n_high:,})" if answer.mc_standard_error else ""
    return f"{answer.n_total:,}{interval}"


def _size_sentence(scenario: Scenario, answers: list[Answer], target: float) -> str:
    """Return the answer for the whole population by the first estimator."""
    overall = [a for a in answers if a.population == "all" and a.target_power == target]
    best = next((a for a in overall if a.n_total and a.method != "formula"), None)
    if best is None:
        return f"No sample size gives {target:.0%} power to detect {_effect_sentence(scenario)}."
    arms = ", ".join(f"{n:,} in {name}" for name, n in best.n_per_arm.items())
    formula = next((a for a in overall if a.method == "formula" and a.n_total), None)
    usual = ""
    if formula:
        usual = " The usual normal-approximation formula gives " + " + ".join(
            f"{n:,}" for n in formula.n_per_arm.values()
        )
        usual += "."
    return (
        f"{best.n_total:,} participants ({arms}) give {target:.0%} power to detect "
        f"{_effect_sentence(scenario)}.{usual}"
    )


def verified(result: Verification) -> str:
    """Return the verdict, then the numbers by route."""
    columns = ("measure", "estimator", "population", "route", "value", "route", "value", "difference")
    table = _table("\nThe twenty largest differences, in Monte Carlo standard errors", *columns)
    for c in sorted(result.comparisons, key=lambda c: -abs(c.difference_in_mcse))[:20]:
        table.add_row(
            c.measure,
            c.estimator,
            c.population,
            c.first_route,
            f"{c.first:.5f}",
            c.second_route,
            f"{c.second:.5f}",
            f"{c.difference_in_mcse:+.1f}",
        )
    left_out = [f"Route {route} was not run: {why}." for route, why in result.not_valid.items()]
    return _render(result.sentence(), *left_out, *([table] if result.comparisons else []))


def quantities(scenario: Scenario) -> Iterator[tuple[str, Quantity]]:
    """Yield every number that nature decides, with its path."""
    yield from _quantities(scenario.assumptions, "assumptions")


def _quantities(node: Any, path: str) -> Iterator[tuple[str, Quantity]]:
    if isinstance(node, Quantity):
        yield path, node
    elif isinstance(node, BaseModel):
        for key in type(node).model_fields:
            yield from _quantities(getattr(node, key), f"{path}.{key}")
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _quantities(value, f"{path}.{key}")
    elif isinstance(node, tuple):
        for i, value in enumerate(node):
            yield from _quantities(value, f"{path}.{i}")


def assumptions(scenario: Scenario) -> str:
    """Return that the scenario is valid, and its assumptions with sources."""
    table = _table("", "assumption", "value", "low", "high", "source")
    table.columns[-1].justify = "left"
    bare = 0
    for path, quantity in quantities(scenario):
        bare += not quantity.is_justified
        numbers = ["-" if x is None else f"{x:g}" for x in (quantity.value, quantity.low, quantity.high)]
        table.add_row(path.removeprefix("assumptions."), *numbers, quantity.origin())
    warning = f" {bare} of its numbers have neither source nor reason." if bare else ""
    return _render(f"{scenario.name} is valid.{warning}", table)


def assumptions_json(scenario: Scenario) -> str:
    """Return the assumptions as JSON."""
    found = {path: q.model_dump() | {"origin": q.origin()} for path, q in quantities(scenario)}
    document = {"scenario": scenario.name, "valid": True, "assumptions": found}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _kinds() -> Iterator[tuple[str, str, str, list[str]]]:
    for family in _parts.FAMILIES:
        for kind, part in _parts.kinds(family).items():
            summary = (part.__doc__ or "").strip().splitlines()[0]
            yield family, kind, summary, [key for key in part.model_fields if key != "kind"]


def kinds_text() -> str:
    """Return the kinds of parts, by family."""
    table = _table("", "family", "kind", "what it is", "keys")
    for column in table.columns:
        column.justify = "left"
    for family, kind, summary, keys in _kinds():
        table.add_row(family, kind, summary, ", ".join(keys))
    return _render(table)


def kinds_json() -> str:
    """Return the kinds of parts as JSON."""
    names = ("family", "kind", "summary", "keys")
    rows = [dict(zip(names, row, strict=True)) for row in _kinds()]
    return json.dumps({"kinds": rows}, indent=2, ensure_ascii=False)


def evidence_text(found: Sequence[PublishedValue]) -> str:
    """Return published numbers as a table; one alone in full."""
    if len(found) == 1:
        fields = {key: value for key, value in asdict(found[0]).items() if value not in (None, "", ())}
        fields["source"] = str(found[0].source)
        return "\n".join(f"{key}: {value}" for key, value in fields.items())
    table = _table("", "id", "value", "range", "unit", "title", "source")
    for column in table.columns:
        column.justify = "left"
    for v in found:
        interval = f"{v.low:g} to {v.high:g}" if v.low is not None and v.high is not None else ""
        table.add_row(v.id, "" if v.value is None else str(v.value), interval, v.unit, v.title, str(v.source))
    return _render(table)


def evidence_json(found: Sequence[PublishedValue]) -> str:
    """Return published numbers as JSON."""
    return json.dumps({"evidence": [v.to_dict() for v in found]}, indent=2, ensure_ascii=False)


def validation(results: Sequence[CaseResult]) -> str:
    """Return the counts by source and kind, and every failure."""
    table = _table("", "kind", "source", "pass", "fail", "unsupported")
    table.columns[1].justify = "left"
    for kind, source in dict.fromkeys((r.kind, r.source) for r in results):
        status = [r.status for r in results if (r.kind, r.source) == (kind, source)]
        counts = [str(status.count(name) or "-") for name in ("pass", "fail", "unsupported")]
        table.add_row(kind, source, *counts)
    total = {name: sum(r.status == name for r in results) for name in ("pass", "fail", "unsupported")}
    failures = [
        f"FAIL {r.id} ({r.kind}): expected {r.expected}, got {r.got} {r.message}"
        for r in results
        if r.status == "fail"
    ]
    sentence = ", ".join(f"{count} {name}" for name, count in total.items())
    return _render(f"{len(results)} reference cases: {sentence}.", table, *failures)


def validation_json(results: Sequence[CaseResult]) -> str:
    """Return the results as JSON."""
    return json.dumps({"cases": [asdict(r) for r in results]}, indent=2, ensure_ascii=False, default=float)
