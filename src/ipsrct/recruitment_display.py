"""Recruitment as text for a terminal; computes nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.table import Table

from ipsrct._text import quantities_in, render, text_table
from ipsrct.display import percent
from ipsrct.evidence import Quantity
from ipsrct.recruiting import RecruitmentRun
from ipsrct.recruitment.stocks import Stock
from ipsrct.recruitment.summary import Milestone, Value

_WORDS = {
    "n_reached": "size reached",
    "last_outcome": "last outcome observed",
    "register_complete": "register complete",
}


def recruitment(run: RecruitmentRun) -> str:
    """Return when the trial is done, what becomes of IPS, who carries it and what it rests on."""
    return render(
        *_recruitment_sentences(run),
        _milestones(run),
        _what_if(run),
        _counties(run),
        _assumptions(run),
        f"\nSeed {run.provenance['seed']}, {run.provenance['replicates']:,} simulated recruitments "
        "(500 for what if). In brackets: Monte Carlo standard errors. Months count from opening.",
    )


def calendar(run: RecruitmentRun) -> str:
    """Return when the trial is done, to stand below a size."""
    return render(next(_recruitment_sentences(run)), _milestones(run))


def _recruitment_sentences(run: RecruitmentRun) -> Iterator[str]:
    plan, n = run.plan, run.scenario.design.n_participants
    first, outcome, register = run.milestones
    if math.isnan(first.median.value):
        yield f"{n:,} participants are reached in no simulated recruitment."
        return
    low, middle, high = (math.ceil(v.value) for v in (first.q10, first.median, first.q90))
    yield (
        f"{n:,} participants are reached in month {middle}, {plan.calendar(middle)} (80 % interval {low} to "
        f"{high}; Monte Carlo standard error {first.median.mc_standard_error:.2f} months). The last "
        f"outcome is observed in month {math.ceil(outcome.median.value)} and the register is complete in "
        f"month {math.ceil(register.median.value)}, {plan.calendar(math.ceil(register.median.value))}."
    )
    yield (
        "The interval is what chance, counties and services leave open. Consent and starts are held "
        "at what is assumed; what if they differ stands below."
    )
    if first.not_reached:
        yield f"{first.not_reached:.1%} of the recruitments never reach it; the numbers leave them out."
    randomised = plan.starts_per_month.value * plan.consenting
    share = run.scenario.ips_share
    outside = (
        plan.starts_per_month.value * (1 if plan.declined_enter_ips else 1 - plan.eligible + plan.consenting)
        - randomised
    )
    yield (
        f"Of {plan.starts_per_month.value:.0f} people a month who would start IPS, {randomised:.0f} are "
        f"randomised once every service recruits, and {randomised * share:.0f} of them go to IPS; "
        f"{outside:.0f} start it outside the trial. So IPS gets {randomised * share + outside:.0f} a month."
    )
    target = plan.caseload.value
    empty = f"{1 - run.caseload.value / target:.0%} of the places at the target of {target:g} stand empty"
    full = f"the target of {target:g} is exceeded"
    yield (
        f"When the size is reached there are {run.caseload.value:.1f} people per specialist "
        f"({run.opening_caseload:.1f} at opening; {run.caseload_without_trial:.1f} is where today's "
        f"starts would "
        f"lead without limit or trial): {empty if run.caseload.value < target else full}. To hold the "
        f"target, "
        f"starts must be {run.referrals_needed:.2f} times today's. {run.waiting.value:.0f} people wait for a "
        "place that no specialist has."
    )
    yield (
        f"{run.services_with_few.value:.1f} ({run.services_with_few.mc_standard_error:.1g}) of "
        f"{plan.n_services} services give fewer than {run.few} participants."
    )


def _with_error(value: Value, digits: int = 1) -> str:
    if math.isnan(value.value):
        return "-"
    return f"{value.value:.{digits}f} ({value.mc_standard_error:.1g})"


def _milestones(run: RecruitmentRun) -> Table:
    table = text_table("\nMonths from opening", "", "mean", "10 %", "median", "90 %", "median is in")
    for m in run.milestones:
        table.add_row(_WORDS[m.name], *map(_with_error, (m.mean, m.q10, m.median, m.q90)), _when(run, m))
    return table


def _when(run: RecruitmentRun, milestone: Milestone) -> str:
    middle = milestone.median.value
    return "-" if math.isnan(middle) else run.plan.calendar(math.ceil(middle))


def _what_if(run: RecruitmentRun) -> Table:
    table = text_table("\nWhat if", "", "months to the size, mean", "never reached")
    for row in run.what_if:
        table.add_row(row.changed, _with_error(row.months), percent(row.not_reached))
    return table


def _counties(run: RecruitmentRun) -> Table:
    columns = ("county", "services", "participants", "share", "80 % interval of the share")
    table = text_table("\nWho carries the trial", *columns)
    for c in run.counties:
        interval = f"{percent(c.share_q10)} to {percent(c.share_q90)}"
        name = c.county.replace("_", " ")
        table.add_row(name, str(c.services), _with_error(c.participants), percent(c.share.value), interval)
    return table


def _assumptions(run: RecruitmentRun) -> Table:
    table = text_table("\nWhat it rests on", "", "value", "source")
    table.columns[-1].justify = "left"
    table.add_row("opens", run.plan.opens, "assumed: chosen")
    table.add_row("minimum age", str(run.plan.minimum_age), "assumed: chosen")
    declined = "enter IPS" if run.plan.declined_enter_ips else "do not"
    table.add_row("who declines", declined, "assumed: chosen")
    for path, quantity in quantities_in(run.plan, "recruitment"):
        if ".counties." not in path:
            name = path.removeprefix("recruitment.").replace("_", " ").replace(".", ": ")
            table.add_row(name, f"{quantity.value:g}", source_of(quantity))
    tables = sorted(
        {
            f"{key.split('.')[0]}.*.{key.split('.')[-1]}" if q.evidence else "assumed"
            for path, q in quantities_in(run.plan, "recruitment")
            if ".counties." in path
            for key in q.evidence or ("",)
        }
    )
    table.add_row("counties", f"{len(run.plan.counties)}", ", ".join(tables))
    return table


def source_of(quantity: Quantity) -> str:
    """Return the reason and the evidence ids of a number; one of them says assumed or where it stands."""
    assumed = [f"assumed: {quantity.assumed}"] if quantity.assumed else []
    return "; ".join([*assumed, ", ".join(quantity.evidence)]).strip("; ")


def stocks(rows: Sequence[Stock]) -> str:
    """Return whether the simulation gives the reported active participants, county by county."""
    own = [row for row in rows if row.hazard == "exits"]
    worst = max(own, key=lambda row: abs(row.difference / row.mc_standard_error))
    away = abs(worst.difference / worst.mc_standard_error)
    if away < 4:
        verdict = (
            f"From the reported starts and exits, all {len(own)} reported numbers of active participants "
            f"come out within {away:.1f} Monte Carlo standard errors "
            f"(largest: {worst.county}, {worst.difference:+.2f} people)."
        )
    else:
        verdict = f"{worst.county} is {away:.1f} Monte Carlo standard errors off ({worst.difference:+.1f})."
    parts: list[Table | str] = [
        verdict,
        "Reported starts are stocks and exits set off against each other, so this checks the simulation.",
    ]
    table = text_table(
        "\nActive participants", "county", "period", "first", "starts", "exits", "reported last", "simulated",
        "printed rate", "national rate",
    )  # fmt: skip
    found = {(row.county, row.period, row.hazard): row for row in rows}
    for row in own:
        others = [found[row.county, row.period, hazard] for hazard in ("printed", "national")]
        differences = [f"{other.difference:+.1f}" for other in others]
        period = row.period.replace("_", " ").replace("jan jul", "to July")
        numbers = map(str, (row.first, row.starts, row.exits, row.reported))
        simulated = f"{row.simulated:.1f} ({row.mc_standard_error:.1g})"
        table.add_row(row.county, period, *numbers, simulated, *differences)
    register = next(row for row in rows if row.hazard == "register")
    return render(
        *parts,
        table,
        "\nThe last two columns are simulated less reported. Printed rate: exits over the mean of "
        "first and last "
        "stock, which is too high where the stock rises fast early in the period (Oslo, Trøndelag "
        "2022). National "
        "rate: 5.36 % a month everywhere, which does not hold; counties keep their participants "
        "differently long.",
        f"The register's own 88 starts and 5.36 % a month lead from {register.first} in January 2022 to "
        f"{register.simulated:.0f} in December, {-register.difference:.0f} fewer than the services' "
        f"{register.reported:,}: the two sources count differently. The services' December 2022 "
        f"(1,096) and January "
        "2023 (1,074) differ as well; each period starts from its own table.",
    )
