"""Type I error where the null hypothesis leaves the level open."""

from __future__ import annotations

import pytest

from ipsrct import NotAvailableError, read_scenario
from ipsrct.findings import nuisance
from ipsrct.findings.nuisance import type_i_errors

FIRST = {"analysis.estimators": [{"kind": "difference_in_proportions", "variance": "unpooled"}]}


def test_the_grid_is_the_range_of_the_level_without_ips():
    scenario = read_scenario(
        "ips_ung_cells",
        FIRST | {"design.arms.0.allocation_weight": 2, "design.randomisation.block_sizes": [6]},
    )
    found = type_i_errors(scenario)
    assert [row["level"] for row in found["rows"]] == [0.36, 0.395, 0.44]
    assert {row["path"] for row in found["rows"]} == {"assumptions.outcome.control_risk"}
    for row in found["rows"]:  # enumerated: an unpooled test with 1,320 participants is hardly liberal
        assert row["mc_standard_error"] == 0
        assert 0.049 < row["value"] < 0.053


def test_replicates_are_those_that_the_error_asks_for():
    # 0.05 * 0.95 / 0.001**2
    scenario = read_scenario("ips_ung_cells", FIRST)
    found = type_i_errors(scenario)
    assert found["replicates_needed"] == 47_500
    assert found["target_mc_standard_error"] == nuisance.TARGET_MCSE


def test_simulated_rows_reach_the_error(monkeypatch):
    monkeypatch.setattr(nuisance, "TARGET_MCSE", 0.005)
    adjusted = {"analysis.estimators": [{"kind": "linear_probability", "factors": ["age", "sex"]}]}
    found = type_i_errors(read_scenario("ips_ung_cells", adjusted))
    assert found["replicates_needed"] == 1_900
    for row in found["rows"]:
        assert row["n_replicates"] == 1_900
        assert row["mc_standard_error"] == pytest.approx(0.005, rel=0.35)
        assert abs(row["value"] - 0.05) < 5 * 0.005  # false alarm below 1e-6; a test of twice the level fails


def test_without_a_range_there_is_no_grid():
    with pytest.raises(NotAvailableError, match="no level of the control arm has a range"):
        type_i_errors(read_scenario("seed"))
