"""``ipsrct compare-schemes``: what each scheme of randomisation buys, and at what price."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ipsrct._files import FIGURES, check_target, draw_file
from ipsrct._foreign_words import recognised
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

_figure = click.Path(dir_okay=False, path_type=Path)


def _choices(_: click.Context, __: click.Parameter, text: str | None) -> list[str | dict[str, Any]] | None:
    """Return names and inline tables, separated by commas."""
    if text is None:
        return None
    found = [_choice(item) for item in _items(text) if item]
    if not found:
        raise click.BadParameter(Message("names nothing"))
    return found


def _choice(item: str) -> str | dict[str, Any]:
    if not item.startswith("{"):
        return item
    try:
        table: dict[str, Any] = tomllib.loads(f"value = {item}")["value"]
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(
            Message("{item}: is not a TOML inline table: {reason}", item=item, reason=recognised(str(error)))
        ) from None
    return table


def _items(text: str) -> Iterator[str]:
    """Yield what stands between commas outside brackets and quotes."""
    depth, quote, start = 0, "", 0
    for i, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in "{[":
            depth += 1
        elif letter in "}]":
            depth -= 1
        elif letter == "," and not depth:
            yield text[start:i].strip()
            start = i + 1
    yield text[start:].strip()


@click.command("compare-schemes")
@scenario_argument
@set_option
@click.option(
    "--schemes",
    callback=_choices,
    metavar="LIST",
    help='Kinds, stratified_by_service, all, or tables such as {kind="big_stick", name="stick"}, with commas '
    "between. Keys that are needed come from the scenario.",
)
@click.option(
    "--analyses",
    callback=_choices,
    metavar="LIST",
    help="The scenario's estimators by name, kinds, or tables; the scenario's if left out.",
)
@replicates_option
@seed_option
@jobs_option
@click.option(
    "--figure-balance", type=_figure, help="Draw balance against predictability: .png, .svg or .pdf."
)
@click.option("--figure-power", type=_figure, help="Draw power and type I error: .png, .svg or .pdf.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@json_option
def compare_schemes(
    scenario: str,
    changes: tuple[str, ...],
    schemes: list[str | dict[str, Any]] | None,
    analyses: list[str | dict[str, Any]] | None,
    replicates: int | None,
    seed: int | None,
    jobs: int,
    figure_balance: Path | None,
    figure_power: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Compare schemes of randomisation on the same trials: power, balance, predictability."""
    from ipsrct import comparison, comparison_display, comparison_figures

    trial = read(scenario, changes, seed=seed)
    for figure in filter(None, (figure_balance, figure_power)):
        check_target(figure, FIGURES, force)
    with progress(Message("comparing")) as on_progress:
        result = comparison.compare_schemes(
            trial,
            schemes,
            analyses,
            replicates=replicates or comparison.REPLICATES,
            jobs=jobs,
            on_progress=on_progress,
        )
    click.echo(result.to_json() if as_json else comparison_display.comparison(result))
    draw_file(figure_balance, comparison_figures.draw_balance, result)
    draw_file(figure_power, comparison_figures.draw_power, result)
