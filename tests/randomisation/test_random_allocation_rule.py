"""The random allocation rule."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from ipsrct import allocation_sequences

from ._lists import check, check_trade_off

TABLE = {"kind": "random_allocation_rule"}


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (3, 2)])
def test_follows_its_definition(weights):
    """Balls without replacement; 5, 7 and 11 participants leave balls in the urn."""

    def urn(history, n):
        sets = -(-n // sum(weights))
        return [
            Fraction(sets * w - history.count(k), sets * sum(weights) - len(history))
            for k, w in enumerate(weights)
        ]

    check(TABLE, urn, [2, 5, 10, 11, 12], weights)
    check(TABLE, urn, [7], weights, drawn=7)


def test_several_arms():
    found = allocation_sequences(TABLE, 8, (2, 1, 1))
    assert len(found.arm) == comb(8, 4) * comb(4, 2)
    assert found.probability == pytest.approx(1 / len(found.arm))


@pytest.mark.parametrize("m", [1, 3, 6, 8])
def test_expected_correct_guesses(m):
    """Blackwell and Hodges (1957), sampling design: m + 2**(2m-1) / C(2m, m) - 1/2, the best possible."""
    found = allocation_sequences(TABLE, 2 * m)
    expected = m + 2 ** (2 * m - 1) / comb(2 * m, m) - 0.5
    assert found.expected_correct_guesses() == pytest.approx(expected, rel=1e-11)
    assert found.expected_correct_guesses("optimal") == pytest.approx(expected, rel=1e-11)


def test_published_trade_off():
    """Zhao and others, Pharmaceutical Statistics 2012, table III and IV.

    Means of 5,000 trials of 20 and 100 participants.
    Tolerance: three of their standard errors, computed by simulation, and rounding.
    """
    check_trade_off(
        TABLE,
        20,
        exact_balance=(0.232, 0.004),
        final_sd=(0, 1e-6),
        entropy=(0.607, 0.002),
        deterministic=(0.090, 0.003),
        correct_guess=(0.616, 0.004),
    )
    check_trade_off(
        TABLE,
        100,
        exact_balance=(0.116, 0.003),
        final_sd=(0, 1e-6),
        entropy=(0.668, 0.001),
        deterministic=(0.020, 0.001),
        correct_guess=(0.558, 0.002),
    )
