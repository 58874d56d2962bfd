"""Power against published values, other programs and the exact distribution."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from ipsrct import proportions
from ipsrct.proportions import equivalence_power, likelihood_ratio_power, standard_errors, z_test_power
from ipsrct.proportions.fisher import binomial_probabilities

# Stata 16, asserted in statsmodels' test_power_2indep: 154 against 308 participants.
STATA_POWER_154_308 = 0.7995659211532175


def test_pooled_power_with_unequal_arms_is_statas():
    assert float(z_test_power(0.1, 0.2, 154, 308)) == pytest.approx(STATA_POWER_154_308, abs=1e-12)


def test_swapping_the_sizes_alone_changes_the_power():
    assert abs(float(z_test_power(0.1, 0.2, 308, 154)) - STATA_POWER_154_308) > 0.02


def test_rs_default_counts_one_tail():
    # R: power.prop.test(n = 50, p1 = .50, p2 = .75); the other tail is 1.3e-6.
    assert float(z_test_power(0.5, 0.75, 50, 50, both_tails=False)) == pytest.approx(0.7401659, abs=5e-8)
    assert float(z_test_power(0.5, 0.75, 50, 50)) == pytest.approx(0.7401672, abs=5e-8)


@pytest.mark.parametrize("alternative", ["larger", "smaller"])
def test_direction_is_that_of_treatment_minus_control(alternative):
    from statsmodels.stats.proportion import power_proportions_2indep

    ours = z_test_power(
        0.55, 0.45, 90, 180, sides=1, direction="greater" if alternative == "larger" else "less"
    )
    theirs = power_proportions_2indep(0.10, 0.45, 90, ratio=2, alternative=alternative, return_results=False)
    assert float(ours) == pytest.approx(float(theirs), abs=1e-12)


def _exact_rejection_rate(p_treatment, p_control, n_treatment, n_control, rejects):
    x, y = np.meshgrid(np.arange(n_treatment + 1), np.arange(n_control + 1), indexing="ij")
    probability = np.outer(binom.pmf(np.arange(n_treatment + 1), n_treatment, p_treatment),
                           binom.pmf(np.arange(n_control + 1), n_control, p_control))  # fmt: skip
    return float(probability[rejects(x / n_treatment, y / n_control)].sum())


@pytest.mark.parametrize("variance", ["pooled", "unpooled", "restricted"])
@pytest.mark.parametrize("null_difference", [0.0, -0.1])
def test_power_approximates_the_exact_rejection_rate(variance, null_difference):
    # The exact rate of the same test by enumeration; 3 points is the usual gap of the approximation at
    # these sizes, and the pooled error under the unpooled null (or swapped arms) is further away.
    n_treatment, n_control = 120, 60

    def rejects(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            null, _ = standard_errors(p, q, n_treatment, n_control, variance=variance,
                                      null_difference=null_difference)  # fmt: skip
            return (p - q - null_difference) / null > 1.959963984540054

    exact = _exact_rejection_rate(0.5, 0.35, n_treatment, n_control, rejects)
    approximate = z_test_power(0.5, 0.35, n_treatment, n_control, alpha=0.025, sides=1, variance=variance,
                               null_difference=null_difference)  # fmt: skip
    assert float(approximate) == pytest.approx(exact, abs=0.03)


def test_continuity_correction_approximates_yatess_test():
    n_treatment, n_control = 80, 40

    def rejects(p, q):
        with np.errstate(divide="ignore", invalid="ignore"):
            null, _ = standard_errors(p, q, n_treatment, n_control)
            return (np.abs(p - q) - (1 / n_treatment + 1 / n_control) / 2) / null > 1.959963984540054

    exact = _exact_rejection_rate(0.5, 0.25, n_treatment, n_control, rejects)
    corrected = z_test_power(0.5, 0.25, n_treatment, n_control, continuity_correction=True)
    uncorrected = z_test_power(0.5, 0.25, n_treatment, n_control)
    assert float(corrected) == pytest.approx(exact, abs=0.02)
    assert abs(float(uncorrected) - exact) > 0.03


def test_likelihood_ratio_power_is_the_noncentral_chi_square():
    from scipy.stats import chi2, ncx2

    table = np.array([[0.8 * 60, 0.2 * 60], [0.5 * 120, 0.5 * 120]])
    fitted = np.outer(table.sum(1), table.sum(0)) / table.sum()
    noncentrality = 2 * np.sum(table * np.log(table / fitted))
    expected = ncx2.sf(chi2.ppf(0.95, 1), 1, noncentrality)
    assert float(likelihood_ratio_power(0.8, 0.5, 60, 120)) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("effect", [0.0, 0.05])
def test_equivalence_power_against_the_distribution_of_the_estimate(effect):
    from scipy.stats import norm

    n_treatment, n_control, margin = 250, 500, 0.15
    error = np.sqrt((0.4 + effect) * (0.6 - effect) / n_treatment + 0.4 * 0.6 / n_control)
    room = margin - 1.6448536269514722 * error
    expected = norm.cdf(room, effect, error) - norm.cdf(-room, effect, error)
    ours = equivalence_power(0.4 + effect, 0.4, n_treatment, n_control, margin=margin)
    assert float(ours) == pytest.approx(expected, abs=1e-12)


def test_equivalence_cannot_be_shown_by_tiny_arms():
    assert float(equivalence_power(0.5, 0.5, 5, 10, margin=0.1)) == 0


def test_arrays_give_what_scalars_give():
    risks, sizes = np.array([0.3, 0.5, 0.7]), np.array([[50], [200]])
    together = z_test_power(risks, 0.4, sizes, 2 * sizes, variance="restricted", null_difference=0.02)
    one_by_one = [
        [z_test_power(p, 0.4, n, 2 * n, variance="restricted", null_difference=0.02) for p in risks]
        for n in (50, 200)
    ]
    np.testing.assert_allclose(together, one_by_one, rtol=1e-14)


def test_no_effect_gives_the_level():
    assert float(z_test_power(0.3, 0.3, 40, 90, alpha=0.05)) == pytest.approx(0.05, abs=1e-12)
    assert float(likelihood_ratio_power(0.3, 0.3, 40, 90, alpha=0.05)) == pytest.approx(0.05, abs=1e-9)


risk = st.floats(0.02, 0.98)


@given(risk, risk, st.integers(10, 500), st.integers(10, 500), st.sampled_from(["pooled", "unpooled"]))
def test_power_grows_with_both_arms_together_and_mirrors(p, q, n, m, variance):
    power = float(z_test_power(p, q, n, m, variance=variance, both_tails=False))
    if abs(p - q) > 0.01:
        assert float(z_test_power(p, q, 2 * n, 2 * m, variance=variance, both_tails=False)) >= power
    assert float(z_test_power(q, p, m, n, variance=variance, both_tails=False)) == pytest.approx(
        power, abs=1e-12
    )
    mirrored = z_test_power(1 - p, 1 - q, n, m, variance=variance, both_tails=False)
    assert float(mirrored) == pytest.approx(power, abs=1e-9)


@given(st.integers(1, 300), st.one_of(st.floats(0.001, 0.999), st.sampled_from([0.0, 1.0])))
def test_binomial_probabilities(n, p):
    ours = binomial_probabilities(n, p)
    np.testing.assert_allclose(ours, binom.pmf(np.arange(n + 1), n, p), atol=1e-11)


def test_everything_exported_exists():
    assert all(hasattr(proportions, name) for name in proportions.__all__)
