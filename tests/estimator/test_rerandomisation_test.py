"""The re-randomisation test against plain loops, enumeration and the scheme itself."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from ipsrct import NotAvailableError, ScenarioError, simulate
from ipsrct.engine import why_no_counts
from ipsrct.estimator._block_reference import exact_p_values
from ipsrct.estimator._rerandomised import Places, rerandomised
from ipsrct.exact import why_not_exact
from ipsrct.protocols import Randomisation
from ipsrct.scenario import Design
from ipsrct.trial import Assignment, CellTable, Cohort, Outcomes, Populations, Trial
from tests.conftest import unequal, with_estimators

FACTORS = ["age", "sex", "social_assistance"]
TABLE = {"kind": "rerandomisation_test", "factors": FACTORS}
TWO_TO_ONE = (2, 1)


def _design(randomisation, weights=TWO_TO_ONE):
    arms = [
        {"name": "t", "allocation_weight": weights[0]},
        {"name": "c", "allocation_weight": weights[1], "is_control": True},
    ]
    document = {"n_participants": 10, "arms": arms, "randomisation": randomisation}
    return Design.model_validate(document, strict=False)


def _estimator(cells_trial, table=TABLE, **changes):
    return with_estimators(cells_trial, table, **changes).analysis.estimators[0]


def _trial(cells_trial, design, n, n_replicates, seed=1, risk=0.4, binary=True):
    rng = np.random.default_rng(seed)
    cohort = cells_trial.assumptions.cohort_model.draw(n, n_replicates, rng)
    assignment = design.scheme.assign(cohort, design.weights, rng)
    risks = risk + 0.02 * cohort.cell
    y = rng.random(risks.shape) < risks
    outcomes = Outcomes(y if binary else y * rng.exponential(5, y.shape))
    return Trial(cohort, assignment, outcomes, ("t", "c"))


def _loop_statistic(y, treated, cell, member, stratum_of_cell):
    """Return the weighted difference of one trial in one group, participant by participant."""
    excess = weight = 0.0
    for s in np.unique(stratum_of_cell):
        rows = np.isin(cell, np.flatnonzero(member & (stratum_of_cell == s)))
        n1, n0 = (rows & treated).sum(), (rows & ~treated).sum()
        if n1 and n0:
            own = n1 * n0 / (n1 + n0)
            excess += own * (y[rows & treated].mean() - y[rows & ~treated].mean())
            weight += own
    return excess / weight if weight else 0.0


def _loop_p_values(t0, t, sides):
    far = (np.abs(t) >= abs(t0) - 1e-12) if sides == 2 else (t >= t0 - 1e-12)
    return (1 + far.sum()) / (1 + len(t))


@pytest.mark.parametrize("binary", [True, False])
@pytest.mark.parametrize("factors", [[], ["sex"], FACTORS])
@pytest.mark.parametrize(
    "randomisation",
    [
        {"kind": "stratified_permuted_block", "factors": ["age", "sex"], "block_sizes": [6]},
        {"kind": "permuted_block", "block_sizes": [3, 6]},
        {"kind": "complete"},
    ],
    ids=lambda t: t["kind"],
)
def test_shared_lists_equal_a_plain_loop(cells_trial, factors, randomisation, binary):
    """Every population's p-values, to 1e-12, with the lists that the test drew given to the loop."""
    design, b = _design(randomisation), 12
    trial = _trial(cells_trial, design, 70, 3, binary=binary)
    table = TABLE | {"factors": factors, "n_rerandomisations": b, "p_value": "monte_carlo"}
    how = Randomisation(design.scheme, design.weights)
    populations = cells_trial.populations
    got = _estimator(cells_trial, table).estimate_trial(
        trial, "t", "c", populations, how, np.random.default_rng(5)
    )

    stratum, n_strata = trial.cohort.stratum(design.scheme.strata_factors)
    longest = [max(int((row == s).sum()) for row in stratum) for s in range(n_strata)]
    rng = np.random.default_rng(5)  # so few lists serve one trial alone
    of_cell = trial.cohort.cells.stratum_index(factors)
    n_groups, y = len(populations.member), trial.outcomes.y.astype(float)
    for r in range(3):
        arms = np.empty((b + 1, 70), dtype=bool)
        arms[0] = trial.assignment.arm[r] == 0
        lists = [design.scheme.draw_lists(b, length, design.weights, rng) for length in longest]
        for s in range(n_strata):
            rows = np.flatnonzero(stratum[r] == s)
            arms[1:, rows] = lists[s][:, : len(rows)] == 0
        t = np.array(
            [
                [_loop_statistic(y[r], arm, trial.cohort.cell[r], member, of_cell) for arm in arms]
                for member in populations.member
            ]
        )
        pairs = populations.interactions
        t = np.concatenate([t, t[pairs[:, 0]] - t[pairs[:, 1]]])
        for m in range(len(t)):
            if got.status[m, r] == 0:
                for sides in (1, 2):
                    expected = _loop_p_values(t[m, 0], t[m, 1:], sides)
                    assert got.p_value(sides)[m, r] == pytest.approx(expected, abs=1e-12), (m, r, sides)
        assert got.estimate[0, r] == pytest.approx(t[0, 0], abs=1e-12)
    assert n_groups > 5
    assert (got.status == 0).mean() > 0.8


def test_schemes_without_lists_are_run_again(cells_trial):
    """Pooled leftovers: the same distribution as the trial's own assignments, stratum by stratum.

    Means and variances of treated participants and events over 8,000 re-randomisations against 8,000
    trials of the same people by the scheme itself; 5 standard errors of 32 numbers, false-alarm rate 2e-5.
    Would detect participants, outcomes or replicates that lose their place.
    """
    randomisation = {
        "kind": "stratified_permuted_block",
        "factors": ["sex"],
        "block_sizes": [6],
        "leftovers": "pool",
    }
    design, draws = _design(randomisation), 8_000
    trial = _trial(cells_trial, design, 41, 4)
    atom = trial.cohort.cells.stratum_index(["sex"])
    how = Randomisation(design.scheme, design.weights)
    n, events = rerandomised(trial, 0, atom, how, draws, np.random.default_rng(1))
    for r in range(4):
        cell = np.repeat(trial.cohort.cell[[r]], draws, axis=0)
        cohort = Cohort(trial.cohort.cells, cell, np.zeros_like(cell), 1)
        arm = design.scheme.assign(cohort, design.weights, np.random.default_rng(2)).arm == 0
        for a in range(2):
            here = atom[cell[0]] == a
            for got, expected in (
                (n[a, r], (arm & here).sum(axis=1)),
                (events[a, r], (arm & here & trial.outcomes.y[r]).sum(axis=1)),
            ):
                error = np.sqrt((got.var() + expected.var()) / draws) + 1e-9
                assert abs(got.mean() - expected.mean()) < 5 * error
                assert got.var() == pytest.approx(expected.var(), rel=5 * np.sqrt(4 / draws), abs=1e-9)


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (1, 3)])
@pytest.mark.parametrize("blocks", [1, 2])
def test_exact_p_value_equals_enumeration(weights, blocks):
    """Every arrangement of every block, for every table of outcomes of the blocks."""
    unit = sum(weights)
    size = unit * 2 if unit < 4 else unit
    k = weights[0] * size // unit
    rng = np.random.default_rng(3)
    y = rng.random((40, blocks, size)) < 0.5
    orders = [np.array(o, dtype=bool) for o in product([0, 1], repeat=size) if sum(o) == k]
    every = np.array([np.stack(chosen) for chosen in product(orders, repeat=blocks)])
    assert len(every) == comb(size, k) ** blocks
    x1 = np.einsum("pbi,rbi->rp", every, y.astype(int))
    n1, n0 = blocks * k, blocks * (size - k)
    t = x1 / n1 - (y.sum(axis=(1, 2))[:, None] - x1) / n0
    own = rng.integers(len(every), size=40)
    rows = np.arange(40)
    upper, both = exact_p_values(y.sum(axis=2), size, k, x1[rows, own])
    t0 = t[rows, own][:, None]
    assert_allclose(upper, (t >= t0 - 1e-12).mean(axis=1), atol=1e-12)
    assert_allclose(both, (np.abs(t) >= np.abs(t0) - 1e-12).mean(axis=1), atol=1e-12)


def _filled(cells_trial, design, sizes, n_replicates, seed=1):
    """Return trials with the same stratum sizes in a random order of arrival."""
    rng = np.random.default_rng(seed)
    cells = cells_trial.assumptions.cohort_model.cells()
    cell = rng.permuted(np.tile(np.repeat(np.arange(cells.size), sizes), (n_replicates, 1)), axis=1)
    cohort = Cohort(cells, cell, np.zeros_like(cell), 1)
    assignment = design.scheme.assign(cohort, design.weights, rng)
    y = rng.random(cell.shape) < 0.3 + 0.03 * cell + 0.05 * (assignment.arm == 0)
    return Trial(cohort, assignment, Outcomes(y), ("t", "c"))


@pytest.mark.parametrize("factors", [[], ["sex"], FACTORS])
def test_exact_and_monte_carlo_agree_where_blocks_are_filled(cells_trial, factors):
    """Over 20,000 re-randomisations, within 5 standard errors, in everybody and every subgroup.

    Would detect a block's events counted in another block, or a subgroup's in another.
    """
    blocks = {"kind": "stratified_permuted_block", "factors": FACTORS, "block_sizes": [6]}
    design = _design(blocks)
    trial = _filled(cells_trial, design, np.array([6, 12, 18, 24, 6, 12, 18, 24, 6, 12, 18, 24]), 8)
    how, draws = Randomisation(design.scheme, design.weights), 20_000
    results = {}
    for way in ("automatic", "monte_carlo"):
        table = TABLE | {"factors": factors, "n_rerandomisations": draws, "p_value": way}
        results[way] = _estimator(cells_trial, table).estimate_trial(
            trial, "t", "c", cells_trial.populations, how, np.random.default_rng(1)
        )
    for sides in (1, 2):
        exact, sampled = (results[way].p_value(sides)[:8] for way in ("automatic", "monte_carlo"))
        assert (exact != sampled).any()
        error = np.sqrt(exact * (1 - exact) / draws) + 1 / draws
        assert (np.abs(exact - sampled) < 5 * error).all()
    interactions = [results[way].p_value(2)[8:] for way in ("automatic", "monte_carlo")]
    assert_array_equal(*interactions)


def test_unfilled_blocks_and_cut_strata_are_not_taken_for_exact(cells_trial):
    """One participant more, or subgroups of a scheme without strata, and Monte Carlo p-values remain."""
    table = TABLE | {"n_rerandomisations": 19, "factors": []}
    for randomisation, sizes, exact_groups in (
        ({"kind": "permuted_block", "block_sizes": [6]}, np.full(12, 6), [0]),
        ({"kind": "permuted_block", "block_sizes": [6]}, np.array([7] + [6] * 11), []),
        (
            {"kind": "stratified_permuted_block", "factors": ["sex"], "block_sizes": [6]},
            np.full(12, 6),
            [0, 4, 5],
        ),
    ):
        design = _design(randomisation)
        trial = _filled(cells_trial, design, sizes, 3)
        how = Randomisation(design.scheme, design.weights)
        got = _estimator(cells_trial, table).estimate_trial(
            trial, "t", "c", cells_trial.populations, how, np.random.default_rng(1)
        )
        twentieths = np.isclose((got.p_value(2) * 20) % 1, 0, atol=1e-9) | (got.status != 0)
        assert [m for m in range(len(twentieths)) if not twentieths[m].all()] == exact_groups


EVERYBODY = Populations(("all",), ("all",), np.ones((1, 2), bool), np.empty((0, 2), int))
TINY = CellTable(("sex",), (("men", "women"),), np.array([0.5, 0.5]))


class _Given:
    """Gives these assignments, (B, 6), as lists of men and then of women."""

    kind, strata_factors, whole_block_size = "given", ("sex",), None
    control_is_last, randomised_unit, balanced_within = False, "participant", ()

    def __init__(self, arms):
        self._lists = iter((arms[:, :3], arms[:, 3:]))

    def assign(self, *_):
        raise NotImplementedError

    def why_not_weights(self, *_):
        raise NotImplementedError

    def why_no_list(self):
        return ""

    allocation_list = list_probability = assign
    why_not_services = caveats = why_not_weights

    def draw_lists(self, *_):
        return next(self._lists)


def _every_assignment(n_blocks_of_3):
    orders = [(0, 0, 1), (0, 1, 0), (1, 0, 0)]
    return np.array([sum(chosen, ()) for chosen in product(orders, repeat=n_blocks_of_3)])


@pytest.mark.parametrize(
    ("way", "y", "factors"),
    [
        *product(["automatic"], ["110100", "111000", "100000", "110110"], [(), ("sex",)]),
        ("monte_carlo", "110100", ()),
        ("monte_carlo", "110110", ("sex",)),
    ],
)
def test_p_value_is_exactly_valid(cells_trial, way, y, factors):
    """Two blocks of three at 2:1, every assignment equally likely: P(p <= a) <= a at every a.

    The exact p-value's distribution over the nine assignments is enumerated. For the Monte Carlo p-value
    with B = 2, it is enumerated over the 9^3 triples of the trial's assignment and the two others.
    """
    every, outcome = _every_assignment(2), np.array([[c == "1" for c in y]])
    design = _design({"kind": "stratified_permuted_block", "factors": ["sex"], "block_sizes": [3]})
    changes = {"factors": factors, "n_rerandomisations": 2, "p_value": way}
    part = _estimator(cells_trial).model_copy(update=changes)
    index = np.array(list(product(range(9), repeat=3 if way == "monte_carlo" else 1)))
    p = []
    for own, *again in every[index]:
        scheme = _Given(np.array(again)) if way == "monte_carlo" else design.scheme
        cohort = Cohort(TINY, np.array([[0, 0, 0, 1, 1, 1]]), np.zeros((1, 6), int), 1)
        trial = Trial(cohort, Assignment(own[None], None), Outcomes(outcome), ("t", "c"))
        how = Randomisation(scheme, TWO_TO_ONE)
        got = part.estimate_trial(trial, "t", "c", EVERYBODY, how, np.random.default_rng(0))
        p.append([got.p_value(sides)[0, 0] for sides in (1, 2)])
    one_sided, two_sided = np.array(p).T
    for column in (one_sided, two_sided):
        known = column[~np.isnan(column)]
        assert (len(np.unique(known)) > 1) == (y != "111000")
        for level in known:
            assert (known <= level + 1e-12).sum() <= (level + 1e-9) * len(column)
    if way == "automatic" and not np.isnan(one_sided).any():
        for level in one_sided:
            assert (one_sided <= level + 1e-12).mean() == pytest.approx(level)


def test_places_keep_order_and_outcomes(cells_trial):
    """Each stratum's participants stand in their list in the order of arrival, with their outcomes."""
    design = _design({"kind": "complete"})
    trial = _trial(cells_trial, design, 50, 5)
    places = Places.of(trial, ("age", "sex"), 4)
    stratum, n_strata = trial.cohort.stratum(("age", "sex"))
    first = np.cumsum(places.longest) - places.longest
    assert (places.longest % 4 == 0).all()
    for r in range(5):
        for s in range(n_strata):
            rows = np.flatnonzero(stratum[r] == s)
            here = slice(first[s], first[s] + len(rows))
            assert_array_equal(places.y[r, here], trial.outcomes.y[r, rows])
            assert_array_equal(places.cell[r, here], trial.cohort.cell[r, rows])
            rest = slice(first[s] + len(rows), first[s] + places.longest[s])
            assert (places.cell[r, rest] == -1).all()
            assert not places.y[r, rest].any()


@pytest.fixture
def small(cells_trial):
    """One hundred and twenty participants at 2:1 with a re-randomisation test of 39."""
    table = TABLE | {"n_rerandomisations": 39}
    return with_estimators(
        unequal(cells_trial),
        table,
        {"kind": "difference_in_proportions"},
        design__n_participants=120,
        simulation__replicates=640,
    )


def test_counts_and_enumeration_refuse_by_name(small):
    assert why_no_counts(small) == "estimator rerandomisation_test needs participants"
    assert why_not_exact(small)["rerandomisation_test"] == "needs participants"
    with pytest.raises(NotAvailableError, match="estimator rerandomisation_test needs participants"):
        simulate(small, route="counts")


def test_scenario_gives_power_and_type_i_error(small):
    """Type I error at most 5 per cent, up to 5 standard errors of 640 replicates; power above it."""
    run = simulate(small.with_changes({"assumptions.outcome.effect": 0.25}))
    assert run.provenance["route"] == "individual"
    error = run.find("type_i_error", "rerandomisation_test")
    assert error.value <= 0.05 + 5 * error.mc_standard_error
    assert error.value > 0.01
    assert run.find("power", "rerandomisation_test").value > 0.5


def test_third_arm_is_refused(cells_trial):
    arm = {"name": "other", "allocation_weight": 1}
    arms = [arm.model_dump() for arm in cells_trial.design.arms]
    with pytest.raises(ScenarioError, match="needs a design of two arms, got 3"):
        with_estimators(
            cells_trial, TABLE, design__arms=[*arms, arm], design__randomisation={"kind": "complete"}
        )
