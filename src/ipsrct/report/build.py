"""From findings to a report without a language."""

from __future__ import annotations

from datetime import UTC, datetime
from os import environ

from ipsrct.findings import Findings
from ipsrct.report.content import SECTIONS, comparison
from ipsrct.report.content.words import name
from ipsrct.report.model import Report
from ipsrct.report.results import Node
from ipsrct.report.text import Joined, t


def report_date() -> str:
    """Return the day of the report: of ``SOURCE_DATE_EPOCH`` where that is set, so that files repeat."""
    epoch = environ.get("SOURCE_DATE_EPOCH")
    day = datetime.fromtimestamp(int(epoch), UTC) if epoch else datetime.now(UTC)
    return day.date().isoformat()


def open_report(findings: Findings) -> Report:
    """Return the open edition: what everybody may see."""
    results = Node(findings.open_edition().document)
    scenario = results["scenario"]
    return Report(
        name=scenario["name"].value,
        title=scenario["title"].quoted(),
        subtitle=t("Sample size, power and randomisation plan"),
        date=report_date(),
        edition="open",
        sections=tuple(section(results) for section in SECTIONS),
    )


def comparison_report(findings: Findings) -> Report:
    """Return several scenarios side by side: what everybody may see."""
    results = Node(findings.open_edition().document)
    names = [key for key, _ in results["scenarios"].items()]
    return Report(
        name="_and_".join(names),
        title=t("Scenarios compared: {names}", names=Joined(tuple(map(name, names)))),
        subtitle=t("Sample size and power side by side"),
        date=report_date(),
        edition="open",
        sections=comparison.sections(results),
    )
