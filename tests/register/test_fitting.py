"""The optimiser's report on a problem with a known answer."""

import numpy as np
import pytest

from ipsrct.register.fitting import fit, fit_from, jacobian, starting_points


def valley(point):
    """Rosenbrock's function as residuals; the minimum, 0, is at (1, 1)."""
    return np.array([10 * (point[1] - point[0] ** 2), 1 - point[0]])


def test_every_start_finds_the_minimum():
    fits = fit(valley, starting_points(np.zeros(2), 3), n_jobs=1, max_steps=200)
    assert len(fits) == 3
    for found in fits:
        assert found.converged
        assert found.scaled == pytest.approx([1, 1], abs=1e-4)
    assert [found.cost for found in fits] == sorted(found.cost for found in fits)


def test_a_fit_cut_short_is_flagged():
    assert not fit_from(valley, np.array([-1.2, 1.0]), max_steps=3).converged


def test_the_jacobian_is_that_of_the_residuals():
    np.testing.assert_allclose(
        jacobian(valley, np.array([0.5, 2.0])), [[-10.0, 10.0], [-1.0, 0.0]], atol=1e-4
    )


def test_starts_differ_and_the_first_is_the_origin():
    first, second, third = starting_points(np.ones(4), 3)
    assert (first == 1).all()
    assert np.abs(second - third).min() > 1e-3
