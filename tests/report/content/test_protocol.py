"""What a protocol says of its sample size: a test for each thing that SPIRIT, CONSORT and DELTA2 ask."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipsrct.report.content.protocol import protocol
from ipsrct.report.content.target_difference import target_difference
from ipsrct.report.model import Terms
from ipsrct.report.results import Node
from ipsrct.report.text import plain

from .reading import EN, NB, rows, table, text


def _with(results, path, value):
    """Return the results with another value at a key of the scenario."""
    return Node(results.value | {"scenario": results["scenario"].value | {path: value}})


def _terms(results, code=EN):
    (block,) = [b for b in protocol(results).blocks if isinstance(b, Terms)]
    return {plain(name, code): plain(said, code) for name, said in block.items}


def test_primary_outcome_time_point_and_aggregation(of_trial):
    shown = text(protocol(of_trial("ips_ung")))
    assert "Primary outcome: in registered employment, at least 1 expected hour a week" in shown
    assert "time point: 12 months after randomisation" in shown
    assert "share of participants who have it" in shown
    assert "its mean in months" in text(protocol(of_trial("months")))
    assert "gjennomsnittlig antall" in text(protocol(of_trial("months")), NB)


def test_a_missing_time_point_is_to_be_filled_in(of_trial):
    results = of_trial("small")
    estimand = results["scenario"]["estimand"].value | {"month": None}
    assert "time point: [TO BE FILLED IN:" in text(protocol(_with(results, "estimand", estimand)))


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "ips_ung",
            ("39.5% (assumed: employment stays", "Table 3)", "47.0% with IPS (assumed:", "Figure 1)"),
        ),
        ("seed", ("8.0% (source: Sveinsdottir", "48.0% with IPS (assumed: the published", "Sveinsdottir")),
        ("small", ("64.5% with IPS (assumed: large, so that",)),
        (
            "months",
            (
                "employment of 39.5% without IPS at month 12 (assumed:",
                "of 20.0 percentage points (assumed: large",
            ),
        ),
        (
            "persist",
            ("(assumed: it follows from the path “persist”", "(assumed: it follows from the path that"),
        ),
    ],
)
def test_each_level_has_its_source_or_is_called_assumed(of_trial, name, parts):
    shown = text(protocol(of_trial(name)))
    for part in parts:
        assert part in shown


def test_each_document_is_cited_once(of_trial):
    said = plain(target_difference(of_trial("ips_ung"))[1], EN)
    assert said.count("AFI report") == 1  # four coefficients of one table
    assert "line" not in said


def test_target_difference_is_absolute_and_relative_with_primacy(of_trial):
    shown = text(protocol(of_trial("ips_ung")))
    assert "The target difference is 7.5 percentage points" in shown
    assert "1.19 times the level without; the absolute difference has primacy" in shown
    assert "1,19 ganger nivået uten; den absolutte forskjellen går foran" in text(
        protocol(of_trial("ips_ung")), NB
    )


def test_significance_level_and_sides(of_trial):
    assert "two-sided test at the 5% level" in text(protocol(of_trial("ips_ung")))
    assert "tosidig test og signifikansnivå 5\N{NO-BREAK SPACE}%" in text(protocol(of_trial("ips_ung")), NB)
    assert "one-sided test at the 2.5% level" in text(protocol(of_trial("other_side")))


def test_power_of_every_target_and_of_the_plan(of_trial):
    shown = text(protocol(of_trial("ips_ung")))
    assert "For 80% power, the trial needs 1,358 participants (679 in each arm)" in shown
    assert "For 90% power, the trial needs 1,828 participants (914 in each arm)" in shown
    assert (
        "The trial is planned with 1,320 participants (660 in each arm); with them, power is 78.6%" in shown
    )


def test_allocation_and_the_reason_if_it_is_unequal(of_trial):
    assert "Participants are allocated 1:1." in text(protocol(of_trial("ips_ung")))
    assert "25:23 (IPS, control); reason for unequal arms: the published arms" in text(
        protocol(of_trial("seed"))
    )
    unsaid = text(protocol(of_trial("two_to_one")))
    assert "2:1 (IPS, control); reason for unequal arms: [TO BE FILLED IN:" in unsaid


def test_method_and_the_usual_formula_with_its_reference(of_trial):
    exact = text(protocol(of_trial("ips_ung")))
    assert "enumerating every possible result" in exact
    assert "gives 1,364 for 80% and 1,824 for 90% power" in exact
    assert "simulating whole trials" not in exact
    simulated = text(protocol(of_trial("attrition")))
    assert "simulating whole trials" in simulated
    assert "If every outcome were seen, the usual" in simulated
    assert "does not cover this design" in text(protocol(of_trial("three_arms")))


def test_the_formula_is_cited_from_a_book_that_has_its_variance(of_trial):
    """Fleiss pools under no difference, which gives 1,368 here; Chow does not, which gives 1,364."""
    results = of_trial("ips_ung")
    first, *others = results["scenario"]["estimators"].value
    pooled = _with(results, "estimators", [first | {"variance": "pooled"}, *others])
    for trial, cited, other in ((results, "Chow", "Fleiss"), (pooled, "Fleiss", "Chow")):
        shown = text(protocol(trial))
        assert f"formula for two proportions ({cited}, " in shown
        assert other not in shown


def test_adjustments_are_named_one_by_one(of_trial):
    said = _terms(of_trial("ips_ung"))
    assert list(said) == [
        "Attrition",
        "Non-adherence",
        "Clustering",
        "Multiplicity",
        "Stratification",
        "Interim analyses",
    ]
    assert "Adjusted for in the randomisation, not in the primary analysis" in said["Stratification"]
    assert all(
        value.startswith(("Not adjusted for:", "Adjusted for", "None are planned")) for value in said.values()
    )
    assert "treatment" not in said["Non-adherence"]
    assert "allocated to IPS, whether or not" in said["Non-adherence"]


def test_adjustments_follow_the_trial(of_trial):
    assert _terms(of_trial("small"))["Stratification"] == "Not adjusted for: randomisation is not stratified."
    assert "other comparisons of arms" in _terms(of_trial("three_arms"))["Multiplicity"]
    results = of_trial("small")
    services = _with(results, "randomisation", {"kind": "cluster", "factors": [], "unit": "service"})
    assert _terms(services)["Clustering"].startswith("Adjusted for: whole services")
    icc = {
        "path": "assumptions.outcome.service_icc",
        "value": 0.02,
        "evidence": [],
        "assumed": "as elsewhere",
    }
    alike = Node(
        results.value | {"assumptions": [*results["assumptions"].value, icc | {"low": None, "high": None}]}
    )
    alike = _with(alike, "correlated_in_services", True)
    assert "intra-service correlation of 0.020 (assumed: as elsewhere)" in _terms(alike)["Clustering"]


def test_attrition_shows_the_number_before_and_after(of_trial):
    results = of_trial("attrition")
    said = _terms(results)["Attrition"]
    assert "20% in IPS (assumed:" in said
    assert "30% in control (assumed: as elsewhere)" in said
    for target in (0.8, 0.9):
        before = (
            results["sizing_all_observed"]["answers"]
            .row(target_power=target, method="exact")["n_total"]
            .value
        )
        after = results["sizing"]["answers"].row(target_power=target)["n_total"].value
        assert after > 1.2 * before
        assert f"from {before:,} participants" in said
        assert f"to {after:,} participants" in said
    found = rows(table(protocol(results), "sample-size"))
    assert "80% power, every outcome seen" in found
    assert "80% power, with the assumed missing outcomes" in found


@pytest.mark.parametrize("name", ["ips_ung", "attrition", "two_to_one", "three_arms", "months", "seed"])
@pytest.mark.parametrize("code", [EN, NB], ids=["en", "nb"])
def test_arms_are_whole_and_add_up_to_the_total(of_trial, name, code):
    def whole(shown):
        return int(shown.split(" (")[0].replace(",", "").replace("\N{NO-BREAK SPACE}", ""))

    found = rows(table(protocol(of_trial(name)), "sample-size"), code)
    assert len(found) >= 3
    for total, *arms, _ in found.values():
        assert whole(total) == sum(whole(arm) for arm in arms)


def test_software_with_version_and_seed(of_trial):
    shown = text(protocol(of_trial("ips_ung")))
    versions = of_trial("ips_ung")["provenance"]["versions"]
    assert f"ipsrct {versions['ipsrct'].value} (Python" in shown
    assert "seed 20240101" in shown


def test_sensitivity_of_the_number_to_its_inputs(of_trial):
    shown = text(protocol(of_trial("ips_ung")))
    assert "were 36% or 44% instead of 39.5%, 80% power would need 1,330 or 1,390 participants" in shown
    assert "80% power would need 6,202 or 452." in shown
    assert "No range is given" in text(protocol(of_trial("seed")))
    assert "would need" not in text(protocol(of_trial("no_effect")))


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("realistic", "was chosen as a realistic one"),
        ("important", "is an important one"),
        ("realistic and important", "is both realistic"),
        (None, "is [TO BE FILLED IN: realistic"),
    ],
)
def test_basis_of_the_target_difference(of_trial, basis, words):
    assert f"The target difference {words}" in text(
        protocol(_with(of_trial("ips_ung"), "target_difference", basis))
    )


def test_numbers_of_the_paragraph_are_those_of_the_table(of_trial):
    for name in ("ips_ung", "attrition", "two_to_one"):
        section = protocol(of_trial(name))
        paragraphs = text(replace(section, blocks=section.blocks[:-1]))
        for cells in rows(table(section, "sample-size")).values():
            assert cells[0].split(" (")[0] in paragraphs


def test_where_no_size_is_enough_the_reason_stands_there(of_trial):
    shown = text(protocol(of_trial("no_effect")))
    assert "No number of participants gives 80% power. The assumed effect is zero" in shown
    assert "enumerating" not in shown
    assert "formula for two proportions" not in shown
