"""Services, counties, pairs and steps: enumeration, balance and what cannot be randomised."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations, product
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chisquare

from ipsrct._service_table import ServiceTable
from ipsrct.randomisation._units import allocate
from ipsrct.randomisation.cluster import Cluster
from ipsrct.randomisation.matched_pairs import MatchedPairs
from ipsrct.randomisation.stepped_wedge import SteppedWedge
from ipsrct.trial import CellTable, Cohort

CELLS = CellTable((), (), np.ones(1))


def _table(sizes, openings=None):
    county = np.repeat(np.arange(len(sizes)), sizes)
    opening = np.zeros(len(county)) if openings is None else np.repeat(np.array(openings, float), sizes)
    return ServiceTable(tuple(f"county_{i}" for i in range(len(sizes))), county, opening)


def _cohort(table, n, n_replicates, seed=1):
    service = np.random.default_rng(seed).integers(table.size, size=(n_replicates, n), dtype=np.int32)
    cell = np.zeros((n_replicates, n), dtype=np.int16)
    return Cohort(CELLS, cell, service, table.size, services=table)


def _allocations(n_units, weights):
    """Every allocation with its probability: whole blocks, then a random part of one more, shuffled."""
    block = [k for k, w in enumerate(weights) for _ in range(w)]
    whole, left = divmod(n_units, len(block))
    found: Counter = Counter()
    for rest in combinations(range(len(block)), left):
        arms = block * whole + [block[i] for i in rest]
        distinct = set(permutations(arms))
        for allocation in distinct:
            found[allocation] += 1 / comb(len(block), left) / len(distinct)
    return found


@pytest.mark.parametrize(
    ("n_units", "weights"), [(6, (1, 1)), (5, (1, 1)), (7, (2, 1)), (4, (4, 2)), (5, (1, 2, 1))]
)
def test_units_follow_the_enumerated_allocations(n_units, weights):
    """Chi-squared over every allocation, 20,000 draws; false-alarm rate 1e-4 each, seed fixed.

    Would detect left-over units that favour an arm, or a 4:2 that is not 2:1.
    """
    draws = 20_000
    drawn = allocate(n_units, weights, draws, np.random.default_rng(2))
    reduced = tuple(w // np.gcd.reduce(weights) for w in weights)
    exact = _allocations(n_units, reduced)
    seen = Counter(map(tuple, drawn.tolist()))
    assert seen.keys() <= exact.keys()
    assert chisquare([seen[a] for a in exact], [p * draws for p in exact.values()]).pvalue > 1e-4
    share = sum(p * np.array([a.count(k) for k in range(len(weights))]) for a, p in exact.items()) / n_units
    assert_allclose(share, np.array(weights) / sum(weights))


@pytest.mark.parametrize("unit", ["service", "county"])
def test_a_unit_has_one_arm_and_units_have_the_ratio(unit):
    table = _table([2, 1, 3, 1, 2, 3])
    cohort = _cohort(table, 300, 40)
    arm = Cluster(kind="cluster", unit=unit).assign(cohort, (2, 1), np.random.default_rng(3)).arm
    own = cohort.service if unit == "service" else table.county[cohort.service]
    n_units = 12 if unit == "service" else 6
    for r in range(40):
        by_unit = {int(u): set(arm[r][own[r] == u].tolist()) for u in range(n_units)}
        assert all(len(arms) == 1 for arms in by_unit.values())
        assert sum(arms == {0} for arms in by_unit.values()) == 2 * n_units // 3


@pytest.mark.parametrize("pairs_by", ["expected_size", "county"])
def test_one_of_each_pair_in_each_arm(pairs_by):
    table = _table([2, 4, 2], openings=[0.5, 0.0, 0.2])
    cohort = _cohort(table, 400, 200)
    scheme = MatchedPairs(kind="matched_pairs", pairs_by=pairs_by)
    arm = scheme.assign(cohort, (1, 1), np.random.default_rng(4)).arm
    by_service = np.array([[arm[r][cohort.service[r] == s][0] for s in range(8)] for r in range(200)])
    # County 1 opens first, so it has the largest expected sizes, then county 2, then county 0.
    pairs = [(0, 1), (2, 3), (4, 5), (6, 7)]
    assert (sum(by_service[:, a] + by_service[:, b] for a, b in pairs) == 4).all()
    assert all((by_service[:, a] != by_service[:, b]).all() for a, b in pairs)
    # Coins are fair and independent: all 16 outcomes, chi-squared at 1e-4.
    seen = Counter(map(tuple, by_service[:, [a for a, _ in pairs]].tolist()))
    assert chisquare([seen[o] for o in product((0, 1), repeat=4)]).pvalue > 1e-4


def test_pairs_by_expected_size_follow_the_openings():
    """Neighbours in the order of opening are partners, across counties where a county is odd."""
    table = _table([1, 3, 2], openings=[0.3, 0.0, 0.3])
    paired = MatchedPairs(kind="matched_pairs")._paired(table)
    assert paired.tolist() == [1, 2, 3, 0, 4, 5]


def test_stepped_wedge_is_its_published_layout():
    """Six services in three steps over four periods: each service's arm by period."""
    table = _table([6])
    cohort = _cohort(table, 200, 50)
    scheme = SteppedWedge(kind="stepped_wedge", steps=3)
    assignment = scheme.assign(cohort, (1, 1), np.random.default_rng(5))
    period = np.repeat([0, 1, 2, 3], 50)
    assert_array_equal(scheme.periods(200), period)
    for r in range(50):
        crossings = []
        for s in range(6):
            own = cohort.service[r] == s
            first_treated = [period[i] for i in np.flatnonzero(own) if assignment.arm[r, i] == 0]
            crossings.append(min(first_treated))
            expected = np.where(period[own] >= crossings[-1], 0, 1)
            assert_array_equal(assignment.arm[r][own], expected)
        assert sorted(crossings) == [1, 1, 2, 2, 3, 3]
    assert_allclose(assignment.probability[:, 0], period / 3)
    # The order of services is random: each crosses first in a third of the trials (5 standard errors).
    assert (assignment.arm[:, period == 0] == 1).all()
    assert (assignment.arm[:, period == 3] == 0).all()


def test_steps_that_do_not_divide_the_services_differ_by_one():
    step = allocate(7, (1, 1, 1), 500, np.random.default_rng(6))
    sizes = np.sort([[np.sum(row == k) for k in range(3)] for row in step], axis=1)
    assert_array_equal(sizes, np.tile([2, 2, 3], (500, 1)))


ONE, FEW = _table([1]), _table([1, 1])
REFUSED = [
    (Cluster(kind="cluster"), ONE, (1, 1), 'give the cohort "services"'),
    (Cluster(kind="cluster"), FEW, (2, 1), "needs at least 3 services for an allocation of 2:1, got 2"),
    (Cluster(kind="cluster", unit="county"), _table([4]), (1, 1), "at least 2 counties"),
    (MatchedPairs(kind="matched_pairs"), _table([3]), (1, 1), "an even number of services, got 3"),
    (MatchedPairs(kind="matched_pairs"), ONE, (1, 1), 'give the cohort "services"'),
    (
        MatchedPairs(kind="matched_pairs", pairs_by="county"),
        _table([2, 1, 3]),
        (1, 1),
        "county_1 (1), county_2 (3)",
    ),
    (SteppedWedge(kind="stepped_wedge", steps=3), FEW, (1, 1), "at least 3 services to cross over"),
]


@pytest.mark.parametrize(
    ("scheme", "table", "weights", "words"), REFUSED, ids=lambda x: getattr(x, "kind", None)
)
def test_what_services_cannot_give_is_refused(scheme, table, weights, words):
    assert words in scheme.why_not_services(table, weights)
    assert scheme.why_not_services(_table([2] * 4), weights) == ""


@pytest.mark.parametrize("weights", [(2, 1), (1, 1, 1)])
def test_pairs_and_wedges_are_for_two_equal_arms(weights):
    for scheme in (MatchedPairs(kind="matched_pairs"), SteppedWedge(kind="stepped_wedge", steps=2)):
        assert "two arms of equal weight" in scheme.why_not_weights(weights)
        assert scheme.why_not_weights((2, 2)) == ""
