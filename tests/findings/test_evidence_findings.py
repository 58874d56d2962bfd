"""What the sections on the evidence need of the findings."""

from __future__ import annotations

import numpy as np
import pytest

from ipsrct import read_scenario
from ipsrct.findings.facts import assumptions, facts, sources
from ipsrct.findings.identification import identification
from ipsrct.findings.nuisance import replicates_needed
from ipsrct.findings.performance import _relative_errors, performance


@pytest.fixture(scope="module")
def found():
    return identification(read_scenario("ips_ung"))


def test_published_steps_add_up_and_the_fit_is_near(found):
    model = found["model_1"]
    assert model["published"] == pytest.approx([-0.003, 0.064, 0.043, 0.036])
    assert model["published_added_up"] == pytest.approx([-0.003, 0.061, 0.104, 0.140])
    # The published standard errors are 0.8 points each.
    assert model["fitted_added_up"] == pytest.approx(model["published_added_up"], abs=0.01)


def test_widths_speak_for_steps(found):
    model = found["model_1"]
    assert (model["n_widths"], model["widths_hit_as_steps"], model["widths_hit_as_levels"]) == (12, 12, 3)


def test_effect_is_treated_less_control_on_every_path(found):
    for path in found["paths"]:
        difference = found["treated_at_follow_up"] - path["control_at_follow_up"]
        assert path["effect_at_follow_up"] == pytest.approx(difference)


def test_the_interval_by_person_is_wider_and_centred_on_the_published_estimate(found):
    model = found["model_2"]
    width = model["high_by_person"] - model["low_by_person"]
    assert (model["low_by_person"] + model["high_by_person"]) / 2 == pytest.approx(model["published"])
    printed = model["high"] - model["low"]
    assert width / printed == pytest.approx(model["inflation"], rel=0.06)  # the fit's classic errors are near


def test_relative_errors_follow_the_published_formula():
    rng = np.random.default_rng(1)
    n = 500
    estimate, se = rng.normal(0.1, 0.03, n), rng.gamma(20, 0.0014, n)
    empirical, squares = estimate.std(ddof=1), se**2
    model = np.sqrt(squares.mean())
    row = {"estimator": "e", "population": "all", "n_replicates": n, "n_failed": 0}
    rows = [
        row
        | {
            "measure": "empirical_standard_error",
            "value": empirical,
            "mc_standard_error": empirical / np.sqrt(2 * (n - 1)),
        },
        row
        | {
            "measure": "mean_standard_error",
            "value": model,
            "mc_standard_error": np.sqrt(squares.var(ddof=1) / (4 * n * squares.mean())),
        },
    ]
    (one,) = _relative_errors(rows)
    spread = squares.var(ddof=1) / (4 * n * model**4) + 1 / (2 * (n - 1))
    assert one["value"] == pytest.approx(model / empirical - 1)
    assert one["mc_standard_error"] == pytest.approx(model / empirical * np.sqrt(spread))


def test_relative_error_of_an_analysis_without_estimates_is_none():
    row = {"estimator": "e", "population": "all", "n_replicates": 9, "n_failed": 9}
    none = {"value": None, "mc_standard_error": None}
    rows = [row | none | {"measure": m} for m in ("empirical_standard_error", "mean_standard_error")]
    assert _relative_errors(rows)[0]["value"] is None


def test_performance_tells_its_precision_and_the_truth():
    scenario = read_scenario("ips_ung_cells").with_changes({"simulation.replicates": 400})
    run = performance(scenario)
    assert run["precision"]["at_most"] == pytest.approx(0.025)
    assert run["precision"]["at_significance_level"] == pytest.approx((0.05 * 0.95 / 400) ** 0.5)
    assert run["true_effects"][0] == {"population": "all", "value": pytest.approx(0.075)}
    assert len(run["relative_errors"]) == 2 * len(run["true_effects"])
    assert "scenario" not in run


@pytest.mark.parametrize(("level", "needed"), [(0.05, 47_500), (0.025, 24_375), (0.01, 9_900)])
def test_replicates_needed_for_the_target_error(level, needed):
    scenario = read_scenario("ips_norway").with_changes({"analysis.significance_level": level})
    assert replicates_needed(scenario) == needed


def test_sources_number_documents_and_drop_lines():
    scenario = read_scenario("ips_ung")
    found = sources({"assumptions": assumptions(scenario), "evidence": scenario.evidence})
    one = found["fig1_month0"]["source"]
    assert one["cited_place"] == "section 3.1.1, Figure 1"
    assert found["county_starts_goals_2022"]["source"]["cited_place"] == "Appendix 3 Table 3"
    assert found["norce19_caseload"]["source"]["cited_place"] == "the article"
    numbers = {row["source"]["document"]: row["source"]["number"] for row in found.values()}
    assert sorted(numbers.values()) == list(range(1, len(numbers) + 1))
    assert all(row["source"]["number"] == numbers[row["source"]["document"]] for row in found.values())


def test_columns_of_county_tables_are_one_series():
    scenario = read_scenario("ips_ung")
    found = sources({"assumptions": assumptions(scenario), "evidence": scenario.evidence})
    series = {row["series"] for row in found.values()}
    assert "county_services.*.services" in series
    assert "county_starts_goals_2022" in series  # a whole table, not one county's number
    assert sum(name.startswith("county_services") for name in found) == 12


def test_the_prior_is_among_the_assumptions_and_its_weights_add_up():
    scenario = read_scenario("ips_ung").with_changes({"prior.0.weight": 3.0})
    shown = facts(scenario)["prior"]
    assert sum(row["weight"] for row in shown) == pytest.approx(1)
    assert shown[0]["weight"] == pytest.approx(3 / 3.7)
    paths = {row["path"] for row in assumptions(scenario)}
    assert {f"prior.{i}.{key}" for i in range(6) for key in ("effect", "control_level")} <= paths


def test_counties_have_their_published_names():
    names = facts(read_scenario("ips_ung"))["counties"]
    assert names["more_og_romsdal"] == "Møre og Romsdal"
    assert len(names) == 12
    assert facts(read_scenario("seed"))["counties"] == {}
