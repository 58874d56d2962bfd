"""``ipsrct recruit``, ``levers`` and ``cost``: how long a trial takes, its cost, and what changes them."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from ipsrct._decimal import Decimal
from ipsrct._files import FIGURES, check_target, draw_file
from ipsrct._message import Message
from ipsrct._options import (
    check_powers,
    figure_option,
    force_option,
    jobs_option,
    json_option,
    power_option,
    progress,
    read,
    scenario_argument,
    seed_option,
    set_option,
)


@click.command()
@scenario_argument
@set_option
@click.option("--consent", type=Decimal(0, 1, min_open=True), help="Share who consent, e.g. 0.5.")
@click.option(
    "--fewer-than",
    "few",
    type=click.IntRange(min=1),
    default=10,
    show_default=True,
    help="Count the services that give fewer participants.",
)
@click.option("--stocks", is_flag=True, help="Compare simulated with reported active participants instead.")
@click.option(
    "--replicates",
    type=click.IntRange(min=2),
    default=2_000,
    show_default=True,
    help="Simulated recruitments.",
)
@figure_option("the calendar")
@force_option
@seed_option
@json_option
def recruit(
    scenario: str,
    changes: tuple[str, ...],
    consent: float | None,
    few: int,
    stocks: bool,
    replicates: int,
    figure: Path | None,
    force: bool,
    seed: int | None,
    as_json: bool,
) -> None:
    """When participants are there, who carries the trial, and whether IPS has places."""
    from ipsrct import recruiting, recruitment_display
    from ipsrct.recruitment.stocks import published_stocks
    from ipsrct.report.figures.run import draw_run

    if figure is not None:
        check_target(figure, FIGURES, force)
    if consent is not None:
        given = f'recruitment.consent={{ value = {consent!r}, assumed = "given on the command line" }}'
        changes = (*changes, given)
    trial = read(scenario, changes, seed=seed)
    if stocks:
        rows = published_stocks(seed=trial.simulation.seed)
        as_text = json.dumps({"stocks": [asdict(row) for row in rows]}, indent=2, ensure_ascii=False)
        click.echo(as_text if as_json else recruitment_display.stocks(rows))
        return
    run = recruiting.recruit(trial, replicates=replicates, few=few)
    draw_run(figure, "recruitment", trial, {"recruitment": run.to_json()}, trial.design.n_participants)
    click.echo(run.to_json() if as_json else recruitment_display.recruitment(run))


@click.command()
@scenario_argument
@set_option
@power_option
@seed_option
@jobs_option
@json_option
def levers(
    scenario: str, changes: tuple[str, ...], power: float, seed: int | None, jobs: int, as_json: bool
) -> None:
    """Compare what each choice of endpoint, adjustment, allocation, strata and services saves."""
    from ipsrct import levers_display
    from ipsrct._levers import levers as vary

    trial = read(scenario, changes, seed=seed)
    check_powers((power,), trial.analysis.significance_level)
    with progress(Message("sizing")) as on_progress:
        run = vary(trial, power, jobs=jobs, on_progress=on_progress)
    click.echo(run.to_json() if as_json else levers_display.levers(run))


@click.command()
@scenario_argument
@set_option
@power_option
@figure_option("cost by months and power")
@force_option
@seed_option
@jobs_option
@json_option
def cost(
    scenario: str,
    changes: tuple[str, ...],
    power: float,
    figure: Path | None,
    force: bool,
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Find the cheapest design with a power, and what no other beats in cost, duration and power."""
    from ipsrct import levers_display, recruitment_figures
    from ipsrct._frontier import frontier

    if figure is not None:
        check_target(figure, FIGURES, force)
    trial = read(scenario, changes, seed=seed)
    check_powers((power,), trial.analysis.significance_level)
    with progress(Message("sizing")) as on_progress:
        run = frontier(trial, power, jobs=jobs, on_progress=on_progress)
    draw_file(figure, recruitment_figures.draw_frontier, run)
    click.echo(run.to_json() if as_json else levers_display.frontier(run))
