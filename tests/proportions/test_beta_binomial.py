"""Assurance with beta priors against closed cases, quadrature and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import beta, norm

from ipsrct.proportions import beta_binomial_assurance


def test_known_proportions_and_weak_priors_give_the_power_of_the_z_test():
    """25 against 20 per cent: the normal approximation's power, to its own error."""
    for n in (600, 800, 2000):
        z = 0.05 / np.sqrt((0.25 * 0.75 + 0.2 * 0.8) / n)
        assert beta_binomial_assurance(n, n, 0.25, 0.2) == pytest.approx(
            norm.cdf(z - norm.ppf(0.975)), abs=0.005
        )


def test_certain_prior_is_a_known_proportion():
    known = beta_binomial_assurance(60, 30, 0.4, 0.2)
    certain = beta_binomial_assurance(60, 30, (4e8, 6e8), (2e8, 8e8))
    assert certain == pytest.approx(known, abs=1e-6)


def test_design_prior_is_averaged_over():
    """Against quadrature over the first proportion, the second known; unequal arms."""
    averaged = beta_binomial_assurance(40, 20, (3.0, 5.0), 0.2)
    by_quadrature, _ = quad(lambda p: beta.pdf(p, 3, 5) * beta_binomial_assurance(40, 20, p, 0.2), 0, 1)
    assert averaged == pytest.approx(by_quadrature, abs=1e-8)


def test_against_simulation():
    """40,000 trials, 4 standard errors: a false alarm in 1 of 16,000."""
    rng, trials = np.random.default_rng(1), 40_000
    x_1, x_2 = rng.binomial(90, rng.beta(2, 3, trials)), rng.binomial(45, rng.beta(1, 3, trials))
    first, second = (np.array([1.0 + x_1, 91.0 - x_1]), np.array([2.0 + x_2, 48.0 - x_2]))
    mean = first[0] / first.sum(0) - second[0] / second.sum(0)
    variance = sum(s[0] * s[1] / (s.sum(0) ** 2 * (s.sum(0) + 1)) for s in (first, second))
    success = mean / np.sqrt(variance) > norm.ppf(0.975)
    exact = beta_binomial_assurance(
        90, 45, (2.0, 3.0), (1.0, 3.0), analysis_1=(1.0, 1.0), analysis_2=(2.0, 3.0), alpha=0.025,
        alternative="greater",
    )  # fmt: skip
    assert exact == pytest.approx(success.mean(), abs=4 * success.std() / np.sqrt(trials))


def test_sides_add_up():
    greater, less = (
        beta_binomial_assurance(50, 25, (2.0, 2.0), 0.3, alpha=0.025, alternative=side)
        for side in ("greater", "less")
    )
    assert beta_binomial_assurance(50, 25, (2.0, 2.0), 0.3, alpha=0.05) == pytest.approx(
        greater + less, abs=1e-12
    )
