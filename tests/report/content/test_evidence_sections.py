"""What holds for every section on the evidence, in both languages and for scenarios that lack parts."""

from __future__ import annotations

import re

import pytest

from ipsrct import read_scenario
from ipsrct.findings import find
from ipsrct.report.content.assumptions import assumptions
from ipsrct.report.content.characteristics import characteristics
from ipsrct.report.content.identification import identification
from ipsrct.report.content.sensitivity import sensitivity
from ipsrct.report.content.sizes import sizes
from ipsrct.report.model import flat
from ipsrct.report.results import Node
from ipsrct.report.text import Estimate, Link, Number
from tests.report.content.items import changed, of_section, resolves, said, without

SECTIONS = (assumptions, identification, sizes, sensitivity, characteristics)
PARTS = ["headline", "characteristics", "sizing", "curve", "identification", "sensitivity", "assurance"]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_number_is_the_results(results, section):
    numbers = []
    for leaf in of_section(section(results)):
        numbers += [leaf] if isinstance(leaf, Number) else []
        numbers += [leaf.number, leaf.error] if isinstance(leaf, Estimate) else []
    assert len(numbers) > 20
    assert [n.pointer for n in numbers if resolves(results, n.pointer) != n.value] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_every_link_leads_to_a_section(results, section):
    known = {one.id for made in SECTIONS for one in flat((made(results),))}
    assert {leaf.section for leaf in of_section(section(results)) if isinstance(leaf, Link)} <= known


@pytest.mark.parametrize(
    ("section", "part"),
    [
        (identification, "identification"),
        (sizes, "curve"),
        (sensitivity, "sensitivity"),
        (sensitivity, "assurance"),
        (characteristics, "characteristics"),
        (characteristics, "type_i_errors"),
    ],
)
def test_a_missing_part_is_named_with_its_reason(results, section, part):
    left = without(results, part, "the moon is full")
    assert "Not available: the moon is full." in said(section(left)).splitlines()
    assert "Ikke tilgjengelig: the moon is full." in said(section(left), "nb").splitlines()
    assert "moon" not in said(section(results))


@pytest.fixture(scope="module")
def small() -> Node:
    """A trial without recruitment, cost, prior or register chain, counted exactly, 25:23."""
    return Node(find(read_scenario("seed"), PARTS).open_edition().document)


@pytest.mark.parametrize("code", ["en", "nb"])
def test_a_scenario_without_most_parts_says_so(small, code):
    text = "\n".join(said(section(small), code) for section in SECTIONS)
    expected = {
        "en": [
            "The scenario says nothing about recruitment.",
            "The scenario says nothing about what a trial costs.",
            "The scenario has no prior: it does not say how probable each effect is.",
            "Every outcome is assumed to be seen: there is no attrition.",
            "All participants are alike but for the arm that they are in.",
            "Every possible trial was counted, so that there is no Monte Carlo error.",
            "Not available: the scenario's outcome does not come from the register's chain.",
        ],
        "nb": [
            "Scenarioet sier ingenting om rekruttering.",
            "Scenarioet sier ingenting om hva en studie koster.",
            "Scenarioet har ingen forhåndsfordeling: Det sier ikke hvor sannsynlig hver effekt er.",
            "Det er forutsatt at alle utfall blir observert: Det er ikke noe frafall.",
            "Alle deltakere er like, bortsett fra hvilken studiearm de er i.",
            "Alle mulige studier er talt opp, så det er ingen usikkerhet fra simuleringen.",
        ],
    }
    assert [line for line in expected[code] if line not in text.splitlines()] == []


def test_what_is_counted_has_no_error_in_brackets(small):
    assert any(isinstance(leaf, Estimate) for leaf in of_section(characteristics(small)))
    assert re.findall(r"\d \(", said(characteristics(small))) == []


def test_an_exact_run_reports_its_power_and_no_replicates(small):
    text = said(characteristics(small))
    power = small["headline"]["power"].value
    assert f"power {100 * power:.2f}%" in text
    assert "trials were simulated" not in text


def test_an_outcome_in_months_keeps_shares_and_months_apart(results):
    left = changed(results, scenario__is_share=False, scenario__unit="months", headline__control=4.71)
    shown = said(assumptions(left)) + said(characteristics(left))
    assert "Employment without IPS 12 months after start | 39.5% | 36% to 44%" in shown
    assert "Effect of IPS on employment 12 months after start | 7.5 percentage points | 3.5 to 13" in shown
    assert "without it 4.71 months." in shown
    assert "Estimates and their standard errors (months)" in shown
    bias = results["characteristics"]["characteristics"].row(measure="bias")["value"].value
    assert f"| difference in proportions | {bias:.4f} (" in shown


@pytest.mark.long
def test_a_computed_outcome_in_months():
    scenario = read_scenario("ips_ung").with_changes(
        {
            "design.n_participants": 120,
            "assumptions.outcome.endpoint": {"kind": "months_employed", "first": 1, "last": 12},
            "analysis.estimators": [{"kind": "difference_in_proportions"}],
            "analysis.subgroups": [],
            "analysis.interactions": [],
            "simulation.replicates": 64,
        }
    )
    results = Node(find(scenario, ["headline", "characteristics"]).open_edition().document)
    shown = said(characteristics(results))
    assert f"without it {results['headline']['control'].value:.2f} months." in shown
    assert "That is too few for the target of 0.1" in shown
