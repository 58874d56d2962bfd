"""The search for sizes against enumeration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import binom

from ipsrct import NotAvailableError, read_scenario, size
from ipsrct._simulated_power import LocalPower, SimulatedPower, density, replicates_for
from tests.designs import random_design


def _covered(seed, n_designs):
    """Search random designs by simulation; return what each interval covers, the trials and the widths."""
    rng = np.random.default_rng(seed)
    covered, trials, widths = [], [], []
    while len(covered) < n_designs:
        scenario, target = random_design(rng), float(rng.choice([0.8, 0.9]))
        exact = [a.n_total for a in size(scenario, [target]).answers if a.method == "exact"]
        if exact:
            run = size(scenario, [target], route="counts")
            (answer,) = run.answers
            covered.append(answer.n_low <= exact[0] <= answer.n_high)
            trials.append(run.provenance["replicates"])
            widths.append((answer.n_high - answer.n_low) / exact[0])
    return covered, trials, widths


def test_intervals_hold_the_exact_size():
    """12 random designs: fewer than 8 covered has a probability of 2e-4 at 95 per cent, 2e-3 at 92.

    Would find an interval of half the width, which covers some 67 per cent: missed in 2 of 3 runs by this
    test, in none by the long one.
    """
    covered, _, _ = _covered(5, 12)
    assert sum(covered) >= 8


@pytest.mark.long
def test_intervals_hold_the_exact_size_in_91_to_99_per_cent():
    """200 random designs; a third have arms of fixed size, whose saw-tooth the interval does not know.

    The number of replicates is that of an interval of 4 per cent of n. A fixed grid of 20 sizes, each read by
    itself, needs the same number at each size around the crossing, so 20 times the search's final run.
    """
    covered, trials, widths = _covered(7, 200)
    assert 0.91 <= np.mean(covered) <= 0.99
    assert np.mean(widths) < 0.042
    at_one_size = replicates_for(0.04, 0.8, 0.8416, 2.8016 / math.sqrt(500), 500)
    assert np.mean(trials) <= 20 * at_one_size / 5


def test_local_power_is_a_probit_line():
    line = LocalPower(n=400, probit=0.5, error=0.02, slope=0.1, n_estimated=5000)
    # sqrt(n) = 20 + (0.8416 - 0.5) / 0.1 = 23.416.
    assert line.crossing(0.8) == pytest.approx(23.41621**2, rel=1e-5)
    # The slope's relative error is 1 / sqrt(10,000).
    assert line.error_at(0.8) == pytest.approx(math.hypot(0.02, (0.84162 - 0.5) / 100), rel=1e-4)
    assert line.crossing(0.8, 0.02) < line.crossing(0.8) < line.crossing(0.8, -0.02)
    assert line.crossing(1e-6) == 0.0


def test_replicates_give_the_width_asked_for():
    """At power 0.8, slope s and n: relative width = 4 x 1.96 x error of the probit / (s sqrt(n))."""
    replicates = replicates_for(0.04, 0.8, 0.8416212, 0.1, 784)
    error = math.sqrt(0.8 * 0.2 / replicates) / density(0.8416212)
    assert 4 * 1.959964 * error / (0.1 * 28) == pytest.approx(0.04, rel=1e-3)


def test_continued_runs_are_the_first_trials_of_longer_ones():
    scenario = random_design(np.random.default_rng(1))
    twice, once = (SimulatedPower(scenario, "counts", 1) for _ in range(2))
    twice.run(90, 4096)
    twice.run(90, 12_288)
    once.run(90, 12_288)
    assert twice.near(90, 0, 0) == once.near(90, 0, 0)
    assert twice.n_simulated == once.n_simulated == 12_288


def test_narrower_intervals_take_more_trials():
    scenario = random_design(np.random.default_rng(2))
    wide, narrow = (size(scenario, [0.8], route="counts", width=w) for w in (0.1, 0.02))
    assert narrow.provenance["replicates"] > 3 * wide.provenance["replicates"]
    for run, width in ((wide, 0.1), (narrow, 0.02)):
        (answer,) = run.answers
        unit = sum(scenario.design.weights)
        assert answer.n_high - answer.n_low <= width * answer.n_total * 1.05 + 2 * unit
        assert answer.n_replicates > 0


def test_all_targets_and_populations_are_answered_once():
    scenario = read_scenario("ips_ung")
    run = size(scenario, [0.8, 0.9], width=0.2)
    keys = [(a.target_power, a.estimator, a.population, a.method) for a in run.answers]
    assert len(keys) == len(set(keys))
    found = {(t, e, p) for t, e, p, _ in keys}
    labels = [e.label for e in scenario.analysis.estimators]
    assert found == {(t, e, p) for t in (0.8, 0.9) for e in labels for p in scenario.populations.names}


def test_larger_targets_need_larger_trials():
    run = size(read_scenario("ips_ung"), [0.7, 0.8, 0.9], width=0.05)
    sizes: dict[tuple[str, str, str], list[int]] = {}
    for answer in run.answers:
        if answer.n_total:
            sizes.setdefault((answer.estimator, answer.population, answer.method), []).append(answer.n_total)
    assert all(found == sorted(found) and len(found) == 3 for found in sizes.values())


@pytest.mark.parametrize("width", [0.0, -0.1])
def test_widths_must_be_positive(width):
    with pytest.raises(ValueError, match="width must be positive"):
        size(read_scenario("seed"), [0.8], width=width)


def test_unknown_route_is_refused():
    with pytest.raises(NotAvailableError, match="is not a route"):
        size(read_scenario("seed"), [0.8], route="count")


def test_a_false_alarm_rate_is_as_stated():
    """The tail probabilities that the docstrings above state."""
    assert binom.cdf(7, 12, 0.95) < 2e-4
    assert binom.cdf(7, 12, 0.92) < 2e-3
