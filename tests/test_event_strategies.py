"""What is simulated is the estimand: an outcome model may leave no choice of strategy."""

from __future__ import annotations

import pytest

from ipsrct import ScenarioError, read_scenario

EVENTS = "analysis.estimand.intercurrent_events"
OTHER = ("hypothetical", "composite", "while on treatment", "principal stratum")


@pytest.mark.parametrize("strategy", OTHER)
def test_the_register_follows_everybody(strategy):
    with pytest.raises(ScenarioError) as refused:
        read_scenario("ips_ung", {f"{EVENTS}.1.strategy": strategy})
    (fault,) = refused.value.faults
    assert fault.path == f"{EVENTS}.1.strategy"
    assert (
        f'must be "treatment policy": a register_chain follows everybody whatever happens, got "{strategy}"'
        == (fault.message)
    )


def test_the_register_needs_a_strategy_for_the_end_of_ips():
    with pytest.raises(ScenarioError) as refused:
        read_scenario("ips_ung", {EVENTS: []})
    (fault,) = refused.value.faults
    assert fault.path == EVENTS
    assert "the end of IPS" in fault.message


@pytest.mark.parametrize("strategy", OTHER)
def test_assumed_risks_are_those_of_any_estimand(strategy):
    scenario = read_scenario("ips_ung_cells", {f"{EVENTS}.0.strategy": strategy})
    assert scenario.analysis.estimand.intercurrent_events[0].strategy == strategy


def test_a_strategy_that_is_none_of_the_five_is_refused_once():
    with pytest.raises(ScenarioError) as refused:
        read_scenario("ips_ung", {f"{EVENTS}.0.strategy": "per protocol"})
    (fault,) = refused.value.faults
    assert "treatment policy" in fault.message


def test_reason_and_basis_are_read():
    changes = {"design.allocation_reason": "more are trained", "design.target_difference": "important"}
    design = read_scenario("ips_ung", changes).design
    assert (design.allocation_reason, design.target_difference) == ("more are trained", "important")
    with pytest.raises(ScenarioError):
        read_scenario("ips_ung", {"design.target_difference": "large"})
