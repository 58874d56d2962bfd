"""The intervals to expect: in the middle the mean estimate, not the effect; the width is the mean width."""

from __future__ import annotations

import math

import pytest

from ipsrct import read_scenario
from ipsrct.findings import find
from ipsrct.findings.intervals import expected_intervals


def _row(measure, value, error):
    return {
        "measure": measure, "estimator": "e", "population": "all", "value": value, "mc_standard_error": error
    }  # fmt: skip


def test_the_middle_is_the_mean_estimate_and_the_width_the_mean_width(cells_trial):
    rows = [_row("bias", 0.01, 0.003), _row("power", 0.8, 0.01), _row("interval_width", 0.1, 0.008)]
    (found,) = expected_intervals(cells_trial, rows)
    assert (found["estimator"], found["population"]) == ("e", "all")
    assert found["effect"] == pytest.approx(0.075)
    assert (found["low"], found["high"]) == (pytest.approx(0.035), pytest.approx(0.135))
    assert found["mc_standard_error"] == pytest.approx(math.hypot(0.003, 0.004))


def test_what_was_never_estimated_has_no_interval(cells_trial):
    (found,) = expected_intervals(cells_trial, [_row("bias", None, None), _row("interval_width", None, None)])
    assert found["effect"] == pytest.approx(0.075)
    assert {found[key] for key in ("low", "high", "mc_standard_error")} == {None}


def test_the_findings_hold_it_for_everybody_subgroups_and_interactions_at_2_to_1():
    """The width is that of the large-sample formula within 1 %; arms of one size would be off by 5 %."""
    changes = {"design.arms.0.allocation_weight": 2, "design.randomisation.block_sizes": [6]}
    trial = read_scenario("ips_ung_cells", changes | {"simulation.replicates": 256})
    found = find(trial, parts=["characteristics"]).document["characteristics"]["expected_intervals"]
    assert {row["population"] for row in found} == set(trial.populations.names)
    row = found[0]
    control, treated, n = 0.395, 0.470, trial.design.n_participants
    width = (
        2 * 1.959964 * math.sqrt(treated * (1 - treated) / (2 * n / 3) + control * (1 - control) / (n / 3))
    )
    assert row["high"] - row["low"] == pytest.approx(width, rel=0.01)
