"""What the sections on conduct share: absent parts, messages of the program, places, months."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.words import name
from ipsrct.report.model import Paragraph
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Number, Text, t


def has(results: Node, part: str) -> bool:
    """Return whether a part of the findings was computed."""
    return part in results


def why_not(results: Node, part: str) -> Paragraph:
    """Return why a part of the findings is missing."""
    if "not_available" in results and part in results["not_available"]:
        reason = results["not_available"][part].quoted()
        return Paragraph(t("This is not available for this scenario: {reason}.", reason=reason), "note")
    return Paragraph(t("This was not computed."), "note")


def listed(names: list[str]) -> Joined:
    """Return names of a scenario, with commas."""
    return Joined(tuple(name(text) for text in names))


def place(where: str) -> Item:
    """Return a place at which the balance of the arms is looked at."""
    words = {
        "overall": t("all participants"),
        "service": t("a service, in the mean"),
        "stratum": t("a stratum, in the mean"),
        "factors": t("all factors"),
    }
    factor, _, level = where.partition(":")
    return words.get(where) or t("{factor}: {level}", factor=name(factor), level=name(level))


def month(node: Node) -> Item:
    """Return a calendar month, or a dash where there is none."""
    return node.month() if node.value else NO_VALUE


def flat_value(node: Node) -> Item:
    """Return what a scenario's key holds: a number, a word or a list."""
    value = node.value
    if isinstance(value, bool | str):
        return str(value)
    if isinstance(value, list):
        return Joined(tuple(flat_value(item) for item in node))
    if isinstance(value, int):
        return node.count()
    if isinstance(value, float):
        return node.significant() if value % 1 else node.decimal(0)
    return NO_VALUE


def nothing() -> Number:
    """Return a number that does not exist, shown as a dash."""
    return Number("", None)


def to_fill_in(what: Text) -> Item:
    """Return a mark that nobody overlooks where only people know."""
    return t("[TO BE FILLED IN: {what}]", what=what)
