"""The big stick design."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ipsrct import allocation_sequences

from ._lists import HALF, check, check_trade_off, difference, two_arms


@pytest.mark.parametrize("tolerated", [1, 2, 3])
def test_follows_its_definition(tolerated):
    def soares_wu(history, _n):
        d = difference(history)
        return two_arms({tolerated: Fraction(0), -tolerated: Fraction(1)}.get(d, HALF))

    check({"kind": "big_stick", "maximum_tolerated_imbalance": tolerated}, soares_wu, [2, 5, 12])


def test_tolerance_of_one_as_randomizer_states_it():
    """randomizeR 3.0.2, test_Assessment.R, bsdPar(10, 1): every list has these values."""
    found = allocation_sequences({"kind": "big_stick", "maximum_tolerated_imbalance": 1}, 10)
    assert len(found.arm) == 2**5
    assert found.expected_correct_guesses() == pytest.approx(7.5)
    assert found.final_imbalance() == {0: pytest.approx(1)}
    assert found.expected_maximum_imbalance() == pytest.approx(1)


def test_published_trade_off():
    """Zhao and others, Pharmaceutical Statistics 2012, table IV.

    Means of 5,000 trials of 100 participants, tolerance 4.
    Tolerance: three of their standard errors, computed by simulation, and rounding.
    """
    check_trade_off(
        {"kind": "big_stick", "maximum_tolerated_imbalance": 4},
        100,
        exact_balance=(0.129, 0.003),
        final_sd=(2.454, 0.05),
        entropy=(0.611, 0.002),
        deterministic=(0.118, 0.003),
        correct_guess=(0.558, 0.002),
    )
