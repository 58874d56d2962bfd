"""What the commands share: options, the reading of a scenario, and a progress display."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ipsrct._decimal import Decimal
from ipsrct._message import Message
from ipsrct._stderr import said

if TYPE_CHECKING:
    from ipsrct.scenario import Scenario

Progress = Callable[[int, int], None]

scenario_argument = click.argument("scenario")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Set a value, e.g. design.n_participants=1500; a list where a number stands makes a grid.",
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="Workers."
)
seed_option = click.option("--seed", type=click.IntRange(min=0), help="Simulation seed.")
replicates_option = click.option("--replicates", type=click.IntRange(min=1), help="Simulated trials.")
force_option = click.option("--force", is_flag=True, help="Replace a file that exists.")


power_option = click.option(
    "--power", type=Decimal(0, 1, True, True), default=0.8, show_default=True, help="Target power."
)


def figure_option(what: str) -> Callable[[Any], Any]:
    """Return the option for a file that shows ``what``."""
    file = click.Path(dir_okay=False, path_type=Path)
    return click.option("--figure", type=file, help=f"Draw {what}: .png, .svg or .pdf.")


def check_powers(power: tuple[float, ...], significance_level: float) -> None:
    """Refuse a target power that chance alone reaches."""
    if min(power) <= significance_level:
        raise click.BadParameter(Message("must exceed the significance level"), param_hint="--power")


def read(scenario: str, changes: Sequence[str], **simulation: int | None) -> Scenario:
    """Read a scenario with changes written as ``path=value``, and values of its simulation where given."""
    from ipsrct._reading import read_with_changes

    values = {f"simulation.{key}": value for key, value in simulation.items() if value is not None}
    return read_with_changes(scenario, changes, values)


@contextmanager
def progress(label: str) -> Iterator[Progress | None]:
    """Show progress with the time left on stderr; nothing where stderr is not a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(said(label), total=None)
        yield lambda done, wanted: bar.update(task, completed=done, total=wanted)
