"""Efron's biased coin."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ipsrct.randomisation._sequential import size_distribution

from ._lists import HALF, check, check_trade_off, difference, scheme, two_arms


@pytest.mark.parametrize("p", [Fraction(1, 2), Fraction(2, 3), Fraction(7, 10), Fraction(1)])
def test_follows_its_definition(p):
    def efron(history, _n):
        d = difference(history)
        return two_arms(HALF if d == 0 else p if d < 0 else 1 - p)

    check({"kind": "biased_coin", "p": float(p)}, efron, [2, 5, 12])


@pytest.mark.parametrize("p", [0.55, 2 / 3, 0.8])
def test_imbalance_settles_on_efrons_stationary_distribution(p):
    """Efron (1971): with r = (1 - p) / p, P(0) tends to 1 - r and P(+-2k) to (1 - r**2) r**(2k-1) / 2.

    At p = 2/3 half of all trials with an even number of participants are exactly balanced.
    """
    r = (1 - p) / p
    *_, (counts, probability) = size_distribution(scheme({"kind": "biased_coin", "p": p}), (1, 1), 1600)
    got = dict(zip((counts[0] - counts[1]).tolist(), probability.tolist(), strict=True))
    assert got[0] == pytest.approx(1 - r, abs=1e-5)
    for k in (1, 2, 5):
        assert got[2 * k] == pytest.approx((1 - r**2) * r ** (2 * k - 1) / 2, abs=1e-5)
        assert got[-2 * k] == pytest.approx(got[2 * k], rel=1e-9)


def test_published_trade_off():
    """Zhao and others, Pharmaceutical Statistics 2012, table III.

    Means of 5,000 trials of 20 and 300 participants, p = 0.7.
    Tolerance: three of their standard errors, computed by simulation, and rounding.
    """
    table = {"kind": "biased_coin", "p": 0.7}
    check_trade_off(
        table,
        20,
        exact_balance=(0.298, 0.005),
        final_sd=(1.731, 0.06),
        entropy=(0.637, 0.001),
        deterministic=(0, 0),
        correct_guess=(0.633, 0.005),
    )
    check_trade_off(
        table, 300, exact_balance=(0.287, 0.002), final_sd=(1.783, 0.06), correct_guess=(0.642, 0.002)
    )


def test_published_trade_off_at_100():
    """Zhao and others, Pharmaceutical Statistics 2012, table IV.

    Means of 5,000 trials of 100 participants, p = 0.65.
    Tolerance: three of their standard errors, computed by simulation, and rounding.
    """
    check_trade_off(
        {"kind": "biased_coin", "p": 0.65},
        100,
        exact_balance=(0.236, 0.003),
        final_sd=(2.349, 0.08),
        entropy=(0.658, 0.001),
        correct_guess=(0.614, 0.003),
    )
