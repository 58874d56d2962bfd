"""Operating characteristics and their Monte Carlo standard errors against direct formulas."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from ipsrct import read_scenario, simulate
from ipsrct._accumulator import Accumulator, true_values
from ipsrct.engine import run_block
from tests.conftest import unequal


@pytest.fixture(scope="module")
def run():
    scenario = unequal(
        read_scenario("ips_ung_cells", {"design.n_participants": 240, "simulation.replicates": 4096})
    )
    return simulate(scenario, route="counts")


def test_every_measure_from_the_estimates_themselves(run):
    """Recompute from all 4,096 estimates with numpy; Morris, White and Crowther 2019, table 6."""
    scenario = run.scenario
    estimates = run_block(scenario, "counts", 0)[1]
    null = run_block(scenario, "counts", 0, null=True)[1]
    label, truth = "linear_probability_HC2", true_values(scenario)
    for m, population in enumerate(scenario.populations.names):
        b, s = estimates.estimate[m], estimates.standard_error[m]
        critical = estimates.critical_value(0.025)[m]
        ok = estimates.status[m] == 0
        b, s, critical, n = b[ok], s[ok], critical[ok], int(ok.sum())
        rejected = np.abs(b / s) > critical
        covered = np.abs(b - truth[m]) <= critical * s
        p0 = (null.p_value(2)[m][null.status[m] == 0] < 0.05).mean()
        spread, mean_error = b.std(ddof=1), np.sqrt((s**2).mean())
        width = 2 * critical * s
        expected = {
            "power": (rejected.mean(), math.sqrt(rejected.mean() * (1 - rejected.mean()) / n)),
            "type_i_error": (p0, math.sqrt(p0 * (1 - p0) / (null.status[m] == 0).sum())),
            "bias": ((b - truth[m]).mean(), spread / math.sqrt(n)),
            "coverage": (covered.mean(), math.sqrt(covered.mean() * (1 - covered.mean()) / n)),
            "empirical_standard_error": (spread, spread / math.sqrt(2 * (n - 1))),
            "mean_standard_error": (mean_error, math.sqrt((s**2).var(ddof=1) / (4 * n)) / mean_error),
            "interval_width": (width.mean(), width.std(ddof=1) / math.sqrt(n)),
        }
        for measure, (value, error) in expected.items():
            found = run.find(measure, label, population)
            assert found.value == pytest.approx(value, rel=1e-9, abs=1e-12), (measure, population)
            assert found.mc_standard_error == pytest.approx(error, rel=1e-7), (measure, population)
            assert found.n_failed == 4096 - n if measure != "type_i_error" else True


def test_differences_between_estimators_are_paired(run):
    first, second = run_block(run.scenario, "counts", 0)
    name = "linear_probability_HC2 - difference_in_proportions_unpooled"
    for m, population in enumerate(run.scenario.populations.names):
        both = (first.status[m] == 0) & (second.status[m] == 0)
        a, b = first.p_value(2)[m][both] < 0.05, second.p_value(2)[m][both] < 0.05
        d = b.astype(float) - a
        found = run.find("power_difference", name, population)
        assert found.value == pytest.approx(d.mean(), abs=1e-12)
        assert found.mc_standard_error == pytest.approx(d.std() / math.sqrt(both.sum()), rel=1e-9)
        x, y = first.estimate[m][both], second.estimate[m][both]
        precision = run.find("relative_precision", name, population)
        ratio, r = x.var() / y.var(), np.corrcoef(x, y)[0, 1]
        assert precision.value == pytest.approx(ratio - 1, rel=1e-6, abs=1e-9)
        error = 2 * ratio * math.sqrt((1 - r**2) / (both.sum() - 1))
        assert precision.mc_standard_error == pytest.approx(error, rel=1e-5)


def test_pairing_makes_a_difference_more_precise(run):
    power = [run.find("power", e.label).mc_standard_error for e in run.scenario.analysis.estimator_list]
    name = "linear_probability_HC2 - difference_in_proportions_unpooled"
    assert run.find("power_difference", name).mc_standard_error < 0.5 * math.hypot(*power)


def test_failures_are_counted_and_left_out():
    """Eight participants in twelve cells: most analyses of subgroups fail, and the run says how many."""
    scenario = read_scenario("ips_ung_cells", {"design.n_participants": 8, "simulation.replicates": 2000})
    run = simulate(scenario, route="counts")
    label = "linear_probability_HC2"
    power, failed = (run.find(m, label, "age:under_20") for m in ("power", "not_estimated"))
    assert 0 < power.n_failed < 2000
    assert failed.value == pytest.approx(power.n_failed / 2000)
    status = run_block(scenario, "counts", 0)[1].status[1, :2000]
    assert power.n_failed == np.count_nonzero(status)


def test_nothing_estimable_is_null_in_json_not_zero():
    scenario = read_scenario("ips_ung_cells", {"design.n_participants": 2, "simulation.replicates": 50})
    rows = json.loads(simulate(scenario, route="counts").to_json())["characteristics"]
    powers = [row for row in rows if row["measure"] == "power" and row["estimator"].startswith("linear")]
    assert all(row["value"] is None and row["n_failed"] == 50 for row in powers)


def test_error_of_a_proportion_is_never_zero():
    """All 200 trials reject: the error is that of 200.5 in 201, not zero."""
    changes = {"assumptions.outcome.effect": 0.6, "simulation.replicates": 200}
    power = simulate(read_scenario("ips_ung_cells", changes), route="counts").find(
        "power", "linear_probability_HC2"
    )
    assert power.value == 1
    assert power.mc_standard_error == pytest.approx(math.sqrt(200.5 / 201 * 0.5 / 201 / 200))


def test_grid_runs_every_point_on_common_draws():
    scenario = read_scenario(
        "ips_ung_cells",
        {"design.n_participants": [400, 800], "assumptions.outcome.effect.value": [0.05, 0.1],
         "simulation.replicates": 500},
    )  # fmt: skip
    table = simulate(scenario).table()
    power = table.query("measure == 'power' and population == 'all' and estimator.str.startswith('linear')")
    at = power[["design.n_participants", "assumptions.outcome.effect.value"]].to_numpy().tolist()
    assert at == [[400, 0.05], [400, 0.1], [800, 0.05], [800, 0.1]]
    assert power["value"].is_monotonic_increasing is False
    by_point = power["value"].tolist()
    assert by_point[0] < by_point[1]
    assert by_point[2] < by_point[3]
    one = simulate(
        scenario.with_changes({"design.n_participants": 800, "assumptions.outcome.effect.value": 0.1})
    )
    assert one.find("power", "linear_probability_HC2").value == by_point[3]


def test_true_values_are_population_averages():
    scenario = read_scenario("ips_ung_subgroup_effects")
    truth = dict(zip(scenario.populations.names, true_values(scenario), strict=True))
    assert truth["all"] == pytest.approx(0.075)
    # Table 3, Model 2: 7.6 for men and 3.6 for women.
    assert truth["sex:men"] - truth["sex:women"] == pytest.approx(0.04)
    assert truth["interaction:sex:women-men"] == pytest.approx(-0.04)
    share = np.array([284, 510, 526]) / 1320
    ages = [truth[f"age:{level}"] for level in ("under_20", "20_to_23", "24_plus")]
    assert share @ ages == pytest.approx(0.075)
    assert ages[1] - ages[0] == pytest.approx(0.084 - 0.035)


def test_merging_adds_replicates(run):
    one, two = (Accumulator.empty(run.scenario) for _ in range(2))
    block = run_block(run.scenario, "counts", 0)
    one.add(block, 100)
    two.add(block, 100)
    two.merge(one)
    assert two.n_replicates == 200
    assert (two.sums["estimated"] == 2 * one.sums["estimated"]).all()
