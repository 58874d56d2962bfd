"""The maximal procedure."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import accumulate, product
from math import comb

import numpy as np
import pytest

from ipsrct import allocation_sequences

from ._lists import check, scheme

KIND = "maximal_procedure"


@cache
def _admissible(n, tolerated):
    """Every list that ends balanced (one place short of it, if n is odd) and stays inside the tolerance."""
    even = n + n % 2
    steps = (walk for walk in product((1, -1), repeat=even) if sum(walk) == 0)
    inside = [walk for walk in steps if max(map(abs, accumulate(walk))) <= tolerated]
    return [tuple(int(step < 0) for step in walk[:n]) for walk in inside]


@pytest.mark.parametrize("tolerated", [1, 2, 3, 20])
def test_follows_its_definition(tolerated):
    def berger_ivanova_knoll(history, n):
        possible = [one for one in _admissible(n, tolerated) if one[: len(history)] == history]
        first = Fraction(sum(one[len(history)] == 0 for one in possible), len(possible))
        return [first, 1 - first]

    check({"kind": KIND, "maximum_tolerated_imbalance": tolerated}, berger_ivanova_knoll, [2, 5, 10])


@pytest.mark.parametrize("m", [2, 5, 8])
def test_number_of_lists(m):
    """2**m lists at a tolerance of 1, 2 * 3**(m-1) at 2, all C(2m, m) at m; all are equally probable."""
    for tolerated, number in [(1, 2**m), (2, 2 * 3 ** (m - 1)), (m, comb(2 * m, m))]:
        found = allocation_sequences({"kind": KIND, "maximum_tolerated_imbalance": tolerated}, 2 * m)
        assert len(found.arm) == number
        np.testing.assert_allclose(found.probability, 1 / number, rtol=1e-12)


def test_tolerance_of_one_as_randomizer_states_it():
    """randomizeR 3.0.2, test_Assessment.R, mpPar(10, 1): 75 per cent correct guesses, largest imbalance 1."""
    found = allocation_sequences({"kind": KIND, "maximum_tolerated_imbalance": 1}, 10)
    assert found.expected_correct_guesses() == pytest.approx(7.5)
    assert found.expected_maximum_imbalance() == pytest.approx(1)
    assert found.final_imbalance() == {0: pytest.approx(1)}


@pytest.mark.parametrize(("tolerated", "size"), [(3, 1320), (40, 1320), (660, 1320)])
def test_long_lists_against_whole_numbers(tolerated, size):
    """The probability on and beside a walk to the tolerance, from counts of lists in whole numbers."""
    ways = {0: 1}
    levels = [ways]
    for _ in range(size - 1):
        ways = {
            d: total
            for d in range(-tolerated, tolerated + 1)
            if (total := ways.get(d - 1, 0) + ways.get(d + 1, 0))
        }
        levels.append(ways)
    maximal = scheme({"kind": KIND, "maximum_tolerated_imbalance": tolerated})
    for so_far, d in [(0, 0), (3, 3), (100, 2), (601, -1), (size - 3, 1), (size - 2, -2), (size - 1, 1)]:
        after = levels[size - so_far - 1]
        up, down = after.get(d + 1, 0), after.get(d - 1, 0)
        counts = np.array([(so_far + d) // 2, (so_far - d) // 2])
        got = maximal.allocation_probability(counts, size, (1, 1))[0]
        assert got == pytest.approx(float(Fraction(up, up + down)), abs=1e-12)
