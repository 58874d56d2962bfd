"""``ipsrct randomise`` and ``ipsrct audit-list``: allocation lists for a real trial.

Exit codes: 0 done, 1 the list has faults, 2 usage or no list possible, 3 invalid scenario, list or seed file.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipsrct._files import write_folder
from ipsrct._message import Message
from ipsrct._stderr import tell
from ipsrct.errors import Fault, ListFileError

if TYPE_CHECKING:
    from ipsrct.lists.plan import ListPlan

FAILED, SERVICE = 1, "service"

_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_set = click.option("--set", "changes", multiple=True, metavar="PATH=VALUE", help="Set a value.")


@click.command()
@click.argument("scenario")
@_set
@click.option(
    "--seed-file",
    type=click.Path(path_type=Path),
    required=True,
    help="The list seed, a file of mode 0600 outside OUT; made when missing, and never shown.",
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="A new folder.")
@click.option(
    "--minimum-length",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Plan every list for at least so many participants.",
)
@click.option(
    "--redcap-groups",
    type=_file,
    help="CSV with service,redcap_data_access_group (REDCap's numbers): services are data access groups.",
)
@_json
def randomise(
    scenario: str,
    changes: tuple[str, ...],
    seed_file: Path,
    out: Path,
    minimum_length: int,
    redcap_groups: Path | None,
    as_json: bool,
) -> None:
    """Write the allocation lists of a real trial, drawn from a list seed kept apart."""
    from ipsrct._reading import read_with_changes
    from ipsrct.lists.folder import folder_files, summary, summary_json
    from ipsrct.lists.plan import make_plan
    from ipsrct.lists.seed_file import check_place, make_seed, read_seed

    plan = make_plan(read_with_changes(scenario, changes, {}), minimum_length)
    sites = None if redcap_groups is None else _sites(redcap_groups, plan)
    if not out.resolve().parent.is_dir():
        message = Message("{path}: there is no folder {folder}", path=out, folder=out.parent)
        raise click.BadParameter(message, param_hint="--out")
    check_place(seed_file, out)
    is_new = not seed_file.exists()
    seed = make_seed(seed_file) if is_new else read_seed(seed_file)
    written = write_folder(out, folder_files(plan, seed, sites))
    if is_new:
        tell(Message("Made a list seed in {file}: keep it safe, and apart from the lists.", file=seed_file))
    click.echo(summary_json(plan, out, written) if as_json else summary(plan, out, written))


def _sites(path: Path, plan: ListPlan) -> dict[str, str]:
    from ipsrct.lists.formats import read_sites

    if SERVICE not in plan.factors:
        raise click.BadParameter(
            Message("randomisation is not stratified by service"), param_hint="--redcap-groups"
        )
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ListFileError([Fault("file", f"must be CSV in UTF-8: {error}")], str(path)) from None
    return read_sites(text, str(path), plan.levels[SERVICE])


def _ratio(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    parts = text.split(":")
    if len(parts) < 2 or not all(re.fullmatch(r"[1-9][0-9]{0,2}", part) for part in parts):
        raise click.BadParameter(Message('must be whole numbers such as 2:1, got "{given}"', given=text))
    return tuple(int(part) for part in parts)


def _names(_: click.Context, __: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


@click.command("audit-list")
@click.argument("file", type=_file)
@click.option("--scenario", help="Compare with the lists that this scenario needs.")
@_set
@click.option("--arm", metavar="COLUMN", help="The column of arms; arm or REDCap's by default.")
@click.option(
    "--strata",
    metavar="COLUMNS",
    callback=_names,
    help="The columns that form strata, with commas between; found by their names by default.",
)
@click.option("--ratio", callback=_ratio, help="Allocation such as 2:1, in the order of the arms' names.")
@_json
def audit_list(
    file: Path,
    scenario: str | None,
    changes: tuple[str, ...],
    arm: str | None,
    strata: tuple[str, ...] | None,
    ratio: tuple[int, ...] | None,
    as_json: bool,
) -> int:
    """Say which schemes can have made a list (CSV or Excel), and what is wrong with it."""
    from ipsrct._reading import read_with_changes
    from ipsrct.lists.audit import audit_list as audit
    from ipsrct.lists.given import Expected, read_list
    from ipsrct.lists.plan import make_plan
    from ipsrct.lists.report import audit_json, audit_text

    if scenario is None and changes:
        raise click.BadParameter(Message("needs --scenario"), param_hint="--set")
    plan = None if scenario is None else make_plan(read_with_changes(scenario, changes, {}))
    expected = None if plan is None else Expected(plan.scenario.arm_names, plan.levels)
    given = read_list(file, expected, arm, strata)
    if ratio is not None and len(ratio) != len(given.arms):
        arms = ", ".join(given.arms)
        message = Message("must have a number for each arm: {arms}", arms=arms)
        raise click.BadParameter(message, param_hint="--ratio")
    found = audit(given, plan, ratio)
    click.echo(audit_json(str(file), found) if as_json else audit_text(str(file), found))
    return FAILED if found.faults else 0
