"""Assurance against closed forms."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import ndtr

from ipsrct import NotAvailableError, assurance, read_scenario
from ipsrct._assurance import _normal, prior_nodes
from ipsrct.proportions import normal_assurance
from tests.conftest import unequal

ASSUMED = "for a test"


def _component(effect, spread, control=0.4, weight=1.0, name="one"):
    return {
        "name": name,
        "weight": weight,
        "effect": {"value": effect, "assumed": ASSUMED},
        "effect_standard_deviation": spread,
        "control_level": {"value": control, "assumed": ASSUMED},
    }


def _with_prior(*components, **changes):
    values = {path.replace("__", "."): value for path, value in changes.items()}
    return unequal(read_scenario("ips_ung_cells", {"prior": list(components)} | values))


@pytest.mark.parametrize("n", [90, 1320, 60_000])
@pytest.mark.parametrize(("mean", "spread"), [(0.075, 0.033), (0.02, 0.05), (-0.01, 0.02)])
def test_normal_prior_has_its_closed_form(n, mean, spread):
    """P(success) = Phi((mean - z s) / sqrt(s^2 + spread^2)); the standard error s is that at the mean."""
    effect, weight = _normal(mean, spread, 641)
    error = np.sqrt((0.4 * 0.6 / (1 / 3) + (0.4 + mean) * (0.6 - mean) / (2 / 3)) / n)
    closed = ndtr((mean - 1.959963984540054 * error) / np.hypot(error, spread))
    by_nodes = weight @ ndtr(effect / error - 1.959963984540054)
    assert by_nodes == pytest.approx(closed, abs=1e-9)


def test_narrow_prior_is_the_closed_form():
    """With a spread of 1 point the standard error hardly varies: the closed form to 1e-3."""
    run = assurance(_with_prior(_component(0.075, 0.01)))
    variance = (0.4 * 0.6 * 3 + 0.475 * 0.525 * 1.5) * run.relative_variance
    worth = variance / 0.01**2  # participants that the prior is worth
    closed = float(normal_assurance(1320, 0.075, variance, alpha=0.025, design_prior_n=worth))
    assert run.assurance == pytest.approx(closed, abs=1e-3)


def test_certainty_is_power():
    """A prior without spread gives the power of the normal approximation."""
    run = assurance(_with_prior(_component(0.075, 0.0, control=0.395)))
    error = np.sqrt((0.395 * 0.605 * 3 + 0.47 * 0.53 * 1.5) * run.relative_variance / 1320)
    assert run.assurance == pytest.approx(ndtr(0.075 / error - 1.959963984540054), abs=1e-12)
    assert run.ceiling == pytest.approx(1.0)


def test_ceiling_is_below_one_with_mass_at_no_effect():
    none = _component(0.0, 0.0, weight=1.0, name="none")
    run = assurance(_with_prior(_component(0.1, 0.0, weight=3.0), none), [0.7, 0.8])
    assert run.ceiling == pytest.approx(0.75 + 0.25 * 0.025)
    reached, beyond = run.answers
    assert reached.n_total is not None
    assert beyond.n_total is None
    assert "ceiling" in beyond.note
    assert run.curve[-1][1] < run.ceiling


def test_size_for_an_assurance_is_the_smallest():
    run = assurance(_with_prior(_component(0.075, 0.033)), [0.6])
    n = run.answers[0].n_total
    nodes, left_out = prior_nodes(run.scenario)
    assert n % 3 == 0
    assert nodes.assurance(n, 0.025, run.relative_variance) >= 0.6
    assert nodes.assurance(n - 3, 0.025, run.relative_variance) < 0.6
    assert left_out < 1e-12


def test_impossible_risks_are_left_out_and_counted():
    run = assurance(_with_prior(_component(0.3, 0.2, control=0.6)))
    assert 0.2 < run.left_out < 0.4  # P(0.3 + 0.2 z > 0.4) = 0.31
    assert 0 < run.assurance < 1


def test_more_participants_more_assurance():
    values = [value for _, value in assurance(read_scenario("ips_ung")).curve]
    assert values == sorted(values)


def test_baseline_adjustment_shows_in_the_relative_variance():
    """Adjusting for employment before takes some 15 per cent of the variance away."""
    scenario = read_scenario("ips_ung")
    adjusted = scenario.document["analysis"]["estimators"][2]
    plain, better = (
        assurance(scenario.with_changes({"analysis.estimators": [e]}))
        for e in (scenario.document["analysis"]["estimators"][0], adjusted)
    )
    assert plain.relative_variance == pytest.approx(1.0, abs=4 * plain.relative_variance_mc_standard_error)
    assert 0.78 < better.relative_variance < 0.9
    assert better.assurance > plain.assurance


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("seed", {}, "no prior"),
        ("ips_ung", {"design.n_participants": [1000, 2000]}, "lists"),
    ],
)
def test_says_why_not(name, changes, reason):
    with pytest.raises(NotAvailableError, match=reason):
        assurance(read_scenario(name, changes))


def test_targets_must_be_probabilities():
    with pytest.raises(ValueError, match="between 0 and 1"):
        assurance(read_scenario("ips_ung"), [1.0])


def test_json_shows_the_prior():
    document = json.loads(assurance(read_scenario("ips_ung")).to_json())
    assert [c["name"] for c in document["prior"]][:3] == ["persist", "revert", "decline"]
    assert document["scenario"] == "ips_ung"


def test_simulated_sizes_and_curves_carry_their_error():
    """A size is in proportion to the relative variance: and so is its interval."""
    run = assurance(_with_prior(_component(0.075, 0.033)), [0.6])
    (answer,) = run.answers
    relative = run.relative_variance_mc_standard_error / run.relative_variance
    assert (answer.n_high - answer.n_low) / answer.n_total == pytest.approx(
        2 * 1.96 * relative, abs=6 / answer.n_total
    )
    errors = run.table()["mc_standard_error"]
    assert len(errors) == len(run.curve)
    assert (errors > 0).all()
    near = min(range(len(run.curve)), key=lambda i: abs(run.curve[i][0] - 1320))
    assert errors[near] == pytest.approx(run.mc_standard_error, rel=0.2)
