"""The expected flow of participants through the trial."""

from __future__ import annotations

from ipsrct.report.content.parts import why_not
from ipsrct.report.content.words import name
from ipsrct.report.figures import flow as diagram
from ipsrct.report.model import Block, Bullets, Paragraph, Section
from ipsrct.report.results import Node
from ipsrct.report.text import Item, t


def flow(results: Node) -> Section:
    """Return the expected CONSORT flow, as a diagram and in words."""
    return Section("flow", t("Expected flow of participants"), tuple(_blocks(results)))


def _blocks(results: Node) -> list[Block]:
    if "flow" not in results:
        return [why_not(results, "flow")]
    found = results["flow"]
    arms = tuple(
        t(
            "{arm}: {allocated} allocated, {missing} without an observed outcome, {analysed} analysed",
            arm=name(arm["arm"].value),
            allocated=arm["allocated"].count(),
            missing=arm["not_observed"].count(),
            analysed=arm["analysed"].count(),
        )
        for arm in found["arms"]
    )
    return [
        Paragraph(_asked(found)),
        Bullets(arms),
        diagram.figure(results),
        Paragraph(
            t(
                "These are planned numbers, not results: what was consented to and observed is filled in "
                "when the trial is reported (CONSORT 2025). Consent and loss to follow-up are assumed."
            ),
            "note",
        ),
    ]


def _asked(found: Node) -> Item:
    values: dict[str, Item] = {"n": found["randomised"].count(), "declined": found["declined"].count()}
    values |= {"asked": found["asked"].count(), "young": found["too_young"].count()}
    if found["asked"].value is None:
        return t(
            "{n} participants are randomised. The scenario says nothing about how many are asked.", **values
        )
    if found["too_young"].value:
        return t(
            "Of {asked} people who are assessed, {young} are expected to be too young and {declined} not to "
            "consent; {n} are randomised.",
            **values,
        )
    return t(
        "Of {asked} people who are asked, {declined} are expected not to consent; {n} are randomised.",
        **values,
    )
