"""Intervals of a risk ratio against published limits, statsmodels and direct inversion."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsrct.proportions import RATIO_METHODS, binomial_probabilities, ratio_interval
from ipsrct.proportions.restricted import given_ratio

METHODS = sorted(RATIO_METHODS)


def _limits(interval):
    return [float(interval.low), float(interval.high)]


# Fagerland, Lydersen and Laake 2015, Statistical Methods in Medical Research 24:224-254: 7/34 and 1/34.
PUBLISHED = [
    ("katz_log", (0.91, 54)),
    ("adjusted_log", (0.92, 27)),
    ("inverse_sinh", (1.17, 42)),
    ("koopman", (1.22, 43)),
    ("miettinen_nurminen", (1.21, 43)),
]


@pytest.mark.parametrize(("method", "limits"), PUBLISHED)
def test_published_limits(method, limits):
    low, high = _limits(ratio_interval(7, 34, 1, 34, method=method))
    assert (round(low, 2), round(high)) == limits


@pytest.mark.parametrize(
    ("method", "theirs"),
    [("katz_log", "log"), ("adjusted_log", "log-adjusted"), ("miettinen_nurminen", "score")],
)
@pytest.mark.parametrize("data", [(56, 70, 48, 80), (3, 40, 9, 25), (7.35, 21, 6.3, 42)])
def test_statsmodels_limits(method, theirs, data):
    from statsmodels.stats.proportion import confint_proportions_2indep

    expected = confint_proportions_2indep(*data, method=theirs, compare="ratio", correction=True)
    # statsmodels searches its score limits to about 1e-5.
    assert _limits(ratio_interval(*data, method=method)) == pytest.approx(expected, rel=3e-5)


@pytest.mark.parametrize("data", [(56, 70, 48, 80), (3, 40, 9, 25), (11, 12, 20, 31)])
def test_koopmans_chi_square_is_at_the_quantile(data):
    # Koopman 1984, equation 2: a chi-square of both arms around their restricted estimates.
    x, n, y, m = data
    for limit in _limits(ratio_interval(*data, method="koopman")):
        p, q = (float(risk) for risk in given_ratio(x / n, y / m, n, m, limit))
        chi_square = (x - n * p) ** 2 / (n * p * (1 - p)) + (y - m * q) ** 2 / (m * q * (1 - q))
        assert chi_square == pytest.approx(1.959963984540054**2, rel=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_no_events(method):
    if method == "adjusted_log":  # half an event stands in for none
        assert _limits(ratio_interval(0, 10, 3, 20, method=method))[0] > 0
        return
    assert _limits(ratio_interval(0, 10, 0, 20, method=method)) == [0, math.inf]
    assert _limits(ratio_interval(0, 10, 3, 20, method=method))[0] == 0
    assert _limits(ratio_interval(3, 10, 0, 20, method=method))[1] == math.inf


@pytest.mark.parametrize("method", ["koopman", "miettinen_nurminen", "mover"])
def test_an_arm_without_events_still_bounds_the_ratio(method):
    assert _limits(ratio_interval(0, 40, 12, 60, method=method))[1] < 1
    assert _limits(ratio_interval(12, 40, 0, 60, method=method))[0] > 1


@pytest.mark.parametrize(
    ("method", "mean_low", "mean_high"),
    [
        ("koopman", 0.945, 0.957),
        ("miettinen_nurminen", 0.947, 0.96),
        ("inverse_sinh", 0.945, 0.97),
        ("katz_log", 0.95, 0.975),
        ("adjusted_log", 0.945, 0.97),
        ("mover", 0.94, 0.965),
    ],
)
def test_exact_coverage(method, mean_low, mean_high):
    n, m = 30, 45
    x, y = np.meshgrid(np.arange(n + 1), np.arange(m + 1), indexing="ij")
    interval = ratio_interval(x, n, y, m, method=method)
    coverages = [
        binomial_probabilities(n, p)
        @ ((interval.low <= p / q) & (p / q <= interval.high))
        @ binomial_probabilities(m, q)
        for p in np.linspace(0.15, 0.85, 8)
        for q in np.linspace(0.2, 0.8, 7)
    ]
    assert mean_low < np.mean(coverages) < mean_high


def test_one_sided_limits_are_those_of_a_wider_confidence():
    for method in METHODS:
        one = ratio_interval(30, 70, 41, 60, method=method, sides=1)
        two = ratio_interval(30, 70, 41, 60, method=method, confidence=0.90)
        assert _limits(one) == pytest.approx(_limits(two), rel=1e-12)


tables = st.tuples(st.integers(2, 60), st.integers(2, 90)).flatmap(
    lambda sizes: st.tuples(
        st.integers(1, sizes[0]), st.just(sizes[0]), st.integers(1, sizes[1]), st.just(sizes[1])
    )
)


@given(tables, st.sampled_from(METHODS))
def test_swapping_the_arms_inverts_the_interval(table, method):
    x, n, y, m = table
    interval = ratio_interval(x, n, y, m, method=method)
    low, high = _limits(interval)
    assert 0 <= low <= high
    if method != "adjusted_log":
        assert low <= float(interval.estimate) * (1 + 1e-12)
        assert high >= float(interval.estimate) * (1 - 1e-12)
    swapped = _limits(ratio_interval(y, m, x, n, method=method))
    assert swapped == pytest.approx([1 / high, 1 / low], rel=1e-6)
