"""The answer in numbers: the planned trial beside those that the targets need."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.statements import BRACKETS, answers, durations, primary, size
from ipsrct.report.content.words import effect, name, power
from ipsrct.report.model import Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, t


def answer_in_numbers(results: Node) -> Table:
    """Return the planned trial beside those that the targets need."""
    headline, found = results["headline"], answers(results)
    columns: tuple[Item, ...] = (t("Quantity"), t("As planned"))
    columns += tuple(t("For {target} power", target=row["target_power"].share(0)) for row in found)
    rows: list[tuple[Item, ...]] = [
        (t("Participants"), headline["n_total"].count(), *(size(row) for row in found)),
    ]
    for arm, planned in headline["n_per_arm"].items():
        needed = (row["n_per_arm"][arm].count() if row["n_per_arm"] else NO_VALUE for row in found)
        rows.append((t("of these in {arm}", arm=name(arm)), planned.count(), *needed))
    achieved = (
        row["power"].share(1, row["mc_standard_error"]) if row["power"].value is not None else NO_VALUE
        for row in found
    )
    rows.append((t("Power"), power(results), *achieved))
    rows += _months(results, found)
    rows += _smallest(results, len(found))
    return Table(
        "answer-in-numbers",
        t("The answer in numbers"),
        columns,
        tuple(rows),
        BRACKETS,
    )


def _months(results: Node, found: list[Node]) -> list[tuple[Item, ...]]:
    if "recruitment" not in results:
        return []
    milestones = results["recruitment"]["milestones"]
    by_size = {row["n_total"].value: row for row in durations(results)}
    rows = []
    for label, key in (
        (t("Months from opening to the last participant"), "n_reached"),
        (t("Months from opening to a complete register"), "register_complete"),
    ):
        cells = [_estimate(milestones.row(name=key)["mean"])]
        for row in found:
            timed = by_size.get(row["n_total"].value)
            cells.append(_estimate(timed[key]) if timed else NO_VALUE)
        rows.append((label, *cells))
    return rows


def _estimate(value: Node) -> Item:
    return (
        value["value"].decimal(1, value["mc_standard_error"])
        if value["value"].value is not None
        else NO_VALUE
    )


def _smallest(results: Node, n_targets: int) -> list[tuple[Item, ...]]:
    """Return the smallest effects that the planned trial finds with the target powers."""
    if "detectable" not in results:
        return []
    return [
        (
            t("Smallest effect found with {target} power", target=row["target_power"].share(0)),
            effect(results["scenario"], row["effect"], row["mc_standard_error"]),
            *(NO_VALUE for _ in range(n_targets)),
        )
        for row in results["detectable"]["effects"].rows(estimator=primary(results), population="all")
    ]
