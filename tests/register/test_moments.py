"""The recursions against every path of a tiny chain, written out."""

import numpy as np
import pytest

from ipsrct.register.chain import occupation, run
from ipsrct.register.moments import make_moments

from .oracle import enumerate_people, tiny_hazards


@pytest.fixture(scope="module")
def tiny():
    hazards = tiny_hazards(5, starts=(2, 3), seed=1)
    return make_moments(hazards), enumerate_people(hazards)


def expectation(people, values, start):
    chosen = people.start == start
    return np.average(values[chosen], axis=0, weights=people.weight[chosen])


def test_probabilities_sum_to_the_persons(tiny):
    moments, people = tiny
    assert people.weight.sum() == pytest.approx(moments.design.size.sum(), rel=1e-12)


@pytest.mark.parametrize("outcome", [0, 1, 2])
@pytest.mark.parametrize("start_index", [0, 1])
def test_employment_and_sums_equal_enumeration(tiny, outcome, start_index):
    moments, people = tiny
    start = moments.design.start_months[start_index]
    employed = (people.state > outcome).astype(float)
    for got, values in (
        (moments.employed[:, 0, start_index, outcome], employed),
        (moments.employed_outside[:, 0, start_index, outcome], employed * people.kept),
        (moments.sum_all[0, start_index, outcome], employed.sum(1)),
        (moments.square_all[0, start_index, outcome], employed.sum(1) ** 2),
    ):
        np.testing.assert_allclose(got, expectation(people, values, start), rtol=1e-12)


@pytest.mark.parametrize("last", [1, 2, 3, 4])
@pytest.mark.parametrize("start_index", [0, 1])
def test_moments_by_last_month_equal_enumeration(tiny, last, start_index):
    moments, people = tiny
    start = moments.design.start_months[start_index]
    event = (np.minimum(people.last, 4) == last).astype(float)
    employed = (people.state > 1).astype(float)
    outside = (employed * people.kept).sum(1)
    for got, values in (
        (moments.last_month[last, 0, start_index], event),
        (moments.sum_outside[last, 0, start_index, 1], event * outside),
        (moments.sum_after[last, 0, start_index, 1], event * (employed * people.after).sum(1)),
        (moments.square_outside[last, 0, start_index, 1], event * outside**2),
    ):
        np.testing.assert_allclose(got, expectation(people, values, start), rtol=1e-12, atol=1e-15)


def test_occupation_is_that_of_the_full_recursion():
    hazards = tiny_hazards(5, starts=(2, 3), seed=1)
    np.testing.assert_allclose(occupation(hazards), run(hazards).occupation, atol=1e-14)
