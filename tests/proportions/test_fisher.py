"""Fisher's exact test against scipy's p-values, table by table."""

import time

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact

from ipsrct.proportions import fisher_power, fisher_rejection_region


@pytest.mark.parametrize(("n_treatment", "n_control"), [(7, 12), (15, 9), (1, 6)])
@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_region_is_scipys_decision_in_every_table(n_treatment, n_control, alternative):
    region = fisher_rejection_region(n_treatment, n_control, alpha=0.1, alternative=alternative)
    for x in range(n_treatment + 1):
        for y in range(n_control + 1):
            table = [[x, n_treatment - x], [y, n_control - y]]
            assert region[x, y] == (fisher_exact(table, alternative=alternative).pvalue <= 0.1), (x, y)


def test_power_is_the_sum_over_the_tables():
    n_treatment, n_control, p, q = 14, 8, 0.7, 0.2
    brute = sum(
        binom.pmf(x, n_treatment, p) * binom.pmf(y, n_control, q)
        for x in range(n_treatment + 1)
        for y in range(n_control + 1)
        if fisher_exact([[x, n_treatment - x], [y, n_control - y]]).pvalue <= 0.05
    )
    assert float(fisher_power(p, q, n_treatment, n_control)) == pytest.approx(brute, abs=1e-12)


def test_swapping_the_arms_swaps_the_alternative():
    greater = fisher_power(0.6, 0.3, 30, 45, alternative="greater", alpha=0.025)
    less = fisher_power(0.3, 0.6, 45, 30, alternative="less", alpha=0.025)
    assert float(greater) == pytest.approx(float(less), abs=1e-13)
    assert float(greater) > 0.5


def test_level_is_kept_at_every_risk():
    risks = np.linspace(0, 1, 101)
    rates = fisher_power(risks, risks, 40, 25)
    assert rates.shape == risks.shape
    assert rates.max() <= 0.05
    assert rates.max() > 0.02  # conservative, but not idle


def test_several_hundred_per_arm_take_well_under_a_second():
    # About 50 ms here; a call of an exact test for each of the 180,000 tables would take minutes.
    start = time.perf_counter()
    power = fisher_power(0.5, 0.4, 450, 400)
    assert time.perf_counter() - start < 5
    assert 0.75 < float(power) < 0.85
