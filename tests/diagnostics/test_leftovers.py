"""Leftovers of blocks: exact values against every cohort and list, and against simulation."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from ipsrct.diagnostics import diagnose, expected_leftovers
from ipsrct.diagnostics.leftovers import SizeLaw, scenario_leftovers, stratum_sizes
from ipsrct.randomisation._blocks import block_lists
from ipsrct.trial import SERVICE
from tests.conftest import unequal
from tests.diagnostics import oracle

DESIGNS = [
    ((1, 1), (2,)),
    ((1, 1), (4,)),
    ((1, 1), (2, 4)),
    ((2, 1), (3,)),
    ((2, 1), (3, 6)),
    ((1, 1, 1), (3,)),
]


def _compositions(n, block_sizes):
    """Return every way in which blocks fill n places: (blocks started, places of the last, is it full)."""
    if n == 0:
        return [(1.0, 0, 0)]
    found = []
    for size in block_sizes:
        if size >= n:
            found.append((1 / len(block_sizes), 1, n % size))
        else:
            rest = _compositions(n - size, block_sizes)
            found += [(p / len(block_sizes), started + 1, left) for p, started, left in rest]
    return found


@pytest.mark.parametrize(("weights", "sizes"), DESIGNS)
def test_expectations_by_enumeration_of_cohorts_and_lists(weights, sizes):
    """Six participants in strata of probability 0.3 and 0.7: every cohort, every list."""
    n, shares = 6, (0.3, 0.7)
    scale = 2 / sum(weights)
    started = incomplete = left = within = square = empty = 0.0
    for cohort in product((0, 1), repeat=n):
        p_cohort = np.prod([shares[s] for s in cohort])
        off = []
        for s in (0, 1):
            size = cohort.count(s)
            for p, blocks, leftover in _compositions(size, sizes):
                started += p_cohort * p * blocks
                incomplete += p_cohort * p * (leftover > 0)
                left += p_cohort * p * leftover
            empty += p_cohort * (size == 0)
            off.append(
                [
                    (float(p), [sum(weights) * sequence.count(k) - w * size for k, w in enumerate(weights)])
                    for sequence, p in oracle.lists(size, sizes, weights).items()
                ]
            )
            within += p_cohort * sum(p * scale * max(map(abs, d)) for p, d in off[-1]) / 2
        for (p, first), (q, second) in product(*off):
            total = max(abs(a + b) for a, b in zip(first, second, strict=True))
            square += p_cohort * p * q * (scale * total) ** 2
    laws = [_binomial_law(n, share) for share in shares]
    found = expected_leftovers(laws, sizes, weights)
    assert found.blocks_started == pytest.approx(started)
    assert found.blocks_incomplete == pytest.approx(incomplete)
    assert found.participants_in_incomplete_blocks == pytest.approx(left)
    assert found.stratum_imbalance == pytest.approx(within)
    assert found.empty_strata == pytest.approx(empty)
    if len(weights) == 2:
        assert found.imbalance_mean_square == pytest.approx(square)
    else:
        assert np.isnan(found.imbalance_mean_square)


def _binomial_law(n, share):
    sizes = np.arange(n + 1)
    mass = np.zeros(n + 1)
    for cohort in product((0, 1), repeat=n):
        mass[sum(cohort)] += np.prod([share if s else 1 - share for s in cohort])
    return SizeLaw(sizes, mass, 1)


@pytest.mark.parametrize("factors", [(), ("sex",), (SERVICE, "sex", "age")])
@pytest.mark.parametrize("cell_sizes", ["random", "fixed"])
def test_laws_of_strata_are_those_of_the_cohort(cells_trial, factors, cell_sizes):
    """Mean and share of empty strata over 400 drawn cohorts, within 5 standard errors."""
    changes = {"assumptions.cohort.cell_sizes": cell_sizes, "design.n_participants": 200}
    scenario = cells_trial.with_changes(changes)
    laws = stratum_sizes(scenario, factors)
    cohort = scenario.assumptions.cohort_model.draw(200, 400, np.random.default_rng(1))
    stratum, n_strata = cohort.stratum(factors)
    counts = np.stack([np.bincount(row, minlength=n_strata) for row in stratum])
    assert sum(law.n_strata for law in laws) == n_strata
    assert sum(law.n_strata * (law.sizes @ law.probability) for law in laws) == pytest.approx(200)
    for moment in (lambda x: x == 0, lambda x: x.astype(float) ** 2, lambda x: x % 2 == 1):
        values = moment(counts).sum(axis=1)
        exact = sum(law.n_strata * (moment(law.sizes) @ law.probability) for law in laws)
        assert abs(values.mean() - exact) <= 5 * values.std() / np.sqrt(400) + 1e-9


@pytest.mark.parametrize("allocation", ["equal", "two_to_one"])
def test_exact_leftovers_are_the_simulated_ones(cells_trial, allocation):
    """Strata by service and sex: within 4 Monte Carlo standard errors (a false alarm in 10,000 seeds).

    Would detect lists that are not cut, strata that share a list, or a wrong law of strata's sizes.
    """
    scenario = cells_trial if allocation == "equal" else unequal(cells_trial)
    sizes = (2, 4) if allocation == "equal" else (3, 6)
    key = "design.randomisation"
    table = {f"{key}.factors": [SERVICE, "sex"], f"{key}.block_sizes": list(sizes)}
    scenario = scenario.with_changes(table)
    result = diagnose(scenario, replicates=384)
    for measure, where, exact in (
        ("imbalance_mean", "stratum", "stratum_imbalance_expected"),
        ("imbalance_mean_square", "overall", "imbalance_mean_square_expected"),
    ):
        row = result.find(measure, where)
        assert row.n_replicates == 384
        assert abs(row.value - result.find(exact).value) < 4 * row.mc_standard_error
    found = scenario_leftovers(scenario, (SERVICE, "sex"), sizes)
    assert result.find("blocks_incomplete").value == found.share_incomplete
    cohort = scenario.assumptions.cohort_model.draw(1320, 60, np.random.default_rng(1))
    stratum, n_strata = cohort.stratum((SERVICE, "sex"))
    lengths = np.stack([np.bincount(row, minlength=n_strata) for row in stratum])
    _, ends = block_lists(lengths.ravel(), sizes, scenario.design.weights, np.random.default_rng(2))
    last = ends[np.arange(lengths.size), np.maximum(lengths.ravel() - 1, 0)]
    incomplete = (last > lengths.ravel()).reshape(lengths.shape).sum(axis=1)
    started = np.array([len(set(row[:length])) for row, length in zip(ends, lengths.ravel(), strict=True)])
    started = started.reshape(lengths.shape).sum(axis=1)
    for values, exact in ((incomplete, found.blocks_incomplete), (started, found.blocks_started)):
        assert abs(values.mean() - exact) < 4 * values.std() / np.sqrt(60)
