"""What reporting guidelines ask about the design of a trial and its simulation, and where it is met."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.checklist_items import (
    Row,
    analysis,
    blinding,
    ethics,
    interim,
    links,
    objective,
    outcome,
    randomisation,
    registration,
    sample_size,
)
from ipsrct.report.content.statements import to_fill_in
from ipsrct.report.model import Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Joined, Link, Text, t


def checklists(results: Node) -> Section:
    """Return the checklists of SPIRIT, CONSORT, DELTA2 and ADEMP, each item with where it is met."""
    return Section(
        "checklists",
        t("Checklists"),
        (
            Paragraph(
                t(
                    "The tables hold the items that concern sample size, randomisation, estimand, analysis "
                    "and simulation, in "
                    "words of their own. Items about other parts of a protocol or an article are left out; "
                    "an item without a number is named by "
                    "its topic. What only those who run "
                    "the trial can know is marked in square brackets."
                )
            ),
            _table("spirit", t("SPIRIT 2025, for the protocol"), _spirit(results)),
            _table("consort", t("CONSORT 2025, for the article"), _consort(results)),
            _table("delta2", t("DELTA2, for the target difference and the sample size"), _delta2()),
            _table("ademp", t("ADEMP, for the simulations"), _ademp()),
        ),
    )


def _table(table_id: str, caption: Text, rows: tuple[Row, ...]) -> Table:
    columns = (t("Topic"), t("Item"), t("What it asks"), t("Where it is met"))
    return Table(f"checklist-{table_id}", caption, columns, rows)


def _spirit(results: Node) -> tuple[Row, ...]:
    return (
        registration(),
        ethics(),
        objective(),
        outcome(),
        sample_size("19"),
        (
            t("Recruitment"),
            NO_VALUE,
            t("How enough participants are to be found"),
            links("recruitment"),
        ),
        *randomisation("21", "22", "23"),
        blinding(),
        *analysis(results),
        interim(),
    )


def _consort(results: Node) -> tuple[Row, ...]:
    return (
        registration(),
        objective(),
        outcome(),
        sample_size("16a"),
        interim(),
        *randomisation("17", "18", "19"),
        blinding(),
        *analysis(results),
        (
            t("Flow of participants"),
            NO_VALUE,
            t("How many were asked, randomised, treated and analysed in each arm"),
            Joined((Link("flow"), to_fill_in(t("the real numbers, when the trial is over"))), "; "),
        ),
    )


def _delta2() -> tuple[Row, ...]:
    return (
        outcome(),
        (
            t("Target difference"),
            NO_VALUE,
            t("Its size, absolute and relative, with the level without the intervention"),
            links("protocol"),
        ),
        (
            t("Basis of the target difference"),
            NO_VALUE,
            t(
                "Whether it is realistic, important or both, from which sources, and who took part in "
                "choosing it"
            ),
            Joined((Link("protocol"), Link("assumptions"), to_fill_in(t("who took part"))), "; "),
        ),
        (
            t("Significance level, sides and power"),
            NO_VALUE,
            t("Their values, and the test that they belong to"),
            links("protocol"),
        ),
        (
            t("Allocation and adjustments"),
            NO_VALUE,
            t(
                "The ratio, and what is added for missing outcomes, clusters, several comparisons and "
                "interim looks"
            ),
            links("protocol"),
        ),
        (
            t("Method"),
            NO_VALUE,
            t("Formula, enumeration or simulation, with software and version"),
            links("protocol", "provenance"),
        ),
        (
            t("Sensitivity"),
            NO_VALUE,
            t("How the number changes with what it assumes"),
            links("sensitivity"),
        ),
    )


def _ademp() -> tuple[Row, ...]:
    return (
        (t("Aims"), NO_VALUE, t("What the simulations are to show"), links("characteristics")),
        (
            t("Data-generating mechanisms"),
            NO_VALUE,
            t("How participants and outcomes are made, from which parameters, and why"),
            links("assumptions", "identification", "characteristics"),
        ),
        (
            t("Estimands"),
            NO_VALUE,
            t("What each analysis is to estimate, and its true value"),
            links("estimand"),
        ),
        (
            t("Methods"),
            NO_VALUE,
            t("Which analyses are compared, on the same data sets"),
            links("estimand", "characteristics"),
        ),
        (
            t("Performance measures"),
            NO_VALUE,
            t(
                "Each with its Monte Carlo standard error; the number of replicates follows from the error "
                "that is wanted"
            ),
            links("characteristics"),
        ),
        (
            t("Failures"),
            NO_VALUE,
            t("Trials that an analysis cannot handle, counted and not left out without a word"),
            links("characteristics"),
        ),
        (
            t("Repetition"),
            NO_VALUE,
            t("Random generator, seed, versions, and a command that makes everything again"),
            links("provenance"),
        ),
        (
            t("Limits"),
            NO_VALUE,
            t("What the simulations cannot show"),
            links("identification", "characteristics"),
        ),
    )
