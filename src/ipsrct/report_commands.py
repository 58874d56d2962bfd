"""``ipsrct report`` and ``plot``: a scenario as a document, in either language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from ipsrct._files import write_folder
from ipsrct._language import LANGUAGES, Code
from ipsrct._message import Message
from ipsrct._options import jobs_option, progress, read, scenario_argument, seed_option, set_option
from ipsrct._stderr import prefer


def _formats(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
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
@click.option("--to", "formats", default="html", show_default=True, callback=_formats, metavar="LIST")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="A new folder.")
@seed_option
@jobs_option
def report(
    scenario: str,
    changes: tuple[str, ...],
    lang: tuple[Code, ...],
    formats: tuple[str, ...],
    out: Path,
    seed: int | None,
    jobs: int,
) -> None:
    """Write a scenario's report: the answer first, then all that it rests on."""
    from ipsrct._language import language
    from ipsrct.findings import find
    from ipsrct.report.build import open_report

    trial = read(scenario, changes, seed=seed)
    with progress(Message("computing")) as on_progress:
        findings = find(trial, jobs=jobs, on_progress=on_progress)
    document = open_report(findings)
    files = {"results.json": findings.open_edition().to_json().encode()}
    for code in lang:
        for name in formats:
            files[f"{document.name}_{code}.{name}"] = FORMATS[name]()(document, language(code))
    write_folder(out, files)
    click.echo("\n".join(str(out / name) for name in files))


def _html() -> Callable[..., bytes]:
    from ipsrct.report.html import html

    return html


FORMATS: dict[str, Callable[[], Callable[..., bytes]]] = {"html": _html}
"""A loader of each format's writer, so that only those asked for are imported."""
