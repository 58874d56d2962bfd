"""The stored findings, on which tests of the report rest, are those that would be computed today."""

from __future__ import annotations

import dataclasses
import math

import pytest

from ipsrct import read_scenario
from ipsrct._assurance import AssuranceAnswer
from ipsrct._levers import LeverResult
from ipsrct._search import Answer
from ipsrct._sensitivity import SensitivityRow
from ipsrct.curves import CurvePoint
from ipsrct.detectable import DetectableEffect
from ipsrct.findings import PARTS, find

QUICK = ("characteristics", "plan", "recruitment", "identification", "flow", "headline")
ROWS = {
    "sizing/answers": Answer,
    "detectable/effects": DetectableEffect,
    "curve/points": CurvePoint,
    "sensitivity/rows": SensitivityRow,
    "assurance/answers": AssuranceAnswer,
    "levers/levers": LeverResult,
}


def _paths(node, path=""):
    """Yield where anything stands; all items of a list, and all values by evidence id, stand at the same."""
    yield path
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _paths(value, f"{path}/{key}")
    elif isinstance(node, list):
        for item in node:
            yield from _paths(item, f"{path}/*")


@pytest.fixture(scope="module")
def fresh():
    return find(read_scenario("ips_ung", {"simulation.replicates": 64}), parts=QUICK).document


@pytest.mark.parametrize("part", [*QUICK, "scenario", "assumptions", "restricted"])
def test_stored_keys_are_those_of_today(findings, fresh, part):
    assert set(_paths(findings.document[part])) == set(_paths(fresh[part]))


@pytest.mark.parametrize("place", ROWS)
def test_stored_rows_have_the_fields_of_today(findings, place):
    part, name = place.split("/")
    fields = {field.name for field in dataclasses.fields(ROWS[place])}
    for row in findings.document[part][name]:
        assert set(row) | {"at"} == fields | {"at"}


def test_nothing_is_stored_that_is_not_computed_today(findings, fresh):
    parts = set(findings.document) - set(fresh)
    assert parts <= {*PARTS, "not_available", "durations"}
    assert set(findings.document) | set(findings.document["not_available"]) >= {*PARTS, *fresh}


def test_stored_sources_and_texts_hold_those_of_today(findings, fresh):
    for table in ("sources", "texts"):
        assert fresh[table].items() <= findings.document[table].items()


def _differences(stored, found, path=""):
    if isinstance(stored, dict) and isinstance(found, dict) and stored.keys() == found.keys():
        for key in stored:
            yield from _differences(stored[key], found[key], f"{path}/{key}")
    elif isinstance(stored, list) and isinstance(found, list) and len(stored) == len(found):
        for i, pair in enumerate(zip(stored, found, strict=True)):
            yield from _differences(*pair, f"{path}/{i}")
    elif isinstance(stored, float) and isinstance(found, float):
        if not math.isclose(stored, found, rel_tol=1e-9, abs_tol=1e-9):
            yield path, stored, found
    elif stored != found:
        yield path, stored, found


@pytest.mark.long
def test_stored_findings_are_those_of_today(findings):
    found = find(read_scenario("ips_ung"), jobs=2).document
    for document in (findings.document, found):
        document["provenance"] = document["provenance"] | {"versions": None}
    assert list(_differences(findings.document, found)) == []
