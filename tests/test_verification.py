"""The routes against each other."""

from __future__ import annotations

import pytest

from ipsrct import read_scenario, simulate, verify
from ipsrct.outcome.cell_risks import CellRisks
from tests.conftest import unequal


@pytest.mark.parametrize("n", [60, 333])
def test_routes_agree_at_unequal_allocation(n):
    """4 standard errors on some 250 comparisons; with fixed seeds, a false alarm has at most 2 per cent."""
    scenario = unequal(
        read_scenario("ips_ung_cells", {"design.n_participants": n, "simulation.replicates": 6400})
    )
    result = verify(scenario)
    assert result.agrees, result.sentence()
    assert {c.first_route for c in result.comparisons} == {"exact", "counts"}


@pytest.mark.long
def test_recommended_trial_agrees_at_100_000_replicates(cells_trial):
    result = verify(cells_trial, jobs=2)
    assert result.agrees, result.sentence()


def test_a_wrong_route_is_found(cells_trial, monkeypatch):
    """A risk that is off by one percentage point in one route's draws makes the routes disagree."""
    scenario = cells_trial.with_changes({"simulation.replicates": 1280, "simulation.under_null": False})
    model = CellRisks
    draw = model.draw

    def wrong(self, cohort, assignment, treated, rng):
        more = type(self.effect)(value=self.effect.value + 0.01, assumed="a fault put in on purpose")
        return draw(self.model_copy(update={"effect": more}), cohort, assignment, treated, rng)

    monkeypatch.setattr(model, "draw", wrong)
    result = verify(scenario)
    assert not result.agrees
    assert "DISAGREE" in result.sentence()


def test_says_which_route_was_not_run(cells_trial):
    scenario = cells_trial.with_changes(
        {"design.randomisation.leftovers": "pool", "simulation.replicates": 1280, "design.n_participants": 90}
    )
    result = verify(scenario)
    assert "pooled" in result.not_valid["exact"]
    assert result.agrees, result.sentence()


def test_only_one_valid_route_is_not_agreement(cells_trial):
    scenario = cells_trial.with_changes(
        {
            "design.randomisation.factors": ["service"],
            "simulation.replicates": 64,
            "design.n_participants": 90,
        }
    )
    result = verify(scenario)
    assert not result.agrees
    assert "nothing to compare" in result.sentence()


def test_adjustment_for_a_strong_factor_gains_precision(cells_trial):
    """With control risks 0.1 and 0.7 by sex the stratified analysis must be the more precise one.

    Residual variance within strata over total variance is about 0.6, so relative precision of the adjusted
    estimator after unstratified randomisation is about 0.6; the test asks for 0.3 with an error of 0.02.
    """
    scenario = cells_trial.with_changes(
        {
            "design.randomisation": {"kind": "permuted_block", "block_sizes": [4]},
            "assumptions.outcome.control_risk_shift": {"sex": {"men": 0.3, "women": -0.3}},
            "simulation.replicates": 8192,
        }
    )
    name = "linear_probability_HC2 - difference_in_proportions_unpooled"
    found = simulate(scenario).find("relative_precision", name)
    assert found.value - 4 * found.mc_standard_error > 0.3


def test_grid_is_verified_at_its_first_point(cells_trial):
    changes = {"design.n_participants": [200, 30_000], "simulation.replicates": 1280}
    result = verify(cells_trial.with_changes(changes))
    assert result.scenario.design.n_participants == 200
    assert result.agrees, result.sentence()


def test_few_replicates_are_said_to_be_rough(cells_trial):
    result = verify(cells_trial.with_changes({"simulation.replicates": 64, "design.n_participants": 200}))
    assert "more often with fewer than 1,000 replicates" in result.sentence()
