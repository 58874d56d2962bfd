"""The biased coin with imbalance tolerance."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ipsrct import allocation_sequences
from ipsrct.randomisation._sequential import size_distribution

from ._lists import HALF, check, difference, scheme, two_arms

KIND = "imbalance_tolerance_biased_coin"


@pytest.mark.parametrize(("p", "tolerated"), [(Fraction(2, 3), 3), (Fraction(3, 5), 1), (Fraction(4, 5), 2)])
def test_follows_its_definition(p, tolerated):
    def chen(history, n):
        d = difference(history)
        if abs(d) == tolerated:
            return two_arms(Fraction(d < 0))
        return two_arms(HALF if d == 0 else p if d < 0 else 1 - p)

    check({"kind": KIND, "p": float(p), "maximum_tolerated_imbalance": tolerated}, chen, [2, 5, 12])


def test_lies_between_efrons_coin_and_the_big_stick():
    """Chen (1999): the big stick at p = 1/2, Efron's coin when the tolerance is never reached."""
    for other, own in [
        ({"kind": "big_stick", "maximum_tolerated_imbalance": 3}, {"p": 0.5, "maximum_tolerated_imbalance": 3}),
        ({"kind": "biased_coin", "p": 0.7}, {"p": 0.7, "maximum_tolerated_imbalance": 10}),
    ]:
        a, b = allocation_sequences(other, 10), allocation_sequences({"kind": KIND} | own, 10)
        np.testing.assert_array_equal(a.arm, b.arm)
        np.testing.assert_allclose(a.probability, b.probability, rtol=1e-13)


def test_published_spread_at_100():
    """Zhao and others, Pharmaceutical Statistics 2012, table IV: tolerance 4, p = 0.5, n = 100: 2.473.

    5,000 trials, so its standard error is 0.02.
    """
    table = {"kind": KIND, "p": 0.5, "maximum_tolerated_imbalance": 4}
    *_, (counts, probability) = size_distribution(scheme(table), (1, 1), 100)
    assert np.sqrt(probability @ (counts[0] - counts[1]) ** 2) == pytest.approx(2.473, abs=0.06)
