"""Numbers with a decimal comma: read as meant, or refused with what to write."""

from __future__ import annotations

import math

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipsrct import ScenarioError
from ipsrct._decimal import Decimal, numbers, toml_value, with_point
from ipsrct._message import Message
from ipsrct._reading import parse_change
from ipsrct.cli import main

DECIMALS = st.decimals(-999, 999, places=2).map(str)
POWERS = st.lists(st.decimals("0.01", "0.99", places=2).map(str), min_size=1, max_size=4)


def _with_comma(text: str) -> str:
    return text.replace(".", ",")


@given(DECIMALS)
def test_a_comma_means_what_a_point_means(text: str) -> None:
    assert toml_value(_with_comma(text)) == float(text)
    assert with_point(_with_comma(text)) == text
    assert numbers(_with_comma(text)) == numbers(text) == (float(text),)


@given(st.lists(DECIMALS, min_size=1, max_size=4))
def test_semicolons_make_lists_of_decimals(texts: list[str]) -> None:
    assert toml_value(f"[{'; '.join(map(_with_comma, texts))};]") == list(map(float, texts))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5), st.sampled_from([",", ", ", ";", "; "]))
def test_lists_of_whole_numbers_stay_what_they_are(values: list[int], separator: str) -> None:
    assert toml_value(f"[{separator.join(map(str, values))}]") == values


@given(POWERS)
def test_targets_by_point_or_by_comma(texts: list[str]) -> None:
    expected = tuple(map(float, texts))
    assert numbers(",".join(texts)) == numbers(", ".join(texts)) == numbers(";".join(texts)) == expected
    assert numbers(";".join(map(_with_comma, texts))) == expected


@given(st.lists(st.decimals("0.01", "0.99", places=2).map(str), min_size=2, max_size=4))
def test_commas_of_both_kinds_at_once_are_refused(texts: list[str]) -> None:
    """Nothing that can be read in two ways gives a number: each is refused in a message."""
    commas = [_with_comma(text) for text in texts]
    with pytest.raises(ValueError, match="two ways") as caught:
        numbers(",".join(commas))
    assert isinstance(caught.value.args[0], Message)
    with pytest.raises(ValueError, match="two ways"):
        toml_value(f"[{', '.join(f'{int(text[-1])},{text[-1]}' for text in texts)}]")


@given(st.integers(1, 999), st.integers(0, 999))
def test_what_may_be_thousands_is_refused_with_both_readings(thousands: int, rest: int) -> None:
    text = f"{thousands},{rest:03}"
    for read in (toml_value, numbers, with_point, lambda t: toml_value(f"[{t}; 1,5]")):
        with pytest.raises(ValueError, match="two ways") as caught:
            read(text)
        assert caught.value.args[0].values["decimal"] == f"{thousands}.{rest:03}"
        assert caught.value.args[0].values["whole"] == f"{thousands}{rest:03}"
    with pytest.raises(ValueError, match=f"without commas, {thousands}{rest:03}000,"):
        toml_value(f"{text},000")


@given(st.text(max_size=12))
def test_any_text_is_read_or_refused_in_a_message(text: str) -> None:
    refused = None
    try:
        toml_value(text)
    except ValueError as error:
        refused = error
    assert refused is None or isinstance(refused.args[0], Message)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,048", 0.048),
        ("-0,05", -0.05),
        ("1,5e-3", 0.0015),
        ("0.048", 0.048),
        ("1320", 1320),
        ("[1000,1500]", [1000, 1500]),
        ("[4,6]", [4, 6]),
        ("[0, 48]", [0, 48]),
        ("[0,0.05,0.1]", [0, 0.05, 0.1]),
        ("[0.1,0.2, 0.3]", [0.1, 0.2, 0.3]),
        ("[0,48; 0,5]", [0.48, 0.5]),
        ("[0,48;]", [0.48]),
        ("[0.48; 0,5]", [0.48, 0.5]),
        ('["0,5", "a; b"]', ["0,5", "a; b"]),
        ('"0,5"', "0,5"),
        ("0,8,0,9", "0,8,0,9"),
        ("ips", "ips"),
        ("{ value = 0.5 }", {"value": 0.5}),
    ],
)
def test_values_of_set(text: str, value: object) -> None:
    found = toml_value(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text", ["[0,48]", "[0,48,0,5]", "[0,03, 0,05]", "[7,5, 8,5]", "[1,0,5]", "[0,5,0.5]"]
)
def test_lists_that_can_be_read_in_two_ways_are_faults_of_the_change(text: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_change(f"assumptions.outcome.effect={text}")
    (fault,) = caught.value.faults
    assert fault.path == "assumptions.outcome.effect"
    assert f"got {text}: write [0.48, 0.5] or [0,48; 0,5]" in fault.message


def test_option_of_one_number() -> None:
    kind = Decimal(0, 1, min_open=True)
    assert kind.convert("0,05", None, None) == kind.convert("0.05", None, None) == 0.05
    for wrong in ("0,0", "1,5", "1,320", "0,5;0,6", "0,5,0,6", "x", "nan,0"):
        with pytest.raises(click.BadParameter):
            kind.convert(wrong, None, None)
    with pytest.raises(ValueError, match="could not convert"):
        numbers("high")
    assert math.isnan(numbers("nan")[0])


OPTIONS = [
    (("check-plan", "seed", "--replicates", "64"), "--biasing-effect", "0.05"),
    (("recruit", "ips_ung", "--replicates", "4"), "--consent", "0.5"),
    (("mde", "seed"), "--power", "0.85"),
    (("mde", "seed"), "--power", "0.8;0.9"),
    (("check", "ips_ung_cells"), "--set", "assumptions.outcome.effect=0.048"),
]


@pytest.mark.parametrize(("command", "option", "value"), OPTIONS, ids=[f"{c[0]} {o}" for c, o, _ in OPTIONS])
def test_commands_print_the_same_for_comma_and_point(command, option, value, capsys) -> None:
    found = []
    for text in (value, value.replace("0.", "0,")):
        with pytest.raises(SystemExit) as stopped:
            main([*command, option, text, "--json"])
        assert stopped.value.code == 0, capsys.readouterr().err
        found.append(capsys.readouterr().out)
    assert found[0] == found[1]
