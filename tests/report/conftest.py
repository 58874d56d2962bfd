"""Stored findings, so that what shows them is tested without computing them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ipsrct.findings import Findings
from ipsrct.report.results import Node

STORED = Path(__file__).parent / "data" / "ips_ung.json"


@pytest.fixture(scope="session")
def findings() -> Findings:
    """The findings of `ips_ung`, as stored; a long test holds them to what is computed."""
    document: dict[str, Any] = json.loads(STORED.read_text(encoding="utf-8"))
    return Findings(document)


@pytest.fixture(scope="session")
def results(findings: Findings) -> Node:
    """The open edition's results."""
    return Node(findings.open_edition().document)
