"""What choices save, against formulas and against each other."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ipsrct import levers, read_scenario
from ipsrct._accumulator import true_values
from ipsrct._exact_search import formula_size
from ipsrct._lever_choices import available_levers, overall, refused_levers
from ipsrct.levers_display import levers as text_of


@pytest.fixture(scope="module")
def run(cells_trial):
    return levers(cells_trial, 0.8)


def find(run, name):
    return next(row for row in run.rows if row.lever == name)


def test_reference_is_the_scenario_as_it_is(run, cells_trial):
    first = run.rows[0]
    assert (first.lever, first.saved_participants) == ("as it is", None)
    assert first.n_low <= formula_size(overall(cells_trial), 0.8, 0) <= first.n_high


def test_two_to_one_needs_nine_eighths(run):
    """The variance of a difference goes with (1 + 1/2) / 3 per participant against 1/4 of 2: 9 / 8."""
    row = find(run, "allocation 2:1")
    assert row.n_total / run.rows[0].n_total == pytest.approx(9 / 8, abs=0.03)
    assert row.saved_participants_high < 0
    assert row.saved_months < 0


def test_fewer_services_cost_time_and_no_participants(run):
    rows = [find(run, f"{k} of 47 services") for k in (35, 24, 12)]
    for end in ("", "_low", "_high"):
        assert [getattr(row, f"saved_participants{end}") for row in rows] == [0, 0, 0]
    assert rows[0].saved_months > rows[1].saved_months > rows[2].saved_months
    assert rows[0].saved_months < 0
    # A quarter of the services take about four times as long to recruit; the 15 months after it stay.
    recruiting = [row.months - 15 for row in (run.rows[0], rows[2])]
    assert recruiting[1] / recruiting[0] == pytest.approx(47 / 12, rel=0.15)


def test_ranks_follow_the_savings(run):
    for what in ("participants", "months", "cost"):
        rows = sorted(run.rows[1:], key=lambda row: getattr(row, f"rank_{what}"))
        saved = [getattr(row, f"saved_{what}") for row in rows]
        assert saved == sorted(saved, reverse=True)
        assert [getattr(row, f"rank_{what}") for row in rows] == list(range(1, len(rows) + 1))


def test_savings_add_up(run):
    first = run.rows[0]
    for row in run.rows[1:]:
        assert row.n_total + row.saved_participants == first.n_total
        assert row.cost + row.saved_cost == pytest.approx(first.cost)
        assert row.months + row.saved_months == pytest.approx(first.months)


def test_results_do_not_depend_on_workers(run, cells_trial):
    assert levers(cells_trial, 0.8, jobs=2).rows == run.rows


def test_endpoints_are_offered_on_the_chain_only_and_their_effects_follow_from_month_12(cells_trial):
    chain = overall(read_scenario("ips_ung"))
    found = {lever.name: lever for lever in available_levers(chain)}
    assert "employed in month 12" not in found
    endpoints = [lever for lever in found.values() if lever.group == "endpoint"]
    assert len(endpoints) == 6
    assert not any(lever.same_estimand for lever in endpoints)
    assert not any(lever.group == "endpoint" for lever in available_levers(overall(cells_trial)))
    effect = {
        name: float(true_values(chain.with_changes(found[name].changes))[0])
        for name in ("employed in month 6", "any job in months 1 to 12", "months employed in 1 to 12")
    }
    assert 0 < effect["employed in month 6"] < 0.075
    assert 0.075 < effect["any job in months 1 to 12"] < 0.12
    assert 0.3 < effect["months employed in 1 to 12"] < 12 * 0.075


def test_another_endpoint_month_moves_the_follow_up():
    chain = overall(read_scenario("ips_ung"))
    lever = next(v for v in available_levers(chain) if v.name == "employed in month 18")
    assert chain.with_changes(lever.changes).analysis.estimand.month == 18


def test_text_and_json(run):
    text = text_of(run)
    assert "another estimand" in text
    assert "Every cost is assumed" in text
    document = json.loads(run.to_json(), parse_constant=pytest.fail)
    assert len(document["levers"]) == len(run.rows)
    assert {"saved_months_mc_standard_error", "n_low", "rank_cost"} <= document["levers"][1].keys()
    assert len(run.table()) == len(run.rows)


def test_without_costs_nothing_is_said_of_money(run, cells_trial):
    """The table of costs goes, and with it the columns and the word."""
    costs = ("cost", "saved_cost", "rank_cost")
    rows = tuple(replace(row, **dict.fromkeys(costs)) for row in run.rows)
    bare = replace(run, scenario=cells_trial.model_copy(update={"cost": None}), rows=rows)
    assert "NOK" in text_of(run)
    assert "NOK" not in text_of(bare)
    assert "cost is assumed" not in text_of(bare)


@pytest.mark.parametrize("power", [0.05, 1.0])
def test_impossible_power_is_refused(cells_trial, power):
    with pytest.raises(ValueError, match="between the significance level and 1"):
        levers(cells_trial, power)


@pytest.mark.long
def test_months_employed_is_sized_by_individuals():
    run = levers(read_scenario("ips_ung"), 0.8)
    row = find(run, "months employed in 1 to 12")
    assert row.unit == "months"
    assert 1500 < row.n_low < row.n_high < 2600
    assert find(run, "adjusted for employment before as well").saved_participants_low > 150


def test_levers_that_the_scenario_cannot_have_are_named():
    """A biased coin is defined for equal arms: 2:1 is refused in words, not left out."""
    coin = {"kind": "biased_coin", "p": 0.7}
    reference = overall(read_scenario("ips_ung", {"design.randomisation": coin}))
    refused = dict(refused_levers(reference))
    assert list(refused) == ["allocation 2:1"]
    assert "equal allocation" in refused["allocation 2:1"]
    assert not {lever.name for lever in available_levers(reference)} & refused.keys()
