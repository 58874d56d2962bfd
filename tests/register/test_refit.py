"""Shipped fits, and refits under errors of the register: what they reach, against full fits."""

from functools import partial
from itertools import product

import numpy as np
import pytest

from ipsrct.errors import RunError
from ipsrct.register.calibration import Variant, calibrate, expected_coefficients, residuals
from ipsrct.register.correlation import correlation
from ipsrct.register.counterfactual import LONG_WINDOW, make_counterfactual
from ipsrct.register.fitting import jacobian, prior_of
from ipsrct.register.misreporting import ErrorRates
from ipsrct.register.moments import make_moments
from ipsrct.register.parameters import PARAMETERS, to_vector
from ipsrct.register.refit import (
    HETEROGENEITIES,
    START_MONTHS,
    _projection,
    parameters_of,
    shipped_calibration,
)
from ipsrct.register.variants import baseline_correlation, variant_paths

RATES = ErrorRates(carried_before=0.1, carried_after=0.1, late_start=0.1)
MONTH_12 = 13


def scaled(values):
    centre, spread = prior_of(PARAMETERS)
    return (to_vector(values) - centre) / spread


@pytest.mark.parametrize(("starts", "heterogeneity"), list(product(START_MONTHS, HETEROGENEITIES)))
def test_each_shipped_fit_is_of_its_variant_and_has_its_cost(starts, heterogeneity):
    fitted = shipped_calibration(starts, heterogeneity)
    assert fitted.variant == Variant("step", starts, heterogeneity)
    at = residuals(scaled(fitted.parameters), fitted.variant)
    assert (at @ at) / 2 == pytest.approx(fitted.cost, rel=1e-9)
    assert fitted.converged
    assert len(fitted.costs) >= 2
    assert max(fitted.costs) < 1.001 * min(fitted.costs)


def test_the_shipped_jacobian_is_that_of_the_default_fit():
    """Three columns by central differences; the projection times a column is a unit vector."""
    at = scaled(shipped_calibration("stepped", 0.8).parameters)
    for k in (0, 17, 39):
        step = 1e-4 * np.eye(at.size)[k]
        slope = (residuals(at + step, Variant()) - residuals(at - step, Variant())) / 2e-4
        np.testing.assert_allclose(_projection() @ slope, np.eye(at.size)[k], atol=2e-3)


def test_without_errors_nothing_is_refitted():
    assert parameters_of(Variant()) is shipped_calibration("stepped", 0.8).parameters


@pytest.mark.parametrize("heterogeneity", [0.8, pytest.param(1.6, marks=pytest.mark.long)])
def test_the_register_with_errors_still_shows_the_published_table(heterogeneity):
    """Expected coefficients stay within a tenth of a standard error of the fit's own; without a refit the
    largest moves by more than half of one."""
    variant = Variant("step", "stepped", heterogeneity, RATES)
    fitted = shipped_calibration("stepped", heterogeneity)
    clean, error = expected_coefficients(make_moments(fitted.variant.shown(fitted.parameters)))
    refitted, _ = expected_coefficients(make_moments(variant.shown(parameters_of(variant))))
    unchanged, _ = expected_coefficients(make_moments(variant.shown(fitted.parameters)))
    assert np.abs((refitted - clean) / error).max() < 0.1
    assert np.abs((unchanged - clean) / error).max() > 0.5
    at = residuals(scaled(parameters_of(variant)), variant)
    assert (at @ at) / 2 < 1.04 * fitted.cost


def test_errors_that_no_chain_can_carry_are_refused():
    with pytest.raises(RunError, match="no chain of employment was found"):
        parameters_of(Variant(errors=ErrorRates(0.9, 0.9, 0.95, 24, 24)))


def test_baseline_correlation_is_that_of_the_pair_moments():
    fitted = shipped_calibration("stepped", 0.8)
    control = fitted.variant.hazards(fitted.parameters, LONG_WINDOW, 0.0)
    assert baseline_correlation(control) == pytest.approx(correlation(control, -1, 12), abs=1e-12)


def test_a_variant_has_its_own_paths():
    first = next(variant_paths())
    assert first.calibration.variant == Variant("step", "stepped", 0.0)
    controls = {one.name: one.control[MONTH_12, 0] for one in first.counterfactuals}
    assert controls == pytest.approx({"persist": 0.401, "revert": 0.439, "decline": 0.36}, abs=0.001)
    assert first.baseline_correlation == pytest.approx(0.411, abs=0.002)


@pytest.mark.long
def test_a_refit_is_as_good_as_a_full_fit():
    """Cost within 0.2 per cent; effect and control path at month 12 within a tenth of a point."""
    variant = Variant(errors=RATES)
    quick = parameters_of(variant)
    full = calibrate(variant, n_starts=1, n_jobs=1, near=quick)
    at = residuals(scaled(quick), variant)
    assert full.cost <= (at @ at) / 2 < 1.002 * full.cost
    paths = [make_counterfactual(values, "persist", variant) for values in (quick, full.parameters)]
    for name in ("control", "effect"):
        one, other = (getattr(path, name)[MONTH_12, 0] for path in paths)
        assert one == pytest.approx(other, abs=0.001)


@pytest.mark.long
def test_the_shipped_jacobian_gives_the_gradient():
    at = scaled(shipped_calibration("stepped", 0.8).parameters)
    slope = jacobian(partial(residuals, variant=Variant()), at)
    np.testing.assert_allclose(_projection() @ slope, np.eye(at.size), atol=1e-6)
