"""What an audit says of lists whose making is known."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise, product
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipsrct.lists import likelihood
from ipsrct.lists.audit import audit_list
from ipsrct.lists.generation import draw_lists
from ipsrct.lists.given import GivenList
from ipsrct.lists.plan import make_plan
from ipsrct.lists.report import audit_text, verdict
from ipsrct.lists.runs import longest_run, longest_run_probability, runs_test
from tests.lists.conftest import RANDOMISATION, THREE_ARMS, seed


def _given(plan, number, cut=None):
    lists = draw_lists(plan, seed(number), "production")
    strata = {x.stratum.levels: x.arm[:cut].copy() for x in lists}
    return GivenList(plan.scenario.arm_names, plan.factors, (), strata, None, ())


def _lists(length, n_arms):
    return np.array(list(product(range(n_arms), repeat=length)))


# --- likelihoods


@pytest.mark.parametrize(("weights", "length"), [((1, 1), 9), ((2, 1), 8), ((1, 1, 1), 6)])
def test_likelihoods_add_up_to_one(weights, length):
    sets = [s for s in likelihood.size_sets(weights) if len(s) < 3]
    lists = _lists(length, len(weights))
    blocks = np.exp([likelihood.block_log_likelihood(arm, weights, sets) for arm in lists])
    assert_allclose(blocks.sum(axis=0), 1, rtol=1e-12)
    complete = np.exp([likelihood.complete_log_likelihood(arm, weights) for arm in lists])
    assert complete.sum() == pytest.approx(1)


def test_likelihood_of_whole_blocks_by_hand():
    """2:1 in blocks of 3 or 6, six places: one block of 6, two of 3, or one of 3
    and half of 6; stray rows change it by 1 %."""
    arm = np.array([0, 0, 1, 0, 1, 0])
    found = likelihood.block_log_likelihood(arm, (2, 1), [(3, 6), (3,), (6,), (9,)])
    cut = 3 / comb(6, 2)  # of the orders of a block of 6, those that begin with the last three places
    by_hand = [0.5 / comb(6, 2) + 0.25 / 9 + 0.25 / 3 * cut, 1 / 9, 1 / 15, 3 / comb(9, 3)]
    assert_allclose(np.exp(found), by_hand, rtol=0.01)


@pytest.mark.parametrize(
    ("weights", "sizes"), [((1, 1), (4,)), ((1, 1), (2, 6)), ((2, 1), (3, 6)), ((1, 1, 1), (3,))]
)
def test_nothing_is_broken_exactly_in_whole_blocks(weights, sizes):
    """Against all lists of 8 places that blocks can make, by brute force."""
    made = {()}
    complete = set()
    while made:
        longer = set()
        for start in made:
            for size in sizes:
                block = [k for k, w in enumerate(weights) for _ in range(w * size // sum(weights))]
                for order in set(_orders(tuple(block))):
                    (complete if len(start) + size >= 8 else longer).add((*start, *order)[:8])
        made = longer
    for arm in _lists(8, len(weights)):
        assert (likelihood.break_between(arm, weights, sizes) is None) == (tuple(arm) in complete)


def _orders(block):
    if not block:
        return [()]
    return [
        (k, *rest) for k in set(block) for rest in _orders(tuple(np.delete(block, block.index(k)).tolist()))
    ]


# --- runs


@pytest.mark.parametrize(
    "lists", [[(0, 0, 1, 0, 1, 1)], [(0, 1, 0), (1, 1, 0, 0)], [(0, 0), (1,), (0, 1, 1)]]
)
def test_runs_are_exact_for_two_arms(lists):
    """Against the orders of each list, all equally likely given the arms' sizes."""
    lists = [np.array(x) for x in lists]
    orders = [[*_distinct(x)] for x in lists]
    totals = Counter(sum(_runs(x) for x in each) for each in product(*orders))
    n = sum(totals.values())
    observed = sum(_runs(tuple(x)) for x in lists)
    mean = sum(r * c for r, c in totals.items()) / n
    test = runs_test(lists, 2)
    assert test.observed == observed
    assert test.expected == pytest.approx(mean)
    assert test.standard_deviation**2 == pytest.approx(
        sum((r - mean) ** 2 * c for r, c in totals.items()) / n
    )
    assert test.p_value == pytest.approx(sum(c for c in totals.values() if c <= totals[observed]) / n)
    assert test.exact


def _distinct(arm):
    return set(_orders(tuple(arm.tolist())))


def _runs(arm):
    return 1 + sum(a != b for a, b in pairwise(arm))


def test_runs_of_three_arms_have_the_moments_of_all_orders():
    arm = np.array([0, 0, 0, 1, 1, 2, 2])
    runs = [_runs(x) for x in _distinct(arm)]
    test = runs_test([arm], 3)
    assert test.expected == pytest.approx(np.mean(runs))
    assert test.standard_deviation == pytest.approx(np.std(runs))
    assert not test.exact


def test_runs_agree_with_statsmodels():
    """Its test is the normal approximation: 0.01 apart at 300 places."""
    from statsmodels.sandbox.stats.runs import runstest_1samp

    arm = np.random.default_rng(3).integers(2, size=300)
    _, p = runstest_1samp(arm, cutoff=0.5, correction=False)
    assert runs_test([arm], 2).p_value == pytest.approx(p, abs=0.03)


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (1, 2, 1)])
def test_longest_run_probability_by_enumeration(weights):
    share = np.array(weights) / sum(weights)
    lists = _lists(7, len(weights))
    probability, longest = share[lists].prod(axis=1), np.array([longest_run(arm) for arm in lists])
    for length in range(1, 9):
        alone = probability[longest >= length].sum()
        assert longest_run_probability(length, [7], weights) == pytest.approx(alone)
        assert longest_run_probability(length, [7, 7], weights) == pytest.approx(1 - (1 - alone) ** 2)


# --- the verdict


SCHEMES = {
    "stratified 4": ({"design.n_participants": 60, "design.randomisation.factors": ["age"]}, (4,)),
    "one list of 4 or 6": (
        {"design.n_participants": 150, RANDOMISATION: {"kind": "permuted_block", "block_sizes": [4, 6]}},
        (4, 6),
    ),
    "2:1 in 6": (
        {
            "design.n_participants": 120,
            "design.arms.0.allocation_weight": 2,
            RANDOMISATION: {"kind": "permuted_block", "block_sizes": [6]},
        },
        (6,),
    ),
    "three arms in 3 or 6": (
        {
            "design.n_participants": 120,
            "design.arms": THREE_ARMS,
            RANDOMISATION: {"kind": "permuted_block", "block_sizes": [3, 6]},
        },
        (3, 6),
    ),
}


@pytest.mark.parametrize("name", SCHEMES)
def test_says_which_blocks_made_a_list(cells_trial, name):
    """The true sizes are the likeliest or a named rival, in at least 19 of 20 seeds.

    The true set is left out only if another is 20 times likelier: at most 1 in 20 for each other set, in
    practice less than 1 in 100. No faults are found in any.
    """
    changes, sizes = SCHEMES[name]
    plan = make_plan(cells_trial.with_changes(changes))
    right = 0
    for number in range(20):
        found = audit_list(_given(plan, number), plan)
        assert found.faults == ()
        assert found.blocks.whole_lists == len(plan.strata)
        right += found.blocks.convincing and sizes in (found.blocks.sizes, *found.blocks.rivals)
    assert right >= 19


def test_complete_randomisation_is_not_called_blocks(cells_trial):
    """False alarm: below 1/1000 a list by Markov's inequality, so below 6 % for any of 60."""
    for weight in (1, 2):
        changes = {
            "design.n_participants": 120,
            RANDOMISATION: {"kind": "complete"},
            "design.arms.0.allocation_weight": weight,
        }
        plan = make_plan(cells_trial.with_changes(changes))
        for number in range(30):
            found = audit_list(_given(plan, number), plan)
            assert not found.blocks.convincing
            assert found.faults == ()
            assert (
                "Complete randomisation is not contradicted" in verdict(found)
                or min(found.runs.p_value, found.counts_p_value) < 1e-3
            )


def test_a_short_list_cannot_be_told(cells_trial):
    plan = make_plan(
        cells_trial.with_changes(
            {"design.n_participants": 8, RANDOMISATION: {"kind": "permuted_block", "block_sizes": [4]}}
        )
    )
    found = audit_list(_given(plan, 1))
    assert not found.blocks.convincing
    assert "too short to tell them apart" in verdict(found)


def test_alternating_arms_are_called_blocks_of_two_and_no_chance():
    arm = np.tile([0, 1], 60)
    found = audit_list(GivenList(("a", "b"), (), (), {(): arm}, None, ()))
    assert found.blocks.sizes == (2,)
    assert found.runs.p_value < 1e-20
    assert found.longest_run == 1


def test_long_runs_contradict_everything_tried():
    arm = np.repeat([0, 1] * 4, 30)
    found = audit_list(GivenList(("a", "b"), (), (), {(): arm}, None, ()))
    assert verdict(found).startswith("Neither complete randomisation nor permuted blocks")
    assert found.longest_run == 30
    assert found.longest_run_probability < 1e-6


# --- faults


@pytest.fixture
def plan(cells_trial):
    return make_plan(
        cells_trial.with_changes(
            {
                "design.n_participants": 80,
                "design.arms.0.allocation_weight": 2,
                "design.randomisation.block_sizes": [6],
            }
        )
    )


def _faults(given, plan=None):
    return audit_list(given, plan).faults


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("with_plan", [True, False])
def test_finds_swapped_rows(plan, number, with_plan):
    """Two rows of other blocks and other arms; the break is reported where the rows are."""
    given = _given(plan, number)
    stratum = plan.strata[3].levels
    arm = given.strata[stratum]
    first = 13  # in the third block
    second = next(i for i in range(30, 36) if arm[i] != arm[first])
    arm[[first, second]] = arm[[second, first]]
    found = audit_list(given, plan if with_plan else None)
    (fault,) = found.faults
    start, end = found.blocks.broken[", ".join(stratum)]
    assert start == 12
    assert 18 <= end <= 36  # by chance, other blocks can fit a little further from the end
    assert fault.startswith(f"{', '.join(stratum)}: whole blocks of 6 fit from the start up to place 12")
    assert found.blocks.whole_lists == 11


@pytest.mark.parametrize("with_plan", [True, False])
def test_finds_a_deleted_row(plan, with_plan):
    """Without sequence numbers; deleting one of 84 rows breaks a block in every seed."""
    for number in range(5):
        given = _given(plan, number)
        stratum = plan.strata[0].levels
        given.strata[stratum] = np.delete(given.strata[stratum], 20)
        found = _faults(given, plan if with_plan else None)
        place = re.match(
            rf"{', '.join(stratum)}: whole blocks of 6 fit from the start up to place (\d+)", found[0]
        )
        assert place is not None
        assert int(place[1]) >= 18  # by chance, further blocks can fit


def test_finds_a_duplicated_stratum(plan):
    given = _given(plan, 1)
    one, other = plan.strata[2], plan.strata[7]
    given.strata[other.levels] = given.strata[one.levels][:60]
    (fault,) = _faults(given)
    assert "have the same 60 allocations, as if from the same seed" in fault
    assert one.label in fault
    assert other.label in fault
    assert any("(60 of 80)" in text for text in _faults(given, plan))


def test_short_lists_that_are_equal_by_chance_are_no_fault(cells_trial):
    plan = make_plan(
        cells_trial.with_changes(
            {"design.n_participants": 4, "design.randomisation.factors": ["service", "sex"]}
        )
    )
    given = _given(plan, 1)
    assert len({bytes(x.astype(np.uint8)) for x in given.strata.values()}) < len(given.strata)
    assert not any("same" in text for text in _faults(given))


def test_compares_with_the_scenario(plan):
    given = _given(plan, 1)
    del given.strata[plan.strata[5].levels]
    given.strata[plan.strata[6].levels] = given.strata[plan.strata[6].levels][:72]
    faults = _faults(given, plan)
    assert faults == (
        f"strata of the scenario without a list (1): {plan.strata[5].label}",
        f"lists shorter than their planned maximum (1): {plan.strata[6].label} (72 of 80)",
    )
    simple = make_plan(plan.scenario.with_changes({RANDOMISATION: {"kind": "complete"}}))
    assert any(
        "not the scenario's complete randomisation" in text for text in _faults(_given(plan, 1), simple)
    )
    mixed = make_plan(plan.scenario.with_changes({"design.randomisation.block_sizes": [3, 6]}))
    assert _faults(_given(plan, 1), mixed) == ("blocks of 6 are far likelier than the scenario's 3 or 6",)
    wrong = _faults(
        _given(plan, 1), make_plan(plan.scenario.with_changes({"design.randomisation.block_sizes": [9]}))
    )
    assert sum("whole blocks of 9 fit from the start" in text for text in wrong) == 5
    assert wrong[5] == "7 more lists are not whole blocks of 9"


def test_repeated_numbers_and_gaps_are_faults(plan):
    given = _given(plan, 1)
    levels = plan.strata[0].levels
    sequence = {stratum: np.arange(1, len(arm) + 1) for stratum, arm in given.strata.items()}
    sequence[levels] = np.array([*range(1, 40), *range(41, 42 + len(given.strata[levels]) - 40)])
    numbers = ("R1", "R2", "R1", "")
    odd = GivenList(given.arms, given.columns, (), given.strata, sequence, numbers)
    assert _faults(odd) == (
        "randomisation numbers that appear more than once (1): R1",
        "rows without a randomisation number: 1",
        f"{plan.strata[0].label}: sequence number 39 is followed by 41: a row deleted, added or moved",
    )


def test_ratio_is_the_simplest_that_counts_allow(plan):
    given = _given(plan, 1)
    assert audit_list(given).weights == (2, 1)
    assert audit_list(given).weights_origin == "the simplest that the counts allow"
    assert audit_list(given, None, (4, 2)).weights == (2, 1)
    assert audit_list(given, None, (1, 1)).counts_p_value < 1e-10


def test_text_says_what_cannot_be_seen(plan):
    text = audit_text("x.csv", audit_list(_given(plan, 1), plan))
    assert text.splitlines()[0].startswith("x.csv: 1,008 allocations in 12 lists. Permuted blocks of 6 fit")
    assert "cannot be seen" in text
    assert "keep it where the lists are kept" in text
    assert max(map(len, text.splitlines())) <= 126
