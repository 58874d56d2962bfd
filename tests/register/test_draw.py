"""Random registers against the analytic moments, and their streams."""

import numpy as np
import pytest

from ipsrct.register.calibration import default_calibration
from ipsrct.register.draw import categorical, default_chains, draw_register, simulate_paths
from ipsrct.register.hazards import make_hazards
from ipsrct.register.measures import IN_MEASURE
from ipsrct.register.moments import curve, make_moments, person_months_outside, persons_finished

from .oracle import enumerate_people, tiny_hazards


@pytest.fixture(scope="module")
def hazards():
    return make_hazards(default_calibration().parameters)


def test_a_register_depends_on_its_seed_and_index_alone(hazards):
    first, again = draw_register(5, 3, hazards), draw_register(5, 3)
    other = draw_register(5, 4, hazards)
    np.testing.assert_array_equal(first.state, again.state)
    np.testing.assert_array_equal(first.last_month, again.last_month)
    assert (first.state != other.state).mean() > 0.1
    assert not first.selected
    assert first.origin == "random draw 3 of seed 5"


def test_paths_and_ends_have_their_enumerated_frequencies():
    """Every path and end of a tiny chain, 200,000 draws, about 200 cells: false alarm 1e-4 at 5 errors.

    Using the regime after IPS one month early moves frequencies by tens of standard errors.
    """
    hazards = tiny_hazards(4, starts=(2,), seed=8, n_factor_values=1, states=(0, 2))
    people = enumerate_people(hazards, states=(0, 2))
    n_draws = 200_000
    state, last = simulate_paths(hazards, np.zeros(n_draws, dtype=np.int64), np.random.default_rng(9))
    probability = people.weight / people.weight.sum()
    for path, end, p in zip(people.state, np.minimum(people.last, 3), probability, strict=True):
        alike = (people.state == path).all(1) & (np.minimum(people.last, 3) == end)
        p = probability[alike].sum()
        share = ((state == path).all(1) & (np.minimum(last, 4) == end + 1)).mean()
        assert abs(share - p) <= 5 * np.sqrt(p * (1 - p) / n_draws)


def test_measures_are_drawn_from_their_own_stream(hazards):
    both, employment_alone = draw_register(5, 3), draw_register(5, 3, hazards)
    np.testing.assert_array_equal(both.state, employment_alone.state)
    assert employment_alone.in_measure is None
    assert both.in_measure.shape == (1308, 30)


def test_drawn_measures_average_to_the_moments():
    """40 registers against 5 levels within 4.5 standard errors: false alarm 4e-5.

    Ignoring the abrupt fall in the start month would move the level at start by 6 points.
    """
    _employment, measures = default_chains()
    months = [-10, -1, 0, 6, 15]
    expected = curve(make_moments(measures), "all", months, IN_MEASURE)
    levels = []
    for index in range(40):
        register = draw_register(10, index)
        relative = np.arange(1, 31) - register.start_month[:, None]
        levels.append([register.in_measure[relative == r].mean() for r in months])
    error = np.std(levels, axis=0, ddof=1) / np.sqrt(40)
    assert (np.abs(np.mean(levels, axis=0) - expected) < 4.5 * error).all()


def test_ends_lie_between_start_and_the_end_of_the_window(hazards):
    register = draw_register(6, 0, hazards)
    assert (register.last_month >= register.start_month).all()
    assert register.last_month.max() == 30
    assert register.n_outside == sum(
        s - 1 + 30 - d for s, d in zip(register.start_month, register.last_month, strict=True)
    )


def test_category_boundaries_are_half_open():
    cumulative = np.array([0.25, 0.25, 1.0])
    got = categorical(np.tile(cumulative, (4, 1)), np.array([0.0, 0.2499, 0.25, 0.999]))
    np.testing.assert_array_equal(got, [0, 0, 2, 2])


def test_registers_average_to_the_moments(hazards):
    """40 registers against 15 expectations within 4.5 Monte Carlo standard errors: false alarm 1e-4.

    A treatment effect shifted by one month moves employment at month 6 by about 2 points, 8 standard errors.
    """
    moments = make_moments(hazards)
    registers = [draw_register(7, index, hazards) for index in range(40)]
    months = np.array([0, 4, 9, 14, 19, 24, 29])
    employed = np.array([[r.employed[k][:, months].mean(0) for k in (0, 2)] for r in registers]).reshape(
        40, -1
    )
    expected = np.einsum("tcsk,cs->kt", moments.employed[months][..., [0, 2]], moments.design.persons) / 1308
    draws = np.column_stack([employed, [r.n_outside for r in registers], [r.n_finished for r in registers]])
    want = np.concatenate(
        [expected.ravel(), person_months_outside(moments)[:1], persons_finished(moments)[:1]]
    )
    standard_error = draws.std(0, ddof=1) / np.sqrt(40)
    assert (np.abs(draws.mean(0) - want) < 4.5 * standard_error).all()
