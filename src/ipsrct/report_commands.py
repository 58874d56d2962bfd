"""``ipsrct report`` and ``plot``: a scenario as a document, in either language."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ipsrct._language import LANGUAGES, Code
from ipsrct._message import Message
from ipsrct._options import jobs_option, progress, read, seed_option, set_option
from ipsrct._stderr import prefer


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
@click.argument("scenarios", nargs=-1, required=True, metavar="SCENARIO...")
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
    scenarios: tuple[str, ...],
    changes: tuple[str, ...],
    lang: tuple[Code, ...],
    formats: tuple[str, ...],
    template: Path | None,
    out: Path,
    annex: Path | None,
    seed: int | None,
    jobs: int,
) -> None:
    """Write a scenario's report: the answer first, then all that it rests on.

    Two to four scenarios are shown side by side:  ipsrct report ips_ung ips_ung_persist --out compared
    """
    from ipsrct.report.writing import check_folders, write_report

    check_folders([out] if annex is None else [out, annex])
    styles = _styles(template, formats)
    trials = [read(scenario, changes, seed=seed) for scenario in scenarios]
    with progress(Message("computing and writing")) as on_progress:
        files = write_report(
            trials,
            out,
            languages=lang,
            formats=formats,
            annex=annex,
            template=styles,
            command=repeat_command(scenarios, changes, seed, lang, formats),
            jobs=jobs,
            on_progress=on_progress,
        )
    click.echo("\n".join(map(str, files)))


def _styles(template: Path | None, formats: tuple[str, ...]) -> bytes | None:
    if template is None:
        return None
    if "docx" not in formats:
        message = Message("lends its styles to docx, which --to does not name")
        raise click.BadParameter(message, param_hint="--template")
    from ipsrct.report.word import read_template

    return read_template(template)


def repeat_command(
    scenarios: tuple[str, ...],
    changes: tuple[str, ...],
    seed: int | None,
    lang: tuple[str, ...],
    formats: tuple[str, ...],
) -> str:
    """Return the command that makes the open report again; it names no folder of this machine.

    Where something restricted was set, it runs the scenario that the report itself holds, under that name.
    """
    if all(_may_be_shown(change.partition("=")[0].strip()) for change in changes):
        words = [*(Path(scenario).name for scenario in scenarios)]
        words += [*(word for change in changes for word in ("--set", change))]
        words += [] if seed is None else ["--seed", str(seed)]
    else:
        words = ["scenario.toml"] if len(scenarios) == 1 else [Path(scenario).name for scenario in scenarios]
    words += [word for code in lang for word in ("--lang", code)]
    return shlex.join(["ipsrct", "report", *words, "--to", ",".join(formats), "--out", "report"])


def _may_be_shown(path: str) -> bool:
    from ipsrct.findings.secrecy import OPEN_KEYS

    first, _, rest = path.partition(".")
    if first != "design":
        return True
    table, _, key = rest.partition(".")
    return key in OPEN_KEYS if table == "randomisation" else bool(table)
