"""The biased coin with imbalance tolerance."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ipsrct import allocation_sequences

from ._lists import HALF, check, check_trade_off, difference, two_arms

KIND = "imbalance_tolerance_biased_coin"


@pytest.mark.parametrize(("p", "tolerated"), [(Fraction(2, 3), 3), (Fraction(3, 5), 1), (Fraction(4, 5), 2)])
def test_follows_its_definition(p, tolerated):
    def chen(history, _n):
        d = difference(history)
        if abs(d) == tolerated:
            return two_arms(Fraction(d < 0))
        return two_arms(HALF if d == 0 else p if d < 0 else 1 - p)

    check({"kind": KIND, "p": float(p), "maximum_tolerated_imbalance": tolerated}, chen, [2, 5, 12])


def test_lies_between_efrons_coin_and_the_big_stick():
    """Chen (1999): the big stick at p = 1/2, Efron's coin when the tolerance is never reached."""
    for other, own in [
        (
            {"kind": "big_stick", "maximum_tolerated_imbalance": 3},
            {"p": 0.5, "maximum_tolerated_imbalance": 3},
        ),
        ({"kind": "biased_coin", "p": 0.7}, {"p": 0.7, "maximum_tolerated_imbalance": 10}),
    ]:
        a, b = allocation_sequences(other, 10), allocation_sequences({"kind": KIND} | own, 10)
        np.testing.assert_array_equal(a.arm, b.arm)
        np.testing.assert_allclose(a.probability, b.probability, rtol=1e-13)


def test_published_trade_off():
    """Zhao and others, Pharmaceutical Statistics 2012, table IV.

    Means of 5,000 trials of 100 participants, tolerance 4, p = 0.5.
    Tolerance: three of their standard errors, computed by simulation, and rounding.
    """
    check_trade_off(
        {"kind": KIND, "p": 0.5, "maximum_tolerated_imbalance": 4},
        100,
        exact_balance=(0.130, 0.003),
        final_sd=(2.473, 0.05),
        entropy=(0.612, 0.002),
        deterministic=(0.118, 0.003),
        correct_guess=(0.559, 0.002),
    )
