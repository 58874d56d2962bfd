"""The items that the checklists of a protocol and of an article share."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.statements import to_fill_in
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, t

Row = tuple[Item, Item, Item, Item]
"""Topic, number of the item, what it asks, where it is met."""


def links(*sections: str) -> Item:
    """Return references to sections."""
    return Joined(tuple(Link(section) for section in sections), "; ")


def registration() -> Row:
    """Return where the trial is registered."""
    return (
        t("Registration"),
        NO_VALUE,
        t("Where and when the trial is registered"),
        to_fill_in(t("register and number")),
    )


def ethics() -> Row:
    """Return approvals and consent."""
    return (
        t("Ethics and data protection"),
        NO_VALUE,
        t("Approvals, consent, and the legal basis for register data"),
        to_fill_in(t("committee, date, legal basis")),
    )


def objective() -> Row:
    """Return the objective and the estimand."""
    return (
        t("Objective and estimand"),
        NO_VALUE,
        t("Which effect the trial is to estimate, in whom, and how events after randomisation are handled"),
        links("estimand"),
    )


def outcome() -> Row:
    """Return the primary outcome."""
    return (
        t("Primary outcome"),
        NO_VALUE,
        t("The variable, its time point and how it is summarised"),
        links("protocol", "estimand"),
    )


def sample_size(number: str) -> Row:
    """Return the sample size, with the item's number."""
    return (
        t("Sample size"),
        number,
        t("How the number was found, with everything that it assumes"),
        links("protocol", "assumptions", "sizes", "sensitivity"),
    )


def randomisation(sequence: str, concealment: str, implementation: str) -> tuple[Row, ...]:
    """Return sequence, concealment and implementation, with the items' numbers."""
    return (
        (
            t("Allocation sequence"),
            sequence,
            t("Who makes the sequence, by which method, and which restrictions and strata it has"),
            Joined((Link("randomisation"), to_fill_in(t("who makes the list"))), "; "),
        ),
        (
            t("Concealment"),
            concealment,
            t("What keeps the next allocation hidden until a participant is enrolled"),
            Joined((Link("randomisation"), to_fill_in(t("the system, and who runs it"))), "; "),
        ),
        (
            t("Implementation"),
            implementation,
            t("Whether those who enrol and those who allocate have access to the sequence"),
            to_fill_in(t("who has access, by role")),
        ),
    )


def blinding() -> Row:
    """Return blinding."""
    return (
        t("Blinding"),
        NO_VALUE,
        t("Who does not know the arm after allocation"),
        to_fill_in(
            t(
                "those who take part and those who help them know the arm; say who prepares and analyses "
                "the data without knowing it"
            )
        ),
    )


def analysis(results: Node) -> tuple[Row, ...]:
    """Return main analysis, missing data and subgroups."""
    many = bool(results["scenario"]["subgroups"])
    return (
        (
            t("Main analysis"),
            NO_VALUE,
            t("How the arms are compared, with which covariates, and who is analysed in which arm"),
            links("estimand", "characteristics"),
        ),
        (
            t("Missing data"),
            NO_VALUE,
            t("How missing outcomes are handled"),
            links("estimand", "flow"),
        ),
        (
            t("Subgroups and secondary analyses"),
            NO_VALUE,
            t("Which there are, chosen when, and how they are to be read"),
            links("subgroups") if many else t("None are planned."),
        ),
    )


def interim() -> Row:
    """Return interim analyses and stopping."""
    return (
        t("Interim analyses and stopping"),
        NO_VALUE,
        t("Whether data are looked at on the way, and what would stop the trial"),
        Joined(
            (
                t("None are planned, so nothing is adjusted for."),
                to_fill_in(t("who follows safety and recruitment, and what would stop the trial")),
            ),
            " ",
        ),
    )
