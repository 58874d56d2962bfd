"""The reported numbers of active participants come out of the reported starts and exits."""

from __future__ import annotations

import pytest

from ipsrct.evidence import evidence
from ipsrct.recruitment.stocks import PERIODS, expected_exits, monthly_exit, published_stocks

ROWS = published_stocks(seed=3)


def expected_last(row, hazard, months):
    """Return the exact expectation, by another formula than the simulation's recursion."""
    survive = 1 - hazard
    return row.first * survive**months + row.starts / months * (1 - survive**months) / hazard


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.hazard == "exits"], ids=lambda r: f"{r.county} {r.period}"
)
def test_reported_stock_is_reproduced_within_simulation_error(row):
    """24 numbers at 4.5 errors: a false alarm in 6,000 seeds. Detects exits before entries, or 11 months."""
    assert abs(row.difference) < 4.5 * row.mc_standard_error
    assert row.first + row.starts - row.exits == row.reported
    assert row.mc_standard_error == pytest.approx(row.standard_deviation / 100)


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r.hazard == "national"], ids=lambda r: f"{r.county} {r.period}"
)
def test_national_rate_gives_the_exact_expectation(row):
    exact = expected_last(row, evidence["exit_hazard_register"].value, PERIODS[row.period][1])
    assert abs(row.simulated - exact) < 4.5 * row.mc_standard_error


def test_both_periods_have_all_counties_and_the_published_totals():
    for period, total in (("2022", "active_total_dec_2022"), ("2023_jan_jul", "active_total_jul_2023")):
        own = [r for r in ROWS if (r.period, r.hazard) == (period, "exits")]
        assert len(own) == 12
        assert sum(r.reported for r in own) == evidence[total].value


def test_what_does_not_fit_is_known():
    """One rate everywhere is 47 people off in Oslo; the register's own flow is 104 short of the services'."""
    oslo = next(r for r in ROWS if (r.county, r.period, r.hazard) == ("Oslo", "2022", "national"))
    assert oslo.difference == pytest.approx(47.4, abs=0.6)
    register = next(r for r in ROWS if r.hazard == "register")
    assert register.difference == pytest.approx(-104, abs=1.5)
    printed = [r for r in ROWS if r.hazard == "printed"]
    assert max(abs(r.difference) for r in printed) == pytest.approx(2.9, abs=0.5)


def test_solved_exit_gives_the_exits():
    hazard = monthly_exit(59, 180, 109, 12)
    assert expected_exits(59, 180, hazard, 12) == pytest.approx(109, abs=1e-9)
    assert expected_exits(59, 180, 0.0, 12) == 0
    assert expected_exits(100, 0, 0.1, 2) == pytest.approx(10 + 9)
