"""All that is needed to make the report again."""

from __future__ import annotations

from ipsrct.report.content.provenance import provenance
from ipsrct.report.model import Code
from ipsrct.report.results import Node
from tests.report.content.shown import texts, whole


def test_versions_seed_and_digest_are_given(results):
    said = texts(provenance(results))
    made = results.value["provenance"]
    assert f"numpy: {made['versions']['numpy']}" in said
    assert "Simulation seed: 20240101" in said
    assert any(made["scenario_sha256"] in text for text in said)


def test_routes_are_given_by_part(results):
    assert "Utvalgsstørrelse|antall, eksakt, formel|114\u00a0688" in texts(provenance(results), "nb")
    assert "Randomisation plan|\u2013|2,048" in texts(provenance(results))


def test_the_command_stands_where_it_is_known(findings, results):
    assert len([b for b in provenance(results).blocks if isinstance(b, Code)]) == 1
    told = Node(findings.made_by("ipsrct report ips_ung").open_edition().document)
    codes = [block.text for block in provenance(told).blocks if isinstance(block, Code)]
    assert codes[0] == "ipsrct report ips_ung"


def test_what_is_left_out_is_named_only_where_something_is(results, changed):
    assert "`design.randomisation`" in whole(provenance(results))
    assert "`design.randomisation`" not in whole(
        provenance(changed({"provenance.scheme_is_restricted": False}))
    )


def test_sources_are_listed_once_and_pointed_at(results):
    assert "The published numbers and their sources stand in assumptions." in whole(provenance(results))
