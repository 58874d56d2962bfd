"""The expected normal equations against dummy regressions on every path of a tiny chain."""

import numpy as np
import pytest

from ipsrct.register.clusters import cluster_errors_model_1, cluster_errors_model_2
from ipsrct.register.evaluation import cluster_factor
from ipsrct.register.moments import make_moments
from ipsrct.register.phases import CODINGS, phase_dummies
from ipsrct.register.regressions import expected_model_1, expected_model_2

from .oracle import enumerate_people, tiny_hazards, within_regression


@pytest.mark.parametrize("coding", CODINGS)
def test_model_1_equals_a_dummy_regression_on_every_path(coding):
    states = (0, 3)
    hazards = tiny_hazards(12, starts=(2, 3), seed=2, n_factor_values=1, states=states)
    moments, people = make_moments(hazards), enumerate_people(hazards, states)
    got = expected_model_1(moments, coding)
    employed = (people.state > 0).astype(float)
    everything = np.ones_like(employed, dtype=bool)
    want, classic, _ = within_regression(
        employed, phase_dummies(people.relative, coding), everything, people.weight
    )
    np.testing.assert_allclose(got.coefficient[:, 0], want, rtol=1e-8)
    np.testing.assert_allclose(got.classic_standard_error[:, 0], classic, rtol=1e-8)


@pytest.mark.parametrize("outcome", [0, 1, 2])
def test_model_2_equals_a_dummy_regression_on_every_path(outcome):
    hazards = tiny_hazards(5, starts=(2, 4), seed=3, n_cells=12, n_factor_values=1)
    moments, people = make_moments(hazards), enumerate_people(hazards)
    got = expected_model_2(moments)
    employed = (people.state > outcome).astype(float)
    for group, cells in enumerate(moments.design.membership):
        weight = people.weight * cells[people.cell]
        chosen = weight > 0
        want, classic, _ = within_regression(
            employed[chosen], people.after[None, chosen], people.kept[chosen], weight[chosen]
        )
        assert got.coefficient[group, outcome] == pytest.approx(want[0], rel=1e-8)
        assert got.classic_standard_error[group, outcome] == pytest.approx(classic[0], rel=1e-8)


def test_model_1_cluster_errors_equal_the_sandwich_on_every_path():
    states = (0, 3)
    hazards = tiny_hazards(12, starts=(2, 3), seed=2, n_factor_values=1, states=states)
    moments, people = make_moments(hazards), enumerate_people(hazards, states)
    employed = (people.state > 0).astype(float)
    everything = np.ones_like(employed, dtype=bool)
    _, _, want = within_regression(
        employed, phase_dummies(people.relative, "step"), everything, people.weight
    )
    n_persons = people.weight.sum()
    factor = cluster_factor(round(n_persons), 12 * n_persons, 4, 12)
    got = cluster_errors_model_1(hazards, moments)[:, 0]
    np.testing.assert_allclose(got, want * np.sqrt(factor), rtol=1e-8)


def test_model_2_cluster_errors_equal_the_sandwich_on_every_path():
    hazards = tiny_hazards(5, starts=(2, 4), seed=3, n_cells=12, n_factor_values=1)
    moments, people = make_moments(hazards), enumerate_people(hazards)
    got = cluster_errors_model_2(hazards, moments)
    employed = (people.state > 1).astype(float)
    for group, cells in enumerate(moments.design.membership):
        weight = people.weight * cells[people.cell]
        chosen = weight > 0
        _, _, want = within_regression(
            employed[chosen], people.after[None, chosen], people.kept[chosen], weight[chosen]
        )
        n_persons, n_kept = weight.sum(), weight @ people.kept.sum(1)
        factor = cluster_factor(round(n_persons), n_kept, 1, 5)
        assert got[group, 1] == pytest.approx(want[0] * np.sqrt(factor), rel=1e-8)
