"""What every estimator must do, whatever its kind."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import binom

from ipsrct import _parts, simulate
from ipsrct.trial import CellCounts, CellTable, Populations
from tests.conftest import unequal, with_estimators

FACTORS = ["age", "sex", "social_assistance"]


def _variants():
    for kind, part in _parts.kinds("estimator").items():
        if not hasattr(part, "estimate_counts"):
            continue
        table = {"kind": kind}
        if "factors" in part.model_fields:
            table["factors"] = FACTORS
        options = [key for key in ("variance", "adjustment", "balance") if key in part.model_fields]
        choices = [[(key, value) for value in part.model_fields[key].annotation.__args__] for key in options]
        for chosen in product(*choices):
            if dict(chosen).get("balance") != "none":  # it assumes another randomisation
                yield table | dict(chosen)


VARIANTS = list(_variants())
IDS = ["-".join(str(v) for k, v in table.items() if k != "factors") for table in VARIANTS]
every_estimator = pytest.mark.parametrize("table", VARIANTS, ids=IDS)


def _estimator(cells_trial, table):
    return with_estimators(cells_trial, table).analysis.estimator_list[0]


def _estimate(estimator, cells_trial, counts):
    return estimator.estimate_counts(counts, "ips", "control", cells_trial.populations)


@every_estimator
@pytest.mark.parametrize("largest", [2, 4, 60])
def test_block_equals_single_replicates_stacked(cells_trial, random_counts, table, largest):
    """Also where many cells and arms are empty, so that a failed replicate cannot affect another."""
    estimator, n_replicates = _estimator(cells_trial, table), 300 if largest < 60 else 5
    counts = random_counts(3, n_replicates, 0, largest)
    n = counts.n if largest == 60 else np.minimum(counts.n, largest)
    n = np.where(np.random.default_rng(1).random(n.shape) < 0.6, 0, n) if largest < 60 else n
    counts = CellCounts(counts.cells, counts.arms, n, np.minimum(counts.events, n))
    whole = _estimate(estimator, cells_trial, counts)
    for r in range(n_replicates):
        one = CellCounts(counts.cells, counts.arms, counts.n[..., [r]], counts.events[..., [r]])
        single = _estimate(estimator, cells_trial, one)
        assert_array_equal(single.status[:, 0], whole.status[:, r])
        assert_allclose(single.estimate[:, 0], whole.estimate[:, r], rtol=1e-9, atol=1e-12)
        assert_allclose(single.standard_error[:, 0], whole.standard_error[:, r], rtol=1e-9)


@every_estimator
def test_swapping_the_arms_flips_the_sign(cells_trial, random_counts, table):
    counts, estimator = random_counts(4, 20), _estimator(cells_trial, table)
    here = _estimate(estimator, cells_trial, counts)
    there = estimator.estimate_counts(counts, "control", "ips", cells_trial.populations)
    assert_allclose(there.estimate, -here.estimate, rtol=1e-12, atol=1e-14)
    assert_allclose(there.standard_error, here.standard_error, rtol=1e-12)
    assert_allclose(there.statistic, -here.statistic, rtol=1e-11, atol=1e-11)


@every_estimator
def test_order_of_the_cells_changes_nothing(cells_trial, random_counts, table):
    """Relabelling men as women in the counts swaps the two groups and flips their interaction."""
    counts, estimator = random_counts(5, 10), _estimator(cells_trial, table)
    shape = (3, 2, 2, 2, 10)
    swapped = CellCounts(
        counts.cells,
        counts.arms,
        counts.n.reshape(shape)[:, ::-1].reshape(counts.n.shape),
        counts.events.reshape(shape)[:, ::-1].reshape(counts.n.shape),
    )
    names = cells_trial.populations.names
    men, women = names.index("sex:men"), names.index("sex:women")
    interaction = names.index("interaction:sex:women-men")
    here, there = (_estimate(estimator, cells_trial, c) for c in (counts, swapped))
    assert_allclose(there.estimate[0], here.estimate[0], rtol=1e-12)
    assert_allclose(there.estimate[men], here.estimate[women], rtol=1e-12)
    assert_allclose(there.estimate[interaction], -here.estimate[interaction], rtol=1e-10)
    assert_allclose(there.standard_error[interaction], here.standard_error[interaction], rtol=1e-12)


@every_estimator
@pytest.mark.parametrize("what", ["empty arm", "no event", "everybody", "nobody at all"])
def test_degenerate_tables_get_a_status(cells_trial, random_counts, table, what):
    counts, estimator = random_counts(6, 3), _estimator(cells_trial, table)
    n, events = counts.n.copy(), counts.events.copy()
    if what == "empty arm":
        n[:, 1, 1] = events[:, 1, 1] = 0
    elif what == "nobody at all":
        n[..., 1] = events[..., 1] = 0
    else:
        events[..., 1] = 0 if what == "no event" else n[..., 1]
    got = _estimate(estimator, cells_trial, CellCounts(counts.cells, counts.arms, n, events))
    assert_array_equal(got.status[:, 1], 1)
    assert np.isnan(got.estimate[:, 1]).all()
    assert np.isnan(got.statistic[:, 1]).all()
    assert_array_equal(got.status[:, [0, 2]], 0)


@every_estimator
def test_no_variation_is_not_estimable_however_it_rounds(cells_trial, random_counts, table):
    """Every treated participant works and no control does, in arms of many sizes: variance is zero.

    Rounding must not turn it into a tiny number, which would make a test statistic of 1e15.
    """
    counts, estimator = random_counts(8, 200), _estimator(cells_trial, table)
    events = counts.n.copy()
    events[:, 1] = 0
    got = _estimate(estimator, cells_trial, CellCounts(counts.cells, counts.arms, counts.n, events))
    failed = got.status == 1
    if table.get("variance") == "pooled" or table["kind"] == "stratified_difference":
        # Their variances are not zero here: the pooled one by its null hypothesis, Sato's by its terms.
        failed |= np.abs(got.statistic) < 1e3
    assert failed.all()


@every_estimator
def test_empty_subgroup_fails_alone(cells_trial, random_counts, table):
    counts, estimator = random_counts(7, 1), _estimator(cells_trial, table)
    names = cells_trial.populations.names
    under_20 = cells_trial.populations.member[names.index("age:under_20")]
    n, events = counts.n.copy(), counts.events.copy()
    n[under_20] = events[under_20] = 0
    got = _estimate(estimator, cells_trial, CellCounts(counts.cells, counts.arms, n, events))
    failed = {name for name, status in zip(names, got.status[:, 0], strict=True) if status}
    assert failed == {"age:under_20", "interaction:age:24_plus-under_20"}


@every_estimator
def test_null_rejection_rate(cells_trial, table):
    """Type I error at 2:1 within 4 standard errors of 5 per cent plus half a point for discreteness.

    False-alarm rate below 1e-3 over the 11 populations. Would detect the variances of the two arms
    swapped, which at 2:1 and unequal risks moves the rate by several points.
    """
    scenario = with_estimators(
        unequal(cells_trial),
        table,
        design__n_participants=2400,
        simulation__replicates=20_000,
        assumptions__outcome__control_risk=0.15,
        assumptions__outcome__effect=0.0,
    )
    run = simulate(scenario)
    low, high = binom.ppf([1e-5, 1 - 1e-5], 20_000, 0.05) / 20_000
    for population in scenario.populations.names:
        rate = run.find("type_i_error", scenario.analysis.estimator_list[0].label, population).value
        assert low - 0.005 < rate < high + 0.005, population


@every_estimator
def test_standard_error_matches_the_spread_of_estimates_at_unequal_allocation(cells_trial, table):
    """Mean and empirical standard errors agree within 3 per cent at 2:1, with different risks in the arms.

    The relative standard error of an empirical SD over 20,000 replicates is 0.5 per cent. Would detect an
    exchange of the arms' sizes in a variance: 2:1 with risks 0.1 and 0.5 changes it by 20 per cent.
    """
    scenario = with_estimators(
        unequal(cells_trial),
        table,
        design__n_participants=2400,
        simulation__replicates=20_000,
        assumptions__outcome__control_risk=0.1,
        assumptions__outcome__effect=0.4,
    )
    run, label = simulate(scenario), scenario.analysis.estimator_list[0].label
    for population in scenario.populations.names:
        empirical = run.find("empirical_standard_error", label, population).value
        mean = run.find("mean_standard_error", label, population).value
        assert mean == pytest.approx(empirical, rel=0.03), population
        bias = run.find("bias", label, population)
        assert abs(bias.value) < 5 * bias.mc_standard_error, population


def test_pooled_test_rejects_where_everybody_differs():
    """All of one arm and none of the other: Pearson's chi-squared is n, though the Wald variance is zero."""
    cells = CellTable((), (), np.ones(1))
    everybody = Populations(("all",), ("all",), np.ones((1, 1), bool), np.empty((0, 2), int))
    counts = CellCounts(cells, ("t", "c"), np.array([[[10], [5]]]), np.array([[[10], [0]]]))
    pooled = _parts.kinds("estimator")["difference_in_proportions"](
        kind="difference_in_proportions", variance="pooled"
    )
    got = pooled.estimate_counts(counts, "t", "c", everybody)
    assert got.status.tolist() == [[0]]
    assert got.statistic[0, 0] ** 2 == pytest.approx(15)
