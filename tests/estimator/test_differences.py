"""Unadjusted, stratified and post-stratified differences against other implementations and hand values."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from statsmodels.stats import proportion

from ipsrct.estimator.difference_in_proportions import DifferenceInProportions
from ipsrct.estimator.post_stratified_difference import PostStratifiedDifference
from ipsrct.estimator.stratified_difference import StratifiedDifference
from ipsrct.trial import CellCounts, CellTable, Populations

# Made-up strata with unequal arms: treated n, events; control n, events.
STRATA = np.array([[[40, 22], [20, 7]], [[15, 9], [30, 11]], [[60, 20], [28, 6]]])


def _counts(strata):
    cells = CellTable(("site",), (tuple("abcdef"[: len(strata)]),), np.full(len(strata), 1 / len(strata)))
    return CellCounts(cells, ("t", "c"), strata[..., 0][..., None], strata[..., 1][..., None])


def _estimate(estimator, strata=STRATA):
    everybody = Populations(("all",), ("all",), np.ones((1, len(strata)), bool), np.empty((0, 2), int))
    got = estimator.estimate_counts(_counts(strata), "t", "c", everybody)
    return float(got.estimate[0, 0]), float(got.standard_error[0, 0]), float(got.statistic[0, 0])


def test_pooled_statistic_equals_statsmodels():
    (n1, x1), (n0, x0) = STRATA.sum(axis=0)
    estimate, _, statistic = _estimate(
        DifferenceInProportions(kind="difference_in_proportions", variance="pooled")
    )
    assert estimate == pytest.approx(x1 / n1 - x0 / n0, abs=1e-15)
    assert statistic == pytest.approx(proportion.proportions_ztest([x1, x0], [n1, n0])[0], rel=1e-12)


def test_unpooled_statistic_equals_statsmodels_wald():
    (n1, x1), (n0, x0) = STRATA.sum(axis=0)
    _, _, statistic = _estimate(DifferenceInProportions(kind="difference_in_proportions"))
    expected = proportion.test_proportions_2indep(x1, n1, x0, n0, method="wald", compare="diff").statistic
    assert statistic == pytest.approx(expected, rel=1e-12)


def test_mantel_haenszel_difference_by_hand():
    """Weights n1 n0 / n: 40/3, 10 and 1680/88; Sato's variance summed by hand from its two terms."""
    weight = np.array([40 * 20 / 60, 15 * 30 / 45, 60 * 28 / 88])
    difference = np.array([22 / 40 - 7 / 20, 9 / 15 - 11 / 30, 20 / 60 - 6 / 28])
    expected = (weight * difference).sum() / weight.sum()
    p = [
        (40**2 * 7 - 20**2 * 22 + 40 * 20 * (20 - 40) / 2) / 60**2,
        (15**2 * 11 - 30**2 * 9 + 15 * 30 * (30 - 15) / 2) / 45**2,
        (60**2 * 6 - 28**2 * 20 + 60 * 28 * (28 - 60) / 2) / 88**2,
    ]
    q = [
        (22 * (20 - 7) + 7 * (40 - 22)) / 120,
        (9 * (30 - 11) + 11 * (15 - 9)) / 90,
        (20 * (28 - 6) + 6 * (60 - 20)) / 176,
    ]
    variance = (expected * sum(p) + sum(q)) / weight.sum() ** 2
    estimator = StratifiedDifference(kind="stratified_difference", factors=("site",))
    estimate, error, _ = _estimate(estimator)
    assert_allclose([estimate, error], [expected, np.sqrt(variance)], rtol=1e-13)


def test_mantel_haenszel_ignores_a_stratum_with_one_arm():
    estimator = StratifiedDifference(kind="stratified_difference", factors=("site",))
    with_empty = np.concatenate([STRATA, [[[5, 3], [0, 0]]]])
    assert_allclose(_estimate(estimator, with_empty), _estimate(estimator), rtol=1e-14)


def test_post_stratified_difference_by_hand():
    n = STRATA[..., 0].sum(axis=1)
    share, p = n / n.sum(), STRATA[..., 1] / STRATA[..., 0]
    expected = (share * (p[:, 0] - p[:, 1])).sum()
    variance = (share**2 * (p * (1 - p) / (STRATA[..., 0] - 1)).sum(axis=1)).sum()
    estimator = PostStratifiedDifference(kind="post_stratified_difference", factors=("site",))
    estimate, error, _ = _estimate(estimator)
    assert_allclose([estimate, error], [expected, np.sqrt(variance)], rtol=1e-13)


def test_post_stratified_difference_needs_two_in_each_arm():
    estimator = PostStratifiedDifference(kind="post_stratified_difference", factors=("site",))
    thin = STRATA.copy()
    thin[1, 1] = [1, 0]
    assert np.isnan(_estimate(estimator, thin)[0])
