"""``ipsrct size``, ``mde``, ``curve``, ``sensitivity``, ``assurance``: from assumptions to a trial's size."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ipsrct._decimal import Decimal, numbers
from ipsrct._files import FIGURES, check_target
from ipsrct._message import Message, said_by
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

if TYPE_CHECKING:
    from ipsrct._sensitivity import SensitivityRun
    from ipsrct.recruiting import RecruitmentRun
    from ipsrct.sizing import SizingRun


def _powers(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> tuple[float, ...]:
    try:
        powers = tuple(number for text in texts for number in numbers(text))
    except ValueError as error:
        told = said_by(error)
        if not isinstance(told, Message):
            told = Message('must be numbers such as 0.8,0.9, got "{given}"', given=" ".join(texts))
        raise click.BadParameter(told) from None
    outside = [power for power in powers if not 0 < power < 1]
    if outside:
        raise click.BadParameter(Message("must lie between 0 and 1, got {given}", given=f"{outside[0]:g}"))
    return powers


def _power_option(default: str) -> Callable[[Any], Any]:
    return click.option(
        "--power",
        multiple=True,
        default=(default,),
        show_default=True,
        callback=_powers,
        help="Target powers; may be given more than once.",
    )


@click.command()
@scenario_argument
@set_option
@_power_option("0.8,0.9")
@click.option(
    "--joint",
    multiple=True,
    metavar="A,B",
    help="Populations that must all reject, e.g. all,sex:men; may be given more than once.",
)
@click.option(
    "--width",
    type=Decimal(0, 1, min_open=True),
    help="Relative width of the Monte Carlo interval for n at which a search stops; 0.04 by counts.",
)
@click.option(
    "--route", type=click.Choice(["counts", "individual"]), help="Simulate also what is known exactly."
)
@click.option("--brief", is_flag=True, help="Sizes only, without sensitivity and calendar.")
@seed_option
@jobs_option
@json_option
def size(
    scenario: str,
    changes: tuple[str, ...],
    power: tuple[float, ...],
    joint: tuple[str, ...],
    width: float | None,
    route: str | None,
    brief: bool,
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """How many participants are needed, overall and in every subgroup; on what it depends, and until when."""
    from ipsrct import recruitment_display, sizing, sizing_display

    trial = read(scenario, changes, seed=seed)
    check_powers(power, trial.analysis.significance_level)
    with progress(Message("sizing")) as on_progress:
        run = sizing.size(
            trial,
            power,
            joint=[names.split(",") for names in joint],
            route=route,
            width=width,
            jobs=jobs,
            on_progress=on_progress,
        )
    varied, recruited = (None, None) if brief else _around(run, jobs)
    if as_json:
        parts = {"sensitivity": varied, "calendar": recruited}
        more = {name: json.loads(part.to_json()) for name, part in parts.items() if part}
        click.echo(json.dumps(json.loads(run.to_json()) | more, indent=2, ensure_ascii=False))
        return
    click.echo(sizing_display.sizes(run))
    if varied:
        click.echo(f"\nOn what it depends\n{sizing_display.tornado(varied)}")
    if recruited:
        click.echo(f"\nCalendar\n{recruitment_display.calendar(recruited)}")


def _around(run: SizingRun, jobs: int) -> tuple[SensitivityRun | None, RecruitmentRun | None]:
    """Return the sensitivity of the first size, and the recruitment of as many, where a scenario has them."""
    from ipsrct import _sensitivity, recruiting

    found = [a for a in run.answers if a.population == "all" and a.method != "formula"]
    if run.scenario.grid or not found or found[0].n_total is None:
        return None, None
    varied = None
    if _sensitivity.ranges_of(run.scenario):
        with progress(Message("varying")) as on_progress:
            varied = _sensitivity.sensitivity(
                run.scenario, found[0].target_power, jobs=jobs, on_progress=on_progress
            )
    trial = run.scenario.with_changes({"design.n_participants": found[0].n_total})
    return varied, recruiting.recruit(trial, what_if=False) if trial.recruitment else None


@click.command()
@scenario_argument
@set_option
@_power_option("0.8")
@seed_option
@jobs_option
@json_option
def mde(
    scenario: str,
    changes: tuple[str, ...],
    power: tuple[float, ...],
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Find the smallest effect that the planned trial can detect, overall and in every subgroup."""
    from ipsrct import detectable, sizing_display

    trial = read(scenario, changes, seed=seed)
    check_powers(power, trial.analysis.significance_level)
    with progress(Message("simulating")) as on_progress:
        run = detectable.minimum_detectable_effect(trial, power, jobs=jobs, on_progress=on_progress)
    click.echo(run.to_json() if as_json else sizing_display.detectable(run))


@click.command()
@scenario_argument
@set_option
@click.option("--replicates", type=click.IntRange(min=1), help="Simulated trials at each point.")
@figure_option("the curves")
@force_option
@seed_option
@jobs_option
@json_option
def curve(
    scenario: str,
    changes: tuple[str, ...],
    replicates: int | None,
    figure: Path | None,
    force: bool,
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Power along every list in the scenario, all points on the same random numbers.

    For example:  ipsrct curve ips_ung --set design.n_participants=[1000,1200,1400,1600]
    """
    from ipsrct import curves, sizing_display
    from ipsrct.report.figures.run import draw_run

    if figure is not None:
        check_target(figure, FIGURES, force)
    trial = read(scenario, changes, seed=seed)
    planned = None if trial.grid else trial.design.n_participants
    if not trial.grid:
        trial = curves.over_sizes(trial)
    with progress(Message("simulating")) as on_progress:
        run = curves.power_curve(trial, replicates=replicates, jobs=jobs, on_progress=on_progress)
    point = run.scenario.with_changes(run.points[0].at)
    draw_run(figure, "power_curve", point, {"curve": run.to_json()}, planned)
    click.echo(run.to_json() if as_json else sizing_display.curve(run))


@click.command()
@scenario_argument
@set_option
@power_option
@click.option("--estimator", help="Name of the estimator in results; the scenario's first by default.")
@figure_option("a tornado")
@force_option
@seed_option
@jobs_option
@json_option
def sensitivity(
    scenario: str,
    changes: tuple[str, ...],
    power: float,
    estimator: str | None,
    figure: Path | None,
    force: bool,
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """Power and sample size over the range of every assumption, one at a time and jointly."""
    from ipsrct import _sensitivity, sizing_display
    from ipsrct.report.figures.run import draw_run

    if figure is not None:
        check_target(figure, FIGURES, force)
    trial = read(scenario, changes, seed=seed)
    check_powers((power,), trial.analysis.significance_level)
    with progress(Message("varying")) as on_progress:
        run = _sensitivity.sensitivity(trial, power, estimator=estimator, jobs=jobs, on_progress=on_progress)
    draw_run(figure, "tornado", trial, {"sensitivity": run.to_json()}, trial.design.n_participants)
    click.echo(run.to_json() if as_json else sizing_display.sensitivity(run))


@click.command()
@scenario_argument
@set_option
@click.option(
    "--target",
    multiple=True,
    default=("0.5,0.6,0.7,0.8",),
    show_default=True,
    callback=_powers,
    help="Assurances.",
)
@figure_option("assurance by size")
@force_option
@seed_option
@jobs_option
@json_option
def assurance(
    scenario: str,
    changes: tuple[str, ...],
    target: tuple[float, ...],
    figure: Path | None,
    force: bool,
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """How probable success is, averaged over the scenario's prior."""
    from ipsrct import _assurance, sizing_display
    from ipsrct.report.figures.run import draw_run

    if figure is not None:
        check_target(figure, FIGURES, force)
    trial = read(scenario, changes, seed=seed)
    run = _assurance.assurance(trial, target, jobs=jobs)
    draw_run(figure, "assurance", trial, {"assurance": run.to_json()}, trial.design.n_participants)
    click.echo(run.to_json() if as_json else sizing_display.assurance(run))
