"""The answer, in three sentences: how many, how long, and on what it rests."""

from __future__ import annotations

from ipsrct.report.content.answer_numbers import answer_in_numbers
from ipsrct.report.content.statements import (
    EFFECT,
    answers,
    durations,
    levels,
    participants,
    primary,
    why_not,
)
from ipsrct.report.content.words import effect, power
from ipsrct.report.model import Paragraph, Section
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, Text, t


def answer(results: Node) -> Section:
    """Return how many participants are needed, how long that takes, what it rests on, and what it is not."""
    return Section(
        "answer",
        t("The answer"),
        (
            Paragraph(_how_many(results), "answer"),
            Paragraph(_how_long(results), "answer"),
            Paragraph(_rests_on(results), "answer"),
            answer_in_numbers(results),
            Paragraph(_is_not(results), "warning"),
        ),
    )


def _how_many(results: Node) -> Text:
    scenario, headline = results["scenario"], results["headline"]
    found = answers(results)
    if not found:
        return t(
            "How many participants are needed is not known here: {reason}.", reason=why_not(results, "sizing")
        )
    control, treated = levels(results)
    first, last = found[0], found[-1]
    values: dict[str, Item] = {
        "target": first["target_power"].share(0),
        "effect": effect(scenario, headline["effect"]),
        "control": control,
        "treated": treated,
    }
    if first["n_total"].value is None:
        return _never(results, values)
    values |= {"needed": participants(first), "higher": last["target_power"].share(0)}
    if last["n_total"].value is None:
        return t(
            "To have {target} power to find the assumed effect of {effect} ({control} without IPS, "
            "{treated} with "
            "it), the trial needs {needed}, while no number that was tried gives {higher} power.",
            **values,
        )
    return t(
        "To have {target} power to find the assumed effect of {effect} ({control} without IPS, {treated} "
        "with it), "
        "the trial needs {needed}, and for {higher} power it needs {more}.",
        **values,
        more=participants(last),
    )


def _never(results: Node, values: dict[str, Item]) -> Text:
    """Return why no number of participants is enough."""
    sign = results["headline"]["effect"].value
    if abs(sign) < 1e-12:
        return t(
            "No number of participants gives the trial {target} power, because no effect is assumed "
            "({control} "
            "without IPS, {treated} with it).",
            **values,
        )
    if sign < 0 and results["scenario"]["sides"].value == 1:
        return t(
            "No number of participants gives the trial {target} power, because the assumed effect of "
            "{effect} "
            "({control} without IPS, {treated} with it) lies on the other side of the one-sided test.",
            **values,
        )
    return t(
        "No number of participants that was tried gives the trial {target} power to find the assumed effect "
        "of "
        "{effect} ({control} without IPS, {treated} with it).",
        **values,
    )


def _how_long(results: Node) -> Text:
    planned: dict[str, Item] = {
        "planned": results["headline"]["n_total"].count(),
        "power": power(results),
    }
    if "recruitment" not in results["provenance"]["scenario"]:
        return t(
            "How long that takes cannot be said, since nothing is assumed about recruitment; the {planned} "
            "participants "
            "that are planned give {power} power.",
            **planned,
        )
    if "recruitment" not in results:
        return t(
            "How long that takes is not known here ({reason}); the {planned} participants that are planned "
            "give "
            "{power} power.",
            reason=why_not(results, "recruitment"),
            **planned,
        )
    timed = [row for row in durations(results) if row["n_reached"]["value"].value is not None]
    if not timed:
        milestones = results["recruitment"]["milestones"]
        return t(
            "Recruiting the {planned} participants that are planned takes about {months} months, the "
            "register is complete {complete} months after the first services start to recruit, and the "
            "power is {power}.",
            months=milestones.row(name="n_reached")["mean"]["value"].decimal(1),
            complete=milestones.row(name="register_complete")["mean"]["value"].decimal(1),
            **planned,
        )
    first, last = timed[0], timed[-1]
    values: dict[str, Item] = planned | {
        "n": first["n_total"].count(),
        "months": first["n_reached"]["value"].decimal(1),
        "complete": first["register_complete"]["value"].decimal(1),
    }
    if len(timed) == 1:
        return t(
            "Recruiting {n} takes about {months} months, and the register is complete {complete} months "
            "after the first services start to recruit; the {planned} participants that are planned give "
            "{power} power.",
            **values,
        )
    return t(
        "Recruiting {n} takes about {months} months and the register is complete {complete} months after "
        "the first services start to recruit, against {more_months} and {more_complete} months for {more}; "
        "the {planned} participants that are planned give {power} power.",
        **values,
        more=last["n_total"].count(),
        more_months=last["n_reached"]["value"].decimal(1),
        more_complete=last["register_complete"]["value"].decimal(1),
    )


def _ends(results: Node) -> dict[str, Item] | None:
    """Return the ends of the effect's range with the power there; None where either is not known."""
    scenario, effects = results["scenario"], results["headline"]["effect_range"]
    if effects.value is None or "sensitivity" not in results:
        return None
    rows = results["sensitivity"]["rows"]
    found: dict[str, Item] = {}
    for end in ("low", "high"):
        row = rows.row(assumption=EFFECT, end=end)
        if row["power"].value is None:
            return None
        found[end] = effect(scenario, effects[end])
        found[f"{end}_power"] = row["power"].share(1, row["mc_standard_error"])
    return found


def _rests_on(results: Node) -> Text:
    ends = _ends(results)
    averaged: dict[str, Item] = {}
    if "assurance" in results:
        assurance = results["assurance"]
        averaged["assurance"] = assurance["assurance"].share(1, assurance["mc_standard_error"])
    if ends and averaged:
        return t(
            "The answer stands or falls with the effect, which is assumed: if it is {low} or {high}, the "
            "ends of its range, the planned trial has {low_power} or {high_power} power, and averaged over "
            "the effects that are held possible the probability that the trial finds a positive effect is "
            "{assurance}.",
            **ends,
            **averaged,
        )
    if ends:
        return t(
            "The answer stands or falls with the effect, which is assumed: if it is {low} or {high}, the "
            "ends of its range, the planned trial has {low_power} or {high_power} power.",
            **ends,
        )
    if averaged:
        return t(
            "The answer stands or falls with the effect, which is assumed: averaged over the effects that "
            "are held possible, the probability that the planned trial finds a positive effect is "
            "{assurance}.",
            **averaged,
        )
    return t("The answer stands or falls with the effect, which is assumed.")


def _is_not(results: Node) -> Joined:
    return Joined((_no_evidence(results), _subgroups(results)), " ")


def _no_evidence(results: Node) -> Text:
    if "identification" not in results:
        return t(
            "The number does not say that the effect is there: the effect is assumed, and only a trial can "
            "show it."
        )
    return t(
        "The number does not say that the effect is there: the before-after evaluation cannot identify the "
        "effect, "
        "since it followed nobody without IPS (see {identification}).",
        identification=Link("identification"),
    )


def _subgroups(results: Node) -> Text:
    powers = _subgroup_powers(results)
    if not powers:
        return t(
            "The number is for all participants together and does not say what can be found in a subgroup "
            "(see {subgroups}).",
            subgroups=Link("subgroups"),
        )
    least, most = (choose(powers, key=lambda row: float(row["value"].value)) for choose in (min, max))
    return t(
        "The number is for all participants together: within single subgroups the planned trial has {least} "
        "to {most} power, so a subgroup without a significant effect is no sign that IPS does not work "
        "there (see {subgroups}).",
        least=least["value"].share(1, least["mc_standard_error"]),
        most=most["value"].share(1, most["mc_standard_error"]),
        subgroups=Link("subgroups"),
    )


def _subgroup_powers(results: Node) -> list[Node]:
    if "characteristics" not in results:
        return []
    groups = {row["name"].value for row in results["scenario"]["populations"].rows(kind="subgroup")}
    rows = results["characteristics"]["characteristics"].rows(measure="power", estimator=primary(results))
    return [row for row in rows if row["population"].value in groups and row["value"].value is not None]
