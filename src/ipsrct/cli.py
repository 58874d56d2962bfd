"""The ``ipsrct`` command. stdout carries results, stderr progress and messages.

Exit codes: 0 done, 1 run failed or numbers disagree, 2 usage, 3 invalid scenario, 130 stopped by the user.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipsrct._version import __version__
from ipsrct.errors import IpsrctError, NotAvailableError, ScenarioError, listed
from ipsrct.plan_commands import check_plan
from ipsrct.register_commands import register

if TYPE_CHECKING:
    from ipsrct.scenario import Scenario

FAILED, USAGE, INVALID, STOPPED = 1, 2, 3, 130
_Progress = Callable[[int, int], None]


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ipsrct")
def cli() -> None:
    """Design and simulate the randomised trial of IPS ung.

    SCENARIO is the name of a packaged scenario (see `ipsrct example --list`) or the path of a TOML file.

    Start with:  ipsrct simulate ips_ung
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code."""
    try:
        code = cli.main(args=arguments, prog_name="ipsrct", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(STOPPED)
    except ScenarioError as error:
        click.echo(str(error), err=True)
        sys.exit(INVALID)
    except NotAvailableError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(USAGE)
    except IpsrctError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(FAILED)


_scenario = click.argument("scenario")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_set = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Set a value, e.g. design.n_participants=1500; a list where a number stands makes a grid.",
)
_jobs = click.option("--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Workers.")
_seed = click.option("--seed", type=click.IntRange(min=0), help="Simulation seed.")
_replicates = click.option("--replicates", type=click.IntRange(min=1), help="Simulated trials.")


def _read(scenario: str, changes: Sequence[str], **simulation: int | None) -> Scenario:
    from ipsrct._reading import read_with_changes

    values = {f"simulation.{key}": value for key, value in simulation.items() if value is not None}
    return read_with_changes(scenario, changes, values)


@contextmanager
def _progress(label: str) -> Iterator[_Progress | None]:
    """Show progress with the time left on stderr; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, wanted: bar.update(task, completed=done, total=wanted)


@cli.command()
@_scenario
@_set
@_replicates
@_seed
@click.option("--route", help="exact, counts or individual; the cheapest valid one by default.")
@_jobs
@click.option(
    "--backend",
    type=click.Choice(["threading", "loky"]),
    default="threading",
    show_default=True,
    help="Kind of workers.",
)
@_json
def simulate(
    scenario: str,
    changes: tuple[str, ...],
    replicates: int | None,
    seed: int | None,
    route: str | None,
    jobs: int,
    backend: str,
    as_json: bool,
) -> int:
    """Power and other operating characteristics, overall and in every subgroup."""
    from ipsrct import characteristics, display

    trial = _read(scenario, changes, replicates=replicates, seed=seed)
    with _progress("simulating") as on_progress:
        run = characteristics.simulate(
            trial, route=route, jobs=jobs, backend=backend, on_progress=on_progress
        )
    if run.interrupted:
        click.echo("Stopped by the user; what was done so far follows.", err=True)
    click.echo(run.to_json() if as_json else display.simulation(run))
    return STOPPED if run.interrupted else 0


def _powers(_: click.Context, __: click.Parameter, texts: tuple[str, ...]) -> tuple[float, ...]:
    try:
        powers = tuple(float(item) for text in texts for item in text.split(","))
    except ValueError:
        raise click.BadParameter(f'must be numbers such as 0.8,0.9, got "{" ".join(texts)}"') from None
    outside = [power for power in powers if not 0 < power < 1]
    if outside:
        hint = "; write 0.85 with a point, a comma separates targets" if 0 in outside else ""
        raise click.BadParameter(f"must lie between 0 and 1, got {outside[0]:g}{hint}")
    return powers


@cli.command()
@_scenario
@_set
@click.option(
    "--power",
    multiple=True,
    default=("0.8,0.9",),
    show_default=True,
    callback=_powers,
    help="Target powers; may be given more than once.",
)
@_seed
@_jobs
@_json
def size(
    scenario: str,
    changes: tuple[str, ...],
    power: tuple[float, ...],
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> None:
    """How many participants are needed, overall and in every subgroup."""
    from ipsrct import display, sizing

    trial = _read(scenario, changes, seed=seed)
    if min(power) <= trial.analysis.significance_level:
        raise click.BadParameter("must exceed the significance level", param_hint="--power")
    with _progress("sizing") as on_progress:
        run = sizing.size(trial, power, jobs=jobs, on_progress=on_progress)
    click.echo(run.to_json() if as_json else display.sizes(run))


@cli.command()
@_scenario
@_set
@_replicates
@_seed
@_jobs
@_json
def verify(
    scenario: str,
    changes: tuple[str, ...],
    replicates: int | None,
    seed: int | None,
    jobs: int,
    as_json: bool,
) -> int:
    """Compare every route that is valid for a scenario."""
    from ipsrct import display, verification

    trial = _read(scenario, changes, replicates=replicates, seed=seed)
    with _progress("verifying") as on_progress:
        result = verification.verify(trial, jobs=jobs, on_progress=on_progress)
    click.echo(result.to_json() if as_json else display.verified(result))
    return 0 if result.agrees or not result.comparisons else FAILED


@cli.command()
@_scenario
@_set
@_json
def check(scenario: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Check a scenario and list its assumptions with their sources."""
    from ipsrct import listings

    try:
        trial = _read(scenario, changes)
    except ScenarioError as error:
        if as_json:
            click.echo(listings.faults_json(scenario, error.faults))
        raise
    click.echo(listings.assumptions_json(trial) if as_json else listings.assumptions(trial))


@cli.command()
@_json
def kinds(as_json: bool) -> None:
    """List the kinds of parts that a scenario can use, with their keys."""
    from ipsrct import listings

    click.echo(listings.kinds_json() if as_json else listings.kinds_text())


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Does nothing: a JSON Schema is JSON.")
def schema(as_json: bool) -> None:  # noqa: ARG001
    """Print the JSON Schema of scenario files, for editors."""
    from ipsrct.schema import schema_json

    click.echo(schema_json())


@cli.command()
@click.argument("words", nargs=-1)
@_json
def evidence(words: tuple[str, ...], as_json: bool) -> int:
    """List the published numbers, or those that contain every one of WORDS; an id shows one in full."""
    from ipsrct import listings
    from ipsrct.evidence import evidence as published

    text = " ".join(words)
    found = [published[text]] if text in published else published.search(text)
    if not found:
        click.echo(f'No published number contains "{text}".', err=True)
        return FAILED
    click.echo(listings.evidence_json(found) if as_json else listings.evidence_text(found))
    return 0


@cli.command()
@click.option("--cases", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A case file.")
@_json
def validate(cases: Path | None, as_json: bool) -> int:
    """Compute published reference values and compare; the packaged cases by default."""
    from ipsrct import listings
    from ipsrct.validation import read_cases, run_cases

    results = run_cases(read_cases(cases))
    click.echo(listings.validation_json(results) if as_json else listings.validation(results))
    return FAILED if any(result.status == "fail" for result in results) else 0


@cli.command()
@click.argument("name", default="ips_ung")
@click.option("--list", "list_names", is_flag=True, help="List the packaged scenarios.")
@_json
def example(name: str, list_names: bool, as_json: bool) -> None:
    """Print a packaged scenario, to be saved and changed."""
    from ipsrct import listings
    from ipsrct._reading import packaged_scenarios, read_scenario

    packaged = packaged_scenarios()
    if list_names:
        titles = {key: read_scenario(key).title for key in packaged}
        click.echo(listings.titles_json(titles) if as_json else listings.titles(titles))
    elif name not in packaged:
        raise click.BadParameter(f'"{name}" is not a packaged scenario{listed(name, "scenario", packaged)}')
    elif as_json:
        click.echo(listings.document_json(read_scenario(name)))
    else:
        click.echo(packaged[name].read_text(encoding="utf-8"), nl=False)


cli.add_command(register)
cli.add_command(check_plan)
