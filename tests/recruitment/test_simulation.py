"""Recruitment against closed forms: Poisson and gamma-Poisson arrivals, places, queues, openings.

Statistical checks allow 4.5 Monte Carlo standard errors a number (false alarms under 1e-5 each), or a
Kolmogorov-Smirnov p-value of 1e-4; the seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ipsrct import read_scenario
from ipsrct.evidence import Quantity
from ipsrct.recruitment.simulation import simulate_months
from tests.recruitment.plans import assumed, flat_plan

R, SEED, ALLOWED = 4_000, 7, 4.5


def months_of(plan, n=60, share=0.5, replicates=R, seed=SEED):
    return simulate_months(plan, n, share, replicates=replicates, seed=seed)


def error(values):
    return values.std(ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize(("n", "share"), [(1, 0.5), (7, 2 / 3), (60, 0.5)])
def test_time_of_a_participant_has_a_gamma_distribution(n, share):
    """Detects a month too many, and times spread within a month in any but the right way."""
    time = months_of(flat_plan(), n, share).reached(n)
    assert stats.kstest(time, stats.gamma(n, scale=1 / 10).cdf).pvalue > 1e-4


def test_time_with_varying_counties_is_negative_binomial():
    """P(T <= t) is that of at least n events of a gamma-Poisson count; a Poisson one is 20 errors off."""
    plan = flat_plan(county_variation=0.4)
    time = months_of(plan, 60).reached(60)
    shape = 0.4**-2
    for t in (4.0, 6.0, 8.0):
        exact = stats.nbinom.sf(59, shape, shape / (shape + 10 * t))
        simulated = (time <= t).mean()
        assert abs(simulated - exact) < ALLOWED * np.sqrt(exact * (1 - exact) / R)


@pytest.mark.parametrize(("consent", "months"), [(1.0, 15.0), (0.75, 20.0), (0.5, 30.0)])
def test_the_registers_starts_fill_1320_in_15_20_and_30_months(consent, months):
    """The scenario's own 88 a month, with no season, openings or limit: months are n / (88 consent)."""
    given = read_scenario("ips_ung").recruitment
    zero = Quantity(value=0, assumed="test")
    plan = given.model_copy(
        update={
            "consent": Quantity(value=consent, assumed="test"),
            "guardian_consent": Quantity(value=1, assumed="test"),
            "county_variation": zero,
            "ramp_up_months": zero,
            "services_opening_per_month": Quantity(value=1000, assumed="test"),
            "caseload_limit": Quantity(value=1e6, assumed="test"),
            "seasonality": {},
        }
    )
    time = months_of(plan, 1320, replicates=500).reached(1320)
    assert abs(time.mean() - months) < ALLOWED * error(time)
    assert error(time) < 0.05


@pytest.mark.parametrize("share", [0.5, 2 / 3])
def test_places_without_a_limit_are_poisson(share):
    """Discrete M/M/infinity: entries thinned by those who left make a Poisson number of occupied places."""
    months = months_of(flat_plan(), 240, share)
    last = len(months.occupied) - 1
    occupied = months.occupied[last, 0].astype(float)
    mean = 10 * share * sum(0.95**k for k in range(last + 1))
    assert abs(occupied.mean() - mean) < ALLOWED * error(occupied)
    assert abs(occupied.var(ddof=1) / mean - 1) < ALLOWED * np.sqrt(2 / R)


def test_half_the_starts_fill_half_the_places():
    """1:1 allocation with everybody consenting: 88 starts lead to 44 entries a month, and half the stock."""
    half, whole = (
        months_of(flat_plan(), 300, share, replicates=1000).occupied[-1].sum(axis=0).mean()
        for share in (0.5, 1.0)
    )
    assert half / whole == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("declined_enter", "entering"), [(True, 7.0), (False, 3.0)])
def test_those_who_decline_enter_ips_if_the_plan_says_so(declined_enter, entering):
    """With 60 per cent consenting, 1:1: 3 a month from the trial, and 4 outside it."""
    plan = flat_plan(consent=0.6, declined_enter_ips=declined_enter, monthly_exit=1e-9)
    occupied = months_of(plan, 60).occupied[4].sum(axis=0).astype(float)
    assert abs(occupied.mean() - 5 * entering) < ALLOWED * error(occupied)


def test_too_young_enter_ips_also_where_those_who_decline_do_not():
    plan = flat_plan(consent=0.5, minimum_age=18, declined_enter_ips=False, monthly_exit=1e-9)
    assert plan.consenting == pytest.approx(0.45)
    occupied = months_of(plan, 30).occupied[4].sum(axis=0).astype(float)
    assert abs(occupied.mean() - 5 * (10 * 0.1 + 10 * 0.45 / 2)) < ALLOWED * error(occupied)


def test_a_limit_delays_but_loses_nobody():
    """Arrivals do not depend on the limit, so those enrolled and waiting are those enrolled without it."""
    county = {
        "c0": {"services": assumed(3), "starts": assumed(3), "specialists": assumed(1), "active": assumed(9)}
    }
    limited = months_of(flat_plan(counties=county, declined_enter_ips=False), 40, 1.0, replicates=200)
    free = months_of(flat_plan(declined_enter_ips=False), 200, 1.0, replicates=200)
    m = min(len(limited.enrolled), len(free.enrolled))
    assert limited.occupied.max() == 20
    assert limited.waiting[m - 1].min() > 0
    assert (limited.cumulative[:m] + limited.waiting[:m] == free.cumulative[:m]).all()


def test_a_county_above_its_limit_takes_nobody_until_people_have_left():
    county = {
        "c0": {"services": assumed(1), "starts": assumed(1), "specialists": assumed(1), "active": assumed(60)}
    }
    months = months_of(flat_plan(counties=county), 5, 1.0, replicates=100)
    over = months.occupied > 20
    assert over.any()
    assert (months.enrolled[over] == 0).all()
    assert (months.enrolled[0] == 0).all()


def test_counties_and_services_add_up_and_have_their_shares():
    plan = flat_plan((1, 2, 5), service_variation=0.0)
    months = months_of(plan, 80)
    by_county, by_service = months.by_county(80), months.by_service(80)
    assert (by_county.sum(axis=0) == 80).all()
    first = np.array([0, 1, 3])
    assert (np.add.reduceat(by_service, first, axis=0) == by_county).all()
    share = by_county.mean(axis=1) / 80
    assert np.allclose(share, [1 / 8, 2 / 8, 5 / 8], atol=ALLOWED * 0.5 / np.sqrt(80 * R))
    # Exactly binomial: a multinomial of n given Poisson arrivals.
    assert by_county[0].var() == pytest.approx(80 * (1 / 8) * (7 / 8), rel=ALLOWED * np.sqrt(2 / R))
    assert by_service[2].var() == pytest.approx(80 * (1 / 8) * (7 / 8), rel=ALLOWED * np.sqrt(2 / R))


def test_services_vary_as_much_as_asked_for_within_their_county():
    """Gamma weights over their sum: a share has variance (k - 1) / (k^2 (k a + 1)), with shape a."""
    plan = flat_plan((4,), service_variation=0.6)
    months = months_of(plan, 400, replicates=2000)
    share = months.by_service(400)[0] / 400
    shape = 0.6**-2
    exact = 3 / (16 * (4 * shape + 1))
    noise = (0.25 - (exact + 0.25**2)) / 400  # the multinomial's own part
    assert share.var() == pytest.approx(exact + noise, rel=0.15)


def test_services_that_do_not_take_part_give_nobody_and_open_in_turn():
    plan = flat_plan((2, 4), services_taking_part=3, services_opening_per_month=1.0)
    months = months_of(plan, 40, replicates=300)
    recruiting = (months.exposure > 0).sum(axis=1)
    assert (recruiting[0] == 1).all()
    assert (recruiting[1] == 2).all()
    assert (recruiting[2:] == 3).all()
    assert ((months.by_service(40) > 0).sum(axis=0) <= 3).all()


def test_ramp_grows_in_even_steps():
    exposure = months_of(flat_plan(ramp_up_months=3.0), 60, replicates=2).exposure.sum(axis=1)
    assert exposure[:5, 0].tolist() == pytest.approx([2.5, 5.0, 7.5, 10.0, 10.0])


def test_season_slows_its_month_only():
    plan = flat_plan(seasonality={"july": assumed(0.5)})
    exposure = months_of(plan, 130, replicates=2).exposure.sum(axis=1)[:12, 0]
    assert exposure.mean() == pytest.approx(10)
    assert exposure[6] / exposure[0] == pytest.approx(0.5)
    assert len(set(np.delete(exposure, 6).round(9))) == 1


def test_a_size_that_is_never_reached_is_infinite():
    plan = flat_plan(starts_per_month=0.05)
    months = months_of(plan, 20, replicates=50)
    time = months.reached(20)
    assert np.isinf(time).any()
    assert months.by_county(20).sum(axis=0).max() <= 20


def test_one_seed_gives_one_result_and_another_another():
    first, again, other = (months_of(flat_plan(), 30, replicates=20, seed=s) for s in (1, 1, 2))
    assert (first.reached(30) == again.reached(30)).all()
    assert (first.enrolled == again.enrolled).all()
    assert (first.reached(30) != other.reached(30)).all()


def test_smaller_sizes_come_earlier_in_every_replicate():
    months = months_of(flat_plan(), 60)
    assert (months.reached(20) < months.reached(60)).all()
