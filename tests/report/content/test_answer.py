"""The answer: three sentences that hold whatever the trial, and its numbers."""

from __future__ import annotations

import re

import pytest

from ipsrct._language import LANGUAGES, language
from ipsrct.report.content.answer import answer
from ipsrct.report.model import Paragraph
from ipsrct.report.text import plain

from .conftest import TRIALS
from .reading import EN, NB, rows, table, text


def _sentences(results, code=EN):
    blocks = answer(results).blocks
    return [plain(b.text, code) for b in blocks if isinstance(b, Paragraph) and b.role == "answer"]


@pytest.mark.parametrize("name", ["ips_ung", *TRIALS])
@pytest.mark.parametrize("code", LANGUAGES)
def test_it_has_exactly_three_sentences(of_trial, name, code):
    said = _sentences(of_trial(name), language(code))
    assert len(said) == 3
    for sentence in said:
        assert re.findall(r"[.!?](?=\s|$)", sentence) == ["."]
        assert sentence.endswith(".")


def test_recommended_trial(of_trial):
    many, long, rests = _sentences(of_trial("ips_ung"))
    for part in (
        "80% power",
        "7.5 percentage points",
        "39.5% without IPS",
        "1,358",
        "679 in each arm",
        "1,828",
    ):
        assert part in many
    for part in ("24.5 months", "39.5 months", "32.2 and 47.2", "1,320", "78.6%"):
        assert part in long
    for part in ("assumed", "3.5 percentage points", "13.0 percentage points", "25.3%", "99.7%", "61.4%"):
        assert part in rests


def test_it_says_what_the_number_is_not(of_trial):
    (warning,) = [b for b in answer(of_trial("ips_ung")).blocks if getattr(b, "role", "") == "warning"]
    assert "cannot identify the effect" in plain(warning.text, EN)
    assert "kan ikke identifisere effekten" in plain(warning.text, NB)
    assert "subgroup" in plain(warning.text, EN)
    (other,) = [b for b in answer(of_trial("small")).blocks if getattr(b, "role", "") == "warning"]
    assert "evaluation" not in plain(other.text, EN)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("no_effect", "because no effect is assumed"), ("other_side", "other side of the one-sided test")],
)
def test_where_no_size_is_enough_it_says_so_and_why(of_trial, name, reason):
    many, long, _ = _sentences(of_trial(name))
    assert many.startswith("No number of participants gives the trial 80% power")
    assert reason in many
    assert "150" in long


def test_a_simulated_size_has_its_interval(of_trial):
    row = of_trial("attrition")["sizing"]["answers"].row(target_power=0.8)
    assert row["n_low"].value < row["n_high"].value
    interval = f"95% Monte Carlo interval of the total {row['n_low'].value} to {row['n_high'].value}"
    assert interval in _sentences(of_trial("attrition"))[0]
    assert "Monte Carlo" not in _sentences(of_trial("two_to_one"))[0]


def test_without_recruitment_it_says_that_the_time_is_not_known(of_trial):
    assert "nothing is assumed about recruitment" in _sentences(of_trial("seed"))[1]


@pytest.mark.parametrize(
    "name", ["ips_ung", "small", "attrition", "two_to_one", "three_arms", "months", "seed"]
)
def test_arms_of_the_table_add_up(of_trial, name):
    results = of_trial(name)
    found = table(answer(results), "answer-in-numbers")
    arms = len(results["scenario"]["arms"])
    for column in zip(*(row[1:] for row in found.rows[: arms + 1]), strict=True):
        total, *each = (int(plain(cell, EN).split(" ")[0].replace(",", "")) for cell in column)
        assert total == sum(each)


def test_unequal_arms_are_named(of_trial):
    said = _sentences(of_trial("two_to_one"))[0]
    sizes = (
        of_trial("two_to_one")["sizing"]["answers"].row(target_power=0.8, method="exact")["n_per_arm"].value
    )
    assert sizes["ips"] == 2 * sizes["control"]
    assert f"{sizes['ips']} in IPS, {sizes['control']} in control" in said


def test_table_of_the_recommended_trial(of_trial):
    found = rows(table(answer(of_trial("ips_ung")), "answer-in-numbers"))
    assert found["Participants"] == ["1,320", "1,358", "1,828"]
    assert found["Power"] == ["78.6%", "80.0%", "90.0%"]
    assert found["Smallest effect found with 80% power"][0].startswith("7.6 (0.034)")


def test_an_outcome_in_months_is_shown_in_months(of_trial):
    shown = text(answer(of_trial("months")))
    assert "percentage points" not in shown
    assert "months without IPS" in shown
