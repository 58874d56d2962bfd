"""What the sample size is adjusted for, one by one, and what it is not adjusted for and why."""

from __future__ import annotations

from ipsrct.report.content.statements import (
    answers,
    assumption,
    grounds,
    named,
    participants,
    percent_as_given,
    primary,
    to_fill_in,
)
from ipsrct.report.content.words import name
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, t

TREATMENT_POLICY = "treatment policy"


def adjustments(results: Node) -> tuple[tuple[Item, Item], ...]:
    """Return each adjustment with what is done about it."""
    return (
        (t("Attrition"), _attrition(results)),
        (t("Non-adherence"), _adherence(results)),
        (t("Clustering"), _clustering(results)),
        (t("Multiplicity"), _multiplicity(results)),
        (t("Stratification"), _stratification(results)),
        (
            t("Interim analyses"),
            t("None are planned. The data are analysed once, so the significance level is not divided."),
        ),
    )


def _attrition(results: Node) -> Item:
    lost = results["scenario"]["attrition"]
    needed = [row for row in answers(results) if row["n_total"].value is not None]
    if not lost:
        nothing = t("Not adjusted for: the outcome is assumed to be seen for every participant.")
        if not needed:
            return nothing
        same = t(
            "The number is therefore the same before and after: {needed} for {target} power.",
            target=needed[0]["target_power"].share(0),
            needed=participants(needed[0]),
        )
        return Joined((nothing, same), " ")
    shares: list[Item] = [
        t(
            "{share} in {arm} ({grounds})",
            share=percent_as_given(share),
            arm=name(arm),
            grounds=_grounds(results, arm),
        )
        for arm, share in lost.items()
    ]
    sentences: list[Item] = [
        t(
            "Adjusted for: the outcome is taken to be missing for {shares}, whatever the outcome would have "
            "been.",
            shares=Joined(tuple(shares), "; "),
        )
    ]
    before = {row["target_power"].value: row for row in answers(results, "sizing_all_observed")}
    for row in needed:
        without = before.get(row["target_power"].value)
        if without is not None and without["n_total"].value is not None:
            sentences.append(
                t(
                    "For {target} power, the adjustment takes the trial from {before} to {after}.",
                    target=row["target_power"].share(0),
                    before=participants(without),
                    after=participants(row),
                )
            )
    return Joined(tuple(sentences), " ")


def _grounds(results: Node, arm: str) -> Item:
    quantity = assumption(results, f"assumptions.attrition.{arm}")
    return grounds(results, quantity) if quantity is not None else to_fill_in(t("reason"))


def _adherence(results: Node) -> Text:
    events = results["scenario"]["estimand"]["intercurrent_events"]
    if events and all(event["strategy"].value == TREATMENT_POLICY for event in events):
        return t(
            "Not adjusted for: the assumed effect is that of being allocated to IPS, whether or not IPS is "
            "used as "
            "intended, so the number must not be increased once more."
        )
    return t(
        "Not adjusted for: the assumed effect is taken to be what the estimand asks for, with the "
        "non-adherence "
        "that its strategies let count."
    )


def _clustering(results: Node) -> Text:
    scenario = results["scenario"]
    if scenario["randomisation"]["unit"].value != "participant":
        return t(
            "Adjusted for: whole services are randomised, and they are randomised and analysed as such in "
            "every "
            "simulated trial."
        )
    correlation = assumption(results, "assumptions.outcome.service_icc")
    if scenario["correlated_in_services"].value and correlation is not None:
        return t(
            "Adjusted for: outcomes within a service are simulated with an intra-service correlation of "
            "{icc} ({grounds}).",
            icc=correlation["value"].decimal(3),
            grounds=grounds(results, correlation),
        )
    return t(
        "Not adjusted for: participants are randomised one by one, and within an arm their outcomes are "
        "taken to be "
        "independent. Services with different levels cost little, since both arms are in each; an effect "
        "that "
        "differs between services would cost power."
    )


def _multiplicity(results: Node) -> Item:
    scenario = results["scenario"]
    first = t(
        "Not adjusted for: there is one primary outcome, one primary comparison and one primary analysis. "
        "Other analyses "
        "and subgroups are secondary and are reported with their intervals."
    )
    if len(scenario["arms"]) == 2:
        return first
    more = t(
        "The number is for {treatment} against {control}; other comparisons of arms are not adjusted for.",
        treatment=name(scenario["estimand"]["treatment"].value),
        control=name(scenario["estimand"]["control"].value),
    )
    return Joined((first, more), " ")


def _stratification(results: Node) -> Text:
    scenario = results["scenario"]
    factors = scenario["randomisation"]["factors"]
    analysis = scenario["estimators"].row(label=primary(results))
    if not factors:
        return t("Not adjusted for: randomisation is not stratified.")
    if set(factors.value) <= set(analysis["strata_factors"].value):
        return t(
            "Adjusted for: the calculation randomises within strata of {factors}, as planned, and the "
            "primary analysis adjusts for these factors.",
            factors=named(factors),
        )
    return t(
        "Adjusted for in the randomisation, not in the primary analysis: the calculation randomises within "
        "strata of {factors}, as planned. What an analysis that adjusts for the factors gains is not "
        "counted.",
        factors=named(factors),
    )
