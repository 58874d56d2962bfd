"""``ipsrct plot``: the figures of a report, each as a file of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipsrct._files import FIGURES, write_folder
from ipsrct._language import LANGUAGES, Code
from ipsrct._message import Message, joined, said_by
from ipsrct._options import jobs_option, progress, read, scenario_argument, seed_option, set_option
from ipsrct._stderr import tell
from ipsrct.errors import NotAvailableError, listed

if TYPE_CHECKING:
    from ipsrct.report.figures.style import Size
    from ipsrct.report.model import Figure
    from ipsrct.scenario import Scenario

_SUFFIXES = tuple(suffix.removeprefix(".") for suffix in FIGURES)


def _suffixes(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
    suffixes = tuple(dict.fromkeys(text.split(",")))
    unknown = [suffix for suffix in suffixes if suffix not in _SUFFIXES]
    if unknown:
        message = Message(
            '"{name}" is not a format; formats: {formats}', name=unknown[0], formats=", ".join(_SUFFIXES)
        )
        raise click.BadParameter(message)
    return suffixes


def _names(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    from ipsrct.report.figures import NEEDS

    for name in given:
        if name not in NEEDS:
            choices = listed(name, Message("figures"), NEEDS)
            raise click.BadParameter(Message('"{name}" is not a figure{choices}', name=name, choices=choices))
    return tuple(dict.fromkeys(given))


@click.command()
@scenario_argument
@click.argument("figures", nargs=-1, callback=_names, metavar="[FIGURE]...")
@set_option
@click.option("--lang", type=click.Choice(LANGUAGES), multiple=True, default=("en",), show_default=True)
@click.option(
    "--to", "suffixes", default="svg", show_default=True, callback=_suffixes, metavar="LIST",
    help="Of svg, png and pdf, with commas.",
)  # fmt: skip
@click.option(
    "--size", type=click.Choice(["report", "slide"]), default="report", show_default=True,
    help="For a page, or for a slide of 13.33 by 7.5 inches.",
)  # fmt: skip
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A new folder.")
@seed_option
@jobs_option
def plot(
    scenario: str,
    figures: tuple[str, ...],
    changes: tuple[str, ...],
    lang: tuple[Code, ...],
    suffixes: tuple[str, ...],
    size: Size,
    out: Path,
    seed: int | None,
    jobs: int,
) -> None:
    """Write figures of the report as files of their own: those named, or all that the scenario has.

    FIGURE is counterfactuals, power_curve, tornado, assurance, forest, recruitment, flow, imbalance or
    levers.
    Only what the figures show is computed.
    """
    from ipsrct._language import language
    from ipsrct.report.figures import image

    trial = read(scenario, changes, seed=seed)
    found = _figures(trial, figures, jobs)
    wanted = [(figure, code, suffix) for figure in found for code in lang for suffix in suffixes]
    files = {}
    with progress(Message("drawing")) as on_progress:
        for figure, code, suffix in wanted:
            name = f"{trial.name}_{figure.name}_{code}.{suffix}"
            files[name] = image(figure, language(code), suffix, size)
            if on_progress:
                on_progress(len(files), len(wanted))
    write_folder(out, files)
    click.echo("\n".join(str(out / name) for name in files))


def _figures(trial: Scenario, names: tuple[str, ...], jobs: int) -> list[Figure]:
    """Return the figures named, or all that the scenario has; what it does not have is said on stderr."""
    from ipsrct.findings import find
    from ipsrct.report.figures import NEEDS, USES, made
    from ipsrct.report.results import Node

    parts = {part for name in names or NEEDS for part in (*NEEDS[name], *USES.get(name, ()))}
    with progress(Message("computing")) as on_progress:
        findings = find(trial, parts=sorted(parts), jobs=jobs, on_progress=on_progress)
    results = Node(findings.open_edition().document)
    found = []
    for name in names or NEEDS:
        try:
            found.append(made(name, results))
        except NotAvailableError as error:
            if names:
                raise NotAvailableError(joined((name, said_by(error)), ": ")) from error
            tell(Message("No figure {name}: {reason}.", name=name, reason=said_by(error)))
    return found
