"""The findings as one document, and what the open edition leaves out."""

from __future__ import annotations

import json

import pytest

from ipsrct import NotAvailableError, read_scenario
from ipsrct.findings import PARTS, find

CHANGES = {
    "simulation.replicates": 64,
    "design.n_participants": 60,
    "design.arms.0.allocation_weight": 2,
    "design.randomisation.block_sizes": [6, 9],
}


@pytest.fixture(scope="module")
def found():
    return find(read_scenario("ips_ung_cells", CHANGES), parts=["plan", "flow", "headline"])


def test_the_open_edition_does_not_hold_block_sizes(found):
    text = json.dumps(found.open_edition().document)
    assert "restricted" not in found.open_edition().document
    assert "block_sizes" not in text
    assert "[6, 9]" not in text
    assert "block_sizes" in json.dumps(found.document["restricted"])


def test_the_open_edition_does_not_hold_what_gives_block_sizes_away(found):
    rows = found.open_edition().document["plan"]["diagnostics"]
    assert {row["measure"] for row in rows} <= {"imbalance_mean", "imbalance_q95"}
    assert "stratum" not in {row["where"] for row in rows}
    hidden = {row["measure"] for row in found.document["restricted"]["diagnostics"]}
    assert {"correct_guesses", "blocks_incomplete"} <= hidden


def test_the_digest_everybody_sees_does_not_depend_on_block_sizes(found):
    other = read_scenario("ips_ung_cells", CHANGES | {"design.randomisation.block_sizes": [12]})
    again = find(other, parts=["flow"]).document
    assert again["provenance"]["scenario_sha256"] == found.document["provenance"]["scenario_sha256"]
    assert again["restricted"]["scenario_sha256"] != found.document["restricted"]["scenario_sha256"]


def test_only_the_parts_asked_for_are_there(found):
    assert set(found.document) & set(PARTS) == {"plan", "flow", "headline"}
    assert "not_available" not in found.document


def test_a_part_that_the_scenario_cannot_have_is_named_with_the_reason():
    found = find(read_scenario("seed"), parts=["recruitment", "assurance", "flow"]).document
    assert found["not_available"] == {
        "assurance": "no assurance: the scenario has no prior",
        "recruitment": 'the scenario has no [recruitment]; "ips_ung" has one to start from',
    }


def test_workers_change_nothing(found):
    again = find(read_scenario("ips_ung_cells", CHANGES), parts=["plan", "flow", "headline"], jobs=2)
    assert again.document == found.document


def test_a_list_of_designs_is_refused():
    scenario = read_scenario("ips_ung_cells", {"design.n_participants": [100, 200]})
    with pytest.raises(NotAvailableError, match="one design at a time, not a list at design"):
        find(scenario)
