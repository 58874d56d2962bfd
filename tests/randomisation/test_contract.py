"""What every scheme must do, whatever its kind."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ipsrct import _parts
from ipsrct.protocols import CountableScheme
from ipsrct.scenario import Design
from ipsrct.trial import SERVICE

OPTIONS = {
    "adjustable_biased_coin": [{"a": 2.0}, {"a": 0.5, "factors": ["age"]}],
    "biased_coin": [{}, {"p": 0.9, "factors": ["age", "sex"]}],
    "big_stick": [{"maximum_tolerated_imbalance": 3}],
    "block_urn": [{"block_size": 6}, {"block_size": 12, "factors": ["sex"]}],
    "complete": [{}],
    "imbalance_tolerance_biased_coin": [{"maximum_tolerated_imbalance": 4}],
    "maximal_procedure": [
        {"maximum_tolerated_imbalance": 3},
        {"maximum_tolerated_imbalance": 2, "factors": ["sex"]},
    ],
    "permuted_block": [{"block_sizes": [6]}, {"block_sizes": [3, 6]}],
    "random_allocation_rule": [{}, {"factors": ["age", "sex"]}],
    "simple": [{}],
    "stratified_biased_coin": [{"factors": ["age", "sex", "social_assistance"]}],
    "stratified_permuted_block": [
        {"factors": ["age", "sex"], "block_sizes": [6]},
        {"factors": ["sex"], "block_sizes": [3, 6]},
        {"factors": ["age", "sex", "social_assistance"], "block_sizes": [6], "leftovers": "pool"},
        {"factors": ["age", "sex"], "block_sizes": [3, 9], "leftovers": "pool"},
    ],
    "truncated_binomial": [{}, {"factors": ["sex"]}],
    "urn": [{}, {"alpha": 2, "beta": 3, "factors": ["age"]}],
    "minimisation": [{"factors": ["age", "service"]}, {"factors": ["sex"], "imbalance": "variance"}],
    "covariate_adaptive": [{"factors": ["age", "sex"], "stratum_weight": 2}],
    "d_optimal_biased_coin": [{"factors": ["age", "sex"]}],
    "rerandomisation": [{"factors": ["age", "sex"], "acceptance": 0.2}],
    "cluster": [{"unit": "service"}, {"unit": "county"}],
    "matched_pairs": [{"pairs_by": "expected_size"}],
    "stepped_wedge": [{"steps": 4}],
}
VARIANTS = [{"kind": kind} | options for kind, variants in OPTIONS.items() for options in variants]


def _ids(table):
    return "-".join(map(str, table.values()))


every_scheme = pytest.mark.parametrize("table", VARIANTS, ids=_ids)


def _scheme(table):
    """Return the scheme and its allocation: 2:1, unless it is defined for 1:1 only."""
    arms = [{"name": "a", "allocation_weight": 2}, {"name": "b", "allocation_weight": 1, "is_control": True}]
    document = {"n_participants": 10, "arms": arms, "randomisation": table}
    scheme = Design.model_validate(document, strict=False).scheme
    return scheme, (1, 1) if scheme.why_not_weights((2, 1)) else (2, 1)


COUNTABLE = [table for table in VARIANTS if isinstance(_scheme(table)[0], CountableScheme)]
every_countable_scheme = pytest.mark.parametrize("table", COUNTABLE, ids=_ids)


def test_every_kind_is_tested():
    assert OPTIONS.keys() == _parts.kinds("randomisation").keys()


def _cohort(cells_trial, n, n_replicates, seed=1):
    return cells_trial.assumptions.cohort_model.draw(n, n_replicates, np.random.default_rng(seed))


def _table(arm, stratum, n_strata):
    """Return participants by stratum and arm, (S, K, R)."""
    n = np.zeros((n_strata, 2, len(arm)), dtype=int)
    for r in range(len(arm)):
        np.add.at(n[..., r], (stratum[r], arm[r]), 1)
    return n


@every_scheme
def test_assigns_every_participant_with_stated_probability(cells_trial, table):
    scheme, weights = _scheme(table)
    cells_trial = cells_trial.with_changes(
        {"assumptions.cohort.services.agder": 3}
    )  # an even number, for pairs
    cohort = _cohort(cells_trial, 50, 400)
    assignment = scheme.assign(cohort, weights, np.random.default_rng(2))
    assert assignment.arm.shape == cohort.cell.shape
    assert set(np.unique(assignment.arm)) == {0, 1}
    first, share = assignment.arm == 0, weights[0] / sum(weights)
    if assignment.probability is not None:
        assert_allclose(assignment.probability.sum(axis=1), 1)
        if table["kind"] != "block_urn":  # at unequal allocation its probability depends on the position
            assert_allclose(assignment.probability.mean(axis=0), [share, 1 - share])
        # Each place's share over 400 trials, within 5 standard errors (at most 0.025 each).
        assert (np.abs(first.mean(axis=0) - assignment.probability[:, 0]) < 0.125).all()
    # The mean over 400 trials, within 5 standard errors of trials: whole services make them large.
    error = first.mean(axis=1).std() / np.sqrt(400)
    assert first.mean() == pytest.approx(share, abs=5 * error + 0.005)


@every_countable_scheme
def test_counts_add_up_to_the_strata(table):
    sizes = np.random.default_rng(3).integers(0, 30, size=(6, 500))
    scheme, weights = _scheme(table)
    counts = scheme.assign_counts(sizes, weights, np.random.default_rng(4))
    assert counts.shape == (6, 2, 500)
    assert (counts >= 0).all()
    assert_array_equal(counts.sum(axis=1), sizes)


@every_countable_scheme
def test_counts_and_lists_have_the_same_distribution(cells_trial, table):
    """Mean and variance of the first arm in each stratum, by both ways of drawing.

    Fixed stratum sizes, 20,000 trials by each way; tolerance 5 standard errors, so a false alarm in less
    than 1e-5 of the comparisons. Would detect leftovers treated differently by the two.
    """
    scheme, weights = _scheme(table)
    draws, n = 20_000, 41
    cohort = _cohort(cells_trial, n, 1)
    cohort = type(cohort)(cohort.cells, np.repeat(cohort.cell, draws, axis=0), np.zeros((draws, n), int), 1)
    stratum, n_strata = cohort.stratum(scheme.strata_factors)
    arm = scheme.assign(cohort, weights, np.random.default_rng(5)).arm
    by_list = np.stack([((stratum == s) & (arm == 0)).sum(axis=1) for s in range(n_strata)])
    sizes = np.stack([(stratum == s).sum(axis=1) for s in range(n_strata)])
    by_count = scheme.assign_counts(sizes, weights, np.random.default_rng(6))[:, 0]
    pooled = np.concatenate([by_list, by_list.sum(axis=0, keepdims=True)])
    counted = np.concatenate([by_count, by_count.sum(axis=0, keepdims=True)])
    spread = np.sqrt(pooled.var(axis=1) / draws + counted.var(axis=1) / draws) + 1e-12
    assert (np.abs(pooled.mean(axis=1) - counted.mean(axis=1)) < 5 * spread).all()
    for a, b in zip(pooled, counted, strict=True):
        second = np.sqrt((((a - a.mean()) ** 2).var() + ((b - b.mean()) ** 2).var()) / draws) + 1e-12
        assert abs(a.var() - b.var()) < 5 * second


def test_services_can_be_strata(cells_trial):
    table = {"kind": "stratified_permuted_block", "factors": [SERVICE, "sex"], "block_sizes": [3]}
    (scheme, weights), cohort = _scheme(table), _cohort(cells_trial, 300, 3)
    arm = scheme.assign(cohort, weights, np.random.default_rng(7)).arm
    stratum, n_strata = cohort.stratum((SERVICE, "sex"))
    assert n_strata == 47 * 2
    counts = _table(arm, stratum, n_strata)
    full = counts.sum(axis=1) // 3
    assert (counts[:, 0] >= 2 * full).all()
    assert (counts[:, 1] >= full).all()


def test_stratified_blocks_follow_arrival(cells_trial):
    """In every stratum the first three participants, in order of arrival, make a full 2:1 block."""
    table = {"kind": "stratified_permuted_block", "factors": ["age", "sex"], "block_sizes": [3]}
    cohort = _cohort(cells_trial, 200, 4)
    scheme, weights = _scheme(table)
    arm = scheme.assign(cohort, weights, np.random.default_rng(8)).arm
    stratum, n_strata = cohort.stratum(("age", "sex"))
    for r in range(4):
        for s in range(n_strata):
            own = arm[r][stratum[r] == s]
            assert [own[i : i + 3].sum() for i in range(0, len(own) - 2, 3)] == [1] * (len(own) // 3)


def test_many_strata_by_service_do_not_overflow(cells_trial):
    """10,000 services times 12 cells are more strata than a 16-bit number holds."""
    cohort = cells_trial.with_changes({"assumptions.cohort.services.oslo": 9_950}).assumptions.cohort
    drawn = cohort.draw(500, 2, np.random.default_rng(1))
    stratum, n_strata = drawn.stratum((SERVICE, "age", "sex", "social_assistance"))
    assert n_strata > 100_000
    assert stratum.min() >= 0
    assert stratum.max() < n_strata


@pytest.mark.parametrize(
    ("table", "n", "words"),
    [
        ({"kind": "stratified_permuted_block", "factors": ["age", "service"], "block_sizes": [6]}, 100,
         "within 141 strata by age, service, more than the 100 participants"),
        ({"kind": "minimisation", "factors": ["age", "service"]}, 40, "within 47 strata by service"),
        ({"kind": "covariate_adaptive", "factors": ["age", "sex"]}, 6, "smallest of 6 strata by age, sex"),
        ({"kind": "minimisation", "factors": ["age", "sex"]}, 6, ""),
    ],
)  # fmt: skip
def test_strata_that_stay_empty_are_flagged(cells_trial, table, n, words):
    scenario = cells_trial.with_changes({"design.randomisation": table, "design.n_participants": n})
    found = " ".join(scenario.caveats)
    assert words in found
    assert bool(found) == bool(words)
    arm = scenario.design.scheme.assign(_cohort(cells_trial, n, 20), (1, 1), np.random.default_rng(9)).arm
    assert set(np.unique(arm)) == {0, 1}
