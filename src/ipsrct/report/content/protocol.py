"""The paragraph for the protocol: SPIRIT 2025 item 19, CONSORT 2025 item 16a, and DELTA2."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.adjustments import adjustments
from ipsrct.report.content.required_size import required_size
from ipsrct.report.content.statements import (
    BRACKETS,
    EFFECT,
    answers,
    control_assumption,
    formula_answers,
    percent_as_given,
    size,
    why_not,
)
from ipsrct.report.content.target_difference import outcome, target_difference
from ipsrct.report.content.words import effect, name, power
from ipsrct.report.model import Block, Paragraph, Section, Table, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, Text, t


def protocol(results: Node) -> Section:
    """Return the sample size as a protocol states it, ready to paste, and its numbers as a table."""
    blocks: list[Block] = [
        Paragraph(
            t(
                "The text below is written to be pasted into the protocol (SPIRIT 2025 item 19, CONSORT "
                "2025 item 16a, DELTA2). Anything in square brackets is for those who write the protocol to "
                "fill in."
            ),
            "note",
        ),
        Paragraph(_sentences(*outcome(results))),
        Paragraph(_sentences(*target_difference(results))),
        Paragraph(_sentences(*required_size(results))),
        Terms(adjustments(results)),
        Paragraph(_sentences(*_sensitivity(results), _software(results))),
    ]
    if answers(results):
        blocks.append(_numbers(results))
    return Section("protocol", t("The sample size in the protocol"), tuple(blocks))


def _sentences(*sentences: Item) -> Joined:
    return Joined(sentences, " ")


def _sensitivity(results: Node) -> list[Text]:
    if not any(row["low"].value is not None for row in results["assumptions"] if _about_outcome(row)):
        return [
            t(
                "No range is given for any assumption about the outcome, so it is not shown how the number "
                "depends on them."
            )
        ]
    if "sensitivity" not in results:
        return [
            t(
                "How the number depends on the assumptions is not shown: {reason}.",
                reason=why_not(results, "sensitivity"),
            )
        ]
    return [
        *_by_level(results),
        *_by_effect(results),
        t(
            "What happens when each assumption with a range is varied stands in the report under "
            "{sensitivity}.",
            sensitivity=Link("sensitivity"),
        ),
    ]


def _by_level(results: Node) -> list[Text]:
    """Return the sizes at the ends of the level without IPS, where it was varied and there is one."""
    rows, control = results["sensitivity"]["rows"], control_assumption(results)
    if control is None or not rows.rows(assumption=control["path"].value):
        return []
    low, high = (rows.row(assumption=control["path"].value, end=end) for end in ("low", "high"))
    if not _any_size(low, high):
        return []
    return [
        t(
            "If the level without IPS were {low} or {high} instead of {value}, {target} power would "
            "need {n_low} "
            "or {n_high} participants.",
            low=percent_as_given(low["value"]),
            high=percent_as_given(high["value"]),
            value=percent_as_given(control["value"]),
            target=results["sensitivity"]["target_power"].share(0),
            n_low=_or_none(low),
            n_high=_or_none(high),
        )
    ]


def _by_effect(results: Node) -> list[Text]:
    """Return the sizes at the ends of the effect, where it has a range and there is one."""
    scenario, effects = results["scenario"], results["headline"]["effect_range"]
    if effects.value is None:
        return []
    low, high = (results["sensitivity"]["rows"].row(assumption=EFFECT, end=end) for end in ("low", "high"))
    if not _any_size(low, high):
        return []
    return [
        t(
            "If the effect were {low} or {high} instead of {value}, {target} power would need "
            "{n_low} or {n_high}.",
            target=results["sensitivity"]["target_power"].share(0),
            low=effect(scenario, effects["low"]),
            high=effect(scenario, effects["high"]),
            value=effect(scenario, results["headline"]["effect"]),
            n_low=_or_none(low),
            n_high=_or_none(high),
        )
    ]


def _about_outcome(row: Node) -> bool:
    return str(row["path"].value).startswith("assumptions.")


def _any_size(*rows: Node) -> bool:
    return any(row["n_total"].value is not None for row in rows)


def _or_none(row: Node) -> Item:
    return size(row) if row["n_total"].value is not None else t("more than any number that was tried")


def _software(results: Node) -> Text:
    versions = results["provenance"]["versions"]
    return t(
        "The calculations were made with ipsrct {ipsrct} (Python {python}, NumPy {numpy}, SciPy {scipy}; "
        "seed {seed}).",
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
                rows.append(
                    (
                        t("{target} power, {stage}", target=target.share(0), stage=stage),
                        *_cells(one, arm_names),
                    )
                )
    headline = results["headline"]
    planned = (headline["n_per_arm"][arm].count() for arm in arm_names)
    rows.append((t("As planned"), headline["n_total"].count(), *planned, power(results)))
    return Table(
        "sample-size",
        t("The numbers of the paragraph"),
        (t("Trial"), t("Participants"), *(name(arm) for arm in arm_names), t("Power")),
        tuple(rows),
        BRACKETS,
    )


def _cells(row: Node, arm_names: list[str]) -> tuple[Item, ...]:
    per_arm = (row["n_per_arm"][arm].count() if row["n_per_arm"] else NO_VALUE for arm in arm_names)
    achieved = row["power"].share(1, row["mc_standard_error"]) if row["power"].value is not None else NO_VALUE
    return size(row), *per_arm, achieved
