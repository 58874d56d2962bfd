"""What follows from one allocation probability: lists, sizes of the arms, strata."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from ipsrct import allocation_sequences
from ipsrct.randomisation import _sequential
from ipsrct.randomisation._scheme import reduced
from ipsrct.randomisation._sequential import _count_table, draw_lists, size_distribution
from ipsrct.trial import CellTable, Cohort

from ._lists import DRAWS, check_frequencies, scheme

SCHEMES = [
    ({"kind": "adjustable_biased_coin", "a": 1.5}, (1, 1)),
    ({"kind": "biased_coin", "p": 0.7}, (1, 1)),
    ({"kind": "big_stick", "maximum_tolerated_imbalance": 3}, (1, 1)),
    ({"kind": "block_urn", "block_size": 6}, (2, 1)),
    ({"kind": "block_urn", "block_size": 10}, (2, 3)),
    ({"kind": "imbalance_tolerance_biased_coin", "maximum_tolerated_imbalance": 2}, (1, 1)),
    ({"kind": "maximal_procedure", "maximum_tolerated_imbalance": 3}, (1, 1)),
    ({"kind": "random_allocation_rule"}, (3, 1)),
    ({"kind": "truncated_binomial"}, (1, 1)),
    ({"kind": "urn", "alpha": 1, "beta": 2}, (1, 1)),
]
COUNTED = [
    (table, weights) for table, weights in SCHEMES if table["kind"] in ("biased_coin", "block_urn", "urn")
]
each_scheme = pytest.mark.parametrize(("table", "weights"), SCHEMES, ids=str)
each_counted = pytest.mark.parametrize(("table", "weights"), COUNTED, ids=str)


@each_scheme
def test_lists_from_the_table_and_step_by_step_are_the_same(table, weights, monkeypatch):
    lengths = np.full(40, 61)
    one = draw_lists(scheme(table, weights), lengths, weights, np.random.default_rng(1))
    monkeypatch.setattr(_sequential, "_LONGEST_TABLE", 0)
    other = draw_lists(scheme(table, weights), lengths, weights, np.random.default_rng(1))
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1], other[1])
    np.testing.assert_array_equal(one[1][1], one[0].sum(axis=0))


@each_scheme
def test_each_stratum_has_a_list_of_its_own(table, weights):
    """Seven participants of two strata in turn: every joint list, false-alarm rate 1e-4, seed fixed."""
    strata = (0, 1, 1, 0, 0, 1, 0)
    table = table | {"factors": ["sex"]}
    cells = CellTable(("sex",), (("men", "women"),), np.full(2, 0.5))
    cell = np.tile(strata, (DRAWS, 1))
    cohort = Cohort(cells, cell, np.zeros_like(cell), 1)
    arm = scheme(table, weights).assign(cohort, weights, np.random.default_rng(3)).arm
    exact = allocation_sequences(table, 7, weights, strata=strata)
    expected = dict(zip(map(tuple, exact.arm.tolist()), exact.probability, strict=True))
    check_frequencies(map(tuple, arm.tolist()), expected, DRAWS)


@each_scheme
def test_sizes_of_the_arms_by_recursion_and_by_enumeration(table, weights):
    """After each of 9 participants, to 1e-12; and the recursion loses nothing in 1,320."""
    exact = allocation_sequences(table, 9, weights)
    first = np.pad(np.cumsum(exact.arm == 0, axis=1), ((0, 0), (1, 0)))
    for so_far, (counts, probability) in enumerate(size_distribution(scheme(table, weights), weights, 9)):
        assert (counts.sum(axis=0) == so_far).all()
        got = dict(zip(counts[0].tolist(), probability, strict=True))
        expected: Counter = Counter()
        for size, p in zip(first[:, so_far].tolist(), exact.probability, strict=True):
            expected[size] += p
        assert got == pytest.approx(dict(expected), abs=1e-12)
    *_, (counts, probability) = size_distribution(scheme(table, weights), weights, 1320)
    assert probability.sum() == pytest.approx(1, abs=1e-10)
    assert (np.diff(counts[0]) > 0).all()


@each_counted
@pytest.mark.parametrize("n", [0, 1, 7, 1320])
def test_table_of_sizes_inverts_the_exact_distribution(table, weights, n):
    """100,000 evenly spaced uniforms give every size its probability to 1 in 100,000."""
    low, points = n // 64 * 64, 100_000
    drawn = _count_table(scheme(table, weights), weights, low, low + 64).draw(
        np.full(points, n - low, dtype=np.int32), (np.arange(points) + 0.5) / points
    )
    *_, (counts, probability) = size_distribution(scheme(table, weights), weights, n)
    share = np.bincount(drawn, minlength=n + 1) / points
    np.testing.assert_allclose(share[counts[0]], probability, atol=2 / points)
    assert share[counts[0]].sum() == pytest.approx(1)


@each_counted
def test_sizes_without_a_table_have_the_same_distribution(table, weights, monkeypatch):
    """When the table would be too large: lists are drawn. False-alarm rate 1e-4 each, seed fixed."""
    monkeypatch.setattr(_sequential, "_ENTRIES", 0)
    sizes = np.repeat([[4], [7]], DRAWS, axis=1)
    counts = scheme(table, weights).assign_counts(sizes, weights, np.random.default_rng(5))
    for stratum, n in enumerate((4, 7)):
        *_, (states, probability) = size_distribution(scheme(table, weights), weights, n)
        expected = dict(zip(map(tuple, states.T.tolist()), probability, strict=True))
        check_frequencies(map(tuple, counts[stratum].T.tolist()), expected, DRAWS)


def test_planned_lists_of_strata_of_any_size_are_as_balanced_as_can_be():
    """With two equal arms: exactly balanced, or one participant from it where the size is odd."""
    sizes = np.random.default_rng(1).integers(0, 40, size=(5, 2_000))
    for kind, options in [
        ("maximal_procedure", {"maximum_tolerated_imbalance": 2}),
        ("random_allocation_rule", {}),
        ("truncated_binomial", {}),
    ]:
        counts = scheme({"kind": kind} | options).assign_counts(sizes, (1, 1), np.random.default_rng(2))
        np.testing.assert_array_equal(np.abs(counts[:, 0] - counts[:, 1]), sizes % 2)
        odd = counts[:, 0][sizes % 2 == 1] - sizes[sizes % 2 == 1] // 2
        assert abs(odd.mean() - 0.5) < 5 * 0.5 / np.sqrt(odd.size)


def test_allocation_in_the_smallest_whole_numbers():
    assert reduced((4, 2)) == (2, 1)
    assert reduced((3, 3, 3)) == (1, 1, 1)
    assert reduced((2, 3)) == (2, 3)
