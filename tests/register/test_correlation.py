"""Pair moments against every path of a tiny chain, and the correlations that a trial plans with."""

import numpy as np
import pytest

from ipsrct.register.calibration import Variant, default_calibration
from ipsrct.register.correlation import correlation, history_risks, pair_moments
from ipsrct.register.counterfactual import employment_path
from ipsrct.register.moments import make_moments

from .oracle import enumerate_people, tiny_hazards


@pytest.mark.parametrize("outcome", [0, 2])
def test_pair_moments_equal_enumeration(outcome):
    hazards = tiny_hazards(5, starts=(2, 3), seed=6)
    people = enumerate_people(hazards)
    pairs = pair_moments(hazards)
    employed = (people.state > outcome).astype(float)
    for s, start in enumerate(hazards.design.start_months):
        chosen = people.start == start
        weight = people.weight[chosen] / people.weight[chosen].sum()
        want = (employed[chosen].T * weight) @ employed[chosen]
        np.testing.assert_allclose(pairs[0, s, outcome], want, rtol=1e-12)


def test_correlation_is_that_of_the_pooled_persons():
    hazards = tiny_hazards(5, starts=(3,), seed=7, n_factor_values=1)
    people = enumerate_people(hazards)
    employed = (people.state > 0).astype(float)
    want = np.cov(employed[:, [1, 3]].T, aweights=people.weight)
    got = correlation(hazards, -1, 1)
    assert got == pytest.approx(want[0, 1] / np.sqrt(want[0, 0] * want[1, 1]), rel=1e-10)


def test_pair_moments_agree_with_the_square_of_months_employed():
    hazards = Variant().shown(default_calibration().parameters)
    moments = make_moments(hazards)
    total = pair_moments(hazards).sum((-1, -2))
    np.testing.assert_allclose(np.moveaxis(total, 2, -1), moments.square_all, rtol=1e-10)


def test_without_treatment_autocorrelation_is_that_of_an_independent_prototype():
    """Reference: lags 1, 3, 6, 12 and 24 of a fit to the same table that shares no code."""
    control = Variant().hazards(default_calibration().parameters, 48, 0.0)
    found = [correlation(control, -1, lag - 1) for lag in (1, 3, 6, 12, 24)]
    assert found == pytest.approx([0.92, 0.77, 0.62, 0.44, 0.26], abs=0.035)


def test_a_stronger_person_factor_makes_employment_more_persistent():
    values = default_calibration().parameters
    weak = correlation(Variant(heterogeneity=0.0).hazards(values), -5, 5)
    strong = correlation(Variant(heterogeneity=1.6).hazards(values), -5, 5)
    assert strong > weak + 0.05


def test_history_risks_average_to_the_risk_and_carry_the_correlation():
    control = Variant().hazards(default_calibration().parameters, 48, 0.0)
    found = history_risks(control, -1, 12)
    np.testing.assert_allclose(found.share.sum(1), 1, rtol=1e-12)
    cell = control.design.size / control.design.size.sum()
    before = cell @ found.share[:, 1]
    after = cell @ (found.share * found.risk).sum(1)
    both = cell @ (found.share[:, 1] * found.risk[:, 1])
    assert after == pytest.approx(employment_path(control, np.array([12]))[0, 0], rel=1e-10)
    pearson = (both - before * after) / np.sqrt(before * (1 - before) * after * (1 - after))
    assert pearson == pytest.approx(correlation(control, -1, 12), rel=1e-10)
