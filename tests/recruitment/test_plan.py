from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.recruitment.plans import assumed, flat_plan


@pytest.mark.parametrize(
    ("month", "name"), [(1, "November 2026"), (2, "December 2026"), (3, "January 2027"), (15, "January 2028")]
)
def test_calendar(month, name):
    assert flat_plan(opens="2026-11").calendar(month) == name


def test_season_follows_the_calendar_and_has_mean_one():
    plan = flat_plan(opens="2027-05", seasonality={"july": assumed(0.75)})
    factors = [plan.season(m) for m in range(12)]
    assert sum(factors) == pytest.approx(12)
    assert factors.index(min(factors)) == 2
    assert factors[2] / factors[0] == pytest.approx(0.75)
    assert plan.season(14) == factors[2]


@pytest.mark.parametrize(
    ("age", "guardian", "expected"), [(18, 1.0, 0.45), (16, 1.0, 0.5), (16, 0.5, 0.475), (16, 0.0, 0.45)]
)
def test_consenting(age, guardian, expected):
    plan = flat_plan(consent=0.5, guardian_consent=guardian, minimum_age=age)
    assert plan.consenting == pytest.approx(expected)


def test_a_plan_without_faults_has_no_contradictions():
    assert list(flat_plan().contradictions()) == []


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"services_taking_part": 4}, "services_taking_part", "at most 3"),
        ({"caseload_limit": 14.0}, "caseload_limit", "at least the caseload, 15, got 14"),
        ({"consent": 0.0}, "consent", "somebody"),
        ({"monthly_exit": 0.0}, "monthly_exit", "more than 0"),
    ],
)
def test_contradictions(changes, key, words):
    [(found, message)] = flat_plan(**changes).contradictions()
    assert found == key
    assert words in message


@pytest.mark.parametrize("changes", [{"opens": "2027-13"}, {"opens": "soon"}, {"seasonality": {"juli": 0.7}},
                                     {"minimum_age": 17}, {"consent": 1.5}, {"counties": {}}])  # fmt: skip
def test_refused(changes):
    with pytest.raises(ValidationError):
        flat_plan(**changes)


def test_a_county_may_have_its_own_exit():
    own = {"services": assumed(1), "starts": assumed(1), "specialists": assumed(1), "active": assumed(0)}
    plan = flat_plan(counties={"a": own | {"monthly_exit": assumed(0.1)}, "b": own})
    assert plan.exits.tolist() == [0.1, 0.05]
