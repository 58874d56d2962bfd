"""Covariate-adaptive schemes against the same in plain Python."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from importlib.resources import files
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chisquare

from ipsrct.randomisation import _adaptive
from ipsrct.randomisation._model import stratum_dummies
from ipsrct.randomisation.covariate_adaptive import CovariateAdaptive
from ipsrct.randomisation.d_optimal_biased_coin import DOptimalBiasedCoin, _assign
from ipsrct.randomisation.minimisation import Minimisation
from ipsrct.trial import SERVICE, CellTable, Cohort
from tests.randomisation import oracle

CELLS = CellTable(("age", "sex"), (("a", "b", "c"), ("m", "w")), np.full(6, 1 / 6))
WEIGHTS = [(1, 1), (2, 1), (1, 3), (2, 2), (1, 1, 1), (3, 2, 1), (1, 1, 1, 2)]
MARGINS = [
    [(("age",), 1), (("sex",), 1)],
    [(("sex",), 3), ((SERVICE,), 1), (("age",), 2)],
    [((), 2), (("age",), 1), (("sex",), 1), (("age", "sex"), 3)],
    [((SERVICE, "age"), 1), ((), 1)],
]


def _cohort(rng, n, n_replicates, n_services=5):
    shape = (n_replicates, n)
    cell = rng.integers(6, size=shape, dtype=np.int16)
    return Cohort(CELLS, cell, rng.integers(n_services, size=shape, dtype=np.int32), n_services)


def _strata(cohort, margins, r):
    """Each participant's level of every factor of every margin, from the names alone."""
    column = {name: CELLS.level_index[cohort.cell[r], f] for f, name in enumerate(CELLS.factors)}
    column[SERVICE] = cohort.service[r]
    return [
        tuple(tuple(int(column[name][i]) for name in factors) for factors, _ in margins)
        for i in range(cohort.cell.shape[1])
    ]


@pytest.mark.parametrize("imbalance", ["range", "variance"])
@pytest.mark.parametrize("margins", MARGINS, ids=str)
@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (3, 2, 1), (2, 1, 1, 1)], ids=str)
def test_every_trial_equals_plain_python_given_its_uniforms(weights, margins, imbalance):
    rng = np.random.default_rng(1)
    cohort, uniform = _cohort(rng, 40, 3), rng.random((40, 3))
    for probability in (0.8, 1.0):
        arm = _adaptive.assign_in_turn(cohort, margins, imbalance, weights, probability, uniform)
        for r in range(3):
            strata, own = _strata(cohort, margins, r), [w for _, w in margins]
            expected = oracle.assign_in_turn(strata, own, weights, imbalance, probability, uniform[:, r])
            assert_array_equal(arm[r], expected)


@settings(max_examples=40)
@given(st.data())
def test_short_trials_equal_plain_python(data):
    """Any allocation of up to four arms, any factor weights, with uniforms that fall between the edges."""
    weights = tuple(data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4)))
    margins = [(name, data.draw(st.integers(1, 4))) for name in ((), ("age",), ("age", "sex"))]
    imbalance = data.draw(st.sampled_from(["range", "variance"]))
    probability = data.draw(st.floats(min(weights) / sum(weights), 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    cohort, uniform = _cohort(rng, 8, 2), rng.random((8, 2))
    arm = _adaptive.assign_in_turn(cohort, margins, imbalance, weights, probability, uniform)
    for r in range(2):
        strata, own = _strata(cohort, margins, r), [w for _, w in margins]
        expected = oracle.assign_in_turn(strata, own, weights, imbalance, probability, uniform[:, r])
        assert_array_equal(arm[r], expected)


@pytest.mark.parametrize("imbalance", ["range", "variance"])
def test_every_short_sequence_of_covariates_and_coins(imbalance):
    """All 64 sequences of four cells, with coins between every two edges: 1,728 trials at 2:1."""
    cell = np.array(list(product((0, 1, 2, 5), repeat=3)), dtype=np.int16).repeat(27, axis=0)
    coins = np.tile(np.array(list(product([0.05, 0.5, 0.8], repeat=3))), (64, 1))
    cohort = Cohort(CELLS, cell, np.zeros_like(cell), 1)
    margins = MARGINS[0]
    arm = _adaptive.assign_in_turn(cohort, margins, imbalance, (2, 1), 0.9, np.ascontiguousarray(coins.T))
    for r in range(len(cell)):
        expected = oracle.assign_in_turn(
            _strata(cohort, margins, r), [1, 1], (2, 1), imbalance, 0.9, coins[r]
        )
        assert arm[r].tolist() == expected


@pytest.mark.parametrize("weights", [(1, 1), (2, 1), (1, 1, 1)], ids=str)
@pytest.mark.parametrize("kind", ["minimisation", "covariate_adaptive"])
def test_drawn_sequences_follow_the_enumerated_distribution(kind, weights):
    """Chi-squared over every sequence of arms of six participants; false-alarm rate 1e-4 each, seed fixed.

    Would detect a tie broken by other odds than the allocation's, or a coin on the wrong arm.
    """
    draws = 20_000
    if kind == "minimisation":
        scheme = Minimisation(kind=kind, factors=("age", "sex"), factor_weights=(2, 1), probability=0.75)
        margins, function = [(("age",), 2), (("sex",), 1)], "range"
    else:
        scheme = CovariateAdaptive(kind=kind, factors=("age", "sex"), stratum_weight=2, probability=0.75)
        margins, function = [((), 1), (("age",), 1), (("sex",), 1), (("age", "sex"), 2)], "variance"
    cell = np.array([0, 1, 0, 5, 1, 0], dtype=np.int16)
    cohort = Cohort(CELLS, np.tile(cell, (draws, 1)), np.zeros((draws, 6), dtype=np.int32), 1)
    arm = scheme.assign(cohort, weights, np.random.default_rng(3)).arm
    own = [w for _, w in margins]
    exact = oracle.sequences(_strata(cohort, margins, 0), own, weights, function, 0.75)
    seen = Counter(map(tuple, arm.tolist()))
    assert seen.keys() <= exact.keys()
    common = {s: p for s, p in exact.items() if p * draws >= 5}
    rare = 1 - sum(common.values())
    observed = [seen[s] for s in common] + [draws - sum(seen[s] for s in common)]
    expected = [p * draws for p in common.values()] + [rare * draws]
    assert (
        chisquare(observed[: len(observed) - (rare < 1e-9)], expected[: len(expected) - (rare < 1e-9)]).pvalue
        > 1e-4
    )


def test_hu_and_hu_imbalance_is_the_weighted_sum_of_squared_differences():
    """With two equal arms: overall, margins and stratum, straight from the paper's definition."""
    rng = np.random.default_rng(4)
    scheme = CovariateAdaptive(
        kind="covariate_adaptive",
        factors=("age", "sex"),
        overall_weight=3,
        margin_weights=(2, 1),
        stratum_weight=4,
        probability=0.85,
    )
    cohort = _cohort(rng, 80, 5)
    arm = scheme.assign(cohort, (1, 1), np.random.default_rng(5)).arm
    uniform = np.random.default_rng(5).random((80, 5))
    level = CELLS.level_index
    for r in range(5):
        cell, sign = cohort.cell[r], []
        for i in range(80):
            earlier, d = cell[:i], np.array(sign)
            groups = [
                (3, np.ones(i, dtype=bool)),
                (2, level[earlier, 0] == level[cell[i], 0]),
                (1, level[earlier, 1] == level[cell[i], 1]),
                (4, earlier == cell[i]),
            ]
            first, second = (
                sum(w * (d[g].sum() + step) ** 2 if i else w for w, g in groups) for step in (1, -1)
            )
            edge = 0.5 if first == second else 0.85 if first < second else 0.15
            sign.append(1 if uniform[i, r] < edge else -1)
        assert_array_equal(arm[r] == 0, np.array(sign) == 1)


def _worked_example():
    path = files("ipsrct.validation").joinpath("data", "cases.json")
    cases = json.loads(path.read_text(encoding="utf-8"))
    cases = cases["cases"] if isinstance(cases, dict) else cases
    return next(case for case in cases if case["kind"] == "minimisation_worked_example")


def test_published_worked_example_step_by_step():
    """The 15th participant of the published table: totals 3 and 5, so control."""
    case = _worked_example()
    given_counts = case["inputs"]["factors"]
    counts = np.array([[given_counts[f][a] for f in given_counts] for a in ("control", "treatment")], float)
    totals = np.empty((2, 1))
    _adaptive._totals("range", np.ones(2), np.ones(3), 1)(counts[..., None], totals)
    expected = [case["expected"]["total_if_control"], case["expected"]["total_if_treatment"]]
    assert totals[:, 0].tolist() == expected == [3, 5]
    own = [{0: [int(x) for x in column]} for column in counts.T]
    assert oracle.totals(own, (0, 0, 0), (1, 1, 1), (1, 1), "range") == expected


def test_published_worked_example_through_the_scheme():
    """Fourteen participants who leave the published counts, by coins that force them, then the 15th."""
    cells = CellTable(("site", "sex", "age"), (("s1", "s2"), ("m", "f"), ("u65", "o65")), np.full(8, 1 / 8))
    # (site 2, female, 65 or over) of the earlier participants.
    control = [(1, 1, 0), (1, 1, 1), (1, 0, 1), (0, 1, 1), (0, 0, 0), (0, 0, 0)]
    treated = [(1, 1, 1), (1, 1, 1), (1, 1, 1), (1, 0, 0), (1, 0, 0), (0, 0, 0), (0, 0, 0), (0, 0, 0)]
    given_counts = _worked_example()["inputs"]["factors"]
    assert np.sum(control, axis=0).tolist() == [given_counts[f]["control"] for f in given_counts]
    assert np.sum(treated, axis=0).tolist() == [given_counts[f]["treatment"] for f in given_counts]
    cell = np.array([[4 * s + 2 * f + a for s, f, a in [*control, *treated, (1, 1, 1)]]], dtype=np.int16)
    cohort = Cohort(cells, cell, np.zeros_like(cell), 1)
    margins = [((name,), 1) for name in cells.factors]
    for last, expected in ((0.0, 0), (0.89, 0), (0.91, 1)):
        coins = np.array([[0.0]] * 6 + [[0.99]] * 8 + [[last]])
        arm = _adaptive.assign_in_turn(cohort, margins, "range", (1, 1), 0.9, coins)
        assert arm[0].tolist() == [0] * 6 + [1] * 8 + [expected]


@pytest.mark.parametrize("weights", [(1, 1), (3, 1)])
@pytest.mark.parametrize("imbalance", ["range", "variance"])
def test_two_arms_have_one_kernel_more(weights, imbalance):
    """The kernel for two arms gives what the one for any number gives, in 32 and in 64 bits."""
    rng = np.random.default_rng(6)
    cohort, uniform = _cohort(rng, 100, 7), rng.random((100, 7))
    # Twenty million and one less twice ten million is nothing in 32 bits.
    for margin_weights in (np.array([2.0, 1.0]), np.array([2e7 + 1, 1e7])):
        places = [_adaptive._Places(cohort, [("age",), ("sex",)]) for _ in range(2)]
        arguments = margin_weights, imbalance, _adaptive.participant_units(weights)
        edges = _adaptive.coin(weights, 0.7)
        two = _adaptive._two_arms(places[0], *arguments, edges, uniform)
        many = _adaptive._many_arms(places[1], *arguments, edges, uniform)
        assert_array_equal(two, many)


@pytest.mark.parametrize("weights", WEIGHTS, ids=str)
def test_coin_keeps_the_allocation_when_arms_are_preferred_in_its_ratio(weights):
    """If arm k is preferred with probability w_k / sum(w), it is assigned with that probability."""
    for probability in (max(0.4, min(weights) / sum(weights)), 0.8, 1.0):
        edges = _adaptive.coin(weights, probability)
        share = np.array(weights) / sum(weights)
        chance = np.diff(np.vstack([np.zeros(edges.shape[1]), edges, np.ones(edges.shape[1])]), axis=0)
        single = [1 << k for k in range(len(weights))]
        assert_allclose(chance[:, single] @ share, share, atol=1e-14)
        smallest = weights.index(min(weights))
        assert chance[smallest, 1 << smallest] == pytest.approx(probability)
        assert_allclose(chance[:, -1], share, atol=1e-14)


def _share_of_first(scheme, weights, cohort, seed=7):
    return (scheme.assign(cohort, weights, np.random.default_rng(seed)).arm == 0).mean()


def test_two_to_one_is_kept_where_naive_minimisation_fails():
    """The larger arm's share of 600 participants in 200 trials; each bound is over 10 standard errors wide.

    Balancing raw counts pulls towards 1:1, and the same high probability for both arms holds the larger
    arm below it; dividing by the weights and adapting the probability keeps two thirds.
    """
    cohort = _cohort(np.random.default_rng(8), 600, 200)
    for probability in (0.6, 0.8, 1.0):
        scheme = Minimisation(kind="minimisation", factors=("age", "sex", SERVICE), probability=probability)
        assert _share_of_first(scheme, (2, 1), cohort) == pytest.approx(2 / 3, abs=0.002)
        assert _share_of_first(scheme, (1, 4), cohort) == pytest.approx(1 / 5, abs=0.002)
    margins = [(("age",), 1), (("sex",), 1), ((SERVICE,), 1)]
    places = _adaptive._Places(cohort, [factors for factors, _ in margins])
    uniform = np.random.default_rng(9).random((600, 200))

    def naive(unit, edges):
        places = _adaptive._Places(cohort, [factors for factors, _ in margins])
        return (_adaptive._two_arms(places, np.ones(3), "range", unit, edges, uniform) == 0).mean()

    raw_counts = naive(np.ones(2), _adaptive.coin((2, 1), 0.8))
    same_coin = naive(_adaptive.participant_units((2, 1)), _adaptive.coin((1, 1), 0.6))
    assert places.total == (3 + 2 + 5) * 200
    assert raw_counts < 0.6
    assert same_coin < 0.6 + 0.01


def test_minimisation_balances_margins_better_than_a_coin():
    """Mean absolute difference in a level: below 2 by minimisation, about sqrt(2 n / pi) = 14 by a coin."""
    cohort = _cohort(np.random.default_rng(10), 900, 50)
    scheme = Minimisation(kind="minimisation", factors=("age", "sex"), probability=0.9)
    sign = 1 - 2.0 * scheme.assign(cohort, (1, 1), np.random.default_rng(11)).arm
    level = CELLS.level_index[cohort.cell, 0]
    difference = np.array([np.abs((sign * (level == v)).sum(axis=1)).mean() for v in range(3)])
    assert (difference < 2).all()


@pytest.mark.parametrize("factors", [("age", "sex"), ("sex", SERVICE)])
def test_d_optimal_equals_plain_python_given_its_uniforms(factors):
    rng = np.random.default_rng(12)
    cohort, uniform = _cohort(rng, 50, 8), rng.random((50, 8))
    arm = _assign(cohort, factors, uniform)
    dummies = stratum_dummies(CELLS, factors, cohort.n_services)
    stratum, _ = cohort.stratum(factors)
    for r in range(8):
        rows = np.concatenate([np.ones((50, 1)), dummies[stratum[r]]], axis=1)
        assert_array_equal(arm[r], oracle.d_optimal(rows, uniform[:, r], 1e-6))


def test_d_optimal_without_covariates_is_the_published_coin():
    """With a constant alone q is the earlier arms' mean sign; all 2**6 sequences have Atkinson's probability.

    One factor level only ever arrives, so the model is the constant; 30,000 trials, chi-squared at 1e-4.
    """
    draws, n = 30_000, 6
    cell = np.zeros((draws, n), dtype=np.int16)
    cohort = Cohort(CELLS, cell, np.zeros_like(cell), 1)
    scheme = DOptimalBiasedCoin(kind="d_optimal_biased_coin", factors=("sex",))
    arm = scheme.assign(cohort, (1, 1), np.random.default_rng(13)).arm
    exact = {}
    for arms in product((0, 1), repeat=n):
        probability = Fraction(1)
        for i in range(n):
            q = Fraction(sum(1 - 2 * a for a in arms[:i]), i) if i else Fraction(0)
            first = (1 - q) ** 2 / ((1 - q) ** 2 + (1 + q) ** 2)
            probability *= first if arms[i] == 0 else 1 - first
        exact[arms] = float(probability)
    seen = Counter(map(tuple, arm.tolist()))
    possible = {arms: p for arms, p in exact.items() if p > 1e-5}
    assert sum(seen[arms] for arms in possible) == draws
    assert chisquare([seen[a] for a in possible], [p * draws for p in possible.values()]).pvalue > 1e-4


def test_d_optimal_balances_unequal_factors():
    """The loss of information, in participants, is Atkinson's 1/5 a coefficient; a coin's is 1."""
    cohort = _cohort(np.random.default_rng(14), 400, 60)
    factors = ("age", "sex")
    arm = DOptimalBiasedCoin(kind="d_optimal_biased_coin", factors=factors)
    sign = 1 - 2.0 * arm.assign(cohort, (1, 1), np.random.default_rng(15)).arm
    coin = 1 - 2.0 * np.random.default_rng(16).integers(2, size=sign.shape)
    dummies, stratum = stratum_dummies(CELLS, factors, 1), cohort.stratum(factors)[0]

    def loss(signs):
        found = []
        for r in range(60):
            rows = np.concatenate([np.ones((400, 1)), dummies[stratum[r]]], axis=1)
            b = rows.T @ signs[r]
            found.append(b @ np.linalg.solve(rows.T @ rows, b))
        return np.mean(found)

    # Four coefficients (Burman 1996); standard errors over 60 trials: about 0.1 and 0.4.
    assert loss(sign) == pytest.approx(4 / 5, abs=0.4)
    assert loss(coin) > 2.4


def test_stratum_dummies_follow_the_order_of_strata():
    rng = np.random.default_rng(17)
    cohort = _cohort(rng, 200, 2)
    for factors in (("sex",), ("age", "sex"), ("age", SERVICE), (SERVICE,)):
        dummies = stratum_dummies(CELLS, factors, cohort.n_services)
        stratum, n_strata = cohort.stratum(factors)
        assert len(dummies) == n_strata
        expected = []
        for name in [f for f in factors if f != SERVICE]:
            f = CELLS.factors.index(name)
            level = CELLS.level_index[cohort.cell, f]
            expected += [level == v for v in range(1, len(CELLS.levels[f]))]
        if SERVICE in factors:
            expected += [cohort.service == s for s in range(1, cohort.n_services)]
        assert_array_equal(np.moveaxis(dummies[stratum], -1, 0), np.array(expected))
