"""The selected register carries the table, exactly labelled as selected."""

import numpy as np
import pytest

from ipsrct.register.anchors import COUNTS
from ipsrct.register.calibration import default_calibration
from ipsrct.register.candidates import features
from ipsrct.register.design import GROUPS
from ipsrct.register.draw import default_chains
from ipsrct.register.hazards import make_hazards
from ipsrct.register.measure_types import counted_shares
from ipsrct.register.moments import make_moments
from ipsrct.register.published import published_coefficients
from ipsrct.register.records import statement
from ipsrct.register.replica import allocate, make_candidates, make_replica, select
from ipsrct.register.reproduction import evaluate_register


@pytest.fixture(scope="module")
def hazards():
    return make_hazards(default_calibration().parameters)


@pytest.fixture(scope="module")
def replica():
    return make_replica(1)


def test_all_44_coefficients_are_within_four_tenths_of_a_standard_error(replica):
    """0.2 is reached; without correcting the targets for curvature 0.35."""
    rows = published_coefficients()
    coefficient = evaluate_register(replica).coefficient
    z = (coefficient - [row.estimate for row in rows]) / [row.standard_error for row in rows]
    assert z.size == 44
    assert np.abs(z).max() < 0.3


def test_counts_are_exact(replica, hazards):
    assert (replica.n_outside, replica.n_finished) == (26157, 701)
    outside = replica.start_month - 1 + 30 - replica.last_month
    for count in COUNTS:
        chosen = hazards.design.membership[GROUPS.index(count.group)][replica.cell]
        if count.name == "person_months_outside_ips":
            assert outside[chosen].sum() == pytest.approx(count.published, abs=2)


def test_tables_4_to_7_are_carried_within_two_persons(replica):
    """In random registers 17 to 27 of the 42 rows are further off."""
    counted = counted_shares(replica)
    assert len(counted) == 42
    for row in counted:
        persons = row.persons if row.period == "during_ips" else row.published.persons
        assert row.started == pytest.approx(row.published.share * persons, abs=2)


def test_contributions_to_coefficients_average_to_zero_over_the_pool():
    """44 means of 13,080 candidates within 5 standard errors: false alarm 3e-5."""
    employment, measures = default_chains()
    pool = make_candidates(employment, measures, 10, np.random.default_rng(3))
    found = features(pool, make_moments(employment), make_moments(measures))[:, :44]
    in_group = found != 0
    error = found.std(0) / np.sqrt(len(found))
    assert (np.abs(found.mean(0)) < 5 * error).all()
    assert in_group[:, :4].all()


def test_it_says_that_it_is_selected(replica):
    assert replica.selected
    assert statement(replica)["selected_to_match_published_numbers"] is True
    assert "not a random draw" in replica.origin


def test_persons_are_allocated_to_cells_and_starts(hazards):
    cell, start = allocate(hazards.design)
    np.testing.assert_array_equal(np.bincount(cell), hazards.design.size)
    table = np.zeros_like(hazards.design.persons)
    np.add.at(table, (cell, start), 1)
    assert np.abs(table - hazards.design.persons).max() < 1


def test_selection_solves_a_small_problem_that_it_can():
    rng = np.random.default_rng(1)
    features = rng.normal(size=(60, 20, 4))
    answer = features[np.arange(60), rng.integers(0, 20, 60)].sum(0)
    chosen = select(features, answer, np.zeros(60, dtype=np.int64), rng, sweeps=10)
    assert np.abs(features[np.arange(60), chosen].sum(0) - answer).max() < 0.3
    assert np.abs(features[:, 0].sum(0) - answer).max() > 5
