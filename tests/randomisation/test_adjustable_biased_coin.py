"""The adjustable biased coin."""

from __future__ import annotations

from fractions import Fraction
from math import prod

import numpy as np
import pytest

from ipsrct import allocation_sequences

from ._lists import HALF, check, difference, two_arms

KIND = "adjustable_biased_coin"


@pytest.mark.parametrize("a", [0, 1, 2, 3])
def test_follows_its_definition(a):
    """The smaller arm has probability d**a / (d**a + 1); fair at a difference of 0."""

    def baldi_antognini_giovagnoli(history, _n):
        d = difference(history)
        if d == 0:
            return two_arms(HALF)
        smaller = Fraction(abs(d) ** a, abs(d) ** a + 1)
        return two_arms(smaller if d < 0 else 1 - smaller)

    check({"kind": KIND, "a": a}, baldi_antognini_giovagnoli, [2, 5, 12])


def test_ends_of_its_range():
    """Independent assignment at a = 0; a big stick with tolerance 2 when a is large."""
    for a, other in [(0, {"kind": "simple"}), (100, {"kind": "big_stick", "maximum_tolerated_imbalance": 2})]:
        found, expected = allocation_sequences({"kind": KIND, "a": a}, 10), allocation_sequences(other, 10)
        by_list = dict(zip(map(tuple, expected.arm.tolist()), expected.probability, strict=True))
        for one, probability in zip(map(tuple, found.arm.tolist()), found.probability, strict=True):
            assert probability == pytest.approx(by_list.get(one, 0.0), abs=1e-12)


@pytest.mark.parametrize("a", [1.0, 2.5])
def test_worst_case_in_closed_form(a):
    """All n in one arm, for either arm: the product of 1 / (1 + j**a) over j = 1, ..., n - 1."""
    n = 8
    worst = allocation_sequences({"kind": KIND, "a": a}, n).final_imbalance()
    expected = prod(1 / (1 + j**a) for j in range(1, n))
    assert worst[n] + worst[-n] == pytest.approx(expected, rel=1e-12)
    assert np.isclose(worst[n], worst[-n])
