"""Endpoints: the exact distribution against drawn panels, other functions and every path of a year."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipsrct.register.calibration import Variant, default_calibration
from ipsrct.register.correlation import history_risks
from ipsrct.register.counterfactual import LONG_WINDOW
from ipsrct.register.endpoints import Endpoint, endpoint_moments
from ipsrct.register.panels import draw_lines, draw_panels, make_sampler

ENDPOINTS = [
    Endpoint(kind="employed", last=12),
    Endpoint(kind="employed", last=6, hours=10),
    Endpoint(kind="employed_at_least", first=1, last=12, months=6),
    Endpoint(kind="employed_at_least", first=7, last=12, months=1, hours=4),
    Endpoint(kind="sustained", first=1, last=12, months=3),
    Endpoint(kind="months_employed", first=1, last=12),
    Endpoint(kind="months_to_first_job", first=0, last=12),
]
each_endpoint = pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.kind}-{e.hours}")


@pytest.fixture(scope="module")
def treated():
    return Variant().hazards(default_calibration().parameters, LONG_WINDOW)


@pytest.fixture(scope="module")
def panel(treated):
    """60,000 participants in random cells, from the month before start to month 12."""
    rng = np.random.default_rng(11)
    size = treated.design.size
    cell = rng.choice(size.size, p=size / size.sum(), size=60_000)
    sampler = make_sampler([treated], -1, 12)
    line = draw_lines(treated.design, treated.factor_weight, cell, rng)
    return draw_panels(sampler, line, np.zeros(cell.size, dtype=np.int64), rng)


@each_endpoint
def test_exact_moments_equal_those_of_panels(treated, panel, endpoint):
    """Overall and by baseline, within 4.5 standard errors: false alarm 1e-4 over all comparisons.

    Would detect a month counted too early or late, which moves a mean by a standard error of ten or more.
    """
    y, before = endpoint.of_panel(panel), panel[0] >= 1
    exact = endpoint_moments(treated, endpoint)
    weight = treated.design.size[:, None] / treated.design.size.sum() * exact.share
    for b in range(2):
        here = y[before == b]
        share = weight[:, b] / weight[:, b].sum()
        mean = share @ exact.mean[:, b]
        variance = share @ (exact.variance[:, b] + exact.mean[:, b] ** 2) - mean**2
        error = np.sqrt(variance / here.size)
        assert here.mean() == pytest.approx(mean, abs=4.5 * error)
        # Panels follow the cells' random sizes, so the variance may differ by some per cent.
        assert here.var() == pytest.approx(variance, rel=0.05)


def test_employment_in_a_month_equals_the_pair_moments(treated):
    exact = endpoint_moments(treated, Endpoint(kind="employed", last=12))
    other = history_risks(treated, -1, 12)
    assert_allclose(exact.share, other.share, atol=1e-12)
    assert_allclose(exact.mean, other.risk, atol=1e-12)
    assert_allclose(exact.variance, other.risk * (1 - other.risk), atol=1e-12)


def test_months_employed_is_the_sum_of_monthly_employment(treated):
    total = endpoint_moments(treated, Endpoint(kind="months_employed", first=3, last=8)).mean
    monthly = [endpoint_moments(treated, Endpoint(kind="employed", last=m)).mean for m in range(3, 9)]
    assert_allclose(total, sum(monthly), atol=1e-12)


def test_at_least_one_month_is_a_first_job_before_the_end(treated):
    """P(any job) from the count; and E(time to first job) = sum over months of P(no job yet)."""
    waits = [1 - endpoint_moments(treated, Endpoint(kind="employed_at_least", first=0, last=m, months=1)).mean
             for m in range(7)]  # fmt: skip
    time = endpoint_moments(treated, Endpoint(kind="months_to_first_job", first=0, last=6)).mean
    assert_allclose(time, sum(waits), atol=1e-12)


def test_panel_values_of_every_path_of_four_months():
    """All 16 paths of months 1 to 4 by hand-written rules."""
    paths = np.array(list(product([0, 1], repeat=4)), dtype=np.uint8).T
    panel = np.vstack([np.ones((2, 16), np.uint8), paths])  # months -1 and 0 are employed and must not count
    text = ["".join(map(str, path)) for path in paths.T]
    rules = {
        Endpoint(kind="employed", last=4): [float(t[3] == "1") for t in text],
        Endpoint(kind="months_employed", first=1, last=4): [float(t.count("1")) for t in text],
        Endpoint(kind="employed_at_least", first=2, last=4, months=2): [
            float(t[1:].count("1") >= 2) for t in text
        ],
        Endpoint(kind="sustained", first=1, last=4, months=2): [float("11" in t) for t in text],
        Endpoint(kind="months_to_first_job", first=1, last=4): [
            float(t.find("1") if "1" in t else 4) for t in text
        ],
    }
    for endpoint, expected in rules.items():
        assert endpoint.of_panel(panel).tolist() == expected


def test_hours_select_levels():
    panel = np.array([[0, 1, 2, 3]], dtype=np.uint8)
    for hours, expected in ((1, [0, 1, 1, 1]), (4, [0, 0, 1, 1]), (10, [0, 0, 0, 1])):
        assert Endpoint(kind="employed", last=0, hours=hours).of_panel(panel, 0).tolist() == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"kind": "months_employed", "first": 5, "last": 4}, "first must be at most last"),
        ({"kind": "sustained", "first": 1, "last": 6}, "months must be between 1 and 6, got None"),
        ({"kind": "employed_at_least", "first": 1, "last": 6, "months": 7}, "between 1 and 6, got 7"),
    ],
)
def test_impossible_windows_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        Endpoint(**given)
