"""Participants drawn from the cross-classification."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chisquare

from ipsrct._inverse_cdf import draw_multinomial
from ipsrct.cohort.cells import Cells, Factor, largest_remainders


@pytest.fixture
def cohort(cells_trial):
    return cells_trial.assumptions.cohort


def test_cell_probabilities_are_products_of_the_published_shares(cohort):
    cells = cohort.cells()
    ages, sexes = np.array([284, 510, 526]) / 1320, np.array([624, 696]) / 1320
    assistance = np.array([977, 331]) / 1308
    expected = [a * s * h for a in ages for s in sexes for h in assistance]
    assert_allclose(cells.probability, expected, rtol=1e-14)
    assert cells.level_index[5].tolist() == [1, 0, 1]


@pytest.mark.parametrize("by", ["counts", "participants"])
def test_random_sizes_are_multinomial(cohort, by):
    """Chi-squared of pooled cells and variance of one cell; false-alarm rate 1e-5."""
    n, draws, rng = 500, 4000, np.random.default_rng(1)
    if by == "counts":
        sizes = draw_multinomial(np.full(draws, n), cohort.cells().probability, rng)
    else:
        drawn = cohort.draw(n, draws, rng)
        sizes = np.stack([(drawn.cell == c).sum(axis=1) for c in range(12)])
    probability = cohort.cells().probability
    assert_array_equal(sizes.sum(axis=0), n)
    assert chisquare(sizes.sum(axis=1), probability * n * draws).pvalue > 1e-5
    variance = n * probability * (1 - probability)
    assert_allclose(sizes.var(axis=1), variance, rtol=5 * np.sqrt(2 / draws))


def test_fixed_sizes_are_the_rounded_expectation_in_random_order(cohort):
    fixed = cohort.model_copy(update={"cell_sizes": "fixed"})
    drawn = fixed.draw(1300, 3, np.random.default_rng(2))
    expected = largest_remainders(cohort.cells().probability, 1300)
    for row in drawn.cell:
        assert_array_equal(np.bincount(row, minlength=12), expected)
    assert not (drawn.cell[0] == drawn.cell[1]).all()
    assert_array_equal(fixed.fixed_sizes(1300), expected)


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=20), st.integers(0, 5000))
def test_largest_remainders_add_up_and_stay_near(weights, total):
    probability = np.array(weights) / sum(weights)
    sizes = largest_remainders(probability, total)
    assert sizes.sum() == total
    assert (np.abs(sizes - probability * total) < 1).all()


def test_participants_are_spread_over_all_services(cohort):
    drawn = cohort.draw(2000, 20, np.random.default_rng(4))
    assert drawn.n_services == 47
    observed = np.bincount(drawn.service.ravel(), minlength=47)
    assert chisquare(observed).pvalue > 1e-5


def test_without_factors_everybody_is_one_cell():
    cohort = Cells(kind="cells")
    assert cohort.cells().size == 1
    assert cohort.fixed_sizes(10) is None
    assert cohort.draw(10, 3, np.random.default_rng(0)).service.max() == 0


def test_too_many_cells_are_refused():
    levels = [f"level_{i}" for i in range(30)]
    factors = [{"name": f"f{i}", "levels": levels, "sizes": [1] * 30} for i in range(3)]
    with pytest.raises(ValueError, match="at most 10,000 cells, got 27,000"):
        Cells.model_validate({"kind": "cells", "factors": factors}, strict=False)


def test_factor_keeps_its_levels():
    factor = Factor.model_validate({"name": "a", "levels": ["x", "y"], "sizes": [1, 3]}, strict=False)
    assert [size.value for size in factor.sizes] == [1, 3]
