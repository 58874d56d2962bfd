"""The peers do the same job as ipsrct: equal fits on the same data, the right power, the same cells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.stats

import ipsrct
from ipsrct.trial import CellCounts
from tests.benchmarks._load import BENCHMARKS, load

peers = load("peers")


def j2(cell_sizes: str = "random") -> ipsrct.Scenario:
    return ipsrct.read_scenario(BENCHMARKS / "scenarios" / f"j2_{cell_sizes}.toml")


def counts_of(trials: list, scenario: ipsrct.Scenario) -> CellCounts:
    """Return trials as counts; the arms of J2 are ips and control, in this order."""
    shape = (len(trials), len(peers.AGE), 2)
    n, events = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for r, trial in enumerate(trials):
        arm = np.where(trial.treated, 0, 1)
        np.add.at(n[r], (trial.cell, arm), 1)
        np.add.at(events[r], (trial.cell, arm), trial.y)
    cells = scenario.assumptions.cohort_model.cells()
    return CellCounts(cells, scenario.arm_names, np.moveaxis(n, 0, -1), np.moveaxis(events, 0, -1))


@pytest.mark.parametrize("block", [(True, True, False, False), (True, True, False)], ids=["1:1", "2:1"])
@pytest.mark.parametrize("n_participants", [1300, 400])
def test_eleven_fits_equal_linear_probability(block, n_participants):
    scenario, rng = j2(), np.random.default_rng(7)
    trials = [peers.draw_trial(rng.multinomial(n_participants, peers.SHARES), rng, block) for _ in range(6)]
    estimator = scenario.analysis.estimator_list[0]
    ours = estimator.estimate_counts(counts_of(trials, scenario), "ips", "control", scenario.populations)
    theirs = np.stack([peers.eleven_fits(trial) for trial in trials])
    assert len(scenario.populations.names) == 11
    # Both sides round at about 1e-13; a wrong leverage or a swapped arm changes the fifth digit.
    np.testing.assert_allclose(ours.estimate.T, theirs[:, :, 0], rtol=0, atol=1e-10)
    np.testing.assert_allclose(ours.standard_error.T, theirs[:, :, 1], rtol=0, atol=1e-10)


def test_two_to_one_blocks_allocate_two_to_one():
    trial = peers.draw_trial(np.full(12, 30), np.random.default_rng(1), (True, True, False))
    assert np.bincount(trial.cell, weights=trial.treated).tolist() == [20.0] * 12


def test_peer_has_the_populations_and_cells_of_the_scenario():
    scenario = j2("fixed")
    cells = scenario.assumptions.cohort_model.cells()
    np.testing.assert_allclose(peers.SHARES, cells.probability, rtol=1e-12)
    masks = [np.ones(12, dtype=bool)] + [factor == level for factor, level in peers.SUBGROUPS]
    np.testing.assert_array_equal(scenario.populations.member, masks)
    sizes = scenario.assumptions.cohort_model.fixed_sizes(1300)
    np.testing.assert_array_equal(peers.fixed_sizes(), sizes)
    risks = scenario.assumptions.outcome_model.risks(cells, scenario.treated)
    np.testing.assert_allclose(risks, np.tile(peers.RISKS[::-1], (12, 1)), rtol=1e-12)


def test_array_loop_returns_the_estimates_of_its_trials():
    found = peers.statsmodels_arrays_random(3, 5)
    assert found.shape == (3, 11, 2)
    rng = np.random.default_rng(5)
    first = peers.draw_trial(rng.multinomial(peers.N_PARTICIPANTS, peers.SHARES), rng)
    np.testing.assert_array_equal(found[0], peers.eleven_fits(first))
    assert len({round(x, 12) for x in peers.statsmodels_arrays_fixed(3, 5)[:, 0, 0]}) == 3


def exact_power() -> float:
    """J1's power from the binomial distribution, summed over all pairs of counts."""
    n = peers.N_PER_ARM
    x = np.arange(n + 1)
    mass = [scipy.stats.binom.pmf(x, n, p) for p in (peers.TREATED_RISK, peers.CONTROL_RISK)]
    with np.errstate(invalid="ignore", divide="ignore"):
        estimate, standard_error = peers.difference(x[:, None], x[None, :])
        return float(np.outer(*mass)[np.abs(estimate) > peers.CRITICAL * standard_error].sum())


# False alarms: 6e-7 for each loop at 5 MCSE. A loop of 2,000 is 0.061 wide and misses, once in 1e6, a
# one-sided test (power 0.66); the variance of one arm alone gives 0.82.
@pytest.mark.parametrize(
    ("name", "replicates"),
    [("numpy_binomial", 200_000), ("statsmodels_ztest", 2000), ("statsmodels_ols", 2000)],
)
def test_power_of_j1(name, replicates):
    power = exact_power()
    found = getattr(peers, name)(replicates, 3)
    # The z test pools the variance and HC2 divides by n - 1: both move the power by less than 0.005.
    slack = 0 if name == "numpy_binomial" else 0.005
    assert abs(found - power) < 5 * np.sqrt(power * (1 - power) / replicates) + slack


@pytest.mark.skipif(bool(peers.why_no_rpact()), reason=peers.why_no_rpact())
def test_power_of_rpact():
    result = peers.rpact(10_000, 3)
    assert abs(result.power - exact_power()) < 5 * np.sqrt(0.25 / 10_000) + 0.005
    assert result.seconds > 0


def test_exact_route_gives_the_power_of_the_peers():
    scenario = ipsrct.read_scenario(BENCHMARKS / "scenarios" / "j1.toml")
    found = ipsrct.simulate(scenario, route="exact").find("power", "difference_in_proportions_unpooled")
    # The route cuts each arm 9 standard deviations from its mean.
    assert found.value == pytest.approx(exact_power(), abs=1e-12)


def test_formula_and_regression_of_j1_agree():
    x1, x0, n = 231, 198, peers.N_PER_ARM
    y = np.concatenate([np.arange(n) < x1, np.arange(n) < x0])
    estimate, standard_error = peers.ols(y, peers.j1_design(), 1)
    by_formula = peers.difference(x1, x0)
    assert estimate == pytest.approx(by_formula[0], abs=1e-12)
    # HC2 of two arms divides each arm's p (1 - p) by n - 1.
    assert standard_error == pytest.approx(by_formula[1] * np.sqrt(n / (n - 1)), rel=1e-12)


def test_a_machine_without_r_is_told_so(monkeypatch, tmp_path: Path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert peers.why_no_rpact() == "Rscript was not found"


def test_plain_minimisation_equals_the_scheme():
    """The loops and the scheme on the same 200 participants and coins, at 1:1 and, for any arms, 3:1."""
    job, rng = load("minimisation"), np.random.default_rng(3)
    scenario = ipsrct.read_scenario(job.SCENARIO)
    scheme = scenario.design.scheme
    assert scheme.probability == job.PROBABILITY
    assert scenario.design.n_participants == job.N_PARTICIPANTS
    cohort = scenario.assumptions.cohort_model.draw(200, 3, rng)
    uniform = np.random.default_rng(4).random((200, 3))
    for weights in ((1, 1), (3, 1)):
        arm = scheme.assign(cohort, weights, np.random.default_rng(4)).arm
        for r in range(3):
            levels = np.column_stack([cohort.cells.level_index[cohort.cell[r]], cohort.service[r]]).tolist()
            coins = uniform[:, r].tolist()
            assert job.any_arms(levels, coins, weights) == arm[r].tolist()
            if weights == (1, 1):
                assert job.two_arms(levels, coins) == arm[r].tolist()
