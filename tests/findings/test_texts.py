"""What findings remember of their texts, once they are JSON."""

from __future__ import annotations

import json

import pytest

from ipsrct import read_scenario
from ipsrct._language import language
from ipsrct._message import Message, joined
from ipsrct.findings import find
from ipsrct.findings.texts import message, texts
from ipsrct.report.results import Node
from ipsrct.report.text import plain

NB = language("nb")


def _document():
    note = Message("consent {share:.0%}", share=0.5)
    return {
        "rows": [{"note": joined([note, "as assumed"], "; ")}],
        "plain": "control",
        "fixed": Message("months"),
    }


def test_every_text_made_from_values_is_remembered_and_no_other():
    assert texts(_document()) == {
        "consent 50%; as assumed": {
            "template": "{part0}; {part1}",
            "values": {"part0": "consent 50%", "part1": "as assumed"},
        },
        "consent 50%": {"template": "consent {share:.0%}", "values": {"share": 0.5}},
    }


def test_a_text_comes_back_from_json_as_it_was():
    made = json.loads(json.dumps(texts(_document())))
    again = message("consent 50%; as assumed", made)
    assert again == "consent 50%; as assumed"
    assert NB.say(again, names=True) == "samtykke 50\N{NO-BREAK SPACE}%; som forutsatt"


def test_a_text_that_is_one_of_its_values_is_that_value():
    alone = joined([Message("employed in month {month}", month=6)])
    made = texts([alone, joined(["control"])])
    assert list(made) == ["employed in month 6"]
    assert NB.say(message(alone, made)) == "i arbeid i måned 6"


def test_a_node_says_its_text_from_the_nearest_table():
    inner = json.loads(json.dumps(_document() | {"texts": texts(_document())}))
    other = {"text": "consent 50%", "texts": {}}
    results = Node({"scenarios": {"a": inner, "b": other}})
    assert plain(results["scenarios"]["a"]["rows"][0]["note"].quoted(), NB).startswith("samtykke")
    assert plain(results["scenarios"]["b"]["text"].quoted(), NB) == "consent 50%"


@pytest.fixture(scope="module")
def found():
    changes = {
        "simulation.replicates": 64,
        "design.n_participants": 40,
        "design.randomisation.factors": ["age", "sex", "social_assistance", "service"],
        "design.arms.0.allocation_weight": 2,
        "design.randomisation.block_sizes": [6],
    }
    return find(read_scenario("ips_ung_cells", changes), parts=["identification", "plan"]).document


def test_the_open_findings_remember_caveats_warnings_and_reasons(found):
    results = Node({key: value for key, value in found.items() if key != "restricted"})
    said = plain(results["scenario"]["caveats"][0].quoted(), NB)
    assert said.startswith(
        "Randomiseringen balanserer innenfor 564 strata etter alder, kjønn, sosialhjelp, tjeneste"
    )
    warnings = [plain(row.quoted(), NB) for row in results["plan"]["warnings"]]
    assert "Det er flere strata (564) enn deltakere (40)." in warnings
    reason = plain(results["not_available"]["identification"].quoted(), NB)
    assert reason == "scenarioets utfall kommer ikke fra kjedemodellen for registeret"


def test_the_restricted_part_remembers_its_own(found):
    open_part = {key: value for key, value in found.items() if key not in ("restricted", "texts")}
    assert set(found["texts"]) == {
        text for text in found["texts"] if json.dumps(text)[1:-1] in json.dumps(open_part)
    }
    warnings = Node(found)["restricted"]["schemes"]["stratified_permuted_block"]["warnings"]
    said = {plain(warning.quoted(), NB): warning.value for warning in warnings}
    assert said["Det er flere strata (564) enn deltakere (40)."] in found["restricted"]["texts"]


def test_findings_are_what_json_gives_back(found):
    assert json.loads(json.dumps(found)) == found
