"""From findings to a report without a language."""

from __future__ import annotations

from datetime import UTC, datetime
from os import environ

from ipsrct.findings import Findings
from ipsrct.report.content import SECTIONS
from ipsrct.report.model import Report
from ipsrct.report.results import Node
from ipsrct.report.text import t


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
