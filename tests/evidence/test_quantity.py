"""Quantities: published percentages become proportions, and every number says where it comes from."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from ipsrct.evidence import Difference, Proportion, Quantity, Size, evidence

PROPORTION: TypeAdapter[Quantity] = TypeAdapter(Proportion)
DIFFERENCE: TypeAdapter[Quantity] = TypeAdapter(Difference)
SIZE: TypeAdapter[Quantity] = TypeAdapter(Size)


def _numbers(quantity: Quantity) -> tuple[float | None, ...]:
    return quantity.value, quantity.low, quantity.high


def _refused(adapter: TypeAdapter[Quantity], given: object) -> str:
    with pytest.raises(ValidationError) as caught:
        adapter.validate_python(given)
    return str(caught.value)


@pytest.mark.parametrize(
    ("adapter", "key", "numbers"),
    [
        (PROPORTION, "fig1_month6", (0.48, 0.475, 0.485)),  # 48 percent, a stated whole number
        (PROPORTION, "reme.proportion_month_12.ips", (0.366, None, None)),
        (DIFFERENCE, "employment_1h_m1_all_months_4_6", (0.064, 0.049, 0.08)),
        (DIFFERENCE, "employment_1h_m1_all_months_0_3", (-0.003, -0.018, 0.012)),
        (SIZE, "pop_age_under_20", (284, None, None)),
        (SIZE, "county_services.Vestland.services", (10, None, None)),
    ],
)
def test_evidence_gives_value_and_range(
    adapter: TypeAdapter[Quantity], key: str, numbers: tuple[float | None, ...]
) -> None:
    quantity = adapter.validate_python(f"@evidence.{key}")
    assert _numbers(quantity) == pytest.approx(numbers, abs=1e-12)
    assert (quantity.evidence, quantity.assumed, quantity.is_justified) == ((key,), "", True)


@pytest.mark.parametrize(
    "key",
    [
        key
        for key, value in evidence.items()
        if value.unit.startswith("percent") and isinstance(value.value, (int, float))
    ],
)
def test_every_published_percentage_becomes_a_proportion(key: str) -> None:
    assert DIFFERENCE.validate_python(f"@evidence.{key}").value == pytest.approx(evidence[key].value / 100)


def test_short_and_long_forms_agree() -> None:
    short = PROPORTION.validate_python("@evidence.fig1_month6")
    assert PROPORTION.validate_python({"evidence": ["fig1_month6"]}) == short
    assert PROPORTION.validate_python({"evidence": "fig1_month6"}) == short


def test_range_of_the_scenario_goes_before_the_published_one() -> None:
    given = {"evidence": ["fig1_month6"], "low": 0.4}
    assert _numbers(PROPORTION.validate_python(given)) == pytest.approx((0.48, 0.4, 0.485))


def test_stated_value_must_be_the_published_one() -> None:
    assert PROPORTION.validate_python({"value": 0.48, "evidence": ["fig1_month6"]}).value == 0.48
    assert "is not what fig1_month6 states" in _refused(
        PROPORTION, {"value": 0.47, "evidence": ["fig1_month6"]}
    )


def test_assumption_may_lean_on_evidence() -> None:
    given = {"value": 0.395, "evidence": ["fig1_month0"], "assumed": "the middle of the range"}
    quantity = PROPORTION.validate_python(given)
    assert _numbers(quantity) == (0.395, None, None)
    assert "the middle of the range" in quantity.origin()
    assert "fig1_month0" in quantity.origin()
    assert "line 630" in quantity.origin()


def test_origin_of_a_published_value_names_document_and_line() -> None:
    origin = SIZE.validate_python("@evidence.pop_women").origin()
    assert "AFI report 2024:01" in origin
    assert "line 709" in origin


def test_bare_number_is_accepted_but_not_justified() -> None:
    quantity = PROPORTION.validate_python(0.4)
    assert (_numbers(quantity), quantity.is_justified) == ((0.4, None, None), False)


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (39, "write 0.39"),
        (39.5, "write 0.395"),
        (-0.1, "between 0 and 1, got -0.1"),
        (250, "between 0 and 1, got 250"),
        ({"value": 0.4, "high": 44, "assumed": "x"}, "high must be between 0 and 1, got 44; write 0.44"),
        ({"value": 39, "low": 0.36, "high": 0.44, "assumed": "x"}, "write 0.39"),
        ({"value": 0.4}, 'say "assumed" with a reason'),
        ({"value": 0.4, "assumed": " "}, 'say "assumed" with a reason'),
        ({"value": 0.4, "evidence": []}, 'name its "evidence"'),
        ({"assumed": "no value"}, "value"),
        ("0.4", "must be a number"),
        ("@evidence.fig1_month0", "only the range 38 to 40"),
        ("@evidence.programme_goal_domains", "no single number"),
        ("@evidence.pop_women", "between 0 and 1, got 696"),
        ({"value": 0.4, "assumed": "x", "reason": "y"}, "reason"),
    ],
)
def test_proportion_is_refused(given: object, part: str) -> None:
    assert part in _refused(PROPORTION, given)


@pytest.mark.parametrize(("given", "part"), [(7.5, "write 0.075"), (-7.5, "write -0.075"), (1.5, "-1 and 1")])
def test_difference_is_refused(given: float, part: str) -> None:
    assert part in _refused(DIFFERENCE, given)


def test_difference_may_be_negative() -> None:
    assert DIFFERENCE.validate_python(-0.2).value == -0.2


@pytest.mark.parametrize(
    "given",
    [
        0,
        -3,
        {"value": 3, "low": -1, "assumed": "x"},
        {"value": 3, "high": float("inf"), "assumed": "x"},
        {"value": 3, "low": float("-inf"), "assumed": "x"},
        float("nan"),
    ],
)
def test_size_is_refused(given: Any) -> None:
    _refused(SIZE, given)


@pytest.mark.parametrize("evidence_ids", [3, True, [3], [[]], [{}], {"pop_men": 1}, [None]])
def test_evidence_that_is_not_ids_is_refused(evidence_ids: object) -> None:
    _refused(SIZE, {"evidence": evidence_ids})


@given(st.tuples(*[st.floats(0, 1)] * 3))
def test_range_must_hold_the_value(numbers: tuple[float, float, float]) -> None:
    value, low, high = numbers
    given = {"value": value, "low": low, "high": high, "assumed": "x"}
    if low <= value <= high:
        assert _numbers(PROPORTION.validate_python(given)) == numbers
    else:
        assert "low <= value <= high" in _refused(PROPORTION, given)
