"""Both editions as files, and findings that differ in what is restricted only."""

from __future__ import annotations

import io
import json
import zipfile
from copy import deepcopy
from typing import Any

from ipsrct._language import LANGUAGES, language
from ipsrct.findings import PARTS, Findings
from ipsrct.report.formats import FORMATS, written
from ipsrct.report.model import Report

CANARY = 918273645
"""Stands for every restricted number; no other number of the stored findings holds these digits."""


def files(report: Report, findings: Findings) -> dict[str, bytes]:
    """Return the results and the report in every format and language."""
    found = {"results.json": findings.to_json().encode()}
    for name in FORMATS:
        for code in LANGUAGES:
            found |= written(report, language(code), name)
    return found


def readable(data: bytes) -> bytes:
    """Return all that a file holds: the members of an archive with their names, else the file."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"".join(name.encode() + archive.read(name) for name in archive.namelist())


def planted(findings: Findings) -> Findings:
    """Return findings with every restricted number, and every word of the scheme's keys, replaced."""
    document = deepcopy(findings.document)
    secret = document["restricted"]
    keys = secret["schemes"]["stratified_permuted_block"]["keys"]
    keys["block_sizes"] = [CANARY]
    secret["scenario"]["design"]["randomisation"]["block_sizes"] = [CANARY]
    secret["scenario_sha256"] = f"{CANARY}" * 7
    secret["diagnostics"] = [row | {"value": float(CANARY)} for row in secret["diagnostics"]]
    return Findings(document)


def with_the_numbers_of(findings: Findings, other: Findings) -> Findings:
    """Return findings whose computed parts are those of another scenario's."""
    parts = {name: other.document[name] for name in PARTS if name in other.document}
    return Findings(findings.document | parts)


def differences(a: Any, b: Any, path: str = "") -> list[str]:
    """Return where two documents differ otherwise than in a number."""
    if isinstance(a, dict) and isinstance(b, dict) and list(a) == list(b):
        return [found for key in a for found in differences(a[key], b[key], f"{path}/{key}")]
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        return [
            f for i, (x, y) in enumerate(zip(a, b, strict=True)) for f in differences(x, y, f"{path}/{i}")
        ]
    if isinstance(a, float) and isinstance(b, float):
        return []
    return [] if json.dumps(a) == json.dumps(b) else [f"{path}: {a!r} {b!r}"]
