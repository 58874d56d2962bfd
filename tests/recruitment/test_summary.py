from __future__ import annotations

import math

import numpy as np
import pytest

from ipsrct.recruitment.summary import mean, milestone, quantile


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_error_of_a_quantile_is_that_of_the_density(q):
    """Uniform numbers have density 1: the error is that of the binomial proportion."""
    found = quantile("q", np.random.default_rng(1).random(40_000), q)
    assert found.value == pytest.approx(q, abs=0.01)
    assert found.mc_standard_error == pytest.approx(math.sqrt(q * (1 - q) / 40_000), rel=0.2)


def test_mean_and_its_error():
    found = mean("x", np.array([1.0, 2.0, 4.0, 5.0]))
    assert (found.value, found.mc_standard_error) == (3.0, pytest.approx(math.sqrt(10 / 3) / 2))
    assert math.isnan(mean("x", np.array([1.0])).mc_standard_error)
    assert math.isnan(mean("x", np.array([])).value)


def test_a_milestone_leaves_out_and_counts_what_is_never_reached():
    found = milestone("n_reached", np.array([1.0, 2.0, 3.0, np.inf]))
    assert found.not_reached == 0.25
    assert found.mean.value == 2.0
    assert math.isnan(milestone("n_reached", np.array([np.inf, np.inf])).median.value)
