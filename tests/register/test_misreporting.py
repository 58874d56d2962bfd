"""Register errors: the layer against plain simulation, its limits, and what it does to a trial."""

import numpy as np
import pytest

from ipsrct.register.calibration import Variant, calibrate, default_calibration, expected_coefficients
from ipsrct.register.draw import draw_register, simulate_paths
from ipsrct.register.misreporting import SHOWN_LEVELS, TRUE_LEVELS, ErrorRates, true_employment, with_errors
from ipsrct.register.moments import make_moments
from ipsrct.register.shown_effect import make_shown_effect

from .oracle import tiny_hazards

RATES = ErrorRates(carried_before=0.2, carried_after=0.3, late_start=0.25, carried_months=3, late_months=2)


@pytest.fixture(scope="module")
def values():
    return default_calibration().parameters


def plain_layer(level, start, rates, rng):
    """Lay errors over one person's true levels, month by month."""
    shown, carried, hidden = [], 0, False
    for t, now in enumerate(level):
        started = t + 1 >= start
        before = level[t - 1] if t > 0 else None
        if before is not None and before == 0 and now > 0:
            carried = 0
            hidden = started and rng.random() < rates.late_start
        elif before is not None and before > 0 and now == 0:
            share = rates.carried_after if started else rates.carried_before
            carried = before if not hidden and rng.random() < share else 0
            hidden = False
        elif now == 0 and carried and rng.random() < 1 / rates.carried_months:
            carried = 0
        elif now > 0 and hidden and rng.random() < 1 / rates.late_months:
            hidden = False
        shown.append((0 if hidden else now) if now > 0 else carried)
    return shown


def test_the_layer_shows_what_a_plain_simulation_shows():
    """40,000 persons, 27 shares within 4.5 standard errors: false alarm 2e-4.

    Confusing the rates before and after start would move shares by ten standard errors and more.
    """
    hazards = tiny_hazards(9, starts=(5,), seed=4, n_factor_values=1)
    n_persons = 40_000
    rng = np.random.default_rng(5)
    true, _ = simulate_paths(hazards, np.zeros(n_persons, dtype=np.int64), rng)
    shown = np.array([plain_layer(path.tolist(), 5, RATES, rng) for path in true])
    expected = make_moments(with_errors(hazards, RATES)).employed[:, 0, 0]
    for outcome in range(3):
        share = (shown > outcome).mean(0)
        error = np.sqrt(expected[:, outcome] * (1 - expected[:, outcome]) / n_persons)
        assert (np.abs(share - expected[:, outcome]) < 4.5 * error).all()


def test_true_employment_is_untouched_and_no_errors_show_the_truth(values):
    hazards = Variant().hazards(values)
    truth = make_moments(hazards)
    layered = make_moments(true_employment(with_errors(hazards, RATES)))
    np.testing.assert_allclose(layered.employed, truth.employed, atol=1e-12)
    np.testing.assert_allclose(layered.square_outside, truth.square_outside, atol=1e-10)
    clean = make_moments(with_errors(hazards, ErrorRates()))
    np.testing.assert_allclose(clean.employed, truth.employed, atol=1e-12)
    assert not ErrorRates().any


def test_probabilities_sum_to_one(values):
    layered = with_errors(Variant().hazards(values), RATES)
    np.testing.assert_allclose(layered.transition[:, 1:].sum(-1), 1, rtol=1e-12)
    assert layered.end.shape[-1] == SHOWN_LEVELS.size == TRUE_LEVELS.size


def test_each_error_biases_the_before_after_effect_as_the_report_says(values):
    """Section 2.3: source 1 and 3 underestimate, source 2 overestimates."""
    hazards = Variant().hazards(values)

    def last_phase(**rates):
        shown = with_errors(hazards, ErrorRates(**rates))
        coefficient, _ = expected_coefficients(make_moments(shown), "level")
        return coefficient[3]

    clean = last_phase()
    assert last_phase(carried_before=0.3) < clean
    assert last_phase(carried_after=0.3) > clean
    assert last_phase(late_start=0.3) < clean


def test_draws_show_the_registers_levels(values):
    register = draw_register(1, 0, with_errors(Variant().hazards(values), RATES))
    assert register.state.max() == 3


def test_errors_in_one_arm_alone_shift_the_effect_that_a_trial_sees(values):
    equal = make_shown_effect(values, "persist", RATES, RATES)
    unequal = make_shown_effect(values, "persist", RATES, ErrorRates())
    none = make_shown_effect(values, "persist", ErrorRates(), ErrorRates())
    np.testing.assert_allclose(none.shown_effect, none.true_effect, atol=1e-12)
    np.testing.assert_allclose(none.sample_size_factor[2:], 1, rtol=1e-9)
    month_12 = 13
    assert np.abs(equal.shown_effect - unequal.shown_effect)[month_12, 0] > 0.005
    np.testing.assert_allclose(equal.true_effect, none.true_effect)


@pytest.mark.parametrize(
    ("name", "value"), [("late_start", 1.2), ("carried_before", -0.1), ("late_months", 0.5)]
)
def test_impossible_rates_are_refused(name, value):
    with pytest.raises(ValueError, match=f"{name}: must be"):
        ErrorRates(**{name: value})


@pytest.mark.long
def test_the_refitted_register_still_shows_the_published_table(values):
    rates = ErrorRates(carried_before=0.1, carried_after=0.1, late_start=0.1)
    refit = calibrate(Variant(errors=rates), n_starts=1, n_jobs=1, near=values)
    assert refit.converged
    assert refit.cost < 1.1 * default_calibration().cost
