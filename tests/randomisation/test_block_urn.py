"""The block urn design."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ipsrct import ScenarioError, allocation_sequences

from ._lists import check, draw_arms, scheme

DESIGNS = [(4, (1, 1)), (6, (1, 1)), (3, (2, 1)), (6, (2, 1)), (4, (1, 3)), (5, (3, 2))]


def _zhao_weng(block_size, weights):
    """Two urns, ball by ball: a complete set in the inactive urn goes back to the active one."""

    def next_one(history, _n):
        active = [w * block_size // sum(weights) for w in weights]
        inactive = [0] * len(weights)
        for drawn in history:
            active[drawn] -= 1
            inactive[drawn] += 1
            if all(count >= w for count, w in zip(inactive, weights, strict=True)):
                active = [count + w for count, w in zip(active, weights, strict=True)]
                inactive = [count - w for count, w in zip(inactive, weights, strict=True)]
        return [Fraction(count, sum(active)) for count in active]

    return next_one


@pytest.mark.parametrize(("block_size", "weights"), DESIGNS)
def test_follows_its_definition(block_size, weights):
    check(
        {"kind": "block_urn", "block_size": block_size}, _zhao_weng(block_size, weights), [2, 7, 12], weights
    )


def test_several_arms():
    table, weights = {"kind": "block_urn", "block_size": 8}, (2, 1, 1)
    check(table, _zhao_weng(8, weights), [2, 7], weights, drawn=5)


def test_published_example():
    """Zhao and Weng, Contemporary Clinical Trials 2011, table 1: block size 6, and its 14 assignments."""
    assigned = [0, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 0, 0]
    published = [0.5, 0.4, 0.5, 0.4, 0.25, 0.4, 0.5, 0.6, 0.75, 0.6, 0.75, 0.6, 0.75, 0.6]
    urn = scheme({"kind": "block_urn", "block_size": 6})
    counts = np.zeros(2, dtype=int)
    for arm, probability in zip(assigned, published, strict=True):
        assert urn.allocation_probability(counts, 14, (1, 1))[0] == pytest.approx(probability)
        counts[arm] += 1


@pytest.mark.parametrize(
    ("block_size", "weights", "departs"), [(3, (2, 1), 0), (6, (2, 1), 1e-3), (8, (2, 1, 1), 1e-3)]
)
def test_stated_marginal_probability(block_size, weights, departs):
    """Against the enumeration of 10 participants.

    One set of balls is a permuted block. With more it is not the allocation's share at every position.
    """
    table = {"kind": "block_urn", "block_size": block_size}
    stated = scheme(table, weights).marginal_probability(10, weights)
    np.testing.assert_allclose(
        stated, allocation_sequences(table, 10, weights).marginal_probability(), atol=1e-12
    )
    farthest = np.abs(stated - np.array(weights) / sum(weights)).max()
    assert farthest > departs if departs else farthest < 1e-12


def test_no_stated_marginal_where_it_depends_on_the_cohort():
    table = {"kind": "block_urn", "block_size": 6, "factors": ["sex"]}
    assert scheme(table, (2, 1)).marginal_probability(10, (2, 1)) is None
    assert scheme(table, (1, 1)).marginal_probability(10, (1, 1)).tolist() == [[0.5, 0.5]] * 10


def test_common_factor_of_the_weights_does_not_matter():
    """4:2 is 2:1: the complete set that returns to the urn is the smallest."""
    table = {"kind": "block_urn", "block_size": 6}
    np.testing.assert_array_equal(draw_arms(table, (4, 2), 12, 50), draw_arms(table, (2, 1), 12, 50))


def test_refuses_a_block_that_does_not_hold_the_allocation():
    with pytest.raises(ScenarioError, match="multiple of 3, the sum of the allocation weights, got 4"):
        allocation_sequences({"kind": "block_urn", "block_size": 4}, 6, (2, 1))
