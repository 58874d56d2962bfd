"""When the trial has its participants, who carries it, and whether IPS has places."""

from __future__ import annotations

from ipsrct.report.content.parts import month, why_not
from ipsrct.report.content.words import name
from ipsrct.report.figures import recruitment as fan_chart
from ipsrct.report.model import Block, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, t


def recruitment(results: Node) -> Section:
    """Return the calendar of the trial, the counties' shares, places in IPS, and what if."""
    return Section("recruitment", t("Recruitment"), tuple(_blocks(results)))


def _blocks(results: Node) -> list[Block]:
    if "recruitment" not in results:
        return [why_not(results, "recruitment")]
    found = results["recruitment"]
    if found["milestones"][0]["median"]["value"].value is None:
        text = t(
            "{n} participants are reached in no simulated recruitment.", n=found["n_participants"].count()
        )
        return [Paragraph(text, "warning")]
    return [
        Paragraph(_when(found)),
        *_never(found),
        fan_chart.figure(results),
        _calendar(found, results["provenance"]["parts"]["recruitment"]["replicates"]),
        _what_if(found),
        _counties(found),
        Paragraph(
            t(
                "Of {n} services, {few} give fewer than {limit} participants each, on average.",
                n=found["n_services"].count(),
                few=found["services_with_few"]["value"].decimal(
                    1, found["services_with_few"]["mc_standard_error"]
                ),
                limit=found["few"].count(),
            )
        ),
        *_places(results),
    ]


def _when(found: Node) -> Item:
    first, outcome, register = found["milestones"]
    return t(
        "Recruitment opens in {opens}. The trial reaches {n} participants in {reached} (median; between "
        "{low} and {high} in 80 of 100 simulated recruitments). The last outcome is observed in {outcome}, "
        "and the register shows it in {register}. The interval shows the uncertainty from chance and from "
        "differences between counties and services; consent and starts are held at what is assumed.",
        opens=found["opens"].month(),
        n=found["n_participants"].count(),
        reached=month(first["calendar"]["median"]),
        low=month(first["calendar"]["q10"]),
        high=month(first["calendar"]["q90"]),
        outcome=month(outcome["calendar"]["median"]),
        register=month(register["calendar"]["median"]),
    )


def _never(found: Node) -> list[Block]:
    share = found["milestones"][0]["not_reached"]
    if not share.value:
        return []
    text = t(
        "In {share} of the simulated recruitments the size is never reached. The numbers leave them out.",
             share=share.share())  # fmt: skip
    return [Paragraph(text, "warning")]


def _calendar(found: Node, replicates: Node) -> Table:
    rows = []
    for row in found["milestones"]:
        months = (row[key]["value"].decimal(1, row[key]["mc_standard_error"]) for key in _STATISTICS)
        calendar = (month(row["calendar"][key]) for key in ("q10", "median", "q90"))
        rows.append((_milestone(row["name"].value), *months, *calendar))
    return Table(
        "calendar",
        t("Months from opening, and the months of the calendar"),
        (
            t("Milestone"),
            t("Mean, months"),
            t("10% are done within, months"),
            t("Median, months"),
            t("90% are done within, months"),
            t("10% are done in"),
            t("Median in"),
            t("90% are done in"),
        ),
        tuple(rows),
        t("{n} simulated recruitments; in brackets: Monte Carlo standard errors.", n=replicates.count()),
    )  # fmt: skip


_STATISTICS = ("mean", "q10", "median", "q90")


def _milestone(key: str) -> Item:
    words = {
        "n_reached": t("All participants recruited"),
        "last_outcome": t("Last outcome observed"),
        "register_complete": t("Register complete"),
    }
    return words[key]


def _what_if(found: Node) -> Table:
    return Table(
        "what-if",
        t("Months to all participants if something else holds"),
        (t("If"), t("Mean, months"), t("Size never reached")),
        tuple(
            (
                _changed(row),
                row["months"]["value"].decimal(1, row["months"]["mc_standard_error"]),
                row["not_reached"].share(),
            )
            for row in found["what_if"]
        ),
        t(
            "Fewer simulated recruitments than above, so the first row can differ within the errors in "
            "brackets."
        ),
    )


def _changed(row: Node) -> Text:
    key, value = row["key"].value, row["value"]
    if key == "consent":
        return t("{share} consent", share=value.share(0))
    if key == "starts_per_month":
        return t("{n} people a month start IPS", n=value.decimal(0))
    if key == "minimum_age":
        return t("the lower age limit is {age} years", age=value.count())
    words = {
        "as_assumed": t("everything is as assumed"),
        "at_once": t("all services open at once at their full rate"),
    }
    return words[key]


def _counties(found: Node) -> Table:
    rows = []
    for row in found["counties"]:
        mean, share = row["participants"], row["share"]
        rows.append(
            (
                name(row["name"].value),
                row["services"].count(),
                mean["value"].decimal(1, mean["mc_standard_error"]),
                share["value"].share(1, share["mc_standard_error"]),
                t("{low} to {high}", low=row["share_q10"].share(), high=row["share_q90"].share()),
            )
        )
    return Table(
        "counties",
        t("Where the participants come from"),
        (t("County"), t("Services"), t("Participants, mean"), t("Share, mean"), t("Share, 80% interval")),
        tuple(rows),
        t("In brackets: Monte Carlo standard errors. The intervals hold 80 of 100 simulated recruitments."),
    )


def _places(results: Node) -> list[Block]:
    found, assumed = results["recruitment"], results["assumptions"]
    caseload = found["caseload"]
    target = assumed.row(path="recruitment.caseload")["value"]
    values: dict[str, Item] = {
        "caseload": caseload["value"].decimal(1, caseload["mc_standard_error"]),
        "target": target.decimal(0),
        "limit": assumed.row(path="recruitment.caseload_limit")["value"].decimal(0),
        "opening": found["opening_caseload"].decimal(1),
        "without": found["caseload_without_trial"].decimal(1),
        "waiting": found["waiting"]["value"].decimal(0, found["waiting"]["mc_standard_error"]),
        "needed": found["referrals_needed"].decimal(2),
    }
    below = caseload["value"].value < target.value
    verdict = (
        t(
            "Places at the target stand empty. To fill them while every service recruits, starts must be "
            "{needed} times those assumed.",
            **values,
        )
        if below
        else t("The target is exceeded: IPS has fewer places than the trial sends participants.")
    )
    return [
        Paragraph(
            t(
                "When all participants are recruited there are {caseload} participants in IPS per "
                "employment specialist, against a target of {target} and a limit of {limit}. At opening "
                "there are {opening}; without a trial and without a limit the assumed starts would lead to "
                "{without}. On average {waiting} people who have consented wait for a place in the month "
                "in which the size is reached.",
                **values,
            )
        ),
        Paragraph(verdict),
    ]
