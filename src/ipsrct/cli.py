"""The ``ipsrct`` command. stdout carries results, stderr progress and messages.

Exit codes: 0 done, 1 run failed or numbers disagree, 2 usage, 3 invalid scenario, 130 stopped by the user.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from ipsrct._language import LANGUAGES
from ipsrct._message import Message
from ipsrct._options import (
    jobs_option,
    json_option,
    progress,
    read,
    replicates_option,
    scenario_argument,
    seed_option,
    set_option,
)
from ipsrct._stderr import choose, show_error, show_faults, show_usage_error, tell
from ipsrct._version import __version__
from ipsrct.comparison_commands import compare_schemes
from ipsrct.errors import IpsrctError, NotAvailableError, ScenarioError, listed
from ipsrct.list_commands import audit_list, randomise
from ipsrct.plan_commands import check_plan
from ipsrct.plot_commands import plot
from ipsrct.recruitment_commands import cost, levers, recruit
from ipsrct.register_commands import register
from ipsrct.report_commands import report
from ipsrct.sizing_commands import assurance, curve, mde, sensitivity, size

FAILED, USAGE, INVALID, STOPPED = 1, 2, 3, 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ipsrct")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    envvar="IPSRCT_LANG",
    show_envvar=True,
    is_eager=True,
    expose_value=False,
    callback=lambda _, __, code: choose(code),
    help="Language of messages; en by default.",
)
def cli() -> None:
    """Design and simulate the randomised trial of IPS ung.

    SCENARIO is the name of a packaged scenario (see `ipsrct example --list`) or the path of a TOML file.

    Start with:  ipsrct simulate ips_ung
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code."""
    choose(None)
    try:
        code = cli.main(args=arguments, prog_name="ipsrct", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        show_usage_error(error)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        tell(Message("Stopped."))
        sys.exit(STOPPED)
    except ScenarioError as error:
        show_faults(error)
        sys.exit(INVALID)
    except NotAvailableError as error:
        show_error(error)
        sys.exit(USAGE)
    except IpsrctError as error:
        show_error(error)
        sys.exit(FAILED)


@cli.command()
@scenario_argument
@set_option
@replicates_option
@seed_option
@click.option("--route", help="exact, counts or individual; the cheapest valid one by default.")
@jobs_option
@click.option(
    "--backend",
    type=click.Choice(["threading", "loky"]),
    default="threading",
    show_default=True,
    help="Kind of workers.",
)
@json_option
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

    trial = read(scenario, changes, replicates=replicates, seed=seed)
    with progress(Message("simulating")) as on_progress:
        run = characteristics.simulate(
            trial, route=route, jobs=jobs, backend=backend, on_progress=on_progress
        )
    if run.interrupted:
        tell(Message("Stopped by the user; what was done so far follows."))
    click.echo(run.to_json() if as_json else display.simulation(run))
    return STOPPED if run.interrupted else 0


@cli.command()
@scenario_argument
@set_option
@replicates_option
@seed_option
@jobs_option
@json_option
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

    trial = read(scenario, changes, replicates=replicates, seed=seed)
    with progress(Message("verifying")) as on_progress:
        result = verification.verify(trial, jobs=jobs, on_progress=on_progress)
    click.echo(result.to_json() if as_json else display.verified(result))
    return 0 if result.agrees or not result.comparisons else FAILED


@cli.command()
@scenario_argument
@set_option
@json_option
def check(scenario: str, changes: tuple[str, ...], as_json: bool) -> None:
    """Check a scenario and list its assumptions with their sources."""
    from ipsrct import listings

    try:
        trial = read(scenario, changes)
    except ScenarioError as error:
        if as_json:
            click.echo(listings.faults_json(scenario, error.faults))
        raise
    click.echo(listings.assumptions_json(trial) if as_json else listings.assumptions(trial))


@cli.command()
@json_option
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
@json_option
def evidence(words: tuple[str, ...], as_json: bool) -> int:
    """List the published numbers, or those that contain every one of WORDS; an id shows one in full."""
    from ipsrct import listings
    from ipsrct.evidence import evidence as published

    text = " ".join(words)
    found = [published[text]] if text in published else published.search(text)
    if not found:
        tell(Message('No published number contains "{text}".', text=text))
        return FAILED
    click.echo(listings.evidence_json(found) if as_json else listings.evidence_text(found))
    return 0


@cli.command()
@click.option("--cases", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A case file.")
@json_option
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
@json_option
def example(name: str, list_names: bool, as_json: bool) -> None:
    """Print a packaged scenario, to be saved and changed."""
    from ipsrct import listings
    from ipsrct._reading import packaged_scenarios, read_scenario

    packaged = packaged_scenarios()
    if list_names:
        titles = {key: read_scenario(key).title for key in packaged}
        click.echo(listings.titles_json(titles) if as_json else listings.titles(titles))
    elif name not in packaged:
        choices = listed(name, Message("scenarios"), packaged)
        raise click.BadParameter(
            Message('"{name}" is not a packaged scenario{choices}', name=name, choices=choices)
        )
    elif as_json:
        click.echo(listings.document_json(read_scenario(name)))
    else:
        click.echo(packaged[name].read_text(encoding="utf-8"), nl=False)


COMMANDS = (
    *(size, mde, curve, sensitivity, assurance, recruit, levers, cost),
    *(compare_schemes, randomise, audit_list, check_plan, register, report, plot),
)
for command in COMMANDS:
    cli.add_command(command)
