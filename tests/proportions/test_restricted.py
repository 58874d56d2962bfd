"""Restricted estimates against direct maximisation of the likelihood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlog1py, xlogy

from ipsrct.proportions.restricted import given_difference, given_odds_ratio, given_ratio


def _best_control_risk(x, n, y, m, treatment_of, low, high):
    def loss(q):
        p = treatment_of(q)
        return -(xlogy(x, p) + xlog1py(n - x, -p) + xlogy(y, q) + xlog1py(m - y, -q))

    return minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-12}), loss


def _check(fitted, found, loss):
    treatment, control = fitted
    # Compared as likelihoods too: next to a flat maximum the maximiser itself finds only 8 digits.
    assert loss(float(control)) <= found.fun + 1e-9
    assert float(control) == pytest.approx(found.x, abs=2e-5)
    assert 0 <= float(treatment) <= 1 + 1e-12


counts = st.tuples(st.integers(1, 39), st.integers(40, 90), st.integers(1, 29), st.integers(30, 50))


@given(counts, st.floats(-0.9, 0.9))
def test_given_difference(data, difference):
    x, n, y, m = data
    fitted = given_difference(x / n, y / m, n, m, difference)
    low, high = max(0, -difference), min(1, 1 - difference)
    _check(fitted, *_best_control_risk(x, n, y, m, lambda q: min(max(q + difference, 0), 1), low, high))
    assert float(fitted[0] - fitted[1]) == pytest.approx(difference, abs=1e-12)


@given(counts, st.floats(0.1, 10))
def test_given_ratio(data, ratio):
    x, n, y, m = data
    fitted = given_ratio(x / n, y / m, n, m, ratio)
    _check(fitted, *_best_control_risk(x, n, y, m, lambda q: min(ratio * q, 1), 0, min(1, 1 / ratio)))
    assert float(fitted[0] / fitted[1]) == pytest.approx(ratio, rel=1e-12)


@given(counts, st.floats(0.1, 10))
def test_given_odds_ratio(data, odds_ratio):
    x, n, y, m = data
    fitted = given_odds_ratio(x / n, y / m, n, m, odds_ratio)
    treatment_of = lambda q: odds_ratio * q / (1 + q * (odds_ratio - 1))  # noqa: E731
    _check(fitted, *_best_control_risk(x, n, y, m, treatment_of, 0, 1))
    odds = [p / (1 - p) for p in map(float, fitted)]
    assert odds[0] / odds[1] == pytest.approx(odds_ratio, rel=1e-9)


def test_null_of_no_effect_pools_the_arms():
    pooled = (6 + 20) / (30 + 50)
    for fitted in (given_difference(0.2, 0.4, 30, 50, 0), given_ratio(0.2, 0.4, 30, 50, 1),
                   given_odds_ratio(0.2, 0.4, 30, 50, 1)):  # fmt: skip
        assert [float(p) for p in fitted] == pytest.approx([pooled, pooled], abs=1e-14)
