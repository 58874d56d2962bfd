"""The closed-form fits against statsmodels on one row a participant."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from ipsrct.estimator.linear_probability import LinearProbability
from ipsrct.trial import CellCounts, CellTable, Populations
from tests.conftest import participants

FACTORS = ("age", "sex", "social_assistance")
KINDS = ("HC0", "HC1", "HC2", "HC3")


def _fit(y, treated, stratum, kind):
    dummies = (stratum[:, None] == np.unique(stratum)).astype(float)
    return sm.OLS(y, np.column_stack([treated, dummies])).fit(cov_type=kind, use_t=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("factors", [FACTORS, ("sex",), ()])
def test_every_group_equals_statsmodels(cells_trial, random_counts, kind, factors):
    counts, populations = random_counts(1, 2), cells_trial.populations
    estimator = LinearProbability(kind="linear_probability", factors=factors, variance=kind)
    got = estimator.estimate_counts(counts, "ips", "control", populations)
    for r in range(2):
        y, treated, cell = participants(counts, r)
        for g, member in enumerate(populations.member):
            kept = member[cell]
            stratum = counts.cells.stratum_index(factors)[cell]
            fit = _fit(y[kept], treated[kept], stratum[kept], kind)
            assert_allclose(got.estimate[g, r], fit.params[0], rtol=0, atol=1e-12)
            assert_allclose(got.standard_error[g, r], fit.bse[0], rtol=1e-10)
            assert_allclose(got.p_value(2)[g, r], fit.pvalues[0], rtol=1e-7, atol=1e-12)
            critical = got.critical_value(0.025)[g, r]
            low, high = fit.conf_int()[0]
            assert_allclose(got.estimate[g, r] + critical * got.standard_error[g, r] * np.array([-1, 1]),
                            [low, high], rtol=0, atol=1e-10)  # fmt: skip


def test_interaction_is_the_coefficient_of_the_nested_regression(cells_trial, random_counts):
    counts, populations = random_counts(2, 1), cells_trial.populations
    estimator = LinearProbability(kind="linear_probability", factors=FACTORS, variance="HC2")
    got = estimator.estimate_counts(counts, "ips", "control", populations)
    y, treated, cell = participants(counts, 0)
    n_groups = len(populations.member)
    for i, (level, reference) in enumerate(populations.interactions):
        in_level, in_reference = populations.member[level][cell], populations.member[reference][cell]
        kept = in_level | in_reference
        dummies = (cell[kept][:, None] == np.unique(cell[kept])).astype(float)
        design = np.column_stack([treated[kept], treated[kept] * in_level[kept], dummies])
        fit = sm.OLS(y[kept], design).fit(cov_type="HC2", use_t=True)
        assert_allclose(got.estimate[n_groups + i, 0], fit.params[1], rtol=0, atol=1e-12)
        assert_allclose(got.standard_error[n_groups + i, 0], fit.bse[1], rtol=1e-10)
        assert got.degrees_of_freedom[n_groups + i, 0] == fit.df_resid


def test_stratum_with_one_arm_changes_only_degrees_of_freedom():
    """A stratum without controls says nothing about the effect; statsmodels gives it no weight either."""
    cells = CellTable(("site",), (("a", "b", "c"),), np.full(3, 1 / 3))
    n = np.array([[20, 30], [25, 10], [3, 0]])[..., None]
    events = np.array([[9, 10], [8, 7], [2, 0]])[..., None]
    everybody = Populations(("all",), ("all",), np.ones((1, 3), bool), np.empty((0, 2), int))
    estimator = LinearProbability(kind="linear_probability", factors=("site",), variance="HC0")
    got = estimator.estimate_counts(CellCounts(cells, ("t", "c"), n, events), "t", "c", everybody)
    y, treated, cell = participants(CellCounts(cells, ("t", "c"), n, events), 0)
    fit = _fit(y, treated, cell, "HC0")
    assert_allclose(got.estimate[0, 0], fit.params[0], atol=1e-12)
    assert_allclose(got.standard_error[0, 0], fit.bse[0], rtol=1e-10)


@pytest.mark.parametrize("kind", ["HC2", "HC3"])
def test_leverage_of_one_is_not_estimable(kind):
    """With one participant in an arm the leverage is 1 and HC2 is 0 / 0: a status, not a number."""
    cells = CellTable((), (), np.ones(1))
    counts = CellCounts(cells, ("t", "c"), np.array([[[1], [9]]]), np.array([[[1], [3]]]))
    everybody = Populations(("all",), ("all",), np.ones((1, 1), bool), np.empty((0, 2), int))
    estimator = LinearProbability(kind="linear_probability", variance=kind)
    got = estimator.estimate_counts(counts, "t", "c", everybody)
    assert got.status.tolist() == [[1]]
    assert np.isnan(got.estimate).all()
