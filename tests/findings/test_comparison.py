"""Scenarios side by side: what differs is found, and every number is that of the scenario by itself."""

from __future__ import annotations

import json

import pytest

from ipsrct import NotAvailableError, read_scenario
from ipsrct._language import LANGUAGES, language
from ipsrct.findings import find
from ipsrct.findings.comparison import PARTS, compare, differences
from ipsrct.report.build import comparison_report
from ipsrct.report.html import html
from ipsrct.report.model import Table, flat
from ipsrct.report.text import plain

QUICK = {
    "simulation.replicates": 512,
    "analysis.subgroups": [],
    "analysis.interactions": [],
    "analysis.estimators": [{"kind": "difference_in_proportions"}],
}


@pytest.fixture(scope="module")
def scenarios():
    small = read_scenario("ips_ung_cells", QUICK | {"name": "small"})
    unequal = {
        "name": "unequal",
        "design.arms.0.allocation_weight": 2,
        "design.randomisation.block_sizes": [6],
    }
    return [small, small.with_changes(unequal | {"assumptions.outcome.effect.value": 0.1})]


@pytest.fixture(scope="module")
def compared(scenarios):
    return compare(scenarios)


def test_every_key_that_differs_is_named_with_its_values():
    documents = {
        "a": {"name": "a", "x": {"value": 1, "same": 2}, "list": [1, 2], "rows": [{"k": 1}, {"k": 2}]},
        "b": {"name": "b", "x": {"value": 3, "same": 2}, "list": [1, 2, 3], "rows": [{"k": 1}], "new": True},
    }
    assert list(differences(documents)) == [
        {"path": "x.value", "values": {"a": 1, "b": 3}},
        {"path": "list", "values": {"a": "1, 2", "b": "1, 2, 3"}},
        {"path": "rows.1.k", "values": {"a": 2}},
        {"path": "new", "values": {"b": True}},
    ]


def test_the_same_scenario_twice_differs_in_nothing():
    document = {"x": [{"y": 1}], "z": None}
    assert list(differences({"a": document, "b": document})) == []


def test_numbers_are_those_of_each_scenario_by_itself(scenarios, compared):
    for scenario in scenarios:
        alone = find(scenario, PARTS).document
        alone.pop("restricted")
        assert compared.document["scenarios"][scenario.name] == alone


def test_what_differs_leaves_out_block_sizes(compared):
    paths = {row["path"]: row["values"] for row in compared.document["differences"]}
    assert paths == {
        "design.arms.0.allocation_weight": {"small": 1, "unequal": 2},
        "assumptions.outcome.effect.value": {"small": 0.075, "unequal": 0.1},
    }
    assert "block_sizes" not in json.dumps(compared.open_edition().document)
    assert compared.document["restricted"]["unequal"]["scenario"]["design"]["randomisation"]["block_sizes"]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_page_shows_both_columns(compared, code):
    report = comparison_report(compared)
    assert b"unequal" in html(report, language(code))
    tables = [b for section in flat(report.sections) for b in section.blocks if isinstance(b, Table)]
    rows = {plain(row[0], language("en")): row[1:] for row in tables[0].rows}
    n = [cell.value for cell in rows["participants for 80% power"]]
    sizes = [compared.document["scenarios"][name]["sizing"]["answers"] for name in ("small", "unequal")]
    exact = [next(a for a in s if (a["method"], a["target_power"]) == ("exact", 0.8)) for s in sizes]
    assert n == [answer["n_total"] for answer in exact]
    assert n[0] > n[1]  # the effect of the second is larger


@pytest.mark.parametrize(("n", "message"), [(1, "two to 4"), (5, "two to 4"), (2, "different names")])
def test_too_few_too_many_or_alike_are_refused(scenarios, n, message):
    with pytest.raises(NotAvailableError, match=message):
        compare([scenarios[0]] * n)
