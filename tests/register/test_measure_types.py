"""Types of other measures: spells and periods, published frequencies, and drawn against expected shares."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2

from ipsrct.register.calibration import default_calibration
from ipsrct.register.draw import draw_register
from ipsrct.register.measure_tables import (
    NO_MEASURE,
    UNKNOWN,
    measure_types,
    published_shares,
    type_counts,
)
from ipsrct.register.measure_types import counted_shares, draw_types, expected_shares, first_types
from ipsrct.register.measures_calibration import default_measures


@pytest.fixture(scope="module")
def register():
    return draw_register(21)


@pytest.fixture(scope="module")
def expected():
    return expected_shares(default_measures().parameters, default_calibration().moments)


def codes(period):
    return {measure_types().index(word) for word in type_counts(period)}


def test_a_spell_keeps_the_type_of_the_period_that_it_begins_in():
    """IPS in months 4 to 6 of 9; spells in months 1, 3-4, 6-7 and 9 of one person, none of another."""
    inside = np.array([[1, 0, 1, 1, 0, 1, 1, 0, 1], [0] * 9], dtype=bool)
    for seed in range(50):
        drawn = draw_types(inside, np.array([4, 4]), np.array([6, 6]), np.random.default_rng(seed))
        assert (drawn[~inside] == NO_MEASURE).all()
        assert (drawn[0, [0, 2, 3]] == UNKNOWN).all()
        assert drawn[0, 5] == drawn[0, 6]
        assert drawn[0, 5] in codes("during_ips")
        assert drawn[0, 8] in codes("after_ips")
        first = first_types(drawn, np.array([4, 4]), np.array([6, 6]))
        assert first["during_ips"].tolist() == [drawn[0, 5], NO_MEASURE]
        assert first["after_ips"].tolist() == [drawn[0, 8], NO_MEASURE]


@pytest.mark.parametrize("period", ["during_ips", "after_ips"])
def test_types_have_their_published_frequencies(period):
    """100,000 spells, chi-squared at 1e-4. The shares of the other period would be off by thousands."""
    n = 100_000
    inside = np.zeros((n, 4), dtype=bool)
    inside[:, 3] = True
    last = np.full(n, 4 if period == "during_ips" else 3)
    drawn = draw_types(inside, np.full(n, 2), last, np.random.default_rng(5))[:, 3]
    found = np.array([(drawn == measure_types().index(word)).sum() for word in type_counts(period)])
    share = np.array(list(type_counts(period).values())) / sum(type_counts(period).values())
    assert found.sum() == n
    assert ((found - n * share) ** 2 / (n * share)).sum() < chi2.ppf(1 - 1e-4, share.size - 1)


def test_first_types_are_those_of_a_plain_loop(register):
    first = first_types(register.measure_type, register.start_month, register.last_month)
    for person, types in enumerate(register.measure_type):
        seen = {"during_ips": NO_MEASURE, "after_ips": NO_MEASURE}
        for month in range(2, 31):
            if types[month - 1] and not types[month - 2] and month >= register.start_month[person]:
                period = "during_ips" if month <= register.last_month[person] else "after_ips"
                seen[period] = seen[period] or types[month - 1]
        assert (first["during_ips"][person], first["after_ips"][person]) == tuple(seen.values())


def test_drawn_registers_show_the_expected_shares(expected):
    """30 registers, 42 shares within 4 binomial standard errors of 30 times the persons: false alarm 3e-3.

    The bound adds 42 times 6e-5; types of 1 in 1,000 are nearly Poisson, with heavier tails.
    Drawing types after IPS by the shares during IPS would move wage subsidies by 8 points, 100 errors.
    """
    counted = [counted_shares(draw_register(22, index)) for index in range(30)]
    started = np.array([[row.started for row in rows] for rows in counted]).sum(0)
    persons = np.array([[row.persons for row in rows] for rows in counted]).sum(0)
    error = np.sqrt(expected * (1 - expected) / persons)
    assert (np.abs(started / persons - expected) < 4 * error).all()


def test_expected_shares_lie_within_sampling_error_of_the_published_ones(expected):
    rows = published_shares()
    z = [(value - row.share) / row.standard_error for value, row in zip(expected, rows, strict=True)]
    assert np.abs(z).max() < 0.3


def test_a_type_that_the_period_does_not_print_is_shown_and_counts(register):
    mentor = measure_types().index("mentor")
    types = np.zeros_like(register.measure_type)
    person = int(np.argmax(register.last_month - register.start_month))
    types[person, register.start_month[person] - 1] = mentor
    counted = counted_shares(replace(register, measure_type=types))
    assert (counted[0].measure, counted[0].started) == ("any", 1)
    assert [(row.measure, row.started, row.published) for row in counted[42:]] == [("mentor", 1, None)]


def test_nobody_finished_gives_no_share_after_ips(register):
    still = replace(register, last_month=np.full_like(register.last_month, 30))
    after = [row for row in counted_shares(still) if row.period == "after_ips"]
    assert {row.persons for row in after} == {0}
    assert all(np.isnan(row.share) for row in after)
