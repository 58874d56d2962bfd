"""Subgroups and interactions: how wide the intervals will be, and what can and cannot be claimed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ipsrct.report.content.parts import nothing, why_not
from ipsrct.report.content.words import effect, population, power
from ipsrct.report.figures import NEEDS, forest
from ipsrct.report.model import Block, Bullets, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, sentences, t

TARGET, HALF, NO_DIFFERENCE = 0.8, 0.5, 1e-9


@dataclass(frozen=True)
class _Row:
    """What is known of one population with the first analysis; None where it was not computed."""

    population: Node
    power: Node | None
    width: Node | None
    detectable: Node | None
    size: Node | None

    @property
    def assumes_a_difference(self) -> bool:
        """Whether a difference is assumed; without one, power is the type I error."""
        return self.detectable is None or abs(self.detectable["assumed_effect"].value) > NO_DIFFERENCE

    @property
    def level(self) -> float:
        """The power, 0 where it is unknown."""
        return 0.0 if self.power is None else self.power["value"].value or 0.0


def subgroups(results: Node) -> Section:
    """Return the forest of expected intervals, the table, and in words what can be claimed."""
    return Section("subgroups", t("Subgroups"), tuple(_blocks(results)))


def _blocks(results: Node) -> list[Block]:
    if not [row for row in results["scenario"]["populations"] if row["kind"].value != "all"]:
        return [Paragraph(t("No subgroups are planned, so nothing can be claimed about any of them."))]
    if "characteristics" not in results:
        return [why_not(results, "characteristics")]
    rows = [_row(results, node) for node in results["scenario"]["populations"]]
    parts = [row for row in rows if row.population["kind"].value != "all"]
    return [
        *_claims(results, parts),
        _forest(results),
        _table(results, rows),
        *_cautions(parts, results["scenario"]["significance_level"]),
    ]


def _forest(results: Node) -> Block:
    missing = [part for part in NEEDS["forest"] if part not in results]
    if not missing:
        return forest.figure(results)
    left_out = t("The figure of expected intervals is left out, because a part of what it shows is missing.")
    return Paragraph(sentences(left_out, why_not(results, missing[0]).text), "note")


def _row(results: Node, node: Node) -> _Row:
    key = node["name"].value
    label = results["headline"]["estimator"].value if "headline" in results else _first(results)

    def found(part: str, rows: str, **fields: object) -> Node | None:
        if part not in results:
            return None
        matching = results[part][rows].rows(population=key, estimator=label, **fields)
        return matching[0] if matching else None

    sizes = [
        row
        for row in (results["sizing"]["answers"] if "sizing" in results else ())
        if (row["population"].value, row["estimator"].value) == (key, label)
        and row["target_power"].value == TARGET
        and row["method"].value != "formula"
    ]
    return _Row(
        node,
        found("characteristics", "characteristics", measure="power"),
        found("characteristics", "characteristics", measure="interval_width"),
        found("detectable", "effects", target_power=TARGET),
        sizes[0] if sizes else None,
    )


def _first(results: Node) -> str:
    label: str = results["scenario"]["estimators"][0]["label"].value
    return label


def _claims(results: Node, rows: list[_Row]) -> list[Block]:
    """Say by rule, from the power at the planned size, what can and cannot be claimed."""
    groups: tuple[tuple[Text, Callable[[_Row], bool]], ...] = (
        (
            t("Can be claimed if the effect is found: power is at least 80% for the assumed effect."),
            lambda row: row.assumes_a_difference and row.level >= TARGET,
        ),
        (
            t(
                "Uncertain: power is between 50% and 80%, so an effect of the assumed size can well be "
                "missed."
            ),
            lambda row: row.assumes_a_difference and HALF <= row.level < TARGET,
        ),
        (
            t(
                "Cannot be claimed: power is below 50%, so an effect of the assumed size is more likely "
                "missed than found."
            ),
            lambda row: row.assumes_a_difference and row.level < HALF,
        ),
        (
            t("No difference is assumed: what stands as power is the risk of finding one by chance."),
            lambda row: not row.assumes_a_difference,
        ),
    )
    blocks: list[Block] = []
    for heading, belongs in groups:
        chosen = [row for row in rows if row.power is not None and belongs(row)]
        if chosen:
            items = tuple(_claim(results, row) for row in chosen)
            blocks += [Paragraph(heading), Bullets(items)]
    unknown = [row for row in rows if row.power is None]
    if unknown:
        blocks.append(Paragraph(t("For the others nothing was computed, so nothing can be claimed.")))
    return blocks


def _claim(results: Node, row: _Row) -> Item:
    assert row.power is not None
    who = _name(results, row)
    shown = row.power["value"].share(1, row.power["mc_standard_error"])
    if row.detectable is None or row.detectable["effect"].value is None:
        return t("{who}: power {power}", who=who, power=shown)
    least = effect(results["scenario"], row.detectable["effect"], row.detectable["mc_standard_error"])
    if not row.assumes_a_difference:
        return t(
            "{who}: risk {risk}; found with 80% power only if its size is {least}",
            who=who,
            risk=shown,
            least=least,
        )
    return t(
        "{who}: power {power} for {assumed}; found with 80% power only if its size is {least}",
        who=who,
        power=shown,
        assumed=effect(results["scenario"], row.detectable["assumed_effect"]),
        least=least,
    )


def _name(results: Node, row: _Row) -> Item:
    who = population(results, row.population["name"].value)
    return t("difference between effects, {who}", who=who) if _is_interaction(row) else who


def _is_interaction(row: _Row) -> bool:
    return bool(row.population["kind"].value == "interaction")


def _table(results: Node, rows: list[_Row]) -> Table:
    scenario = results["scenario"]
    unit = t("percentage points") if scenario["is_share"].value else scenario["unit"].quoted()
    return Table(
        "subgroup-numbers",
        t("Subgroups and differences between them at the planned size"),
        (
            t("Population"),
            t("Share of participants"),
            t("Assumed effect, {unit}", unit=unit),
            t("Expected width of the confidence interval, {unit}", unit=unit),
            t("Power"),
            t("Smallest effect found with 80% power, {unit}", unit=unit),
            t("Participants for 80% power"),
        ),
        tuple(_cells(results, row) for row in rows),
        t(
            "The number of participants is that of the whole trial, so that the subgroup in it is large "
            "enough. In brackets: Monte Carlo standard errors. A dash means that the number was not "
            "computed or does not exist."
        ),
    )


def _cells(results: Node, row: _Row) -> tuple[Item, ...]:
    scenario, detectable, missing = results["scenario"], row.detectable, nothing()
    return (
        _name(results, row),
        missing if _is_interaction(row) else row.population["share"].share(),
        missing if detectable is None else _in_unit(scenario, detectable["assumed_effect"]),
        missing
        if row.width is None
        else _in_unit(scenario, row.width["value"], row.width["mc_standard_error"]),
        _power(results, row),
        _least(scenario, detectable),
        missing if row.size is None else _size(row.size),
    )


def _power(results: Node, row: _Row) -> Item:
    """Return the power; of everybody as the rest of the report gives it, exact where that is possible."""
    if row.population["kind"].value == "all" and "headline" in results:
        return power(results)
    return nothing() if row.power is None else row.power["value"].share(1, row.power["mc_standard_error"])


def _least(scenario: Node, detectable: Node | None) -> Item:
    if detectable is None or detectable["effect"].value is None:
        return nothing()
    return _in_unit(scenario, detectable["effect"], detectable["mc_standard_error"])


def _in_unit(scenario: Node, node: Node, error: Node | None = None) -> Item:
    return node.percent(1, error) if scenario["is_share"].value else node.decimal(2, error)


def _size(row: Node) -> Item:
    if row["n_total"].value is None or row["n_low"].value == row["n_high"].value:
        return row["n_total"].count()
    return t(
        "{n} ({low} to {high})",
        n=row["n_total"].count(),
        low=row["n_low"].count(),
        high=row["n_high"].count(),
    )


def _cautions(rows: list[_Row], level: Node) -> list[Block]:
    """Return what holds of these rows: each caution is given only where it applies."""
    items: list[Item] = []
    if any(row.level < TARGET for row in rows):
        items.append(
            t(
                "A result that is not significant in a subgroup does not show that IPS has no effect "
                "there: the interval says which effects remain possible."
            )
        )
    interactions = [row for row in rows if _is_interaction(row)]
    subgroup_rows = [row for row in rows if not _is_interaction(row)]
    if subgroup_rows:
        items.append(
            t(
                "A significant result in one subgroup and none in another does not show that the effects "
                "differ. Only the test of the difference between them does."
            )
        )
    if subgroup_rows and not interactions:
        items.append(t("No test of a difference between subgroups is planned, so none can be claimed."))
    weak = [row for row in interactions if row.assumes_a_difference and row.level < HALF]
    if weak:
        items.append(
            t(
                "A difference between subgroups of the assumed size is more likely missed than found (see "
                "the table)."
            )
        )
    items += [
        t(
            "Nothing is adjusted for the number of subgroups: each test is done at a significance level of "
            "{level}, so one of them can well be significant by chance.",
            level=level.share(1),
        ),
        t("Only subgroups that the protocol names beforehand count. Every other one is exploratory."),
    ]
    return [Bullets(tuple(items))]
