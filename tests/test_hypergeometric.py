"""Spreading arms over cells against the enumeration of every way."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import numpy as np
from numpy.testing import assert_array_equal
from scipy.stats import chisquare

from ipsrct._hypergeometric import spread


def test_keeps_both_margins():
    rng = np.random.default_rng(1)
    cells = rng.integers(0, 12, size=(5, 300))
    total = cells.sum(axis=0)
    first = rng.integers(0, total + 1)
    second = rng.integers(0, total - first + 1)
    arms = np.stack([first, second, total - first - second])
    table = spread(arms, cells, rng)
    assert (table >= 0).all()
    assert_array_equal(table.sum(axis=0), arms)
    assert_array_equal(table.sum(axis=1), cells)


def test_follows_the_enumerated_distribution():
    """Three arms over three cells of six participants; chi-squared, false-alarm rate 1e-4."""
    cell, arms = [0, 0, 0, 1, 1, 2], [0, 0, 1, 1, 2, 2]
    ways: Counter = Counter()
    for order in permutations(arms):
        table = np.zeros((3, 3), dtype=int)
        for c, k in zip(cell, order, strict=True):
            table[c, k] += 1
        ways[tuple(table.ravel().tolist())] += 1
    draws = 30_000
    sizes = np.repeat([[3], [2], [1]], draws, axis=1)
    drawn = spread(np.full((3, draws), 2), sizes, np.random.default_rng(2))
    seen = Counter(map(tuple, drawn.reshape(9, draws).T.tolist()))
    assert seen.keys() <= ways.keys()
    expected = np.array([count * draws / 720 for count in ways.values()])
    assert chisquare([seen[t] for t in ways], expected).pvalue > 1e-4
