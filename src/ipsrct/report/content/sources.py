"""Where numbers come from: documents, places in them, and what they state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ipsrct.report.content.words import name
from ipsrct.report.model import Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, t

_READ_FROM: dict[str, Text] = {
    "table": t("table"),
    "prose": t("text"),
    "prose_about_figure": t("text about a figure"),
    "derived": t("calculated from published numbers"),
    "abstract": t("abstract"),
}
_NONE = "\N{EN DASH}"
_NO_REASON = "no reason given"
_WITHOUT_UNIT = ("proportion", "number", "count", "text", "boolean")


def citation(results: Node, ids: Iterable[str]) -> Item:
    """Return where evidence stands: the documents' numbers with the places in them."""
    found: dict[tuple[int, str], Item] = {}
    for evidence_id in ids:
        source = results["sources"][evidence_id]["source"]
        place, number = source["cited_place"], source["number"]
        cited = t("[{number}] {place}", number=number.count(), place=place.quoted())
        found[number.value, place.value] = cited if place else t("[{number}]", number=number.count())
    return Joined(tuple(found.values()), "; ")


def basis(results: Node, rows: Sequence[Node]) -> Item:
    """Return the sources of assumptions, or that they are assumed and why."""
    ids = [evidence_id for row in rows for evidence_id in row["evidence"].value]
    reasons = {row["assumed"].value: row["assumed"] for row in rows if row["assumed"].value}
    if not reasons:
        return citation(results, ids)
    if _NO_REASON in reasons:
        return t("Assumed; no reason is given.")
    reason = Joined(tuple(one.quoted() for one in reasons.values()), "; ")
    if not ids:
        return t("Assumed: {reason}.", reason=reason)
    return t("Assumed: {reason}. Based on {places}.", reason=reason, places=citation(results, ids))


def documents(results: Node) -> tuple[tuple[Item, Item], ...]:
    """Return every document once, with its number."""
    found = {source["source"]["number"].value: source["source"] for _, source in results["sources"].items()}
    return tuple(
        (t("[{number}]", number=one["number"].count()), one["document"].quoted()) for one in found.values()
    )


def published(results: Node) -> Table:
    """Return the numbers that the sources state, and where."""
    rows: dict[str, tuple[Item, ...]] = {}
    for evidence_id, source in results["sources"].items():
        if isinstance(source["value"].value, str):
            continue
        series = source["series"].value
        stated = _stated(source) if series == evidence_id else t("in the table of counties")
        read_from = source["read_from"].value
        rows.setdefault(
            series,
            (series, citation(results, [evidence_id]), stated, _READ_FROM.get(read_from) or name(read_from)),
        )
    return Table(
        "published",
        t("Published numbers that the assumptions rest on"),
        (t("Evidence"), t("Place"), t("States"), t("Read from")),
        tuple(rows.values()),
        t("An asterisk stands for the county."),
    )


def _stated(source: Node) -> Item:
    value, unit = _value(source), source["unit"].value
    if value == _NONE or unit in _WITHOUT_UNIT:
        return value
    return t("{value} {unit}", value=value, unit=name(unit))


def _value(source: Node) -> Item:
    value, low, high = source["value"], source["low"], source["high"]
    if isinstance(value.value, list):
        return Joined(tuple(one.given() for one in value))
    if low.value is None or high.value is None:
        return _NONE if value.value is None else value.given()
    both = t("{low} to {high}", low=low.given(), high=high.given())
    return (
        both
        if value.value is None
        else t("{value} ({low} to {high})", value=value.given(), low=low.given(), high=high.given())
    )
