"""The checklists: numbers only of items that are known, and every item met, explained or marked."""

from __future__ import annotations

import re

import pytest

from ipsrct._language import LANGUAGES, NO_VALUE, language
from ipsrct.report.content.checklists import checklists
from ipsrct.report.model import Table

from .reading import EN, links, rows, table, text

NUMBERED = {
    "consort": {
        "Sample size": "16a",
        "Allocation sequence": "17",
        "Concealment": "18",
        "Implementation": "19",
    },
    "spirit": {"Sample size": "19", "Allocation sequence": "21", "Concealment": "22", "Implementation": "23"},
    "delta2": {},
    "ademp": {},
}


@pytest.mark.parametrize("name", NUMBERED)
def test_numbers_are_those_of_2025(of_trial, name):
    found = rows(table(checklists(of_trial("ips_ung")), f"checklist-{name}"))
    assert {topic: cells[0] for topic, cells in found.items() if cells[0] != NO_VALUE} == NUMBERED[name]


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_item_is_met_explained_or_marked(of_trial, code):
    for block in checklists(of_trial("ips_ung")).blocks:
        if isinstance(block, Table):
            for topic, (_, asks, where) in rows(block, language(code)).items():
                assert topic
                assert asks
                assert re.search(r"[a-zæøå]{4}", where)


def test_what_only_people_know_is_marked(of_trial):
    found = rows(table(checklists(of_trial("ips_ung")), "checklist-spirit"))
    for topic in (
        "Registration",
        "Ethics and data protection",
        "Allocation sequence",
        "Concealment",
        "Implementation",
    ):
        assert "[TO BE FILLED IN: " in found[topic][-1]
    assert "[FYLLES UT: " in text(checklists(of_trial("ips_ung")), language("nb"))


def test_ademp_has_all_its_headings(of_trial):
    found = list(rows(table(checklists(of_trial("ips_ung")), "checklist-ademp")))
    assert found[:5] == ["Aims", "Data-generating mechanisms", "Estimands", "Methods", "Performance measures"]


def test_sections_are_referred_to(of_trial):
    named = links(checklists(of_trial("ips_ung")))
    assert {"protocol", "estimand", "randomisation", "characteristics", "provenance", "sensitivity"} <= named


def test_subgroups_are_said_to_be_absent_where_they_are(of_trial):
    planned = rows(table(checklists(of_trial("ips_ung")), "checklist-consort"), EN)
    none = rows(table(checklists(of_trial("small")), "checklist-consort"), EN)
    assert planned["Subgroups and secondary analyses"][-1] == "subgroups"
    assert none["Subgroups and secondary analyses"][-1] == "None are planned."
