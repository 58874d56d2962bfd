"""What reporting guidelines ask about sample size, randomisation, estimand, analysis and simulation, and where it is met."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.statements import to_fill_in
from ipsrct.report.model import Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, Text, t

_Row = tuple[Item, Item, Item, Item]


def checklists(results: Node) -> Section:
    """Return the checklists of CONSORT, SPIRIT, DELTA2 and ADEMP, each item with the section that meets it."""
    return Section(
        "checklists",
        t("Checklists"),
        (
            Paragraph(
                t(
                    "The tables hold the items that concern sample size, randomisation, estimand, analysis and simulation, in "
                    "words of their own. Items about other parts of a protocol or an article are left out. What only those who run "
                    "the trial can know is marked in square brackets."
                )
            ),
            _table("spirit", t("SPIRIT 2025, for the protocol"), _spirit(results)),
            _table("consort", t("CONSORT 2025, for the article"), _consort(results)),
            _table("delta2", t("DELTA2, for the target difference and the sample size"), _delta2()),
            _table("ademp", t("ADEMP, for the simulations"), _ademp()),
        ),
    )


def _table(table_id: str, caption: Text, rows: tuple[_Row, ...]) -> Table:
    columns = (t("Topic"), t("Item"), t("What it asks"), t("Where it is met"))
    return Table(f"checklist-{table_id}", caption, columns, rows)


def _links(*sections: str) -> Item:
    return Joined(tuple(Link(section) for section in sections), "; ")


def _spirit(results: Node) -> tuple[_Row, ...]:
    return (
        _registration(),
        _ethics(),
        _objective(),
        _outcome(),
        _sample_size("19"),
        (
            t("Recruitment"),
            NO_VALUE,
            t("How enough participants are to be found"),
            _links("recruitment"),
        ),
        *_randomisation("21", "22", "23"),
        _blinding(),
        *_analysis(results),
        _interim(),
    )


def _consort(results: Node) -> tuple[_Row, ...]:
    return (
        _registration(),
        _objective(),
        _outcome(),
        _sample_size("16a"),
        _interim(),
        *_randomisation("17", "18", "19"),
        _blinding(),
        *_analysis(results),
        (
            t("Flow of participants"),
            NO_VALUE,
            t("How many were asked, randomised, treated and analysed in each arm"),
            Joined((Link("flow"), to_fill_in(t("the real numbers, when the trial is over"))), "; "),
        ),
    )


def _registration() -> _Row:
    return (
        t("Registration"),
        NO_VALUE,
        t("Where and when the trial is registered"),
        to_fill_in(t("register and number")),
    )


def _ethics() -> _Row:
    return (
        t("Ethics and data protection"),
        NO_VALUE,
        t("Approvals, consent, and the legal basis for register data"),
        to_fill_in(t("committee, date, legal basis")),
    )


def _objective() -> _Row:
    return (
        t("Objective and estimand"),
        NO_VALUE,
        t("Which effect the trial is to estimate, in whom, and how events after randomisation are handled"),
        _links("estimand"),
    )


def _outcome() -> _Row:
    return (
        t("Primary outcome"),
        NO_VALUE,
        t("The variable, its time point and how it is summarised"),
        _links("protocol", "estimand"),
    )


def _sample_size(number: str) -> _Row:
    return (
        t("Sample size"),
        number,
        t("How the number was found, with everything that it assumes"),
        _links("protocol", "assumptions", "sizes", "sensitivity"),
    )


def _randomisation(sequence: str, concealment: str, implementation: str) -> tuple[_Row, ...]:
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


def _blinding() -> _Row:
    return (
        t("Blinding"),
        NO_VALUE,
        t("Who does not know the arm after allocation"),
        to_fill_in(
            t("those who take part and those who help them know the arm; say who prepares and analyses the data without knowing it")
        ),
    )


def _analysis(results: Node) -> tuple[_Row, ...]:
    many = bool(results["scenario"]["subgroups"])
    return (
        (
            t("Main analysis"),
            NO_VALUE,
            t("How the arms are compared, with which covariates, and who is analysed in which arm"),
            _links("estimand", "characteristics"),
        ),
        (
            t("Missing data"),
            NO_VALUE,
            t("How missing outcomes are handled"),
            _links("estimand", "flow"),
        ),
        (
            t("Subgroups and secondary analyses"),
            NO_VALUE,
            t("Which there are, chosen when, and how they are to be read"),
            _links("subgroups") if many else t("None are planned."),
        ),
    )


def _interim() -> _Row:
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


def _delta2() -> tuple[_Row, ...]:
    return (
        _outcome(),
        (
            t("Target difference"),
            NO_VALUE,
            t("Its size, absolute and relative, with the level without the intervention"),
            _links("protocol"),
        ),
        (
            t("Basis of the target difference"),
            NO_VALUE,
            t("Whether it is realistic, important or both, from which sources, and who took part in choosing it"),
            Joined((Link("protocol"), Link("assumptions"), to_fill_in(t("who took part"))), "; "),
        ),
        (
            t("Significance level, sides and power"),
            NO_VALUE,
            t("Their values, and the test that they belong to"),
            _links("protocol"),
        ),
        (
            t("Allocation and adjustments"),
            NO_VALUE,
            t("The ratio, and what is added for missing outcomes, clusters, several comparisons and interim looks"),
            _links("protocol"),
        ),
        (
            t("Method"),
            NO_VALUE,
            t("Formula, enumeration or simulation, with software and version"),
            _links("protocol", "provenance"),
        ),
        (
            t("Sensitivity"),
            NO_VALUE,
            t("How the number changes with what it assumes"),
            _links("sensitivity"),
        ),
    )


def _ademp() -> tuple[_Row, ...]:
    return (
        (t("Aims"), NO_VALUE, t("What the simulations are to show"), _links("characteristics")),
        (
            t("Data-generating mechanisms"),
            NO_VALUE,
            t("How participants and outcomes are made, from which parameters, and why"),
            _links("assumptions", "identification", "characteristics"),
        ),
        (t("Estimands"), NO_VALUE, t("What each analysis is to estimate, and its true value"), _links("estimand")),
        (t("Methods"), NO_VALUE, t("Which analyses are compared, on the same data sets"), _links("estimand", "characteristics")),
        (
            t("Performance measures"),
            NO_VALUE,
            t("Each with its Monte Carlo standard error; the number of replicates follows from the error that is wanted"),
            _links("characteristics"),
        ),
        (
            t("Failures"),
            NO_VALUE,
            t("Trials that an analysis cannot handle, counted and not left out without a word"),
            _links("characteristics"),
        ),
        (
            t("Repetition"),
            NO_VALUE,
            t("Random generator, seed, versions, and a command that makes everything again"),
            _links("provenance"),
        ),
        (t("Limits"), NO_VALUE, t("What the simulations cannot show"), _links("identification", "characteristics")),
    )
