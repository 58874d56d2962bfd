"""The shipped fit: what it reaches, that it is a minimum, and that failure to converge is flagged."""

from functools import partial

import numpy as np
import pytest

from ipsrct.errors import RunError
from ipsrct.register.anchors import ANCHORS, COUNTS, anchor_values, count_values
from ipsrct.register.calibration import (
    Variant,
    calibrate,
    default_calibration,
    employment_coefficients,
    expected_coefficients,
    read_calibration,
    residuals,
    write_calibration,
)
from ipsrct.register.fitting import jacobian, prior_of
from ipsrct.register.parameters import PARAMETERS, to_vector


@pytest.fixture(scope="module")
def fitted():
    return default_calibration()


@pytest.fixture(scope="module")
def moments(fitted):
    return fitted.moments


@pytest.fixture(scope="module")
def coefficients(moments):
    rows = employment_coefficients()
    expected, classic = expected_coefficients(moments)
    error = np.array([row.standard_error for row in rows])
    z = (expected - np.array([row.estimate for row in rows])) / error
    return rows, expected, z, classic / error


def test_every_expected_coefficient_lies_in_its_published_interval(coefficients):
    rows, expected, _, _ = coefficients
    assert len(rows) == 36
    assert all(row.ci_low <= value <= row.ci_high for row, value in zip(rows, expected, strict=True))


def test_coefficients_are_within_a_standard_error_and_widths_within_seven_percent(coefficients):
    _, _, z, ratio = coefficients
    assert (np.abs(z) < 1).sum() >= 35
    assert np.sqrt((z**2).mean()) <= 0.5
    assert ratio.min() > 0.93
    assert ratio.max() < 1.07


def test_person_months_and_finished_within_two_per_thousand(moments):
    by_name = dict(zip([(c.name, c.group) for c in COUNTS], count_values(moments), strict=True))
    assert by_name["person_months_outside_ips", "all"] == pytest.approx(26157, rel=0.002)
    assert by_name["persons_finished", "all"] == pytest.approx(701, rel=0.002)
    for count in COUNTS:
        if count.name == "person_months_outside_ips":
            assert by_name[count.name, count.group] == pytest.approx(count.published, rel=0.002)


def test_every_anchor_lies_in_its_range(moments):
    values = anchor_values(moments)
    outside = [a.name for a, v in zip(ANCHORS, values, strict=True) if not a.low <= v <= a.high]
    assert outside == []


def test_the_shipped_parameters_are_a_minimum_reached_from_three_starts(fitted):
    centre, spread = prior_of(PARAMETERS)
    scaled = (to_vector(fitted.parameters) - centre) / spread
    at = residuals(scaled, Variant())
    assert (at @ at) / 2 == pytest.approx(fitted.cost, rel=1e-9)
    gradient = jacobian(partial(residuals, variant=Variant()), scaled).T @ at
    assert np.abs(gradient).max() < 0.05
    assert len(fitted.costs) >= 3
    assert max(fitted.costs) < 1.01 * min(fitted.costs)
    assert fitted.converged


def test_calibrations_round_trip_and_broken_ones_are_refused(fitted, tmp_path):
    path = tmp_path / "calibration.json"
    write_calibration(fitted, path)
    assert read_calibration(path.read_text()) == fitted
    with pytest.raises(RunError, match="cannot be read: parameters: missing or unknown names: entry_woman"):
        read_calibration(path.read_text().replace('"entry_woman"', '"entry_women"'))
    with pytest.raises(RunError, match="cannot be read"):
        read_calibration("{}")


@pytest.mark.long
@pytest.mark.parametrize(
    "variant", [Variant(heterogeneity=0.0), Variant(heterogeneity=1.6), Variant("level")]
)
def test_variants_converge(variant):
    assert calibrate(variant, n_starts=1, n_jobs=1).converged
