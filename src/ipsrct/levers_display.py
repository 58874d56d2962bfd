"""Levers and cost as text for a terminal; computes nothing."""

from __future__ import annotations

from ipsrct._frontier import Design, Frontier
from ipsrct._levers import LeverResult, LeversRun
from ipsrct._text import quantities_in, render, text_table
from ipsrct.display import effect_sentence
from ipsrct.recruitment_display import source_of
from ipsrct.scenario import Scenario


def levers(run: LeversRun) -> str:
    """Return what each choice saves, most participants first."""
    first = run.rows[0]
    currency = run.scenario.cost.currency if run.scenario.cost else ""
    title = f"\nAt {run.target_power:.0%} power; saved against the scenario as it is"
    money = (f"million {currency}", "saved") if currency else ()
    table = text_table(
        title, "lever", "control", "effect", "n", "saved", "months", "saved", *money, "ranks"
    )  # fmt: skip
    for row in run.rows:
        table.add_row(*_cells(row, bool(money)))
    return render(
        f"{_size(first)} participants give {run.target_power:.0%} power to detect "
        f"{effect_sentence(run.scenario)}. {_best(run)}",
        table,
        *(f"{row.lever}: {row.note}." for row in run.rows if row.note),
        *(f"Not possible here, {name}: {reason}." for name, reason in run.refused),
        "\n* Another endpoint is another estimand: it answers another question. Its effect is not "
        "assumed but "
        "follows from the effect assumed at month 12 through the register's chain; m is months.",
        "Saved participants: ± half a 95 % Monte Carlo interval, rather too wide. Months run until "
        "the register "
        "is complete; in brackets: Monte Carlo standard errors, at the sizes shown. Ranks: "
        "participants/months" + ("/money. Every cost is assumed." if currency else "."),
    )


def _best(run: LeversRun) -> str:
    same = (row for row in run.rows[1:] if row.same_estimand and (row.saved_participants or 0) > 0)
    best = next(same, None)
    if best is None:
        return "Nothing that leaves the estimand as it is saves participants."
    return f"Of what leaves the estimand as it is, {best.lever} saves most: {_saving(best)}."


def _size(row: LeverResult) -> str:
    if row.n_total is None:
        return "No number of"
    return f"{row.n_total:,} (95 % Monte Carlo interval {row.n_low:,} to {row.n_high:,})"


def _cells(row: LeverResult, with_money: bool) -> list[str]:
    share = row.unit == "proportion"
    cells = [
        row.lever + ("" if row.same_estimand else " *"),
        f"{100 * row.control:.1f} %" if share else f"{row.control:.2f} m",
        f"{100 * row.effect:.1f} pp" if share else f"{row.effect:.2f} m",
        "-" if row.n_total is None else f"{row.n_total:,}",
        _saving(row),
        "-" if row.months is None else f"{row.months:.1f}",
        _saved(row.saved_months, row.saved_months_mc_standard_error),
    ]
    if with_money:
        saved = None if row.saved_cost is None else row.saved_cost / 1e6
        cells += ["-" if row.cost is None else f"{row.cost / 1e6:.1f}", _saved(saved, None)]
    ranks = (row.rank_participants, row.rank_months, *((row.rank_cost,) if with_money else ()))
    return [*cells, "/".join("-" if rank is None else str(rank) for rank in ranks)]


def _saved(value: float | None, error: float | None) -> str:
    if value is None:
        return "-"
    return f"{round(value, 1) + 0.0:+.1f}" + (f" ({error:.2f})" if error else "")


def _saving(row: LeverResult) -> str:
    low, high = row.saved_participants_low, row.saved_participants_high
    if row.saved_participants is None or low is None or high is None:
        return "-"
    return f"{row.saved_participants:+,} ±{(high - low) / 2:.0f}"


def frontier(run: Frontier) -> str:
    """Return the cheapest design at the target power, then the designs that no other beats."""
    cheapest = run.cheapest()
    currency = run.scenario.cost.currency if run.scenario.cost else ""
    table = text_table(
        "\nDesigns that no other beats in power, cost and months", "power", "allocation", "services", "n",
        f"million {currency}", "months", "estimator",
    )  # fmt: skip
    for design in (d for d in run.designs if d.is_efficient):
        table.add_row(*_design_cells(design))
    target = f"{run.target_power:.0%} power"
    left_out = (
        f" {len(run.left_out)} more are left out, because no size has the power or some simulated "
        f"recruitments "
        "never reach it: --json lists them."
        if run.left_out
        else ""
    )
    return render(
        _cheapest(run.scenario, cheapest, target) if cheapest else f"No design reaches {target}.",
        f"Every cost is assumed; no source publishes any: {_costs(run.scenario)}.",
        table,
        f"\n{len(run.designs)} designs were compared: powers, allocations, estimators and numbers of "
        f"services.{left_out}",
        "In brackets: 95 % Monte Carlo intervals for n, Monte Carlo standard errors for months, "
        "which run until "
        "the register is complete.",
    )


def _costs(scenario: Scenario) -> str:
    return ", ".join(
        f"{q.value:,.0f} {path.split('.')[-1].replace('_', ' ')} ({source_of(q)})"
        for path, q in quantities_in(scenario.cost, "cost")
    )


def _cheapest(scenario: Scenario, d: Design, target: str) -> str:
    assert scenario.cost is not None  # a frontier needs it
    return (
        f"The cheapest design with {target} costs {d.cost / 1e6:.1f} million {scenario.cost.currency} and "
        f"takes {d.months:.1f} months (Monte Carlo standard error {d.months_mc_standard_error:.1g}): "
        f"{d.n_total:,} participants, {d.allocation}, {d.services} services, analysed by {d.estimator}."
    )


def _design_cells(d: Design) -> list[str]:
    n = f"{d.n_total:,} ({d.n_low:,} to {d.n_high:,})"
    months = f"{d.months:.1f} ({d.months_mc_standard_error:.1g})"
    return [f"{d.power:.0%}", d.allocation, str(d.services), n, f"{d.cost / 1e6:.1f}", months, d.estimator]
