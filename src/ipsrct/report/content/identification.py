"""What the before-after evidence does and does not tell about the effect."""

from __future__ import annotations

from collections.abc import Iterator

from ipsrct.report.content.words import unavailable
from ipsrct.report.figures import counterfactuals
from ipsrct.report.model import Block, Bullets, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Link, Text, t

_PHASES = (t("Months 0 to 3"), t("Months 4 to 6"), t("Months 7 to 9"), t("Month 10 and later"))
_LAST = len(_PHASES) - 1
_PATHS: dict[str, tuple[Text, Text]] = {
    "persist": (t("The level persists"), t("People go on finding and leaving jobs as before start.")),
    "revert": (
        t("The fall reverts"),
        t("The fall in work before start was a bad spell that would have passed."),
    ),
    "decline": (t("The fall goes on"), t("The fall in work before start would have continued.")),
}


def identification(results: Node) -> Section:
    """Return what the evaluation identifies, what it leaves open, and why a trial closes it."""
    title = t("What the evaluation tells, and what it cannot tell")
    if "identification" not in results:
        return Section(
            "identification",
            title,
            (
                unavailable(results, "identification"),
                Paragraph(
                    t(
                        "A study that sees participants before and after, and nobody else, does not "
                        "identify an effect: nobody knows what they would have done otherwise."
                    )
                ),
            ),
        )
    found = results["identification"]
    return Section(
        "identification",
        title,
        (
            *_answer(found),
            counterfactuals.figure(results),
            _paths(found),
            *_without_effect(found),
            *_lists(found),
            *_randomisation(results),
        ),
    )


def _answer(found: Node) -> Iterator[Block]:
    yield Paragraph(
        t(
            "The evaluation saw participants only, before and after they started IPS. The effect of IPS is "
            "the difference between what happened to them and what would have happened without IPS, and "
            "that nobody saw."
        ),
        "answer",
    )
    yield Paragraph(
        t(
            "The published tables therefore fit different effects equally well. Twelve months after start "
            "the effect may be {revert}, {persist} or {decline} percentage points, depending on what "
            "participants would have done without IPS. No further analysis of the same data can tell which.",
            **{path["name"].value: path["effect_at_follow_up"].percent() for path in found["paths"]},
        ),
        "answer",
    )


def _paths(found: Node) -> Table:
    rows = []
    for path in found["paths"]:
        title, meaning = _PATHS[path["name"].value]
        rows.append(
            (
                title,
                meaning,
                path["control_at_follow_up"].share(),
                found["treated_at_follow_up"].share(),
                path["effect_at_follow_up"].percent(),
                path["shown_without_effect"][_LAST].percent(),
            )
        )
    return Table(
        "counterfactuals",
        t("Three answers to the question: what would have happened without IPS?"),
        (
            t("Without IPS"),
            t("Assumes that"),
            t("In work without IPS, month {month}", month=found["follow_up_month"].count()),
            t("In work with IPS, month {month}", month=found["follow_up_month"].count()),
            t("Effect, percentage points"),
            t("What the table would show if IPS did nothing, percentage points"),
        ),
        tuple(rows),
        t(
            "In work means at least one hour a week in the employment register, in a model fitted to the "
            "evaluation's tables and curves. The last column is what the evaluation's model 1 would show "
            "for month 10 and later. The levels of the second and third path are assumed. Sampling error "
            "comes on top."
        ),
    )


def _without_effect(found: Node) -> Iterator[Block]:
    shown = {path["name"].value: path["shown_without_effect"][_LAST].percent() for path in found["paths"]}
    yield Paragraph(
        t(
            "The evaluation's table would not show zero if IPS did nothing. Young people grow older, months "
            "pass, and those who have just lost a job often find another. From month 10 on the table would "
            "show a rise of {persist} percentage points if the level persisted, {revert} if the fall before "
            "start reverted, and {decline} if the fall went on. All of that without any effect of IPS.",
            **shown,
        )
    )
    model = found["model_1"]
    rows: list[tuple[Item, ...]] = [
        (t("Published, added up"), *(value.percent() for value in model["published_added_up"])),
        (t("Fitted model"), *(value.percent() for value in model["fitted_added_up"])),
    ]
    for path in found["paths"]:
        title = t("No effect, path “{path}”", path=_PATHS[path["name"].value][0])
        rows.append((title, *(value.percent() for value in path["shown_without_effect"])))
    yield Table(
        "shown-without-effect",
        t("What the evaluation's model 1 shows against the months before start, percentage points"),
        (t("Situation"), *_PHASES),
        tuple(rows),
        t(
            "The published coefficients are read as steps, each phase against the one before, and added up. "
            "The printed intervals speak for it: of {n} widths, {steps} fit steps and {levels} fit levels. "
            "It remains an inference. Read as levels, the last coefficient is {last} percentage points.",
            n=model["n_widths"].count(),
            steps=model["widths_hit_as_steps"].count(),
            levels=model["widths_hit_as_levels"].count(),
            last=model["published"][_LAST].percent(),
        ),
    )


def _lists(found: Node) -> Iterator[Block]:
    yield Paragraph(t("What the evaluation identifies:"))
    yield Bullets(
        (
            t("How many participants were in work each month, before and after start."),
            t("That more were in work after start than before, and when the rise came."),
            t(
                "That the rise came with some groups of participants more than with others, as far as "
                "chance allows."
            ),
        )
    )
    model = found["model_2"]
    yield Paragraph(t("What it does not identify:"))
    yield Bullets(
        (
            t("The effect of IPS: how much of the rise would have come anyway."),
            t("Whether IPS works better for some than for others: each group lacks its own comparison."),
            t("Whether the effect lasts: the later months rest on those who started first."),
            t(
                "How sure one can be. The printed intervals are as narrow as if the months of one person "
                "were independent. For the main estimate, {estimate} percentage points ({low} to {high}), "
                "an interval that lets them depend on each other is about {inflation} times as wide: "
                "{low_by_person} to {high_by_person}.",
                estimate=model["published"].percent(),
                low=model["low"].percent(),
                high=model["high"].percent(),
                inflation=model["inflation"].decimal(1),
                low_by_person=model["low_by_person"].percent(),
                high_by_person=model["high_by_person"].percent(),
            ),
        )
    )


def _randomisation(results: Node) -> Iterator[Block]:
    yield Paragraph(
        t(
            "Randomisation answers the question. When lots decide who gets IPS, the two groups differ by "
            "chance alone. Age, season, labour market and the fall before start strike both alike, so that "
            "the control group shows what would have happened without IPS. What remains is chance, and the "
            "sample size decides how large it is."
        )
    )
    paths = {row["path"].value: row for row in results["assumptions"]}
    if (row := paths.get("assumptions.outcome.effect")) is not None:
        assumed = row["value"].percent()
        yield Paragraph(
            t(
                "The trial is planned for an effect of {effect} percentage points on employment twelve "
                "months after start. This effect is chosen within what the evidence allows, not estimated. "
                "What other effects would mean stands under {section}.",
                effect=assumed,
                section=Link("sensitivity"),
            )
        )
