"""How many participants the targets need, by which test and which method."""

from __future__ import annotations

from ipsrct.report.content.analyses import analysis
from ipsrct.report.content.statements import (
    allocation,
    answers,
    arms,
    formula_answers,
    participants,
    percent_as_given,
    primary,
    to_fill_in,
    why_not,
)
from ipsrct.report.content.words import name, power
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, t

# The formula takes the variance under no difference as the test does, and the books differ in it.
_POOLED = t(
    "Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd edition 2003, chapter 4"
)
_UNPOOLED = t(
    "Chow, Shao and Wang, Sample Size Calculations in Clinical Research, 2nd edition 2008, section 4.2"
)


def required_size(results: Node) -> list[Item]:
    """Return test, allocation, the sizes with the method that found them, and the planned size."""
    scenario = results["scenario"]
    test: dict[str, Item] = {
        "analysis": analysis(scenario["estimators"].row(label=primary(results))),
        "alpha": percent_as_given(scenario["significance_level"]),
    }
    if scenario["sides"].value == 2:
        sentences: list[Item] = [
            t("The primary analysis is {analysis}, with a two-sided test at the {alpha} level.", **test)
        ]
    else:
        sentences = [
            t("The primary analysis is {analysis}, with a one-sided test at the {alpha} level.", **test)
        ]
    sentences.append(_allocation(scenario))
    found = answers(results)
    if not found:
        sentences.append(
            t("No number of participants is stated: {reason}.", reason=why_not(results, "sizing"))
        )
    sentences += [_needed(row) for row in found]
    reached = [row for row in found if row["n_total"].value is not None]
    if reached:
        sentences += [_method(reached[0]), _formula(results)]
    sentences.append(
        t(
            "The trial is planned with {planned} participants ({arms}); with them, power is {power}.",
            planned=results["headline"]["n_total"].count(),
            arms=arms(results["headline"]["n_per_arm"]),
            power=power(results),
        )
    )
    return sentences


def _allocation(scenario: Node) -> Text:
    ratio = allocation(scenario)
    if len({arm["allocation_weight"].value for arm in scenario["arms"]}) == 1:
        return t("Participants are allocated {ratio}.", ratio=ratio)
    listed = Joined(tuple(name(arm["name"].value) for arm in scenario["arms"]))
    reason, gap = scenario["allocation_reason"], t("why the arms are not equally large")
    return t(
        "Participants are allocated {ratio} ({arms}); reason for unequal arms: {reason}.",
        ratio=ratio,
        arms=listed,
        reason=reason.quoted() if reason.value else to_fill_in(gap),
    )


def _needed(row: Node) -> Item:
    target = row["target_power"].share(0)
    if row["n_total"].value is not None:
        return t(
            "For {target} power, the trial needs {needed}, rounded up to whole persons in the ratio of the "
            "allocation.",
            target=target,
            needed=participants(row),
        )
    none = t("No number of participants gives {target} power.", target=target)
    note = row["note"].quoted()
    whole = row["note"].value.endswith(".")
    return Joined((none, note if whole else t("Where the search ended: {note}.", note=note)), " ")


def _method(row: Node) -> Text:
    if row["method"].value == "exact":
        return t(
            "The numbers are the smallest whose power, found by enumerating every possible result of a "
            "trial that is "
            "randomised as planned, reaches the target; nothing is simulated."
        )
    return t(
        "The numbers are found by simulating whole trials and analysing each as planned, with {replicates} "
        "simulated "
        "trials at the size that was read off; the intervals are Monte Carlo intervals.",
        replicates=row["n_replicates"].count(),
    )


def _formula(results: Node) -> Text:
    rows = formula_answers(results)
    if not rows:
        return t(
            "The usual formula for two proportions does not cover this design and analysis, so no number is "
            "given by it."
        )
    first, last = rows[0], rows[-1]
    test = results["scenario"]["estimators"].row(label=primary(results))
    values: dict[str, Item] = {
        "source": _POOLED if test.value.get("variance") == "pooled" else _UNPOOLED,
        "first": first["n_total"].count(),
        "target": first["target_power"].share(0),
        "last": last["n_total"].count(),
        "higher": last["target_power"].share(0),
    }
    if results["scenario"]["attrition"]:
        return t(
            "If every outcome were seen, the usual normal-approximation formula for two proportions "
            "({source}) would give {first} for {target} and {last} for {higher} power.",
            **values,
        )
    return t(
        "The usual normal-approximation formula for two proportions ({source}) gives {first} for {target} "
        "and {last} for {higher} power.",
        **values,
    )
