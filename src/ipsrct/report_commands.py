"""``ipsrct report`` and ``plot``: a scenario as a document, in either language."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipsrct._files import check_new_folder, write_folder
from ipsrct._language import LANGUAGES, Code
from ipsrct._message import Message
from ipsrct._options import Progress, jobs_option, progress, read, scenario_argument, seed_option, set_option
from ipsrct._stderr import prefer

if TYPE_CHECKING:
    from ipsrct.report.model import Report


def _formats(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
    from ipsrct.report.formats import FORMATS

    formats = tuple(dict.fromkeys(text.split(",")))
    unknown = [name for name in formats if name not in FORMATS]
    if unknown:
        message = Message(
            '"{name}" is not a format; formats: {formats}', name=unknown[0], formats=", ".join(FORMATS)
        )
        raise click.BadParameter(message)
    return formats


def _languages(_: click.Context, __: click.Parameter, codes: tuple[Code, ...]) -> tuple[Code, ...]:
    """Let messages have the first language of the documents."""
    prefer(codes[0])
    return codes


@click.command()
@scenario_argument
@set_option
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    multiple=True,
    default=("en",),
    show_default=True,
    is_eager=True,
    callback=_languages,
    help="Language of the report; may be given more than once.",
)
@click.option(
    "--to",
    "formats",
    default="html",
    show_default=True,
    callback=_formats,
    metavar="LIST",
    help="Formats: html, docx, xlsx, csv.",
)
@click.option(
    "--template",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A Word document whose styles are used.",
)
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
    template: Path | None,
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
    for folder in (out,) if annex is None else (out, annex):
        check_new_folder(folder)
    styles = _styles(template, formats)
    trial = read(scenario, changes, seed=seed)
    with progress(Message("computing")) as on_progress:
        found = find(trial, jobs=jobs, on_progress=on_progress)
    found = found.made_by(repeat_command(scenario, changes, seed, lang, formats))
    editions = {out: (open_report(found), found.open_edition(), "results.json")}
    if annex is not None:
        editions[annex] = (restricted_report(found), found, "results_restricted.json")
    with progress(Message("writing")) as on_progress:
        files = _documents(
            [document for document, _, _ in editions.values()], lang, formats, styles, on_progress
        )
    for (folder, (_, results, name)), documents in zip(editions.items(), files, strict=True):
        written = {name: results.to_json().encode()} | documents
        write_folder(folder, written)
        click.echo("\n".join(str(folder / file) for file in written))


def _styles(template: Path | None, formats: tuple[str, ...]) -> bytes | None:
    if template is None:
        return None
    if "docx" not in formats:
        message = Message("lends its styles to docx, which --to does not name")
        raise click.BadParameter(message, param_hint="--template")
    from ipsrct.report.word import read_template

    return read_template(template)


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


def _documents(
    editions: list[Report],
    lang: tuple[Code, ...],
    formats: tuple[str, ...],
    template: bytes | None,
    on_progress: Progress | None,
) -> list[dict[str, bytes]]:
    """Return the files of each edition in each language and format."""
    from ipsrct._language import language
    from ipsrct.report.formats import written

    files: list[dict[str, bytes]] = [{} for _ in editions]
    wanted = [
        (i, code, name) for i in range(len(editions)) for code in dict.fromkeys(lang) for name in formats
    ]
    for done, (i, code, name) in enumerate(wanted, 1):
        files[i] |= written(editions[i], language(code), name, template)
        if on_progress:
            on_progress(done, len(wanted))
    return files
