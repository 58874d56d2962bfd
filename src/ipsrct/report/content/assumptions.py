"""What nature decides, and what the scenario says about it."""

from __future__ import annotations

from collections.abc import Iterator

from ipsrct.report.content.counties import counties, is_of_county
from ipsrct.report.content.quantities import amount, ends, label
from ipsrct.report.content.sources import basis, documents, published
from ipsrct.report.content.words import name
from ipsrct.report.model import Block, Bullets, Paragraph, Section, Table, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Link, Text, t

_GROUPS: dict[str, tuple[Text, Text]] = {
    "assumptions.outcome.": (t("Outcome"), t("No number of the outcome is set by hand.")),
    "assumptions.cohort.": (
        t("Who takes part"),
        t("About who takes part, nothing is assumed beyond what stands in the other tables."),
    ),
    "assumptions.attrition.": (
        t("Attrition"),
        t("Every outcome is assumed to be seen: there is no attrition."),
    ),
    "recruitment.": (t("Recruitment"), t("The scenario says nothing about recruitment.")),
    "cost.": (t("Cost"), t("The scenario says nothing about what a trial costs.")),
}


def assumptions(results: Node) -> Section:
    """Return every number that nature decides with its range and its source or reason."""
    return Section(
        "assumptions",
        t("Assumptions and sources"),
        (
            Paragraph(
                t(
                    "These are the numbers that the trial rests on but does not decide. Each stands with "
                    "the range in which it may lie and with its source. Where no source states a number, it "
                    "is assumed, and the reason stands beside it."
                )
            ),
            *_most_important(results),
            *_chain(results),
            *_caveats(results),
            *_groups(results),
            *counties(results),
            *_prior(results),
        ),
        (Section("sources", t("Sources"), (Terms(documents(results)), published(results))),)
        if results["sources"]
        else (),
    )


def _most_important(results: Node) -> Iterator[Block]:
    if "sensitivity" in results and results["sensitivity"]["most_important"].value:
        path = results["sensitivity"]["most_important"].value
        yield Paragraph(
            t(
                "Power depends most on this assumption: {assumption}. What the assumptions do to power and "
                "to the sample size stands under {section}.",
                assumption=label(results, path),
                section=Link("sensitivity"),
            )
        )


def _chain(results: Node) -> Iterator[Block]:
    outcome = results["provenance"]["scenario"]["assumptions"]["outcome"]
    if outcome["kind"].value == "register_chain":
        yield Paragraph(
            t(
                "Who takes part and their employment month by month come from a model fitted to the "
                "evaluation's tables and curves. What they would have done without IPS cannot be fitted: it "
                "is chosen. See {section}.",
                section=Link("identification"),
            )
        )


def _caveats(results: Node) -> Iterator[Block]:
    if results["scenario"]["caveats"]:
        yield Bullets(tuple(caveat.quoted() for caveat in results["scenario"]["caveats"]))


def _groups(results: Node) -> Iterator[Block]:
    for prefix, (title, none) in _GROUPS.items():
        rows = [
            (
                label(results, path),
                amount(results, path, row["value"]),
                ends(results, path, row),
                basis(results, [row]),
            )
            for row in results["assumptions"]
            if (path := row["path"].value).startswith(prefix) and not is_of_county(path)
        ]
        if not rows:
            yield Paragraph(none)
            continue
        columns = (t("Assumption"), t("Value"), t("Range"), t("Source or reason"))
        yield Table(f"assumptions-{prefix.split('.')[-2]}", title, columns, tuple(rows))


def _prior(results: Node) -> Iterator[Block]:
    """Yield the opinions on effect and level that assurance averages over; their weights stand there."""
    rows: list[tuple[Item, ...]] = []
    paths = {row["path"].value: row for row in results["assumptions"]}
    for i, component in enumerate(results["scenario"]["prior"]):
        effect, control = paths[f"prior.{i}.effect"], paths[f"prior.{i}.control_level"]
        rows += [
            (
                t("{component}: effect", component=name(component["name"].value)),
                effect["value"].given(100),
                component["effect_standard_deviation"].given(100),
                basis(results, [effect]),
            ),
            (
                t("{component}: level without IPS", component=name(component["name"].value)),
                control["value"].given(100, percent=True),
                component["control_standard_deviation"].given(100),
                basis(results, [control]),
            ),
        ]
    if not rows:
        yield Paragraph(t("The scenario has no prior: it does not say how probable each effect is."))
        return
    columns = (
        t("Opinion"),
        t("Mean (effects in percentage points)"),
        t("Standard deviation, percentage points"),
        t("Source or reason"),
    )
    yield Table(
        "assumptions-prior",
        t("Prior: what may be believed about the effect and the level without IPS"),
        columns,
        tuple(rows),
        t("The opinions' weights are assumed too. They stand under {section}.", section=Link("assurance")),
    )
