"""Words that several sections share: populations, arms, analyses, levels and effects."""

from __future__ import annotations

from collections.abc import Sequence

from ipsrct.evidence import county_names
from ipsrct.report.content.estimator_names import estimator_name
from ipsrct.report.model import Paragraph
from ipsrct.report.results import Node
from ipsrct.report.text import Estimate, Item, Joined, Number, Quoted, t

_ACRONYMS = {"ips": "IPS"}


def name(text: str) -> Quoted:
    """Return a scenario's name for something without underscores, and a county's official name."""
    words = (_ACRONYMS.get(word, word) for word in text.split("_"))
    return Quoted(county_names().get(text) or " ".join(words))


def population(results: Node, key: str) -> Item:
    """Return a population in words."""
    if key == "all":
        return t("everybody")
    row = results["scenario"]["populations"].row(name=key).value
    if row["kind"] == "interaction":
        return t("{first} less {second}", first=name(row["level"]), second=name(row["reference"]))
    return t("{factor}: {level}", factor=name(row["factor"]), level=name(row["level"]))


def estimator(label: str) -> Item:
    """Return an analysis in words: by its kind, or as the scenario names it."""
    first, less, second = label.partition(" - ")
    if less:
        return t("{first} less {second}", first=estimator(first), second=estimator(second))
    return estimator_name(label) or name(label)


def source(published: Node) -> Item:
    """Return where a published value stands: the document, and the place in it if there is one."""
    where = published["source"]
    parts = [where[key].quoted() for key in ("document", "place") if where[key].value]
    return Joined(tuple(parts))


def listed(items: Sequence[Item]) -> Item:
    """Return items as a sentence lists them, the last after an "and"."""
    if len(items) < 2:
        return Joined(tuple(items))
    return t("{first} and {last}", first=Joined(tuple(items[:-1])), last=items[-1])


def unit(published: Node) -> Item:
    """Return the unit of a published value."""
    return name(published["unit"].value)


def per_arm(n_per_arm: Node) -> Item:
    """Return the participants of each arm."""
    arms = [t("{n} in {arm}", n=n.count(), arm=name(arm)) for arm, n in n_per_arm.items()]
    return Joined(tuple(arms))


def level(scenario: Node, node: Node) -> Item:
    """Return a level of the outcome with its unit."""
    if scenario["is_share"].value:
        return node.share()
    return t("{value} {unit}", value=node.decimal(2), unit=scenario["unit"].quoted())


def effect(scenario: Node, node: Node, error: Node | None = None) -> Item:
    """Return an effect with its unit."""
    if scenario["is_share"].value:
        return t("{value} percentage points", value=node.percent(1, error))
    return t("{value} {unit}", value=node.decimal(2, error), unit=scenario["unit"].quoted())


def power(results: Node) -> Number | Estimate:
    """Return the power at the planned size: enumerated where that is possible, else simulated."""
    exact = results["headline"]["power"]
    if exact.value is not None:
        return exact.share()
    label = results["headline"]["estimator"].value
    row = results["characteristics"]["characteristics"].row(
        measure="power", estimator=label, population="all"
    )
    return row["value"].share(1, row["mc_standard_error"])


def unavailable(results: Node, part: str) -> Paragraph:
    """Return why the scenario does not have a part of the findings."""
    if "not_available" not in results or part not in results["not_available"]:
        return Paragraph(t("This was not computed."), "note")
    reason = results["not_available"][part].quoted()
    return Paragraph(t("Not available: {reason}.", reason=reason), "note")


def effect_unit(scenario: Node) -> Item:
    """Return the unit of an effect."""
    return t("percentage points") if scenario["is_share"].value else scenario["unit"].quoted()
