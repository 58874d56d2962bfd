"""The exact route against brute force, closed forms and published power."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom, multinomial

from ipsrct import NotAvailableError, read_scenario, simulate
from ipsrct._arm_sizes import arm_sizes
from tests.conftest import with_estimators
from tests.randomisation.test_blocks import _lists

UNPOOLED = {"kind": "difference_in_proportions", "variance": "unpooled"}
POOLED = {"kind": "difference_in_proportions", "variance": "pooled"}


def _small(n, weights=(2, 1), block=3, **changes):
    """A small two-arm trial without factors."""
    values = {
        "design.n_participants": n,
        "design.arms.0.allocation_weight": weights[0],
        "design.arms.1.allocation_weight": weights[1],
        "design.randomisation.block_sizes": [block],
        "assumptions.outcome.control_risk": 0.3,
        "assumptions.outcome.effect": 0.35,
    }
    return read_scenario("seed", values | changes)


@pytest.mark.parametrize("table", [UNPOOLED, POOLED])
@pytest.mark.parametrize("sides", [1, 2])
def test_every_measure_by_brute_force(table, sides):
    """Sum over every pair of counts of a trial of 20 + 10 with scipy's binomial and textbook formulas."""
    scenario = with_estimators(_small(30), table)
    scenario = scenario.with_changes(
        {"analysis.sides": sides, "analysis.significance_level": 0.1 / (3 - sides)}
    )
    run, label = simulate(scenario, route="exact"), f"difference_in_proportions_{table['variance']}"
    n1, n0, p1, p0, critical = 20, 10, 0.65, 0.3, 1.6448536269514722
    total: Counter = Counter()
    for x1, x0 in product(range(n1 + 1), range(n0 + 1)):
        a, b = x1 / n1, x0 / n0
        error = np.sqrt(a * (1 - a) / n1 + b * (1 - b) / n0)
        pooled = (x1 + x0) / (n1 + n0)
        test_error = error if table is UNPOOLED else np.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n0))
        if test_error == 0:
            continue
        z = (a - b) / test_error
        reject = (abs(z) if sides == 2 else z) > critical
        weight = binom.pmf(x1, n1, p1) * binom.pmf(x0, n0, p0)
        total["estimated"] += weight
        total["power"] += weight * reject
        total["bias"] += weight * (a - b - 0.35)
        total["square"] += weight * (a - b - 0.35) ** 2
        total["coverage"] += weight * (abs(a - b - 0.35) <= critical * error)
        total["width"] += weight * 2 * critical * error
        total["variance"] += weight * error**2
        null = binom.pmf(x1, n1, p0) * binom.pmf(x0, n0, p0)
        total["null_estimated"] += null
        total["type_i_error"] += null * reject
    k = total["estimated"]
    expected = {
        "not_estimated": 1 - k,
        "power": total["power"] / k,
        "bias": total["bias"] / k,
        "coverage": total["coverage"] / k,
        "interval_width": total["width"] / k,
        "mean_standard_error": np.sqrt(total["variance"] / k),
        "empirical_standard_error": np.sqrt(total["square"] / k - (total["bias"] / k) ** 2),
        "type_i_error": total["type_i_error"] / total["null_estimated"],
    }
    for measure, value in expected.items():
        found = run.find(measure, label)
        assert found.value == pytest.approx(value, abs=1e-12), measure
        assert (found.mc_standard_error, found.n_replicates) == (0, 0)


def test_published_power_within_the_error_of_the_normal_approximation():
    """R's help page of power.prop.test: 50 a group, 0.50 against 0.75, 5 per cent two-sided: 0.7401659.

    The exact power of the same test differs from the approximation; at n = 50 by less than 0.02.
    """
    changes = {"assumptions.outcome.control_risk": 0.5, "assumptions.outcome.effect": 0.25}
    scenario = with_estimators(_small(100, (1, 1), 2).with_changes(changes), POOLED)
    power = simulate(scenario, route="exact").find("power", "difference_in_proportions_pooled").value
    assert power == pytest.approx(0.7401659, abs=0.02)


def test_arm_sizes_of_truncated_blocks_by_enumeration():
    scenario = _small(8, (2, 1), 6)
    expected: Counter = Counter()
    for sequence, probability in _lists(8, (6,), (2, 1)).items():
        expected[sequence.count(0)] += float(probability)
    assert {sizes[0]: p for sizes, p in arm_sizes(scenario)} == pytest.approx(dict(expected))


def test_arm_sizes_of_random_strata_by_enumeration(cells_trial):
    """12 participants, two random strata, 2:1 in blocks of 3 in each: sum over the strata's sizes."""
    scenario = cells_trial.with_changes(
        {
            "design.n_participants": 12,
            "design.arms.0.allocation_weight": 2,
            "design.randomisation.factors": ["sex"],
            "design.randomisation.block_sizes": [3, 6],
        }
    )
    lists = {n: _lists(n, (3, 6), (2, 1)) for n in range(13)}
    by_size = {n: Counter() for n in range(13)}
    for n, found in lists.items():
        for sequence, probability in found.items():
            by_size[n][sequence.count(0)] += float(probability)
    expected: Counter = Counter()
    for men in range(13):
        share = multinomial.pmf([men, 12 - men], 12, [624 / 1320, 696 / 1320])
        for (a, pa), (b, pb) in product(by_size[men].items(), by_size[12 - men].items()):
            expected[a + b] += share * pa * pb
    got = {sizes[0]: p for sizes, p in arm_sizes(scenario)}
    assert got == pytest.approx({k: v for k, v in expected.items() if v > 1e-13}, abs=1e-12)


def test_arm_sizes_of_complete_randomisation_are_binomial():
    scenario = _small(40).with_changes({"design.randomisation": {"kind": "complete"}})
    got = {sizes[0]: p for sizes, p in arm_sizes(scenario)}
    assert sum(got.values()) == pytest.approx(1, abs=1e-10)
    assert got[27] == pytest.approx(binom.pmf(27, 40, 2 / 3), rel=1e-10)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"design.randomisation.leftovers": "pool"}, "pooled"),
        ({"design.randomisation.factors": ["service"]}, "service"),
        (
            {
                "assumptions.outcome.effect_shift": {"sex": {"men": 0.02}},
                "assumptions.cohort.cell_sizes": "fixed",
                "design.randomisation.factors": ["age"],
            },
            "risks differ",
        ),
        (
            {"analysis.estimators": [{"kind": "linear_probability", "factors": ["sex"]}]},
            "adjusted for strata",
        ),
    ],
)
def test_says_why_it_is_not_valid(cells_trial, changes, reason):
    with pytest.raises(NotAvailableError, match=reason):
        simulate(cells_trial.with_changes(changes), route="exact")


def test_third_arm_is_refused(cells_trial):
    arms = [*cells_trial.document["design"]["arms"], {"name": "group_ips", "allocation_weight": 2}]
    with pytest.raises(NotAvailableError, match="two arms"):
        simulate(cells_trial.with_changes({"design.arms": arms}), route="exact")


def test_mixed_risks_are_valid_without_strata():
    """With complete randomisation an arm is a random sample, so its events are binomial at the mean risk."""
    scenario = read_scenario(
        "ips_ung_cells",
        {
            "design.randomisation": {"kind": "complete"},
            "design.n_participants": 300,
            "assumptions.outcome.control_risk_shift": {"sex": {"men": 0.3}},
            "analysis.estimators": [UNPOOLED],
            "simulation.replicates": 40_000,
        },
    )
    label = "difference_in_proportions_unpooled"
    exact, counts = (simulate(scenario, route=r).find("power", label) for r in ("exact", "counts"))
    assert abs(exact.value - counts.value) < 4 * counts.mc_standard_error


def test_rare_events_are_not_cut_off():
    """2,000 + 1,000 participants at 0.5 and 0.1 per cent: tails of skewed binomials, against all pairs."""
    changes = {"assumptions.outcome.control_risk": 0.001, "assumptions.outcome.effect": 0.004}
    scenario = with_estimators(_small(3000).with_changes(changes), UNPOOLED)
    n1, n0 = 2000, 1000
    a, b = np.arange(n1 + 1)[:, None] / n1, np.arange(n0 + 1) / n0
    weight = np.outer(binom.pmf(np.arange(n1 + 1), n1, 0.005), binom.pmf(np.arange(n0 + 1), n0, 0.001))
    error = np.sqrt(a * (1 - a) / n1 + b * (1 - b) / n0)
    with np.errstate(divide="ignore", invalid="ignore"):
        rejected = np.abs(a - b) / error > 1.959963984540054
    expected = weight[rejected & (error > 0)].sum() / weight[error > 0].sum()
    found = simulate(scenario, route="exact").find("power", "difference_in_proportions_unpooled").value
    assert found == pytest.approx(expected, abs=1e-12)
