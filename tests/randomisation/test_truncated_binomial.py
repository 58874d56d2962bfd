"""The truncated binomial design."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import pytest

from ipsrct import allocation_sequences

from ._lists import HALF, check, two_arms

TABLE = {"kind": "truncated_binomial"}


def test_follows_its_definition():
    def blackwell_hodges(history, n):
        full = -(-n // 2)
        if history.count(0) == full:
            return two_arms(Fraction(0))
        return two_arms(Fraction(1) if history.count(1) == full else HALF)

    check(TABLE, blackwell_hodges, [2, 5, 11, 12])
    check(TABLE, blackwell_hodges, [7], drawn=7)


@pytest.mark.parametrize("m", [1, 3, 6, 8])
def test_expected_correct_guesses(m):
    """Blackwell and Hodges (1957): m + m C(2m, m) / 2**(2m), the best possible strategy's too."""
    found = allocation_sequences(TABLE, 2 * m)
    expected = m + m * comb(2 * m, m) / 4**m
    assert found.expected_correct_guesses() == pytest.approx(expected, rel=1e-11)
    assert found.expected_correct_guesses("optimal") == pytest.approx(expected, rel=1e-11)
