"""Which difference the trial is sized for, between which levels, and on which grounds."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.statements import (
    EFFECT,
    assumption,
    control_assumption,
    grounds,
    levels,
    percent_as_given,
    same,
    to_fill_in,
)
from ipsrct.report.content.words import effect, name
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, t


def outcome(results: Node) -> list[Text]:
    """Return the primary outcome, its time point and how it is summarised."""
    scenario = results["scenario"]
    estimand = scenario["estimand"]
    if estimand["month"].value is None:
        gap = t("months after randomisation")
        first = t(
            "Primary outcome: {variable}; time point: {gap}.",
            variable=estimand["variable"].quoted(),
            gap=to_fill_in(gap),
        )
    else:
        first = t(
            "Primary outcome: {variable}; time point: {month} months after randomisation.",
            variable=estimand["variable"].quoted(),
            month=estimand["month"].count(),
        )
    compared = {"treatment": name(estimand["treatment"].value), "control": name(estimand["control"].value)}
    if scenario["is_share"].value:
        return [
            first,
            t(
                "The outcome is summarised as the share of participants who have it, and the effect is the "
                "difference "
                "between the shares of two arms, {treatment} minus {control}.",
                **compared,
            ),
        ]
    return [
        first,
        t(
            "The outcome is summarised as its mean in {unit}, and the effect is the difference between the "
            "means of two "
            "arms, {treatment} minus {control}.",
            unit=scenario["unit"].quoted(),
            **compared,
        ),
    ]


def target_difference(results: Node) -> list[Text]:
    """Return the assumed levels and their difference, absolute and relative, each with its grounds."""
    scenario, headline = results["scenario"], results["headline"]
    control, treated = levels(results)
    sentences = [_control(results, control)]
    quantity = assumption(results, EFFECT)
    values: dict[str, Item] = {"effect": effect(scenario, headline["effect"]), "treated": treated}
    if quantity is None:
        sentences.append(
            t(
                "The target difference is {effect}, that is {treated} with IPS (assumed: it follows from "
                "the path that "
                "the control arm is taken to follow).",
                **values,
            )
        )
    elif same(quantity["value"], headline["effect"]):
        sentences.append(
            t(
                "The target difference is {effect}, that is {treated} with IPS ({grounds}).",
                grounds=grounds(results, quantity),
                **values,
            )
        )
    else:
        sentences.append(
            t(
                "The target difference is {effect}, that is {treated} with IPS; it follows from an effect "
                "on employment "
                "at month 12 of {points} percentage points ({grounds}).",
                points=quantity["value"].percent(1),
                grounds=grounds(results, quantity),
                **values,
            )
        )
    if headline["relative_effect"].value is not None:
        sentences.append(
            t(
                "In relative terms the level with IPS is {ratio} times the level without; the absolute "
                "difference has "
                "primacy, since the trial is sized for it and will estimate it.",
                ratio=headline["relative_effect"].decimal(2),
            )
        )
    else:
        sentences.append(
            t(
                "A relative difference is not defined, since the level without IPS is zero; the absolute "
                "one has primacy."
            )
        )
    sentences.append(_basis(scenario["target_difference"].value))
    return sentences


def _control(results: Node, control: Item) -> Text:
    quantity = control_assumption(results)
    if quantity is None:
        path = results["scenario"]["counterfactual"].value
        return t(
            "Without IPS the level is {control} (assumed: it follows from the path “{path}” of the "
            "register's chain).",
            control=control,
            path=name(path or NO_VALUE),
        )
    if same(quantity["value"], results["headline"]["control"]):
        return t(
            "Without IPS the level is {control} ({grounds}).",
            control=control,
            grounds=grounds(results, quantity),
        )
    return t(
        "Without IPS the level is {control}; it follows from employment of {level} without IPS at month 12 "
        "({grounds}).",
        control=control,
        level=percent_as_given(quantity["value"]),
        grounds=grounds(results, quantity),
    )


def _basis(basis: str | None) -> Text:
    words = {
        "realistic": t(
            "The target difference was chosen as a realistic one: it lies within what existing evidence "
            "lets one expect. It has not been agreed to be the smallest difference that matters."
        ),
        "important": t(
            "The target difference is an important one: the smallest that would matter. Existing evidence "
            "does not show "
            "that it is realistic."
        ),
        "realistic and important": t(
            "The target difference is both realistic, given existing evidence, and important: the smallest "
            "that would "
            "matter."
        ),
    }
    if basis is None:
        gap = t(
            "realistic given existing evidence, important to those concerned, or both; and who agreed on it"
        )
        return t("The target difference is {gap}.", gap=to_fill_in(gap))
    return words[basis]
