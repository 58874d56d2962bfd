"""Sensitivity against exact power."""

from __future__ import annotations

import json

import pytest

from ipsrct import NotAvailableError, read_scenario, sensitivity
from ipsrct.exact import power as exact_power
from tests.conftest import unequal

EFFECT, CONTROL = "assumptions.outcome.effect", "assumptions.outcome.control_risk"


@pytest.fixture(scope="module")
def run():
    return sensitivity(unequal(read_scenario("ips_ung_cells")), 0.8)


def test_ends_are_those_of_the_ranges(run):
    ends = {(row.assumption, row.end): row.value for row in run.rows if row.assumption != "joint"}
    assert ends == {
        ("all", "value"): None,
        (CONTROL, "low"): 0.36,
        (CONTROL, "high"): 0.44,
        (EFFECT, "low"): 0.035,
        (EFFECT, "high"): 0.13,
    }
    assert [row.end for row in run.rows if row.assumption == "joint"] == [
        "low, low", "low, high", "high, low", "high, high"
    ]  # fmt: skip


def test_power_and_size_are_exact_where_they_can_be(run):
    row = next(row for row in run.rows if (row.assumption, row.end) == (CONTROL, "high"))
    scenario = run.scenario.with_changes({CONTROL: 0.44})
    assert row.power == pytest.approx(exact_power(scenario, 0), abs=1e-12)
    assert row.mc_standard_error == 0
    assert exact_power(scenario.resized(row.n_total), 0) >= 0.8
    assert exact_power(scenario.resized(row.n_total - 3), 0) < 0.8


def test_the_effect_matters_most(run):
    assert run.most_important() == EFFECT
    assert json.loads(run.to_json())["most_important"] == EFFECT


def test_every_row_names_its_origin(run):
    for row in run.rows:
        assert bool(row.origin) == (row.assumption not in ("all", "joint"))


def test_an_effect_that_goes_through_zero_gets_a_sentence():
    changes = {
        "assumptions.outcome.effect": {"value": 0.05, "low": 0.0, "high": 0.1, "assumed": "for a test"}
    }
    rows = {(r.assumption, r.end): r for r in sensitivity(read_scenario("ips_ung_cells", changes)).rows}
    assert rows[EFFECT, "low"].n_total is None
    assert "zero" in rows[EFFECT, "low"].note


def test_another_estimator_by_name():
    scenario = read_scenario("ips_ung", {"assumptions.outcome.control_level": 0.4})
    run = sensitivity(scenario, 0.8, estimator="adjusted_for_baseline_employment")
    assert all(row.n_low < row.n_total < row.n_high for row in run.rows)
    with pytest.raises(NotAvailableError, match="is not an estimator here"):
        sensitivity(scenario, 0.8, estimator="adjusted")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"design.n_participants": [1000, 2000]}, "without lists"),
        (
            {"assumptions.outcome.control_risk": 0.4, "assumptions.outcome.effect": 0.1},
            "no assumption has a range",
        ),
    ],
)
def test_says_why_not(changes, reason):
    with pytest.raises(NotAvailableError, match=reason):
        sensitivity(read_scenario("ips_ung_cells", changes))
