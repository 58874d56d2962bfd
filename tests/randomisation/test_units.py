"""Services, counties, pairs and steps: enumeration, balance and what cannot be randomised."""

from __future__ import annotations

import json
from collections import Counter
from importlib.resources import files
from itertools import combinations, permutations, product
from math import comb

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chisquare, norm

from ipsrct._service_table import ServiceTable
from ipsrct.evidence import Quantity
from ipsrct.outcome.cell_risks import CellRisks
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


def _published(kind):
    path = files("ipsrct.validation").joinpath("data", "cases.json")
    cases = json.loads(path.read_text(encoding="utf-8"))
    return next(case for case in cases if case["kind"] == kind)


def _differences(n_per_arm, cluster_size, icc, risks, n_replicates):
    """Differences in proportions of trials whose clusters have one size, in equal arms."""
    n_clusters = 2 * n_per_arm // cluster_size
    service = np.tile(np.repeat(np.arange(n_clusters), cluster_size), (n_replicates, 1)).astype(np.int32)
    table = _table([n_clusters])
    cohort = Cohort(CELLS, np.zeros_like(service, dtype=np.int16), service, n_clusters, services=table)
    assignment = Cluster(kind="cluster").assign(cohort, (1, 1), np.random.default_rng(7))
    outcome = CellRisks(
        kind="cell_risks",
        control_risk=Quantity(value=risks[0], assumed="as published"),
        effect=Quantity(value=risks[1] - risks[0], assumed="as published"),
        service_icc=Quantity(value=icc, assumed="as published"),
    )
    y = outcome.draw(cohort, assignment, (True, False), np.random.default_rng(8)).y
    treated = assignment.arm == 0
    return (y * treated).sum(axis=1) / n_per_arm - (y * ~treated).sum(axis=1) / n_per_arm


def test_published_inflation():
    """Clusters of 7 at an ICC of 0.05 inflate the variance by 1.3 (British Medical Journal 1999;319:683).

    20,000 trials of 28 clusters: a variance ratio has a standard error of 1 per cent, and 4 are allowed.
    """
    case = _published("cluster_design_effect")
    size, icc = case["inputs"]["cluster_size"], case["inputs"]["icc"]
    difference = _differences(14 * size, size, icc, (0.4, 0.4), 20_000)
    ratio = difference.var() / (0.4 * 0.6 * 2 / (14 * size))
    assert ratio == pytest.approx(case["expected"]["inflation"], rel=0.04)


def test_published_power():
    """PASS 11: 13 clusters of 150 an arm, 0.1 against 0.2, ICC 0.05, unpooled z: power 0.86.

    2,000 trials, tested with the true variance as in the formula: a standard error of 0.8 points, and 4 of
    them and 1 point for 26 clusters are allowed.
    """
    case = _published("cluster_power")
    given = case["inputs"]
    n, size, icc = given["clusters_per_arm"] * given["cluster_size"], given["cluster_size"], given["icc"]
    p = np.array([given["p1"], given["p2"]])
    error = np.sqrt((p * (1 - p)).sum() / n * (1 + (size - 1) * icc))
    power = (np.abs(_differences(n, size, icc, p, 2_000)) > norm.isf(given["alpha"] / 2) * error).mean()
    assert power == pytest.approx(case["expected"], abs=0.04)
