"""The cheapest design, and which designs no other beats."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ipsrct import NotAvailableError, frontier
from ipsrct._frontier import Design, _marked
from ipsrct.levers_display import frontier as text_of
from ipsrct.recruitment_figures import frontier_figure


@pytest.fixture(scope="module")
def run(cells_trial):
    return frontier(cells_trial, 0.85)


def test_a_design_is_marked_unless_another_is_as_good_in_all_and_better_in_one():
    first = Design(0.8, "1:1", "e", 47, 100, 90, 110, 30.0, 0.1, 10.0)
    cheaper_slower = replace(first, cost=9.0, months=31.0)
    beaten = replace(first, cost=10.0, months=30.5)
    stronger = replace(first, power=0.9, cost=12.0, months=33.0)
    twin = replace(first, estimator="f")
    marked = _marked([first, cheaper_slower, beaten, stronger, twin])
    assert [d.is_efficient for d in marked] == [True, True, False, True, True]
    dominating = replace(first, power=0.9)
    assert not _marked([first, dominating])[0].is_efficient


def test_cheapest_is_at_its_power_and_no_dearer_than_any(run):
    cheapest = run.cheapest()
    own = [d for d in run.designs if d.power == 0.85]
    assert cheapest.cost == min(d.cost for d in own)
    assert (cheapest.allocation, cheapest.services) == ("1:1", 47)
    assert cheapest.is_efficient


def test_cost_follows_from_the_tables(run, cells_trial):
    design = next(d for d in run.designs if d.allocation == "2:1" and d.services == 24)
    cost, exit_rate = cells_trial.cost, cells_trial.recruitment.monthly_exit.value
    by_hand = design.n_total * (3000 + 5000 * (2 / 3) / exit_rate) + 24 * 60_000 + design.months * 250_000
    assert cost.currency == "NOK"
    assert design.cost == pytest.approx(by_hand)


def test_nothing_is_dropped_silently(run, cells_trial):
    powers, allocations, services = 7, 2, 4
    wanted = powers * allocations * services * len(cells_trial.analysis.estimators)
    assert len(run.designs) + len(run.left_out) == wanted
    assert all("12 services" in words for words in run.left_out)


def test_more_power_costs_more(run):
    whole = [d for d in run.designs if (d.allocation, d.services) == ("1:1", 47)]
    for label in {d.estimator for d in whole}:
        own = sorted((d for d in whole if d.estimator == label), key=lambda d: d.power)
        assert [d.cost for d in own] == sorted(d.cost for d in own)
        assert [d.months for d in own] == sorted(d.months for d in own)


def test_text_json_and_figure(run):
    text = text_of(run)
    assert text.startswith("The cheapest design with 85% power costs")
    assert "Every cost is assumed" in text
    document = json.loads(run.to_json(), parse_constant=pytest.fail)
    assert document["cheapest"]["n_total"] == run.cheapest().n_total
    assert len(run.table()) == len(run.designs)
    [axes] = frontier_figure(run).axes
    drawn = sum(len(points.get_offsets()) for points in axes.collections)
    assert drawn == len(run.designs)


def test_a_scenario_without_costs_is_refused(cells_trial):
    with pytest.raises(NotAvailableError, match=r"no \[cost\]"):
        frontier(cells_trial.model_copy(update={"cost": None}))
