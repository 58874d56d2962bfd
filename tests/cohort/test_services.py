"""Services that open over time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from scipy.stats import chisquare

from ipsrct.cohort.cells import Cells

COUNTIES = {"a": 2, "b": 1, "c": 3}


def _cohort(**keys):
    return Cells.model_validate({"kind": "cells", **keys}, strict=False)


def test_table_names_county_and_opening_of_each_service():
    table = _cohort(services=COUNTIES, openings={"c": 0.5, "b": 0.25}).service_table
    assert table.counties == ("a", "b", "c")
    assert_array_equal(table.county, [0, 0, 1, 2, 2, 2])
    assert_array_equal(table.opening, [0, 0, 0.25, 0.5, 0.5, 0.5])
    drawn = _cohort(services=COUNTIES).draw(4, 2, np.random.default_rng(0))
    assert drawn.services.size == drawn.n_services == 6


def test_without_services_there_is_one():
    table = _cohort().service_table
    assert (table.size, table.opening.tolist()) == (1, [0.0])


def test_participants_go_evenly_to_the_services_then_open():
    """Each period's services and no other, chi-squared at 1e-4; a service opens at its share, not later."""
    cohort = _cohort(services=COUNTIES, openings={"b": 0.25, "c": 0.5})
    service = cohort.draw(40, 500, np.random.default_rng(1)).service
    for part, is_open in ((slice(0, 10), [0, 1]), (slice(10, 20), [0, 1, 2]), (slice(20, 40), range(6))):
        seen = np.bincount(service[:, part].ravel(), minlength=6)
        assert_array_equal(np.flatnonzero(seen), list(is_open))
        assert chisquare(seen[list(is_open)]).pvalue > 1e-4


def test_openings_at_the_start_change_no_draw():
    drawn = [
        _cohort(services=COUNTIES, **keys).draw(30, 5, np.random.default_rng(2)).service
        for keys in ({}, {"openings": {"a": 0, "b": 0}})
    ]
    assert_array_equal(*drawn)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"openings": {"b": 1}}, "below 1, or a service never opens: b"),
        ({"openings": {"a": 0.1, "b": 0.2, "c": 0.3}}, "none opens at 0"),
        ({"openings": {"d": 0.2}}, '"d" is not a county'),
        ({"openings": {"d": 0.2, "b": 1.0}}, '"d" is not a county.*never opens: b'),
        ({"services": COUNTIES | {"b": 1.5}}, "b must have a whole number of services, got 1.5"),
    ],
)
def test_services_that_cannot_be_are_refused(keys, words):
    with pytest.raises(ValueError, match=words):
        _cohort(**({"services": COUNTIES} | keys))
