"""The big stick design."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ipsrct import allocation_sequences
from ipsrct.randomisation._sequential import size_distribution

from ._lists import HALF, check, difference, scheme, two_arms


@pytest.mark.parametrize("tolerated", [1, 2, 3])
def test_follows_its_definition(tolerated):
    def soares_wu(history, n):
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


def test_published_trade_off_at_100():
    """Zhao and others, Pharmaceutical Statistics 2012, table IV: tolerance 4, n = 100, 5,000 trials.

    Exact balance 0.129, standard deviation of the final imbalance 2.454, certain assignments 0.118.
    """
    big_stick = scheme({"kind": "big_stick", "maximum_tolerated_imbalance": 4})
    balanced = certain = 0.0
    for n, (counts, probability) in enumerate(size_distribution(big_stick, (1, 1), 100)):
        d = counts[0] - counts[1]
        balanced += float(probability[d == 0].sum()) * (n > 0)
        certain += float(probability[np.abs(d) == 4].sum()) * (n < 100)
    assert balanced / 100 == pytest.approx(0.129, abs=0.003)
    assert certain / 100 == pytest.approx(0.118, abs=0.003)
    assert np.sqrt(probability @ d**2) == pytest.approx(2.454, abs=0.05)
