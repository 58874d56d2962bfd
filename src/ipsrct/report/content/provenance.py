"""Where the numbers come from: versions, seed, scenario and command."""

from __future__ import annotations

from typing import Any

from ipsrct.report.content.parts import nothing
from ipsrct.report.content.words import name
from ipsrct.report.model import Block, Code, Paragraph, Section, Table, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, t


def provenance(results: Node) -> Section:
    """Return all that is needed to make this report again and to check it."""
    return Section("provenance", t("Provenance"), tuple(_blocks(results)))


def _blocks(results: Node) -> list[Block]:
    made = results["provenance"]
    return [
        Paragraph(
            t(
                "Every number stands in the file results.json beside this report. The same scenario, seed "
                "and versions give the same numbers again, with any number of processes."
            )
        ),
        Terms(
            (
                *((program, version.value) for program, version in made["versions"].items()),
                (t("Simulation seed"), str(made["seed"].value)),
                (t("Random number generator"), made["generator"].quoted()),
                (
                    t("Digest of the scenario below (SHA-256 of its canonical JSON)"),
                    made["scenario_sha256"].value,
                ),
            )
        ),
        _parts(made),
        *_command(made),
        Code(t("The scenario, to be saved as scenario.toml"), toml(made["scenario"].value)),
        *_restricted(made),
        Paragraph(
            t("The published numbers and their sources stand in {section}.", section=Link("assumptions"))
        ),
    ]


def toml(document: dict[str, Any]) -> str:
    """Return a scenario as TOML that ``ipsrct`` reads."""
    import tomli_w

    return tomli_w.dumps(document, multiline_strings=True)


def _parts(made: Node) -> Table:
    return Table(
        "routes",
        t("How each part was computed"),
        (t("Part"), t("Route"), t("Simulated trials")),
        tuple(
            (
                _part(key),
                _routes(part["route"].value) if "route" in part else nothing(),
                part["replicates"].count() if "replicates" in part else nothing(),
            )
            for key, part in made["parts"].items()
        ),
        t(
            "Exact: every possible trial is enumerated. Counts: the numbers of participants and events are "
            "drawn by cell and arm. Individual: every participant is drawn."
        ),
    )  # fmt: skip


def _part(key: str) -> Item:
    words = {
        "assurance": t("Assurance"),
        "characteristics": t("Operating characteristics"),
        "curve": t("Power curve"),
        "detectable": t("Smallest detectable effects"),
        "levers": t("What other choices would save"),
        "plan": t("Randomisation plan"),
        "recruitment": t("Recruitment"),
        "sensitivity": t("Sensitivity analysis"),
        "sizing": t("Sample size"),
        "sizing_all_observed": t("Sample size if every outcome is observed"),
    }
    return words.get(key) or name(key)


def _routes(text: str) -> Item:
    words: dict[str, Item] = {
        "counts": t("counts"),
        "exact": t("exact"),
        "formula": t("formula"),
        "individual": t("individual"),
        "normal approximation": t("normal approximation"),
        "recruitment": t("recruitment, month by month"),
    }
    return Joined(tuple(words.get(route) or name(route) for route in text.split(" and ")))


def _command(made: Node) -> list[Block]:
    if "command" not in made:
        return []
    return [Code(t("The command that makes this report again"), made["command"].value)]


def _restricted(made: Node) -> list[Block]:
    if not made["scheme_is_restricted"].value:
        return []
    return [
        Paragraph(
            t(
                "What restricts the randomisation is left out of the scenario, of its digest and of the "
                "command. Where the scenario is run without it, those keys of `design.randomisation` that "
                "have no default must be given with `--set`. Simulated numbers then repeat digit by digit "
                "only for those who keep the allocation list."
            ),
            "note",
        )
    ]
