"""Draws by inversion against the exact distribution and against numpy's generator."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal
from scipy.stats import binom, chisquare

from ipsrct._inverse_cdf import draw_binomial


class _Fixed:
    """Stands in for a generator and returns given uniforms."""

    def __init__(self, uniform):
        self._uniform = uniform

    def random(self, shape):
        return np.broadcast_to(self._uniform, shape).copy()


@given(
    st.integers(0, 400),
    st.one_of(st.floats(0.001, 0.999), st.sampled_from([0.0, 1.0, 0.5])),
    st.integers(0, 2**32),
)
def test_equals_the_quantile_function(n, probability, seed):
    uniform = np.random.default_rng(seed).random((1, 50))
    got = draw_binomial(np.full((1, 50), n), np.array([probability]), _Fixed(uniform))
    expected = binom.ppf(uniform, n, probability)
    # scipy's quantile function may round at a jump; a draw may differ only where the uniform sits on one.
    off = got != expected
    if off.any():
        jumps = binom.cdf(np.minimum(got, expected), n, probability)
        assert np.abs(jumps[off] - uniform[off]).max() < 1e-12


def test_extreme_uniforms_stay_inside_the_support():
    uniform = np.array([[0.0, np.nextafter(1.0, 0.0), 2.0**-53]])
    got = draw_binomial(np.full((1, 3), 1000), np.array([0.395]), _Fixed(uniform))
    assert got.min() >= 0
    assert got.max() <= 1000


def test_each_row_has_its_own_size_and_probability():
    """Chi-squared of each row against its binomial; false-alarm rate 1e-4 a row."""
    sizes, probability = np.array([7, 60, 200]), np.array([0.3, 0.47, 0.3])
    n = np.repeat(sizes[:, None], 40_000, axis=1)
    drawn = draw_binomial(n, probability, np.random.default_rng(3))
    for row, size, p in zip(drawn, sizes, probability, strict=True):
        expected = binom.pmf(np.arange(size + 1), size, p) * row.size
        # Values that are expected less than five times are counted together.
        bin_of = np.where(expected >= 5, np.arange(size + 1), size + 1)
        observed = np.bincount(bin_of[row], minlength=size + 2)
        expected = np.bincount(bin_of, weights=expected, minlength=size + 2)
        used = expected > 0
        assert chisquare(observed[used], expected[used]).pvalue > 1e-4


def test_sizes_that_vary_within_a_row_do_not_change_the_draws():
    """A draw depends on its own n and uniform only, not on the other sizes in the table."""
    n = np.array([[3, 900, 40, 41]])
    uniform = np.array([[0.2, 0.7, 0.5, 0.999]])
    together = draw_binomial(n, np.array([0.4]), _Fixed(uniform))
    alone = [draw_binomial(n[:, [i]], np.array([0.4]), _Fixed(uniform[:, [i]]))[0, 0] for i in range(4)]
    assert_array_equal(together[0], alone)


@pytest.mark.parametrize("probability", [0.0, 0.003, 0.4, 0.98, 1.0])
def test_walking_gives_the_draws_of_the_table(monkeypatch, probability):
    n = np.random.default_rng(1).integers(0, 5000, size=(1, 3000))
    draws = []
    for entries in (0, 1e9):
        monkeypatch.setattr("ipsrct._inverse_cdf._ENTRIES_A_DRAW", entries)
        draws.append(draw_binomial(n, np.array([probability]), np.random.default_rng(2)))
    assert_array_equal(*draws)


@pytest.mark.parametrize("n", [50_000, 200_000])
def test_large_n_has_the_right_moments(n):
    """Mean and variance of 20,000 draws within 5 standard errors (false alarm 1e-6)."""
    drawn = draw_binomial(np.full((1, 20_000), n), np.array([0.1]), np.random.default_rng(5))[0]
    variance = n * 0.1 * 0.9
    assert drawn.mean() == pytest.approx(n * 0.1, abs=5 * np.sqrt(variance / 20_000))
    assert drawn.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / 20_000))
