"""The table of published against reproduced, and what random registers show of it."""

import numpy as np
import pytest
from scipy.special import ndtr

from ipsrct.register.calibration import Variant, default_calibration
from ipsrct.register.design import GROUPS
from ipsrct.register.draw import draw_register
from ipsrct.register.measures import measure_moments
from ipsrct.register.measures_calibration import default_measures
from ipsrct.register.reproduction import (
    evaluate_register,
    figure_curves,
    fitted_anchors,
    fitted_coefficients,
    fitted_counts,
)


@pytest.fixture(scope="module")
def fitted():
    return {row.published.id: row for row in fitted_coefficients()}


def test_all_44_coefficients_are_there(fitted):
    assert len(fitted) == 44
    assert {row.published.process for row in fitted.values()} == {"employment", "measures"}
    assert max(abs(row.z) for row in fitted.values()) < 1


def test_clustered_errors_are_more_than_twice_the_printed_ones_in_model_2(fitted):
    """Reference: an independent prototype gives about 2.9 points for Model 2 and a factor of 2.1 to 2.4."""
    overall = fitted["employment_1h_m2_all_after_end"]
    assert overall.cluster_standard_error == pytest.approx(0.029, abs=0.002)
    factors = [
        row.cluster_standard_error / row.classic_standard_error
        for row in fitted.values()
        if row.published.process == "employment" and row.published.model != "1"
    ]
    assert 2.0 < np.mean(factors) < 2.5


def test_the_difference_between_men_and_women_has_a_standard_error_of_six_points(fitted):
    men, women = (fitted[f"employment_1h_m2{m}_after_end"] for m in ("f_men", "g_women"))
    error = np.hypot(men.cluster_standard_error, women.cluster_standard_error)
    assert error == pytest.approx(0.059, abs=0.004)


def test_levels_are_the_running_sum_of_steps():
    from ipsrct.register.moments import make_moments
    from ipsrct.register.regressions import expected_model_1

    moments = make_moments(Variant().shown(default_calibration().parameters))
    steps, levels = expected_model_1(moments, "step"), expected_model_1(moments, "level")
    np.testing.assert_allclose(levels.coefficient, np.cumsum(steps.coefficient, axis=0), rtol=1e-9)


def test_counts_anchors_and_curves_cover_the_report():
    employment = default_calibration().moments
    measures = measure_moments(default_measures().parameters, employment)
    assert {count.name for count, _ in fitted_counts(employment)} == {
        "person_months_outside_ips",
        "persons_finished",
    }
    anchors = fitted_anchors(employment, measures)
    assert {name for name, _, _ in anchors} == {"employment", "measures"}
    curves = figure_curves(employment)
    assert tuple(curves) == GROUPS
    assert all(curve.shape == (41,) and 0 < curve.min() < curve.max() < 1 for curve in curves.values())


@pytest.mark.long
def test_800_registers_agree_with_the_analytic_expectations(fitted):
    """Means within 4 standard errors, spreads within 10% each and 3% on average, coverage in 92 to 97%.

    With fresh seeds these would fail for correct code in 2e-3 (means), 2e-3 (spreads: noise 2.5%) and 2e-1
    (coverage: noise 0.8 points, 36 comparisons) of runs; the seed is fixed. Classic errors in place of
    clustered ones would cover about 58% in Model 2.
    """
    rows = [row for row in fitted.values() if row.published.process == "employment"]
    hazards = Variant().shown(default_calibration().parameters)
    found = [evaluate_register(draw_register(12, index, hazards)) for index in range(800)]
    coefficient = np.array([one.coefficient for one in found])
    cluster = np.array([one.cluster_standard_error for one in found])
    classic = np.array([one.classic_standard_error for one in found])
    expected = np.array([row.expected for row in rows])
    spread = coefficient.std(0, ddof=1)
    assert (np.abs(coefficient.mean(0) - expected) < 4 * spread / np.sqrt(800)).all()
    ratio = spread / np.array([row.cluster_standard_error for row in rows])
    assert np.abs(ratio - 1).max() < 0.10
    assert np.abs(ratio.mean() - 1) < 0.03
    covered = (np.abs(coefficient - expected) < 1.96 * cluster).mean(0)
    assert covered.min() > 0.92
    assert covered.max() < 0.97
    in_theory = 2 * ndtr(1.96 * np.array([row.classic_standard_error for row in rows]) / spread) - 1
    np.testing.assert_allclose(
        (np.abs(coefficient - expected) < 1.96 * classic).mean(0), in_theory, atol=0.06
    )
