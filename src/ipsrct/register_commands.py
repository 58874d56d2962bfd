"""``ipsrct register``: the synthetic register on the command line.

Exit codes: 0 done, 1 failed, did not converge or widths not as stated, 2 usage, 3 invalid file.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipsrct._decimal import Decimal, with_point
from ipsrct._files import check_parquet, check_target, whole_file
from ipsrct._message import Message
from ipsrct._stderr import tell
from ipsrct.errors import RunError, listed

if TYPE_CHECKING:
    from ipsrct.register.calibration import Calibration
    from ipsrct.register.draw import Register

FAILED = 1
CONTROL_PATHS = ("persist", "revert", "decline")
REPLICA_TOLERANCE = 0.4
_EXPECTED_HITS = {"step": (12, 12), "level": (0, 4)}


class InvalidFileError(click.ClickException):
    """A file that was given cannot be used; the message lists every fault."""

    exit_code = 3


@click.group()
def register() -> None:
    """Reproduce the published evaluation, and draw synthetic registers.

    Start with:  ipsrct register reproduce
    """


_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_force = click.option("--force", is_flag=True, help="Replace a file that exists.")
_file = click.Path(dir_okay=False, path_type=Path)
_existing_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_seed = click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Seed.")
_calibration = click.option(
    "--calibration",
    type=_existing_file,
    help="Use this fit (from `calibrate --out`) instead of the shipped one.",
)


def _tell(message: str) -> None:
    """Say on stderr what takes a while; nothing where stderr is not a terminal."""
    if sys.stderr.isatty():
        click.echo(message, err=True)


def _read_calibration(path: Path | None) -> Calibration:
    from ipsrct.register.calibration import check_calibration, default_calibration, read_calibration

    if path is None:
        return default_calibration()
    try:
        found = read_calibration(path.read_text(encoding="utf-8"))
        check_calibration(found)
        return found
    except (RunError, OSError, UnicodeDecodeError) as error:
        raise InvalidFileError(f"{path}: {error}") from error


@register.command()
@click.option("--figures", type=_file, help="Draw figures 1 to 8 on one page: .png, .svg or .pdf.")
@_force
@_calibration
@_json
def reproduce(figures: Path | None, force: bool, calibration: Path | None, as_json: bool) -> None:
    """Everything published beside what the model expects, with honest standard errors."""
    if figures is not None:
        check_target(figures, (".png", ".svg", ".pdf"), force)
    from ipsrct import register_display, register_json
    from ipsrct.register import summary

    result = summary.reproduce(_read_calibration(calibration))
    if figures is not None:
        from ipsrct.register_figures import draw_page

        with whole_file(figures) as partial:
            draw_page(result, partial)
    click.echo(register_json.reproduction(result) if as_json else register_display.reproduction(result))


def _choice(text: str) -> str | float:
    """Return a named control path, or control employment at month 12 as a proportion."""
    if text in CONTROL_PATHS:
        return text
    try:
        level = float(with_point(text))
    except ValueError:
        known = listed(text, Message("control paths"), CONTROL_PATHS)
        raise click.BadParameter(
            Message('"{given}" is neither a control path nor a number{choices}', given=text, choices=known)
        ) from None
    if not 0 < level < 1:
        hint = Message("; write {number}", number=f"{level / 100:g}") if 1 <= level < 100 else ""
        raise click.BadParameter(
            Message("must lie between 0 and 1, got {given}{hint}", given=f"{level:g}", hint=hint)
        )
    return level


def _untreated(seed: int, text: str) -> Register:
    """Draw a register in which everybody follows a control path."""
    from dataclasses import replace

    from ipsrct.register.calibration import default_calibration
    from ipsrct.register.counterfactual import make_counterfactual
    from ipsrct.register.draw import draw_register

    shipped = default_calibration()
    drift = make_counterfactual(shipped.parameters, _choice(text)).drift
    drawn = draw_register(seed, hazards=shipped.variant.hazards(shipped.parameters, control_drift=drift))
    return replace(drawn, origin=f"{drawn.origin}, under the control path {text}: IPS has no effect in it")


@register.command()
@_seed
@click.option("--out", type=_file, required=True, help="A .csv or .parquet with synthetic in its name.")
@click.option(
    "--counterfactual",
    metavar="PATH|LEVEL",
    help="IPS without effect: persist, revert, decline, or control employment at month 12 such as 0.41.",
)
@_force
@_json
def draw(seed: int, out: Path, counterfactual: str | None, force: bool, as_json: bool) -> None:
    """Write a random register; its coefficients scatter about the published ones."""
    if counterfactual is not None:
        _choice(counterfactual)
    check_target(out, (".csv", ".parquet"), force, ["synthetic"])
    from ipsrct.register.draw import draw_register

    drawn = draw_register(seed) if counterfactual is None else _untreated(seed, counterfactual)
    _write(drawn, out, as_json)


@register.command()
@_seed
@click.option(
    "--out", type=_file, required=True, help="A .csv or .parquet with synthetic and selected in its name."
)
@_force
@_json
def replica(seed: int, out: Path, force: bool, as_json: bool) -> None:
    """Write one register selected to carry the published table. It is not a random draw."""
    check_target(out, (".csv", ".parquet"), force, ["synthetic", "selected"])
    from ipsrct.register import replica as replicas
    from ipsrct.register.reproduction import evaluate_register
    from ipsrct.register.summary import distances

    _tell("Selecting persons; about ten seconds.")
    chosen = replicas.make_replica(seed)
    worst = float(abs(distances(evaluate_register(chosen))).max())
    if worst > REPLICA_TOLERANCE:
        raise RunError(
            f"the selected register lies up to {worst:.2f} standard errors from the published table, more "
            f"than {REPLICA_TOLERANCE}; nothing was written. Another --seed may do better."
        )
    _write(chosen, out, as_json)


def _write(drawn: Register, out: Path, as_json: bool) -> None:
    from ipsrct import register_display, register_json
    from ipsrct.register.records import write_register
    from ipsrct.register.reproduction import evaluate_register

    with whole_file(out) as partial:
        write_register(drawn, partial)
    estimates = evaluate_register(drawn)
    show = register_json.written if as_json else register_display.written
    click.echo(show(drawn, estimates, str(out)))


@register.command()
@click.option("--starts", type=click.IntRange(min=1), default=3, show_default=True, help="Starting points.")
@click.option("--jobs", type=click.IntRange(min=1), default=2, show_default=True, help="Workers.")
@click.option(
    "--steps", type=click.IntRange(min=1), default=80, show_default=True, help="Limit of each start."
)
@click.option("--coding", type=click.Choice(["step", "level"]), default="step", show_default=True)
@click.option("--heterogeneity", type=Decimal(0, 3), default=0.8, show_default=True)
@click.option(
    "--start-months", type=click.Choice(["stepped", "even", "doubling"]), default="stepped", show_default=True
)
@click.option("--out", type=_file, help="Write the fit here (.json); the shipped one stays as it is.")
@_force
@_json
def calibrate(
    starts: int,
    jobs: int,
    steps: int,
    coding: str,
    heterogeneity: float,
    start_months: str,
    out: Path | None,
    force: bool,
    as_json: bool,
) -> int:
    """Fit the employment chain again, from several starts; about two minutes on two cores."""
    if out is not None:
        check_target(out, (".json",), force)
    from ipsrct import register_display, register_json
    from ipsrct.register import calibration, summary

    variant = calibration.Variant(coding, start_months, heterogeneity)
    _tell(f"Fitting from {starts} starting points; about two minutes for three on two cores.")
    fitted = calibration.calibrate(variant, starts, jobs, steps)
    done = fitted.converged and summary.starts_agree(fitted)
    if out is not None and done:
        with whole_file(out) as partial:
            calibration.write_calibration(fitted, partial)
    result = summary.reproduce(fitted)
    click.echo(register_json.calibration(result) if as_json else register_display.calibration(result))
    if out is not None and not done:
        tell(Message("{file} was not written: the fit cannot be relied on.", file=out))
    return 0 if done else FAILED


@register.command()
@click.option(
    "--level", "levels", multiple=True, metavar="LEVEL", help="Control employment at month 12 too, e.g. 0.41."
)
@click.option(
    "--variants", is_flag=True, help="Add the shipped fits of other start distributions and heterogeneities."
)
@_calibration
@_json
def identify(levels: tuple[str, ...], variants: bool, calibration: Path | None, as_json: bool) -> None:
    """Show what the before-after table cannot tell: the control path, and the true effect with it."""
    choices = [*CONTROL_PATHS, *(_choice(level) for level in levels)]
    from ipsrct import register_display, register_json
    from ipsrct.register.counterfactual import make_counterfactual

    fitted = _read_calibration(calibration)
    found = [make_counterfactual(fitted.parameters, choice, fitted.variant) for choice in choices]
    rows = []
    if variants:
        from ipsrct.register.variants import variant_paths

        _tell("Following the control paths of nine fits; about ten seconds.")
        rows = list(variant_paths())
    show = register_json.identification if as_json else register_display.identification
    click.echo(show(found, fitted, rows))


@register.command()
@click.option(
    "--start-months", type=click.Choice(["stepped", "even", "doubling"]), default="stepped", show_default=True
)
@_json
def widths(start_months: str, as_json: bool) -> int:
    """Test whether the printed interval widths say that Model 1 was coded in steps; exits with 1 if not."""
    from ipsrct import register_display, register_json
    from ipsrct.register.width_test import width_test

    results = [width_test(coding, start_months) for coding in _EXPECTED_HITS]
    as_stated = all(
        low <= result.n_hits <= high
        for result, (low, high) in zip(results, _EXPECTED_HITS.values(), strict=True)
    )
    show = register_json.widths if as_json else register_display.widths
    click.echo(show(results, as_stated))
    return 0 if as_stated else FAILED


@register.command()
@click.argument("file", type=_existing_file)
@click.option("--coding", type=click.Choice(["step", "level"]), default="step", show_default=True)
@_json
def evaluate(file: Path, coding: str, as_json: bool) -> None:
    """Run the report's Models 1 and 2 on a register, one row for each person and month, CSV or Parquet."""
    from ipsrct import register_display, register_json
    from ipsrct.register.records import read_register
    from ipsrct.register.reproduction import evaluate_register

    check_parquet(file)
    try:
        found = read_register(file)
    except RunError as error:
        message = str(error)
        raise InvalidFileError(message if str(file) in message else f"{file}: {message}") from error
    estimates = evaluate_register(found, coding)
    show = register_json.evaluation if as_json else register_display.evaluation
    click.echo(show(found, estimates, str(file), coding))
