"""Permuted blocks against the enumeration of every list."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from ipsrct.randomisation._blocks import block_lists, count_table

DESIGNS = [
    ((2,), (1, 1)),
    ((4,), (1, 1)),
    ((2, 4), (1, 1)),
    ((3,), (2, 1)),
    ((3, 6), (2, 1)),
    ((4,), (1, 2, 1)),
]


def _blocks(size, weights):
    """Every distinct block of a size."""
    unit = [k for k, w in enumerate(weights) for _ in range(w * size // sum(weights))]
    return sorted(set(permutations(unit)))


def _lists(n, block_sizes, weights):
    """Return the exact probability of every list of n places, by recursion over whole blocks."""
    if n <= 0:
        return {(): Fraction(1)}
    found: Counter = Counter()
    for size in block_sizes:
        blocks = _blocks(size, weights)
        for block in blocks:
            here = Fraction(1, len(block_sizes) * len(blocks))
            for rest, probability in _lists(n - size, block_sizes, weights).items():
                found[(block + rest)[:n]] += here * probability
    return found


@pytest.mark.parametrize(("block_sizes", "weights"), DESIGNS)
def test_count_table_equals_enumeration(block_sizes, weights):
    table = count_table(block_sizes, weights)
    for n in range(9):
        expected: Counter = Counter()
        for sequence, probability in _lists(n, block_sizes, weights).items():
            expected[tuple(sequence.count(k) for k in range(len(weights)))] += probability
        got: Counter = Counter()
        for j, probability in enumerate(table.probability[table.row(np.array([n]))[0]]):
            if probability:
                counts = table.arm_counts(np.array([n]), np.array([j]))[:, 0]
                got[tuple(counts.tolist())] += probability
        assert got.keys() == expected.keys()
        for counts, probability in expected.items():
            assert got[counts] == pytest.approx(float(probability), abs=1e-14)


@pytest.mark.parametrize(("block_sizes", "weights"), DESIGNS)
def test_lists_follow_the_enumerated_distribution(block_sizes, weights):
    """Chi-squared over every list of 6 places; false-alarm rate 1e-4 each, seeds fixed.

    Would detect a block that is not shuffled evenly, or block sizes that are not equally likely.
    """
    n, draws = 6, 40_000
    exact = _lists(n, block_sizes, weights)
    drawn, _ = block_lists(np.full(draws, n), block_sizes, weights, np.random.default_rng(11))
    seen = Counter(map(tuple, drawn[:, :n].tolist()))
    assert seen.keys() <= exact.keys()
    expected = np.array([float(p) * draws for p in exact.values()])
    assert chisquare([seen[s] for s in exact], expected).pvalue > 1e-4


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=3),
    st.sampled_from([(1, 1), (2, 1), (1, 3), (1, 1, 1)]),
    st.integers(1, 40),
)
def test_every_block_holds_the_exact_allocation(multiples, weights, length):
    sizes = tuple(m * sum(weights) for m in multiples)
    arm, block_end = block_lists(np.full(5, length), sizes, weights, np.random.default_rng(0))
    for row, ends in zip(arm, block_end, strict=True):
        start = 0
        while start < length:
            end = ends[start]
            assert end - start in sizes
            if end <= length:
                size = end - start
                counts = [int((row[start:end] == k).sum()) for k in range(len(weights))]
                assert counts == [w * size // sum(weights) for w in weights]
            start = end


@pytest.mark.parametrize(("block_sizes", "weights"), DESIGNS)
def test_marginal_probability_is_the_allocation(block_sizes, weights):
    """Every place has the allocation's odds, which is what Assignment.probability states."""
    for place, k in product(range(5), range(len(weights))):
        lists = _lists(5, block_sizes, weights)
        probability = sum(p for sequence, p in lists.items() if sequence[place] == k)
        assert probability == Fraction(weights[k], sum(weights))


@pytest.mark.parametrize("block_sizes", [(4,), (4, 6), (2, 12), (14, 16)])
def test_long_lists_repeat_with_the_period(block_sizes):
    """Row by row against the renewal recursion carried on to 3,000 places."""
    table = count_table(block_sizes, (1, 1))
    ends = np.zeros(3001)
    ends[0] = 1
    for m in range(1, 3001):
        ends[m] = sum(ends[m - size] for size in block_sizes if size <= m) / len(block_sizes)
    no_leftover = table.probability[table.row(np.arange(3001)), 0]
    np.testing.assert_allclose(no_leftover, ends, rtol=0, atol=1e-12)
    np.testing.assert_allclose(table.probability.sum(axis=1), 1, rtol=0, atol=1e-12)
