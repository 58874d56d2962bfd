"""What the answer, the protocol and the estimand share: sizes, grounds of assumptions, gaps to fill."""

from __future__ import annotations

import math

from ipsrct.report.content.words import level, listed, name, per_arm
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Number, Text, t

EFFECT = "assumptions.outcome.effect"
BRACKETS = t(
    "In brackets: Monte Carlo standard errors of simulated numbers, and 95% Monte Carlo intervals of "
    "simulated numbers of participants. Numbers without brackets are chosen, enumerated or from the usual "
    "formula."
)
_CONTROL = ("assumptions.outcome.control_level", "assumptions.outcome.control_risk")


def to_fill_in(what: Text) -> Text:
    """Return a mark that nobody overlooks where only people know."""
    return t("[TO BE FILLED IN: {what}]", what=what)


def why_not(results: Node, part: str) -> Item:
    """Return why a part of the findings is missing."""
    if "not_available" in results and part in results["not_available"]:
        return results["not_available"][part].quoted()
    return t("it was not computed")


def answers(results: Node, part: str = "sizing") -> list[Node]:
    """Return what the primary analysis of everybody needs for each target, but for the usual formula's."""
    return [row for row in _rows(results, part) if row["method"].value != "formula"]


def formula_answers(results: Node) -> list[Node]:
    """Return the sizes of the usual formula; of a trial in which every outcome is seen, if need be."""
    for part in ("sizing", "sizing_all_observed"):
        found = [row for row in _rows(results, part) if row["method"].value == "formula"]
        if found:
            return found
    return []


def _rows(results: Node, part: str) -> list[Node]:
    if part not in results:
        return []
    label = primary(results)
    return sorted(
        results[part]["answers"].rows(estimator=label, population="all"),
        key=lambda row: float(row["target_power"].value),
    )


def primary(results: Node) -> str:
    """Return the name of the primary analysis, the scenario's first."""
    label: str = results["headline"]["estimator"].value
    return label


def size(row: Node) -> Item:
    """Return a number of participants; with its Monte Carlo interval in brackets if it was simulated."""
    n, low, high = row["n_total"], row["n_low"], row["n_high"]
    if n.value is None or low.value == high.value:
        return n.count()
    return t("{n} ({low} to {high})", n=n.count(), low=low.count(), high=high.count())


def participants(row: Node) -> Text:
    """Return how many participants are needed, in all and in each arm."""
    n, low, high = row["n_total"], row["n_low"], row["n_high"]
    if low.value == high.value:
        return t("{n} participants ({arms})", n=n.count(), arms=arms(row["n_per_arm"]))
    return t(
        "{n} participants ({arms}; 95% Monte Carlo interval of the total {low} to {high})",
        n=n.count(),
        arms=arms(row["n_per_arm"]),
        low=low.count(),
        high=high.count(),
    )


def arms(n_per_arm: Node) -> Item:
    """Return the participants of each arm, in few words where the arms are equal."""
    sizes = list(n_per_arm.items())
    if len({n.value for _, n in sizes}) == 1:
        return t("{n} in each arm", n=sizes[0][1].count())
    return per_arm(n_per_arm)


def allocation(scenario: Node) -> Item:
    """Return the allocation weights, such as 2:1."""
    return Joined(tuple(arm["allocation_weight"].count() for arm in scenario["arms"]), ":")


def assumption(results: Node, *paths: str) -> Node | None:
    """Return the first of some quantities of the scenario; None if it has none of them."""
    found = [row for path in paths for row in results["assumptions"].rows(path=path)]
    return found[0] if found else None


def control_assumption(results: Node) -> Node | None:
    """Return the level that is assumed without the intervention; None where a named path gives it."""
    return assumption(results, *_CONTROL)


def grounds(results: Node, quantity: Node) -> Item:
    """Return whether a quantity is assumed, with the reason, and the sources that it rests on."""
    sources = cited(results, quantity)
    if not quantity["assumed"].value:
        return t("source: {sources}", sources=sources)
    reason = quantity["assumed"].quoted()
    if not quantity["evidence"]:
        return t("assumed: {reason}", reason=reason)
    return t("assumed: {reason}; based on {sources}", reason=reason, sources=sources)


def cited(results: Node, quantity: Node) -> Item:
    """Return the sources of a quantity, each document and table once, as a protocol cites them."""
    places: dict[tuple[str, str], Item] = {}
    for evidence_id in quantity["evidence"]:
        source = results["sources"][evidence_id.value]["source"]
        document, place = source["document"], source["cited_place"]
        cited = Joined((document.quoted(), place.quoted())) if place.value else document.quoted()
        places[document.value, place.value] = cited
    return Joined(tuple(places.values()), "; ")


def named(factors: Node) -> Item:
    """Return factors of the scenario in words."""
    return listed([name(factor.value) for factor in factors])


def levels(results: Node) -> tuple[Item, Item]:
    """Return the assumed levels without and with the intervention."""
    scenario, headline = results["scenario"], results["headline"]
    return level(scenario, headline["control"]), level(scenario, headline["treated"])


def same(first: Node, second: Node) -> bool:
    """Return whether two numbers of the results are the same but for rounding."""
    return math.isclose(first.value, second.value, rel_tol=1e-6)


def percent_as_given(node: Node) -> Number:
    """Return a chosen share in per cent without zeros that nobody wrote."""
    value = node.value
    digits = next((d for d in range(4) if math.isclose(round(100 * value, d), 100 * value)), 4)
    return Number(node.pointer, value, 100, digits, percent=True)


def durations(results: Node) -> list[Node]:
    """Return how long recruitment of the sizes takes that the targets need; nothing without recruitment."""
    return list(results["durations"]) if "durations" in results else []
