"""Rerandomisation against the enumeration of every randomisation."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from scipy.stats import chi2, chisquare

from ipsrct import RunError
from ipsrct.randomisation._model import stratum_dummies
from ipsrct.randomisation.rerandomisation import Rerandomisation, _Distance
from ipsrct.trial import SERVICE, CellTable, Cohort

CELLS = CellTable(("age", "sex"), (("a", "b", "c"), ("m", "w")), np.full(6, 1 / 6))
KIND = {"kind": "rerandomisation", "factors": ("age", "sex")}


def _repeated(cell, draws, service=None):
    cell = np.tile(np.array(cell, dtype=np.int16), (draws, 1))
    service = np.zeros_like(cell) if service is None else np.tile(np.array(service), (draws, 1))
    return Cohort(CELLS, cell, service.astype(np.int32), int(service.max()) + 1)


def _distance(rows, first):
    """The Mahalanobis distance of one randomisation, from the participants' dummies."""
    arms = np.isin(np.arange(len(rows)), first)
    difference = rows[arms].mean(axis=0) - rows[~arms].mean(axis=0)
    covariance = np.atleast_2d(np.cov(rows, rowvar=False))
    n1, n0 = arms.sum(), (~arms).sum()
    return n1 * n0 / len(rows) * difference @ np.linalg.pinv(covariance) @ difference


def _enumerated(rows, size, limit):
    return {first for first in combinations(range(len(rows)), size) if _distance(rows, first) <= limit}


@pytest.mark.parametrize("weights", [(1, 1), (3, 1), (6, 2)])
@pytest.mark.parametrize("factors", [("age", "sex"), ("sex", SERVICE)])
def test_accepted_randomisations_are_equally_likely(weights, factors):
    """Eight participants, every acceptable randomisation; chi-squared at 1e-4 each, seed fixed.

    Would detect an unacceptable draw that is kept, or participants of a stratum with unequal chances.
    """
    draws, cell, service = 6_000, [0, 1, 2, 3, 0, 3, 5, 1], [0, 0, 1, 1, 2, 2, 0, 1]
    cohort = _repeated(cell, draws, service)
    rows = stratum_dummies(CELLS, factors, 3)[cohort.stratum(factors)[0][0]]
    size = 8 * weights[0] // sum(weights)
    distances = [_distance(rows, first) for first in combinations(range(8), size)]
    limit = np.median(distances) + 1e-6
    accepted = _enumerated(rows, size, limit)
    assert 1 < len(accepted) < len(distances)
    scheme = Rerandomisation(kind="rerandomisation", factors=factors, limit=float(limit))
    assignment = scheme.assign(cohort, weights, np.random.default_rng(2))
    seen = Counter(tuple(np.flatnonzero(row == 0).tolist()) for row in assignment.arm)
    assert seen.keys() <= accepted
    assert chisquare([seen[first] for first in accepted]).pvalue > 1e-4
    if weights == (1, 1):
        assert_allclose(assignment.probability, 0.5)
        share = np.mean([np.isin(np.arange(8), first) for first in accepted], axis=0)
        assert_allclose(share, 0.5)  # exactly, by the symmetry of the arms
    else:
        assert assignment.probability is None


def test_limit_is_the_quantile_of_the_dummies_rank():
    """Three dummies, but two where a level never arrives, and none where all are alike."""
    scheme = Rerandomisation(**KIND, acceptance=0.3)
    limit, share = scheme._limits(np.array([3, 2, 0]))
    assert_allclose(limit[:2], chi2.ppf(0.3, [3, 2]), rtol=1e-12)
    assert_allclose(share, [0.3, 0.3, 1.0])
    for cell, rank in (([0, 1, 2, 3, 4, 5], 3), ([0, 1, 2, 3, 2, 3], 2), ([4] * 6, 0)):
        cohort = _repeated(cell, 1)
        sizes = np.bincount(cohort.cell[0], minlength=6)[:, None]
        assert _Distance.of(stratum_dummies(CELLS, ("age", "sex"), 1), sizes).rank[0] == rank
    everybody_alike = scheme.assign(_repeated([4] * 6, 50), (1, 1), np.random.default_rng(3)).arm
    assert_array_equal(everybody_alike.sum(axis=1), 3)


def test_large_cohort_is_accepted_at_the_stated_rate():
    """600 participants at 2:1: every trial is within the limit, and a tenth of the draws is (5 errors)."""
    rng = np.random.default_rng(4)
    cell = rng.integers(6, size=(300, 600), dtype=np.int16)
    cohort = Cohort(CELLS, cell, np.zeros_like(cell), 1)
    arm = Rerandomisation(**KIND, acceptance=0.1).assign(cohort, (2, 1), np.random.default_rng(5)).arm
    dummies, limit = stratum_dummies(CELLS, ("age", "sex"), 1), chi2.ppf(0.1, 3)
    complete = rng.permuted(np.tile(np.repeat([0, 0, 1], 200), (300, 1)), axis=1)
    near = []
    for r in range(300):
        rows = dummies[cohort.stratum(("age", "sex"))[0][r]]
        assert _distance(rows, np.flatnonzero(arm[r] == 0)) <= limit
        near.append(_distance(rows, np.flatnonzero(complete[r] == 0)) <= limit)
    assert np.mean(near) == pytest.approx(0.1, abs=5 * np.sqrt(0.09 / 300))


def test_variance_of_the_means_is_reduced_as_published():
    """Morgan and Rubin (2012), theorem 3.1: by the share 1 - P(chi2_5 <= a) / P(chi2_3 <= a) for 3 dummies.

    That is 89 per cent at an acceptance of a tenth, the same for each dummy. 4,000 trials of 240 at 2:1: each
    of the three ratios has a standard error of 2.5 per cent, and 5 are allowed.
    """
    rng, acceptance = np.random.default_rng(7), 0.1
    cell = rng.integers(6, size=240, dtype=np.int16)
    cohort = _repeated(cell, 4_000)
    first = Rerandomisation(**KIND, acceptance=acceptance).assign(cohort, (2, 1), rng).arm == 0
    rows = stratum_dummies(CELLS, ("age", "sex"), 1)[cohort.stratum(("age", "sex"))[0][0]]
    difference = first @ rows / 160 - ~first @ rows / 80
    complete = rows.var(axis=0, ddof=1) * (1 / 160 + 1 / 80)
    limit = chi2.ppf(acceptance, 3)
    left = chi2.cdf(limit, 5) / acceptance
    assert left == pytest.approx(0.113, abs=5e-4)
    assert_allclose((difference**2).mean(axis=0) / complete, left, rtol=5 * 0.025)


def test_giving_up_is_an_error():
    """One man and seven women can never be balanced: no draw is acceptable."""
    scheme = Rerandomisation(kind="rerandomisation", factors=("sex",), limit=0.01, most_draws=500)
    with pytest.raises(RunError, match="3 of 3 trials had no acceptable randomisation in 500 draws"):
        scheme.assign(_repeated([0, 1, 1, 1, 1, 1, 1, 1], 3), (1, 1), np.random.default_rng(6))


@pytest.mark.parametrize("options", [{}, {"acceptance": 0.1, "limit": 2.0}])
def test_one_limit_is_needed(options):
    with pytest.raises(ValueError, match="needs either acceptance or limit"):
        Rerandomisation(**KIND, **options)


def test_many_arms_are_refused():
    assert "two arms" in Rerandomisation(**KIND, limit=1.0).why_not_weights((1, 1, 1))
