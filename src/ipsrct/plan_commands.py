"""``ipsrct check-plan``: the balance and predictability of a randomisation, before anyone is enrolled."""

from __future__ import annotations

import click

from ipsrct._decimal import Decimal
from ipsrct._message import Message
from ipsrct._options import json_option, read, replicates_option, scenario_argument, seed_option, set_option


@click.command("check-plan")
@scenario_argument
@set_option
@replicates_option
@seed_option
@click.option(
    "--biasing-effect",
    type=Decimal(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Assumed shift of the risk by a guessing recruiter, and by drift from first to last participant.",
)
@click.option("--restricted", is_flag=True, help="Show what only those may see who keep the list.")
@json_option
def check_plan(
    scenario: str,
    changes: tuple[str, ...],
    replicates: int | None,
    seed: int | None,
    biasing_effect: float,
    restricted: bool,
    as_json: bool,
) -> None:
    """How balanced and how predictable the randomisation will be."""
    from ipsrct.diagnostics import LinearDrift, SelectionBias, diagnose
    from ipsrct.diagnostics.plan import REPLICATES
    from ipsrct.plan_display import plan

    trial = read(scenario, changes, seed=seed)
    if trial.grid:
        raise click.BadParameter(
            Message("check-plan takes one design at a time, not a grid"), param_hint="--set"
        )
    yes_or_no = trial.assumptions.outcome_model.unit == "proportion"
    biases = (SelectionBias(biasing_effect), LinearDrift(biasing_effect)) if yes_or_no else ()
    result = diagnose(trial, replicates=replicates or REPLICATES, biases=biases)
    shown = result if restricted else result.open_edition()
    click.echo(shown.to_json() if as_json else plan(shown))
