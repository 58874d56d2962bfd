"""Power curves on common random numbers."""

from __future__ import annotations

import json

import pytest

from ipsrct import NotAvailableError, power_curve, read_scenario, simulate
from ipsrct.curves import over_sizes
from tests.conftest import unequal

SIZES = [1080, 1140, 1200, 1260, 1320]


@pytest.fixture(scope="module")
def by_size():
    scenario = unequal(read_scenario("ips_ung_cells", {"design.n_participants": SIZES}))
    return power_curve(scenario, replicates=8192)


def test_points_are_those_of_simulate(by_size):
    """The same replicates as the counts route runs; power here counts trials that failed as not rejecting."""
    changes = {"simulation.replicates": 8192, "design.n_participants": 1200}
    run = simulate(by_size.scenario.with_changes(changes), route="counts")
    for point in by_size.points:
        if point.at["design.n_participants"] == 1200:
            found = run.find("power", point.estimator, point.population)
            assert point.power == pytest.approx(found.value * (8192 - found.n_failed) / 8192, abs=1e-12)
            assert point.n_failed == found.n_failed


def test_power_rises_with_size_and_effect(by_size):
    for label in ("difference_in_proportions_unpooled", "linear_probability_HC2"):
        line = [p.power for p in by_size.points if (p.estimator, p.population) == (label, "all")]
        assert line == sorted(line)
    effects = {"assumptions.outcome.effect": [0.06, 0.065, 0.07, 0.075]}
    curve = power_curve(read_scenario("ips_ung_cells", effects), replicates=8192)
    line = [p.power for p in curve.points if p.population == "sex:women"][::2]
    assert line == sorted(line)


def test_neighbours_are_at_least_twice_as_sharp_as_independent_runs(by_size):
    """The paired error of a difference d is at least sqrt(d (1 - d) / n); here d is some 3 points."""
    for point in by_size.points:
        if point.difference is not None and point.population == "all":
            assert point.unpaired_mc_standard_error > 2 * point.difference_mc_standard_error


def test_differences_belong_to_their_line():
    """The first point of each line has no difference; others are the difference of the two powers."""
    changes = {"design.n_participants": [300, 600], "assumptions.outcome.effect": [0.05, 0.075]}
    curve = power_curve(read_scenario("ips_ung_cells", changes), replicates=4096)
    last = curve.scenario.grid[-1][0]
    power = {(json.dumps(p.at), p.estimator, p.population): p.power for p in curve.points}
    values = dict(curve.scenario.grid)[last]
    for p in curve.points:
        assert (p.difference is None) == (p.at[last] == values[0])
        if p.difference is not None:
            before = json.dumps(p.at | {last: values[0]})
            assert p.difference == pytest.approx(
                p.power - power[before, p.estimator, p.population], abs=1e-12
            )


def test_workers_change_nothing(by_size):
    assert power_curve(by_size.scenario, replicates=8192, jobs=2).points == by_size.points


def test_a_curve_needs_a_list():
    with pytest.raises(NotAvailableError, match="needs a list"):
        power_curve(read_scenario("seed"))
    scenario = over_sizes(unequal(read_scenario("ips_ung_cells")))
    sizes = scenario.grid[0][1]
    assert all(n % 3 == 0 for n in sizes)
    assert min(sizes) == 660
    assert max(sizes) == 2640


def test_table_and_json_hold_every_point(by_size):
    assert len(by_size.table()) == len(by_size.points) == len(json.loads(by_size.to_json())["points"])
    assert set(by_size.table()["design.n_participants"]) == set(SIZES)
