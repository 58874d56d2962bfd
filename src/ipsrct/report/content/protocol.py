"""The paragraph for the protocol: SPIRIT 2025 item 19, CONSORT 2025 item 16a, and DELTA2."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.adjustments import adjustments
from ipsrct.report.content.analyses import analysis
from ipsrct.report.content.statements import (
    EFFECT,
    allocation,
    answers,
    arms,
    assumption,
    control_assumption,
    formula_answers,
    grounds,
    levels,
    percent_as_given,
    primary,
    same,
    size,
    to_fill_in,
    why_not,
)
from ipsrct.report.content.words import effect, name, power
from ipsrct.report.model import Block, Paragraph, Section, Table, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, Text, t


def protocol(results: Node) -> Section:
    """Return the sample size as a protocol states it, ready to paste, and its numbers as a table."""
    blocks: list[Block] = [
        Paragraph(
            t(
                "The text below is written to be pasted into the protocol (SPIRIT 2025 item 19, CONSORT 2025 item 16a, "
                "DELTA2). What stands in square brackets is for those who write the protocol."
            ),
            "note",
        ),
        Paragraph(_sentences(*_outcome(results))),
        Paragraph(_sentences(*_target_difference(results))),
        Paragraph(_sentences(*_number(results))),
        Terms(adjustments(results)),
        Paragraph(_sentences(*_sensitivity(results), _software(results))),
    ]
    if answers(results):
        blocks.append(_numbers(results))
    return Section("protocol", t("The sample size in the protocol"), tuple(blocks))


def _sentences(*sentences: Item) -> Joined:
    return Joined(sentences, " ")


def _outcome(results: Node) -> list[Text]:
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
                "The outcome is summarised as the share of participants who have it, and the effect is the difference "
                "between the shares of two arms, {treatment} minus {control}.",
                **compared,
            ),
        ]
    return [
        first,
        t(
            "The outcome is summarised as its mean in {unit}, and the effect is the difference between the means of two "
            "arms, {treatment} minus {control}.",
            unit=scenario["unit"].quoted(),
            **compared,
        ),
    ]


def _target_difference(results: Node) -> list[Text]:
    scenario, headline = results["scenario"], results["headline"]
    control, treated = levels(results)
    sentences = [_control(results, control)]
    quantity = assumption(results, EFFECT)
    values: dict[str, Item] = {"effect": effect(scenario, headline["effect"]), "treated": treated}
    if quantity is None:
        sentences.append(
            t(
                "The target difference is {effect}, that is {treated} with IPS (assumed: it follows from the path that "
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
                "The target difference is {effect}, that is {treated} with IPS; it follows from an effect on employment "
                "at month 12 of {points} percentage points ({grounds}).",
                points=quantity["value"].percent(1),
                grounds=grounds(results, quantity),
                **values,
            )
        )
    if headline["relative_effect"].value is not None:
        sentences.append(
            t(
                "In relative terms the level with IPS is {ratio} times the level without; the absolute difference has "
                "primacy, since the trial is sized for it and will estimate it.",
                ratio=headline["relative_effect"].decimal(2),
            )
        )
    else:
        sentences.append(
            t("A relative difference is not defined, since the level without IPS is zero; the absolute one has primacy.")
        )
    sentences.append(_basis(scenario["target_difference"].value))
    return sentences


def _control(results: Node, control: Item) -> Text:
    quantity = control_assumption(results)
    if quantity is None:
        path = results["scenario"]["counterfactual"].value
        return t(
            "Without IPS the level is {control} (assumed: it follows from the path “{path}” of the register's chain).",
            control=control,
            path=name(path or NO_VALUE),
        )
    if same(quantity["value"], results["headline"]["control"]):
        return t(
            "Without IPS the level is {control} ({grounds}).", control=control, grounds=grounds(results, quantity)
        )
    return t(
        "Without IPS the level is {control}; it follows from employment of {level} without IPS at month 12 ({grounds}).",
        control=control,
        level=quantity["value"].share(),
        grounds=grounds(results, quantity),
    )


def _basis(basis: str | None) -> Text:
    words = {
        "realistic": t(
            "The target difference is a realistic one: it is what existing evidence lets one expect. It has not been "
            "agreed to be the smallest difference that matters."
        ),
        "important": t(
            "The target difference is an important one: the smallest that would matter. Existing evidence does not show "
            "that it is realistic."
        ),
        "realistic and important": t(
            "The target difference is both realistic, given existing evidence, and important: the smallest that would "
            "matter."
        ),
    }
    if basis is None:
        gap = t("realistic given existing evidence, important to those concerned, or both; and who agreed on it")
        return t("The target difference is {gap}.", gap=to_fill_in(gap))
    return words[basis]


def _number(results: Node) -> list[Text]:
    scenario = results["scenario"]
    test: dict[str, Item] = {
        "analysis": analysis(scenario["estimators"].row(label=primary(results))),
        "alpha": percent_as_given(scenario["significance_level"]),
    }
    if scenario["sides"].value == 2:
        sentences = [t("The primary analysis is {analysis}, with a two-sided test at the {alpha} level.", **test)]
    else:
        sentences = [t("The primary analysis is {analysis}, with a one-sided test at the {alpha} level.", **test)]
    sentences.append(_allocation(scenario))
    found = answers(results)
    if not found:
        sentences.append(t("No number of participants is stated: {reason}.", reason=why_not(results, "sizing")))
    for row in found:
        sentences.append(_needed(row))
    if found:
        sentences.append(_method(found[0]))
    sentences.append(_formula(results))
    sentences.append(
        t(
            "{planned} participants are planned ({arms}); with them, power is {power}.",
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


def _needed(row: Node) -> Text:
    target = row["target_power"].share(0)
    if row["n_total"].value is None:
        return t(
            "No number of participants gives {target} power ({note}).", target=target, note=row["note"].quoted()
        )
    return t(
        "For {target} power, {n} participants are needed in all ({arms}), rounded up to whole persons in the ratio "
        "of the allocation.",
        target=target,
        n=size(row),
        arms=arms(row["n_per_arm"]),
    )


def _method(row: Node) -> Text:
    if row["method"].value == "exact":
        return t(
            "The numbers are the smallest whose power, found by enumerating every possible result of a trial that is "
            "randomised as planned, reaches the target; nothing is simulated."
        )
    return t(
        "The numbers are found by simulating whole trials and analysing each as planned, with {replicates} simulated "
        "trials at the size that was read off; the intervals are Monte Carlo intervals.",
        replicates=row["n_replicates"].count(),
    )


def _formula(results: Node) -> Text:
    rows = formula_answers(results)
    if not rows:
        return t("The usual formula for two proportions does not apply to this analysis, so no number is given by it.")
    first, last = rows[0], rows[-1]
    values: dict[str, Item] = {
        "first": first["n_total"].count(),
        "target": first["target_power"].share(0),
        "last": last["n_total"].count(),
        "higher": last["target_power"].share(0),
    }
    if results["scenario"]["attrition"]:
        return t(
            "If every outcome were seen, the usual normal-approximation formula for two proportions (Fleiss, Levin and "
            "Paik, Statistical Methods for Rates and Proportions, 3rd edition 2003, chapter 4) would give {first} for "
            "{target} and {last} for {higher} power.",
            **values,
        )
    return t(
        "The usual normal-approximation formula for two proportions (Fleiss, Levin and Paik, Statistical Methods for "
        "Rates and Proportions, 3rd edition 2003, chapter 4) gives {first} for {target} and {last} for {higher} power.",
        **values,
    )


def _sensitivity(results: Node) -> list[Text]:
    if "sensitivity" not in results:
        return [t("How the number depends on the assumptions is not shown: {reason}.", reason=why_not(results, "sensitivity"))]
    rows, found = results["sensitivity"]["rows"], []
    target = results["sensitivity"]["target_power"].share(0)
    control = control_assumption(results)
    scenario, effects = results["scenario"], results["headline"]["effect_range"]
    if control is not None and rows.rows(assumption=control["path"].value):
        low, high = (rows.row(assumption=control["path"].value, end=end) for end in ("low", "high"))
        found.append(
            t(
                "If the level without IPS were {low} or {high} instead of {value}, {target} power would need {n_low} "
                "or {n_high} participants.",
                low=low["value"].share(),
                high=high["value"].share(),
                value=control["value"].share(),
                target=target,
                n_low=_or_none(low),
                n_high=_or_none(high),
            )
        )
    if effects.value is not None:
        low, high = (rows.row(assumption=EFFECT, end=end) for end in ("low", "high"))
        found.append(
            t(
                "If the effect were {low} or {high} instead of {value}, it would need {n_low} or {n_high}.",
                low=effect(scenario, effects["low"]),
                high=effect(scenario, effects["high"]),
                value=effect(scenario, results["headline"]["effect"]),
                n_low=_or_none(low),
                n_high=_or_none(high),
            )
        )
    return [*found, t("All assumptions with a range are varied in {sensitivity}.", sensitivity=Link("sensitivity"))]


def _or_none(row: Node) -> Item:
    return size(row) if row["n_total"].value is not None else t("more than any number that was tried")


def _software(results: Node) -> Text:
    versions = results["provenance"]["versions"]
    return t(
        "The calculations were made with ipsrct {ipsrct} (Python {python}, NumPy {numpy}, SciPy {scipy}; seed {seed}).",
        ipsrct=versions["ipsrct"].value,
        python=versions["python"].value,
        numpy=versions["numpy"].value,
        scipy=versions["scipy"].value,
        seed=str(results["provenance"]["seed"].value),
    )


def _numbers(results: Node) -> Table:
    """Return the sizes before and after the adjustment for missing outcomes, beside the formula's."""
    found, arm_names = answers(results), [arm["name"].value for arm in results["scenario"]["arms"]]
    before = {row["target_power"].value: row for row in answers(results, "sizing_all_observed")}
    formula = {row["target_power"].value: row for row in formula_answers(results)}
    rows: list[tuple[Item, ...]] = []
    for row in found:
        target = row["target_power"]
        for stage, one in (
            (t("usual formula, every outcome seen"), formula.get(target.value)),
            (t("every outcome seen"), before.get(target.value, None if before else row)),
            (t("with the assumed missing outcomes"), row if before else None),
        ):
            if one is not None:
                rows.append((t("{target} power, {stage}", target=target.share(0), stage=stage), *_cells(one, arm_names)))
    headline = results["headline"]
    planned = (headline["n_per_arm"][arm].count() for arm in arm_names)
    rows.append((t("As planned"), headline["n_total"].count(), *planned, power(results)))
    return Table(
        "sample-size",
        t("The numbers of the paragraph"),
        (t("Trial"), t("Participants"), *(name(arm) for arm in arm_names), t("Power")),
        tuple(rows),
        t("In brackets: Monte Carlo standard errors of simulated numbers. Numbers without are chosen or enumerated."),
    )


def _cells(row: Node, arm_names: list[str]) -> tuple[Item, ...]:
    per_arm = (row["n_per_arm"][arm].count() if row["n_per_arm"] else NO_VALUE for arm in arm_names)
    achieved = row["power"].share(1, row["mc_standard_error"]) if row["power"].value is not None else NO_VALUE
    return size(row), *per_arm, achieved
