"""Every allocation sequence of a small trial."""

from __future__ import annotations

import json
from importlib.resources import files
from itertools import product

import numpy as np
import pytest

from ipsrct import NotAvailableError, ScenarioError, allocation_sequences, read_scenario

from .randomisation.test_blocks import DESIGNS, _lists

BLOCKS_OF_FOUR = {"kind": "permuted_block", "block_sizes": [4]}


@pytest.mark.parametrize("kind", ["complete", "simple"])
def test_reference_case_of_independent_assignment(kind):
    """randomizeR, test_imbalance.R: all 16 sequences of 4 participants."""
    text = files("ipsrct.validation").joinpath("data/cases.json").read_text(encoding="utf-8")
    cases = [case for case in json.loads(text) if case["kind"] == "randomisation_imbalance_enumeration"]
    (expected,) = [case["expected"] for case in cases]
    found = allocation_sequences({"kind": kind}, 4)
    imbalance = found.imbalance()
    assert sorted(imbalance[:, -1].tolist()) == expected["final_imbalance_sorted"]
    assert sorted(np.abs(imbalance).max(axis=1).tolist()) == expected["max_abs_path_sorted"]
    np.testing.assert_allclose(found.probability, 1 / 16)


def test_independent_assignment_at_unequal_allocation():
    found = allocation_sequences({"kind": "complete"}, 5, (3, 2))
    by_size = {size: (3 / 5) ** size * (2 / 5) ** (5 - size) for size in range(6)}
    for arm, probability in zip(found.arm, found.probability, strict=True):
        assert probability == pytest.approx(by_size[int((arm == 0).sum())])


@pytest.mark.parametrize(("block_sizes", "weights"), DESIGNS)
def test_permuted_blocks(block_sizes, weights):
    """Every list of 7 places against the recursion over whole blocks, in exact fractions."""
    found = allocation_sequences({"kind": "permuted_block", "block_sizes": list(block_sizes)}, 7, weights)
    expected = _lists(7, block_sizes, weights)
    got = dict(zip(map(tuple, found.arm.tolist()), found.probability, strict=True))
    assert got.keys() == expected.keys()
    assert max(abs(got[one] - float(p)) for one, p in expected.items()) < 1e-14


def test_published_trade_off_of_permuted_blocks():
    """Zhao and others, Pharmaceutical Statistics 2012, table IV: blocks of 2 and of 4, in 5,000 trials."""
    published = {2: (0.500, 0.347, 0.5, 0.751), 4: (0.416, 0.448, 0.334, 0.709)}
    for size, (balance, entropy, certain, guess) in published.items():
        found = allocation_sequences({"kind": "permuted_block", "block_sizes": [size]}, 12)
        assert (found.probability @ (found.imbalance() == 0)).mean() == pytest.approx(balance, abs=0.002)
        assert found.entropy / 12 == pytest.approx(entropy, abs=0.001)
        assert found.deterministic_share == pytest.approx(certain, abs=0.002)
        assert found.expected_correct_guesses() / 12 == pytest.approx(guess, abs=0.002)


def test_block_of_four_by_hand():
    """AABB, ABAB, ABBA and their mirror images; convergence guesses 2.5, 3 and 3 of them."""
    found = allocation_sequences(BLOCKS_OF_FOUR, 4)
    assert found.expected_correct_guesses() == pytest.approx((2.5 + 3 + 3) / 3)
    assert found.expected_absolute_imbalance().tolist() == pytest.approx([1, 2 / 3, 1, 0])
    assert found.expected_maximum_imbalance() == pytest.approx((2 + 1 + 1) / 3)
    assert found.final_imbalance() == {0: pytest.approx(1)}
    assert found.entropy == pytest.approx(np.log(6))
    assert found.deterministic_share == pytest.approx((2 + 1 + 1) / 3 / 4)
    by_list = dict(zip(map(tuple, found.arm.tolist()), found.conditional_probability, strict=True))
    assert by_list[0, 0, 1, 1].tolist() == pytest.approx([1 / 2, 1 / 3, 1, 1])
    assert by_list[0, 1, 1, 0].tolist() == pytest.approx([1 / 2, 2 / 3, 1 / 2, 1])


def test_three_unequal_arms():
    found = allocation_sequences({"kind": "permuted_block", "block_sizes": [4]}, 6, (2, 1, 1))
    np.testing.assert_allclose(found.marginal_probability(), np.tile([0.5, 0.25, 0.25], (6, 1)), atol=1e-12)
    total = sum(found.imbalance(k) for k in range(3))
    assert not total.any()  # what one arm has too many, the others have too few
    # First all arms are level: a third. After arm 0 (probability 1/2) one of the others is guessed, each of
    # which comes next with probability 1/3; after another arm, arm 0 (2/3) or the third (1/3) is guessed.
    first_two = allocation_sequences({"kind": "permuted_block", "block_sizes": [4]}, 2, (2, 1, 1))
    assert first_two.expected_correct_guesses() == pytest.approx(1 / 3 + 0.5 * (1 / 3) + 0.5 * 0.5)


def test_optimal_guesses_beat_convergence_where_the_allocation_is_unequal():
    """At 2:1 and independent assignment the larger arm is the best guess, two times in three."""
    found = allocation_sequences({"kind": "complete"}, 6, (2, 1))
    assert found.expected_correct_guesses("optimal") == pytest.approx(4)
    assert found.expected_correct_guesses("convergence") < 3.9


@pytest.mark.parametrize("strategy", ["convergence", "optimal"])
def test_guesses_against_a_walk_through_every_history(strategy):
    """By the definition of each strategy, history by history, in blocks of 3 and 6 at 2:1."""
    weights, n = (2, 1), 7
    found = allocation_sequences({"kind": "permuted_block", "block_sizes": [3, 6]}, n, weights)
    by_list = dict(zip(map(tuple, found.arm.tolist()), found.probability.tolist(), strict=True))

    def mass(start):
        return sum(p for one, p in by_list.items() if one[: len(start)] == start)

    expected = 0.0
    for length in range(n):
        for history in product(range(2), repeat=length):
            following = [mass((*history, k)) for k in range(2)]
            filled = [history.count(k) / weights[k] for k in range(2)]
            behind = [k for k in range(2) if filled[k] == min(filled)]
            optimal = strategy == "optimal"
            expected += max(following) if optimal else sum(following[k] for k in behind) / len(behind)
    assert found.expected_correct_guesses(strategy) == pytest.approx(expected, rel=1e-12)


def test_strata_have_independent_lists():
    table = {"kind": "stratified_permuted_block", "factors": ["sex"], "block_sizes": [3]}
    strata = ["m", "f", "f", "m", "f", "m", "m"]
    found = allocation_sequences(table, 7, (2, 1), strata=strata)
    assert found.probability.sum() == pytest.approx(1)
    assert len(found.arm) == (3 * 2) * 3  # a block and one more among 4 men, a block among 3 women
    women = found.arm[:, [1, 2, 4]]
    assert (women.sum(axis=1) == 1).all()
    # The guesser knows each stratum's list: the third of a block is certain unless both first were arm 0.
    one = allocation_sequences({"kind": "permuted_block", "block_sizes": [3]}, 3, (2, 1))
    three_women = allocation_sequences(table, 6, (2, 1), strata="mfmmff")
    assert three_women.expected_correct_guesses() == pytest.approx(2 * one.expected_correct_guesses())
    assert three_women.entropy == pytest.approx(2 * one.entropy)


def test_scheme_of_a_scenario(cells_trial):
    found = allocation_sequences(cells_trial.design.scheme, 6, cells_trial.design.weights, strata="aabaab")
    assert found.probability.sum() == pytest.approx(1)
    assert len(found.arm) == 6 * 4  # a block of four in stratum a, two places of one in stratum b


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (({"kind": "big_stik"}, 6), ScenarioError, 'did you mean "big_stick"'),
        (({"kind": "big_stick"}, 6), ScenarioError, "maximum_tolerated_imbalance: is required"),
        (({"kind": "biased_coin"}, 6, (2, 1)), ScenarioError, "two arms only, got 2:1"),
        (({"kind": "biased_coin"}, 6, (1, 1, 1)), ScenarioError, "two arms only, got 1:1:1"),
        ((BLOCKS_OF_FOUR, 6, (2, 1)), ScenarioError, "multiples of 3, got 4"),
        ((BLOCKS_OF_FOUR, 1), ScenarioError, "at least 2, got 1"),
        ((BLOCKS_OF_FOUR, 21), NotAvailableError, r"2\*\*21 sequences are more than 1,048,576"),
        ((BLOCKS_OF_FOUR, 4, (1, 1), "aabb"), NotAvailableError, "strata need a scheme with factors"),
        (({"kind": "urn", "factors": ["sex"]}, 4, (1, 1), "aab"), NotAvailableError, "must be 4"),
    ],
)
def test_says_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        allocation_sequences(*arguments)


def test_pooled_leftovers_are_refused():
    scheme = read_scenario("ips_ung", {"design.randomisation.leftovers": "pool"}).design.scheme
    with pytest.raises(NotAvailableError, match="pooled"):
        allocation_sequences(scheme, 6, strata="aabaab")
