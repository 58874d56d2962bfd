"""Imbalance and loss of information against plain counts and least squares."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ipsrct.diagnostics import imbalance, information
from ipsrct.diagnostics._tally import Tally
from ipsrct.trial import SERVICE, Cohort
from tests.diagnostics import oracle


def _rows(tally):
    return {(row.measure, row.where, row.position): row for row in tally.rows("")}


def _imbalance(arms, weights):
    """Return twice the largest deviation from target of one group of participants."""
    n = len(arms)
    return max(abs(2 * (arms.count(k) - n * w / sum(weights))) for k, w in enumerate(weights))


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (1, 2, 1)])
@pytest.mark.parametrize("n", [7, 30])
def test_every_place_and_position_is_a_count(weights, n):
    cohort = oracle.small_cohort(1, 5, n)
    arm = np.random.default_rng(2).integers(len(weights), size=(5, n)).astype(np.int8)
    tally = Tally()
    imbalance.observe(tally, cohort, arm, weights, (SERVICE, "sex"))
    found = _rows(tally)
    sex, age = cohort.cells.level_index[cohort.cell].transpose(2, 0, 1)
    of = {"overall": np.zeros((5, n), int), "sex:f": sex == 1, "age:z": age == 2}
    for position in imbalance.grid(n):
        for where, member in of.items():
            kept = member[:, :position] if where != "overall" else np.ones((5, position), bool)
            values = [_imbalance(arm[r, :position][kept[r]].tolist(), weights) for r in range(5)]
            assert found["imbalance_mean", where, position].value == pytest.approx(np.mean(values))
        for where, unit, units in (
            ("service", cohort.service, range(3)),
            ("stratum", cohort.service * 2 + sex, range(6)),
        ):
            values = np.array(
                [
                    [_imbalance(arm[r, :position][unit[r, :position] == u].tolist(), weights) for u in units]
                    for r in range(5)
                ]
            )
            assert found["imbalance_mean", where, position].value == pytest.approx(values.mean())
            largest = found["imbalance_largest", where, position]
            assert largest.value == pytest.approx(values.max(axis=1).mean())
            assert largest.mc_standard_error == pytest.approx(values.max(axis=1).std(ddof=1) / np.sqrt(5))
    way = [max(_imbalance(arm[r, :i].tolist(), weights) for i in range(1, n + 1)) for r in range(5)]
    assert found["imbalance_largest_on_the_way", "overall", n].value == pytest.approx(np.mean(way))


def test_two_equal_arms_differ_by_their_sizes_and_unequal_ones_from_their_target():
    assert 2 / 2 * imbalance.deviation(np.array([13, 9]), (1, 1)) == 4
    assert 2 / 3 * imbalance.deviation(np.array([13, 9]), (2, 1)) == pytest.approx(2 * abs(13 - 22 * 2 / 3))
    assert imbalance.deviation(np.array([[14, 7], [7, 14]]), (2, 1)).tolist() == [0, 21]


def test_complete_randomisation_by_enumeration():
    """All 2^10 trials of ten: mean and quantiles of abs(n1 - n0) from the binomial distribution."""
    arm = np.array(list(product((0, 1), repeat=10)), dtype=np.int8)
    tally = Tally()
    imbalance.observe(tally, oracle.one_list_cohort(10, len(arm)), arm, (1, 1), ())
    found = _rows(tally)
    mass = {}
    for k in range(11):
        mass[abs(2 * k - 10)] = mass.get(abs(2 * k - 10), 0) + comb(10, k) / 1024
    assert found["imbalance_mean", "overall", 10].value == pytest.approx(sum(d * p for d, p in mass.items()))
    assert found["imbalance_mean_square", "overall", 10].value == pytest.approx(10)
    for q in (0.5, 0.9, 0.95, 0.99):
        exact = min(d for d in mass if sum(p for e, p in mass.items() if e <= d) >= q)
        assert found[f"imbalance_q{100 * q:.0f}", "overall", 10].value == exact


def test_standard_errors_of_means_and_quantiles_hold():
    """Over 400 runs of 200 trials, errors have the stated size within 15 per cent (4 standard errors)."""
    rng = np.random.default_rng(1)
    means, quantiles = [], []
    for _ in range(400):
        arm = rng.integers(2, size=(200, 50)).astype(np.int8)
        tally = Tally()
        imbalance.observe(tally, oracle.one_list_cohort(50, 200), arm, (1, 1), ())
        found = _rows(tally)
        means.append(found["imbalance_mean", "overall", 50])
        quantiles.append(found["imbalance_q90", "overall", 50])
    for rows, factor in ((means, 1.15), (quantiles, 1.6)):  # a quantile of even numbers is coarse
        spread = np.std([row.value for row in rows])
        stated = np.mean([row.mc_standard_error for row in rows])
        assert 1 / factor < spread / stated < factor


def test_empty_ratio_is_not_a_number_and_one_trial_has_no_error():
    tally = Tally()
    imbalance.observe(tally, oracle.one_list_cohort(3), np.zeros((1, 3), np.int8), (1, 1), ())
    assert all(np.isnan(row.mc_standard_error) for row in tally.rows(""))


# --- information


def _loss(arm, columns, weights, pair=(0, 1)):
    """Return the loss from the residual variance of the treated's indicator by least squares."""
    kept = np.isin(arm, pair)
    x = (arm[kept] == pair[0]) * 1.0
    design = np.column_stack([np.ones(kept.sum()), *[c[kept] for c in columns]])
    residual = x - design @ np.linalg.lstsq(design, x, rcond=None)[0]
    share = [weights[k] / sum(weights) for k in pair]
    return len(arm) - residual @ residual * sum(share) / (share[0] * share[1])


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (1, 2, 1)])
def test_loss_is_that_of_least_squares(weights):
    cohort = oracle.small_cohort(3, 4, 25)
    arm = np.random.default_rng(4).integers(len(weights), size=(4, 25)).astype(np.int8)
    sex, age = cohort.cells.level_index[cohort.cell].transpose(2, 0, 1)
    columns = {
        "overall": [],
        "factors": [sex, age == 1, age == 2],
        "service": [cohort.service == s for s in range(1, 3)],
        "stratum": [(cohort.service == s) & (sex == v) for s in range(3) for v in range(2)],
    }
    tally = Tally()
    information.observe(tally, cohort, arm, weights, (0, 1), (SERVICE, "sex"))
    found = _rows(tally)
    for where, dummies in columns.items():
        each = [_loss(arm[r], [np.asarray(c[r], float) for c in dummies], weights) for r in range(4)]
        assert found["information_loss", where, 25].value == pytest.approx(np.mean(each))


@pytest.mark.parametrize("weights", [(1, 1), (2, 1)])
def test_complete_randomisation_loses_a_participant_for_each_coefficient(weights):
    """Over all assignments of eight participants the expected loss is the rank of the model (Atkinson 2002).

    Also where a level is empty: of the four coefficients of the factors only three can be estimated.
    """
    cells = oracle.small_cohort(3, 1, 8).cells
    service = np.zeros((1, 8), int)
    for cell, rank in ((np.array([0, 1, 2, 3, 4, 5, 0, 4]), 4), (np.array([0, 1, 1, 3, 4, 4, 0, 3]), 3)):
        arm = np.array(list(product((0, 1), repeat=8)), dtype=np.int8)
        cohort = Cohort(cells, cell[None], service, 1)
        chance = np.prod(np.where(arm == 0, weights[0], weights[1]) / sum(weights), axis=1)
        expected = {"overall": 0.0, "factors": 0.0}
        for one, p in zip(arm, chance, strict=True):
            tally = Tally()
            information.observe(tally, cohort, one[None], weights, (0, 1), ())
            for row in tally.rows(""):
                expected[row.where] += p * row.value
        assert_allclose([expected["overall"], expected["factors"]], [1, rank], atol=1e-9)


def test_perfect_balance_loses_nothing():
    arm = np.tile(np.array([0, 0, 1], dtype=np.int8), (2, 4))
    tally = Tally()
    information.observe(tally, oracle.one_list_cohort(12, 2), arm, (2, 1), (0, 1), ())
    assert [row.value for row in tally.rows("")] == pytest.approx([0])


def test_grid_ends_with_the_last_participant():
    assert imbalance.grid(1320)[-1] == 1320
    assert_array_equal(imbalance.grid(3), (1, 2, 3))
