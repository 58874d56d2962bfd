"""``ipsrct report`` and ``plot``: a scenario as a document, in either language."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipsrct._files import write_folder
from ipsrct._language import LANGUAGES, Code
from ipsrct._options import jobs_option, progress, read, scenario_argument, seed_option, set_option

if TYPE_CHECKING:
    from ipsrct.findings import Findings
    from ipsrct.report.model import Report


def _formats(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
    formats = tuple(dict.fromkeys(text.split(",")))
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        raise click.BadParameter(f'"{unknown[0]}" is not a format; formats: {", ".join(FORMATS)}')
    return formats


@click.command()
@scenario_argument
@set_option
@click.option("--lang", type=click.Choice(LANGUAGES), multiple=True, default=("en",), show_default=True)
@click.option("--to", "formats", default="html", show_default=True, callback=_formats, metavar="LIST")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A new folder.")
@click.option(
    "--annex",
    type=click.Path(file_okay=False, path_type=Path),
    help="A new folder, apart from OUT, for the restricted annex: block sizes and the like.",
)
@seed_option
@jobs_option
def report(
    scenario: str,
    changes: tuple[str, ...],
    lang: tuple[Code, ...],
    formats: tuple[str, ...],
    out: Path,
    annex: Path | None,
    seed: int | None,
    jobs: int,
) -> None:
    """Write a scenario's report: the answer first, then all that it rests on."""
    from ipsrct.findings import find
    from ipsrct.report.annex import restricted_report
    from ipsrct.report.build import open_report

    if annex is not None:
        check_apart(out, annex)
    trial = read(scenario, changes, seed=seed)
    with progress("computing") as on_progress:
        found = find(trial, jobs=jobs, on_progress=on_progress)
    found = found.made_by(repeat_command(scenario, changes, seed, lang, formats))
    written = {out: _files(open_report(found), found.open_edition(), "results.json", lang, formats)}
    if annex is not None:
        written[annex] = _files(restricted_report(found), found, "results_restricted.json", lang, formats)
    for folder, files in written.items():
        write_folder(folder, files)
        click.echo("\n".join(str(folder / name) for name in files))


def check_apart(out: Path, annex: Path) -> None:
    """Refuse a restricted folder that is the open one, or is inside it, or holds it."""
    first, second = out.resolve(), annex.resolve()
    if first.is_relative_to(second) or second.is_relative_to(first):
        raise click.BadParameter(f"{annex}: must be apart from {out}", param_hint="--annex")


def repeat_command(
    scenario: str, changes: tuple[str, ...], seed: int | None, lang: tuple[str, ...], formats: tuple[str, ...]
) -> str:
    """Return the command that makes the open report again; it names no folder of this machine.

    Where something restricted was set, it runs the scenario that the report itself holds, under that name.
    """
    if all(_may_be_shown(change.partition("=")[0].strip()) for change in changes):
        words = [Path(scenario).name, *(word for change in changes for word in ("--set", change))]
        words += [] if seed is None else ["--seed", str(seed)]
    else:
        words = ["scenario.toml"]
    words += [word for code in lang for word in ("--lang", code)]
    return shlex.join(["ipsrct", "report", *words, "--to", ",".join(formats), "--out", "report"])


def _may_be_shown(path: str) -> bool:
    from ipsrct.findings.secrecy import OPEN_KEYS

    first, _, rest = path.partition(".")
    if first != "design":
        return True
    table, _, key = rest.partition(".")
    return key in OPEN_KEYS if table == "randomisation" else bool(table)


def _files(
    document: Report, findings: Findings, name: str, lang: tuple[Code, ...], formats: tuple[str, ...]
) -> dict[str, bytes]:
    """Return the files of an edition: the results as JSON, and a document in each language and format."""
    from ipsrct._language import language

    files = {name: findings.to_json().encode()}
    for code in lang:
        for suffix in formats:
            files[f"{document.name}_{code}.{suffix}"] = FORMATS[suffix]()(document, language(code))
    return files


def _html() -> Callable[..., bytes]:
    from ipsrct.report.html import html

    return html


FORMATS: dict[str, Callable[[], Callable[..., bytes]]] = {"html": _html}
"""A loader of each format's writer, so that only those asked for are imported."""
