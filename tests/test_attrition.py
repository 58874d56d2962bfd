"""Outcomes that are never seen, by arm."""

from __future__ import annotations

import numpy as np
import pytest

from ipsrct import ScenarioError, compare_schemes, read_scenario, simulate, size, verify
from ipsrct._streams import Streams
from ipsrct.engine import _counts, _individuals
from tests.conftest import unequal, with_estimators

UNPOOLED = {"kind": "difference_in_proportions", "variance": "unpooled"}
LOSS = {"assumptions.attrition": {"ips": 0.3, "control": 0.1}}
FEW = {"analysis__subgroups": [], "analysis__interactions": []}


@pytest.mark.parametrize("route", ["counts", "individual"])
def test_analysed_participants_are_a_binomial_share_of_each_arm(cells_trial, route):
    """2:1; the mean share over a block, and the risk among the analysed, within 5 standard errors."""
    scenario = unequal(cells_trial).with_changes(LOSS)
    draw = _counts if route == "counts" else _individuals
    drawn = draw(scenario, Streams(3), 0, False)
    counts = drawn if route == "counts" else drawn.counts
    for k, (planned, share, risk) in enumerate(((880, 0.7, 0.47), (440, 0.9, 0.395))):
        n, events = counts.n[:, k].sum(axis=0), counts.events[:, k].sum(axis=0)
        # The arms' sizes vary a little too: unfilled blocks of 12 strata.
        error = np.sqrt((share * (1 - share) / planned + (4 / planned) ** 2) / n.size)
        assert n.mean() / planned == pytest.approx(share, abs=5 * error)
        assert n.std() == pytest.approx(np.sqrt(planned * share * (1 - share)), rel=0.5)
        assert events.sum() / n.sum() == pytest.approx(risk, abs=5 * np.sqrt(0.25 / n.sum()))


def test_routes_agree():
    """4 standard errors on some 150 comparisons; with fixed seeds, a false alarm has at most 1 per cent."""
    changes = LOSS | {"design.n_participants": 300, "simulation.replicates": 4096}
    result = verify(unequal(read_scenario("ips_ung_cells", changes)))
    assert result.agrees, result.sentence()
    assert "missing" in result.not_valid["exact"]


def test_size_grows_by_what_is_lost(cells_trial):
    """A share of a fifth in both arms: five quarters of the size, within both intervals."""
    scenario = with_estimators(cells_trial, UNPOOLED, **FEW)
    whole = size(scenario, [0.8], route="counts").answers[0]
    lost = scenario.with_changes({"assumptions.attrition": {"ips": 0.2, "control": 0.2}})
    (answer,) = size(lost, [0.8]).answers
    assert answer.method == "counts"
    assert answer.n_low / 1.25 <= whole.n_high
    assert whole.n_low <= answer.n_high / 1.25


def test_loss_costs_power_and_no_bias(cells_trial):
    few = {"simulation.replicates": 20_480}
    scenario = with_estimators(cells_trial, UNPOOLED, **FEW).with_changes(few)
    whole, lost = (simulate(s, route="counts") for s in (scenario, scenario.with_changes(LOSS)))
    label = "difference_in_proportions_unpooled"
    assert lost.find("power", label).value < whole.find("power", label).value - 0.05
    bias = lost.find("bias", label)
    assert abs(bias.value) < 4 * bias.mc_standard_error


def test_comparisons_of_schemes_lose_participants_too(cells_trial):
    """The first scheme's trials are those of the individual route."""
    scenario = with_estimators(cells_trial, UNPOOLED, **FEW).with_changes(LOSS)
    scheme = scenario.document["design"]["randomisation"]
    compared = compare_schemes(scenario, [scheme], replicates=256).table().query("measure == 'power'")
    run = simulate(scenario.with_changes({"simulation.replicates": 256}), route="individual")
    alone = run.find("power", "difference_in_proportions_unpooled").value
    assert compared["value"].iloc[0] == pytest.approx(alone, abs=1e-12)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"assumptions.attrition": {"ipss": 0.1}}, 'did you mean "ips"'),
        ({"assumptions.attrition": {"ips": 1}}, "no outcome is ever seen"),
        ({"assumptions.attrition": {"ips": 5}}, "between 0 and 1"),
        (
            {
                "assumptions.attrition": {"ips": 0.1},
                "analysis.estimators": [{"kind": "rerandomisation_test"}],
            },
            "needs every outcome",
        ),
    ],
)
def test_faults_are_named(changes, fault):
    with pytest.raises(ScenarioError, match=fault):
        read_scenario("ips_ung_cells", changes)


def test_a_list_makes_a_grid_over_attrition():
    scenario = read_scenario("ips_ung_cells", {"assumptions.attrition": {"ips": [0.0, 0.2], "control": 0.1}})
    assert scenario.grid == (("assumptions.attrition.ips", (0.0, 0.2)),)
