"""The numbers of the answer."""

from __future__ import annotations

import pytest
from scipy.stats import norm

from ipsrct import exact, read_scenario
from ipsrct.findings.headline import headline

UNEQUAL = {"design.arms.0.allocation_weight": 2, "design.randomisation.block_sizes": [6]}


def test_levels_and_effects_are_those_assumed():
    found = headline(read_scenario("ips_ung_cells", UNEQUAL))
    assert found["control"] == pytest.approx(0.395, abs=1e-12)
    assert found["treated"] == pytest.approx(0.47, abs=1e-12)
    for key in ("effect", "true_effect", "shown_effect"):
        assert found[key] == pytest.approx(0.075, abs=1e-12)
    assert found["relative_effect"] == pytest.approx(0.47 / 0.395, abs=1e-12)


def test_power_is_the_enumerated_one_and_near_the_formula():
    scenario = read_scenario("ips_ung_cells", UNEQUAL)
    found = headline(scenario)
    assert found["power"] == exact.power(scenario, 0)
    error = (0.47 * 0.53 / 880 + 0.395 * 0.605 / 440) ** 0.5
    assert found["power"] == pytest.approx(norm.cdf(0.075 / error - norm.ppf(0.975)), abs=0.005)


def test_power_is_left_to_the_simulation_where_the_first_analysis_is_adjusted():
    two = [{"kind": "linear_probability", "factors": ["age"]}, {"kind": "difference_in_proportions"}]
    adjusted = {"analysis.estimators": two}
    found = headline(read_scenario("ips_ung_cells", UNEQUAL | adjusted))
    assert found["power"] is None
    assert found["estimator"] == "linear_probability_HC2"


@pytest.mark.long
def test_what_the_register_shows_is_told_from_the_truth():
    # One start in four is reported late in the control arm and one in ten with IPS.
    found = headline(read_scenario("ips_ung_register_errors"))
    assert found["true_effect"] == pytest.approx(0.075, abs=1e-6)
    assert found["shown_effect"] > found["true_effect"] + 0.005


def test_there_is_no_relative_effect_on_nothing():
    found = headline(read_scenario("ips_ung_cells", {"assumptions.outcome.control_risk": 0.0}))
    assert found["relative_effect"] is None
    assert found["effect"] == pytest.approx(0.075, abs=1e-12)
