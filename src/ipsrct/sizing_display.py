"""Sample sizes, detectable effects, curves, sensitivity and assurance as text; computes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.table import Table

from ipsrct._assurance import AssuranceRun
from ipsrct._search import Answer
from ipsrct._sensitivity import SensitivityRow, SensitivityRun
from ipsrct._text import render, text_table
from ipsrct.curves import Curve
from ipsrct.detectable import DetectableEffect, DetectableRun
from ipsrct.display import basis, coordinates, effect_sentence, is_share, percent, population_label
from ipsrct.scenario import Scenario
from ipsrct.sizing import SizingRun


def sizes(run: SizingRun) -> str:
    """Return the answer in a sentence for each target, what it rests on, then a table for each estimator."""
    parts: list[Table | str] = []
    for i, at in enumerate(list({json.dumps(a.at): a.at for a in run.answers}.values())):
        scenario = run.scenario.with_changes(at) if at else run.scenario
        answers = [answer for answer in run.answers if answer.at == at]
        parts += [f"\nAt {coordinates(at)}:"] if at else []
        parts += [_size_sentence(scenario, answers, t) for t in sorted({a.target_power for a in answers})]
        parts += _binding_sentence(run, scenario) if not run.scenario.grid else []
        parts += basis(scenario) if not i else []
        parts += _size_tables(scenario, answers)
        notes = {
            f"{population_label(scenario, a.population)}: {a.note}" for a in answers if a.n_total is None
        }
        parts += ["\n" + "\n".join(sorted(notes))] if notes else []
    if any(a.mc_standard_error for a in run.answers):
        parts.append("\nIn brackets: 95 % Monte Carlo interval for n.")
    unit = sum(run.scenario.design.weights)
    parts.append(f"Sizes move in steps of {unit}, so that the allocation is whole.")
    return render(*parts)


def _binding_sentence(run: SizingRun, scenario: Scenario) -> Iterator[str]:
    """Yield which population needs most by the first estimator."""
    label = scenario.analysis.estimator_list[0].label
    binding = [answer for (e, _), answer in run.binding().items() if e == label]
    if len({a.population for a in run.answers}) > 1 and binding:
        population = population_label(scenario, binding[0].population)
        sizes = ", ".join(
            f"{a.n_total:,} for {a.target_power:.0%}" if a.n_total else f"no size for {a.target_power:.0%}"
            for a in binding
        )
        yield f"Of all populations below, {population} needs most: {sizes}."


def _size_tables(scenario: Scenario, answers: list[Answer]) -> Iterator[Table]:
    targets = sorted({a.target_power for a in answers})
    for label in (estimator.label for estimator in scenario.analysis.estimator_list):
        columns = [f"n for {target:.0%}" for target in targets]
        table = text_table(f"\n{label}", "population", "method", *columns, "per arm")
        own = [a for a in answers if a.estimator == label and a.n_total is not None]
        for population, method in dict.fromkeys((a.population, a.method) for a in own):
            row = {a.target_power: a for a in own if (a.population, a.method) == (population, method)}
            cells = [_n_with_interval(row[t]) if t in row else "-" for t in targets]
            arms = [" + ".join(f"{n:,}" for n in row[t].n_per_arm.values()) for t in targets if t in row]
            table.add_row(population_label(scenario, population), method, *cells, ", ".join(arms))
        yield table


def _n_with_interval(answer: Answer) -> str:
    interval = f" ({answer.n_low:,} to {answer.n_high:,})" if answer.mc_standard_error else ""
    return f"{answer.n_total:,}{interval}"


def _size_sentence(scenario: Scenario, answers: list[Answer], target: float) -> str:
    """Return the answer for the whole population by the first estimator."""
    overall = [a for a in answers if a.population == "all" and a.target_power == target]
    best = next((a for a in overall if a.n_total and a.method != "formula"), None)
    formula = next((a for a in overall if a.method == "formula" and a.n_total), None)
    usual = " + ".join(f"{n:,}" for n in formula.n_per_arm.values()) if formula else ""
    if best is None:
        reason = next((a.note for a in overall if not a.n_total), "")
        formula_says = f" The normal-approximation formula gives {usual}." if usual else ""
        aim = f"{target:.0%} power to detect {effect_sentence(scenario)}"
        return f"No feasible sample size gives {aim}: {reason}.{formula_says}".replace("..", ".")
    arms = ", ".join(f"{n:,} in {name}" for name, n in best.n_per_arm.items())
    simulated = f"; 95 % Monte Carlo interval {best.n_low:,} to {best.n_high:,}"
    interval = simulated if best.mc_standard_error else ""
    return (
        f"{best.n_total:,} participants ({arms}{interval}) give {target:.0%} power "
        f"({percent(best.power)}) to detect {effect_sentence(scenario)}."
        + (f" The usual normal-approximation formula gives {usual}." if usual else "")
    )


def detectable(run: DetectableRun) -> str:
    """Return the answer in a sentence for each target, then a table for each estimator."""
    parts: list[Table | str] = []
    for i, at in enumerate(list({json.dumps(e.at): e.at for e in run.effects}.values())):
        scenario = run.scenario.with_changes(at) if at else run.scenario
        effects = [e for e in run.effects if e.at == at]
        unit, scale = _unit(scenario)
        parts += [f"\nAt {coordinates(at)}:"] if at else []
        for target in dict.fromkeys(e.target_power for e in effects):
            best = next(e for e in effects if e.population == "all" and e.target_power == target)
            parts.append(
                f"With {best.n_total:,} participants the smallest effect that has {target:.0%} power is "
                f"{_effect(best, scale)} {unit}; {scale * best.assumed_effect:.1f} is assumed."
            )
        parts += basis(scenario) if not i else []
        targets = list(dict.fromkeys(e.target_power for e in effects))
        for label in dict.fromkeys(e.estimator for e in effects):
            columns = [f"detectable at {target:.0%}, {unit}" for target in targets]
            table = text_table(f"\n{label}", "population", f"assumed, {unit}", *columns)
            for population in scenario.populations.names:
                own = [e for e in effects if (e.estimator, e.population) == (label, population)]
                assumed = f"{scale * own[0].assumed_effect:.1f}"
                table.add_row(
                    population_label(scenario, population), assumed, *(_effect(e, scale) for e in own)
                )
            parts.append(table)
        parts += sorted({f"{e.population}: {e.note}." for e in effects if e.note})
    parts.append(
        "\nIn brackets: 95 % Monte Carlo intervals. Subgroups have the errors of the assumed effect."
    )
    return render(*parts)


def _unit(scenario: Scenario) -> tuple[str, float]:
    return ("pp", 100.0) if is_share(scenario) else (scenario.assumptions.outcome_model.unit, 1.0)


def _effect(e: DetectableEffect, scale: float) -> str:
    if e.effect is None or e.low is None or e.high is None:
        return "-"
    return f"{scale * e.effect:.2f} ({scale * e.low:.2f} to {scale * e.high:.2f})"


def curve(run: Curve) -> str:
    """Return a table of power for each estimator: a row for each point, a column for each population."""
    scenario = run.scenario.with_changes(run.points[0].at)
    names = scenario.populations.names
    parts: list[Table | str] = [*basis(scenario)]
    for label in dict.fromkeys(p.estimator for p in run.points):
        columns = [population_label(scenario, name) for name in names[: len(scenario.populations.member)]]
        table = text_table(f"\n{label}: power, %", "at", *columns)
        own = [p for p in run.points if p.estimator == label]
        for at in list({json.dumps(p.at): p.at for p in own}.values()):
            cells = {p.population: p for p in own if p.at == at}
            shown = [cells[name] for name in names[: len(columns)]]
            values = [f"{100 * p.power:.1f} ({100 * p.mc_standard_error:.2g})" for p in shown]
            table.add_row(coordinates(at), *values)
        parts.append(table)
    paired = [p.difference_mc_standard_error for p in run.points if p.difference_mc_standard_error]
    unpaired = [p.unpaired_mc_standard_error for p in run.points if p.unpaired_mc_standard_error]
    if paired:
        ratio = sum(unpaired) / sum(paired)
        parts.append(
            f"\nNeighbouring points share random numbers: differences along a line are {ratio:.1f} times "
            "as sharp as between independent runs (JSON has each with its error)."
        )
    parts.append("In brackets: Monte Carlo standard errors, in percentage points.")
    return render(*parts)


def sensitivity(run: SensitivityRun) -> str:
    """Return which assumption matters most, then power and size at the ends of every range."""
    first = run.rows[0]
    assumed = (
        f"As assumed: power {percent(first.power)} with {run.scenario.design.n_participants:,} participants; "
        f"{_size(first)} needed."
    )
    return render(*_most_important(run), assumed, *basis(run.scenario), *_sensitivity_tables(run))


def tornado(run: SensitivityRun) -> str:
    """Return the same without the scenario's words, to stand below a size."""
    return render(*_most_important(run), *_sensitivity_tables(run))


def _most_important(run: SensitivityRun) -> Iterator[str]:
    most = run.most_important()
    if most:
        ends = {row.end: row for row in run.rows if row.assumption == most}
        low, high = ends["low"], ends["high"]
        yield (
            f"The {_short(most)} matters most: over its range, {low.value:g} to {high.value:g}, power with "
            f"{run.scenario.design.n_participants:,} participants goes from {percent(low.power)} to "
            f"{percent(high.power)}, and n for {run.target_power:.0%} from {_size(low)} to {_size(high)}."
        )


def _sensitivity_tables(run: SensitivityRun) -> Iterator[Table | str]:
    table = text_table(
        "\nOne at a time", "assumption", "end", "value", "power", f"n for {run.target_power:.0%}"
    )
    joint = text_table("\nJointly", "ends", "power", f"n for {run.target_power:.0%}")
    for row in run.rows:
        if row.assumption == "joint":
            joint.add_row(row.end, _power(row), _size(row))
        elif row.end != "value":
            table.add_row(_short(row.assumption), row.end, f"{row.value:g}", _power(row), _size(row))
    yield table
    varied = dict.fromkeys(_short(r.assumption) for r in run.rows if r.end in ("low", "high"))
    if any(row.assumption == "joint" for row in run.rows):
        yield joint
        yield f"Ends in the order: {', '.join(varied)}."
    yield from sorted({f"{_short(row.assumption)}, {row.end}: {row.note}" for row in run.rows if row.note})


def _short(path: str) -> str:
    return path.removeprefix("assumptions.").replace("outcome.", "").replace("_", " ")


def _power(row: SensitivityRow) -> str:
    if row.power is None:
        return "-"
    error = f" ({100 * row.mc_standard_error:.2g})" if row.mc_standard_error else ""
    return f"{100 * row.power:.1f}{error} %"


def _size(row: SensitivityRow) -> str:
    if row.n_total is None:
        return "no size"
    interval = f" ({row.n_low:,} to {row.n_high:,})" if row.n_low != row.n_high else ""
    return f"{row.n_total:,}{interval}"


def assurance(run: AssuranceRun) -> str:
    """Return the probability of success, its ceiling, the sizes for given assurances, and the prior."""
    error = f"Monte Carlo standard error {100 * run.mc_standard_error:.2g} points"
    parts: list[Table | str] = [
        f"With {run.n_total:,} participants the trial succeeds with a probability of "
        f"{percent(run.assurance)} ({error}), averaged over the prior; "
        f"no size exceeds {percent(run.ceiling)}.",
        f"Success is a significant result in favour of {run.scenario.analysis.estimand.treatment} "
        f"by {run.estimator}.",
        *basis(run.scenario),
    ]
    sizes = text_table("\nSizes", "assurance", "n")
    for answer in run.answers:
        sizes.add_row(
            f"{answer.target:.0%}",
            f"{answer.n_total:,} ({answer.n_low:,} to {answer.n_high:,})" if answer.n_total else answer.note,
        )
    prior = text_table("\nPrior", "component", "weight", "effect, pp", "control level, %", "origin")
    prior.columns[-1].justify = "left"
    total = sum(c.weight for c in run.scenario.prior)
    for c in run.scenario.prior:
        prior.add_row(
            c.name.replace("_", " "),
            f"{c.weight / total:.0%}",
            f"{100 * c.effect.value:.1f} (SD {100 * c.effect_standard_deviation:.1f})",
            f"{100 * c.control_level.value:.1f} (SD {100 * c.control_standard_deviation:.1f})",
            c.effect.origin(),
        )
    parts += [sizes, prior]
    parts.append(
        f"\nThe prior's mean effect is {100 * run.prior_mean:.1f} pp "
        f"(SD {100 * run.prior_standard_deviation:.1f}). Weights are assumed."
    )
    if run.left_out > 1e-6:
        parts.append(f"{percent(run.left_out, 3)} of the prior had risks outside 0 to 1 and was left out.")
    return render(*parts)
