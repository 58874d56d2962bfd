"""Guesses against plain-Python guessers on every list of a small trial."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ipsrct.diagnostics import diagnose
from ipsrct.diagnostics._block_filter import next_probability
from ipsrct.diagnostics._tally import Tally
from ipsrct.diagnostics.predictability import guess, history, observe, view_of, views
from ipsrct.errors import NotAvailableError
from ipsrct.randomisation.complete import Complete
from ipsrct.randomisation.permuted_block import PermutedBlock
from ipsrct.randomisation.stratified_permuted_block import StratifiedPermutedBlock
from ipsrct.trial import SERVICE
from tests.diagnostics import oracle

BLOCKS = [
    ((1, 1), (2,), 6),
    ((1, 1), (4,), 8),
    ((1, 1), (2, 4), 7),
    ((1, 1), (4, 6), 8),
    ((2, 1), (3,), 7),
    ((2, 1), (3, 6), 8),
    ((1, 3), (4,), 8),
    ((1, 1, 1), (3,), 7),
    ((2, 1, 1), (4,), 8),
]
every_block = pytest.mark.parametrize(("weights", "sizes", "n"), BLOCKS)


def _block(sizes):
    return PermutedBlock(kind="permuted_block", block_sizes=sizes)


def _observed(distribution, weights, scheme):
    """Return every measure with each list counted as often as its probability says."""
    common = np.lcm.reduce([p.denominator for p in distribution.values()])
    times = [int(p * common) for p in distribution.values()]
    arm = np.repeat(np.array(list(distribution), dtype=np.int8), times, axis=0)
    tally = Tally()
    observe(tally, oracle.one_list_cohort(arm.shape[1], len(arm)), arm, weights, scheme)
    return {(row.measure, row.strategy): row.value for row in tally.rows("")}


@every_block
def test_guesses_in_permuted_blocks_by_enumeration(weights, sizes, n):
    distribution = oracle.lists(n, sizes, weights)
    found = _observed(distribution, weights, _block(sizes))

    def guesser(past):
        return oracle.convergence(past, weights)

    made, right = oracle.expected(distribution, guesser, lambda past: max(oracle.behind(past, weights)) > 0)
    assert found["correct_guesses", "convergence"] == pytest.approx(
        float(oracle.expected(distribution, guesser)[1])
    )
    assert found["guesses_made", "directional"] == pytest.approx(float(made))
    assert found["correct_guesses", "directional"] == pytest.approx(float(right / made))
    table = oracle.next_probability(distribution, len(weights))
    aware = oracle.expected(distribution, oracle.likeliest(table))[1]
    assert found["correct_guesses", "block_aware"] == pytest.approx(float(aware))
    known, _ = oracle.expected(distribution, oracle.likeliest(table), lambda past: 1 in table[tuple(past)])
    assert found["known_with_certainty", "block_aware"] == pytest.approx(float(known))


@pytest.mark.parametrize("size", [2, 4, 6, 8])
def test_correct_guesses_of_a_block_are_those_of_blackwell_and_hodges(size):
    """m + (4^m / C(2m, m) - 1) / 2 of 2m: 1.5 of 2, 2.8333 of 4, 4.1 of 6."""
    m = size // 2
    expected = m + (4**m / comb(size, m) - 1) / 2
    found = _observed(oracle.lists(size, (size,), (1, 1)), (1, 1), _block((size,)))
    assert found["correct_guesses", "convergence"] * size == pytest.approx(expected)


@pytest.mark.parametrize(("weights", "n"), [((1, 1), 7), ((2, 1), 6), ((1, 2, 1), 5)])
def test_guesses_under_complete_randomisation_by_enumeration(weights, n):
    distribution = oracle.coins(n, weights)
    found = _observed(distribution, weights, Complete(kind="complete"))
    right = oracle.expected(distribution, lambda past: oracle.convergence(past, weights))[1]
    assert found["correct_guesses", "convergence"] == pytest.approx(float(right))
    assert ("correct_guesses", "block_aware") not in found
    if weights == (1, 1):
        assert right == Fraction(1, 2)


@every_block
def test_filter_is_the_conditional_probability(weights, sizes, n):
    distribution = oracle.lists(n, sizes, weights)
    table = oracle.next_probability(distribution, len(weights))
    sequences = np.array(list(distribution), dtype=np.int8)
    found = next_probability(sequences, sizes, weights)
    for i, sequence in enumerate(distribution):
        for place in range(n):
            expected = [float(p) for p in table[sequence[:place]]]
            assert_allclose(found[:, i, place], expected, atol=1e-12)


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (1, 1, 2)])
@pytest.mark.parametrize("factors", [(), ("sex",), (SERVICE,), (SERVICE, "age")])
def test_history_in_every_view_is_a_count(weights, factors):
    """Each view against dictionaries of counts, participant by participant."""
    cohort = oracle.small_cohort(1, 3, 40)
    arm = np.random.default_rng(2).integers(len(weights), size=(3, 40)).astype(np.int8)
    stratum, _ = cohort.stratum(factors)
    seen = {
        "own_service/stratum": lambda r, i: (r, stratum[r, i], cohort.service[r, i]),
        "own_service/all": lambda r, i: (r, cohort.service[r, i]),
        "everybody/stratum": lambda r, i: (r, stratum[r, i]),
        "everybody/all": lambda r, _: r,
    }
    found = views(cohort, factors)
    names = {"own_service/all", "everybody/all"} | ({"own_service/stratum"} if factors else set())
    names |= {"everybody/stratum"} if factors and SERVICE not in factors else set()
    assert {view.name for view in found} == names
    for view in found:
        past = {}
        before = history(view.key, arm, len(weights)).before
        guessed = guess(history(view.key, arm, len(weights)).behind(weights), weights)
        for r in range(3):
            for i in range(40):
                key = seen[view.name](r, i)
                mine = past.setdefault(key, [])
                assert before[:, r, i].tolist() == [mine.count(k) for k in range(len(weights))]
                assert np.flatnonzero(guessed[:, r, i]).tolist() == oracle.convergence(mine, weights)
                mine.append(int(arm[r, i]))


@pytest.mark.parametrize(
    ("factors", "lists"),
    [((), "everybody/all"), (("sex",), "everybody/stratum"), ((SERVICE, "sex"), "own_service/stratum")],
)
def test_only_who_sees_a_whole_list_knows_anything_for_certain(factors, lists):
    cohort = oracle.small_cohort(1, 2, 10)
    assert [view.name for view in views(cohort, factors) if view.is_list] == [lists]


def test_blocks_within_strata_are_followed_list_by_list():
    """Block sizes 2 and 4 in strata: each stratum's probabilities are those of its own list alone."""
    cohort = oracle.small_cohort(3, 40, 20)
    table = {"kind": "stratified_permuted_block", "factors": (SERVICE, "sex"), "block_sizes": (2, 4)}
    scheme = StratifiedPermutedBlock(**table)
    arm = scheme.assign(cohort, (1, 1), np.random.default_rng(4)).arm
    tally = Tally()
    observe(tally, cohort, arm, (1, 1), scheme)
    conditional = oracle.next_probability(oracle.lists(10, (2, 4), (1, 1)), 2)
    stratum, _ = cohort.stratum((SERVICE, "sex"))
    known = right = Fraction(0)
    for r in range(40):
        past = {}
        for i in range(20):
            mine = past.setdefault(stratum[r, i], [])
            probability = conditional[tuple(mine)]
            guessed = oracle.likeliest(conditional)(mine)
            known += Fraction(1 in probability, 800)
            right += Fraction(int(arm[r, i]) in guessed, len(guessed)) / 800
            mine.append(int(arm[r, i]))
    found = {(row.measure, row.where, row.strategy): row.value for row in tally.rows("")}
    where = "own_service/stratum"
    assert found["known_with_certainty", where, "block_aware"] == pytest.approx(float(known))
    assert found["correct_guesses", where, "block_aware"] == pytest.approx(float(right))


def test_pooled_leftovers_are_no_lists():
    table = {
        "kind": "stratified_permuted_block",
        "factors": ("sex",),
        "block_sizes": (4,),
        "leftovers": "pool",
    }
    cohort, scheme = oracle.small_cohort(3, 4, 20), StratifiedPermutedBlock(**table)
    tally = Tally()
    observe(tally, cohort, scheme.assign(cohort, (1, 1), np.random.default_rng(4)).arm, (1, 1), scheme)
    assert "block_aware" not in {row.strategy for row in tally.rows("")}


def test_simulated_guesses_of_whole_blocks(cells_trial):
    """Blocks of four in 40 participants: 17/24 right by convergence, 1/3 known, within 4 standard errors.

    A false alarm once in 8,000 seeds; would detect a history that reaches into another trial.
    """
    scenario = cells_trial.with_changes({"design.n_participants": 40})
    result = diagnose(scenario, replicates=500, schemes={"one list": _block((4,))})
    for strategy, measure, exact in (
        ("convergence", "correct_guesses", 17 / 24),
        ("block_aware", "correct_guesses", 17 / 24),
        ("block_aware", "known_with_certainty", 1 / 3),
    ):
        row = result.find(measure, "everybody/all", strategy)
        assert row.mc_standard_error > 0
        assert abs(row.value - exact) < 4 * row.mc_standard_error


def test_unknown_view_is_refused_with_the_choices():
    with pytest.raises(NotAvailableError, match="views: own_service/all, everybody/all"):
        view_of(oracle.small_cohort(1, 2, 5), (), "own_service/stratum")
    assert view_of(oracle.small_cohort(1, 2, 5), (), "").name == "own_service/all"


def test_keys_do_not_mix_replicates():
    cohort = oracle.small_cohort(5, 4, 12)
    for view in views(cohort, ("sex",)):
        owners = {}
        for r in range(4):
            for key in view.key[r]:
                assert owners.setdefault(int(key), r) == r
    assert_array_equal(view.key[:, 0], np.arange(4))
