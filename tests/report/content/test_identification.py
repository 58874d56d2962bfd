"""What the evaluation identifies and what it does not."""

from __future__ import annotations

import pytest

from ipsrct.report.content.identification import identification
from ipsrct.report.model import Bullets, Figure
from tests.report.content.items import blocks, rows, said, tables


def test_the_answer_gives_the_three_effects(results):
    assert "the effect may be 5.3, 9.9 or 13.2 percentage points" in said(identification(results))


def test_the_three_counterfactuals(results):
    table = tables(identification(results))["counterfactuals"]
    shown = [[*row[:1], *row[2:]] for row in rows(table)]
    assert shown == [
        ["The level persists", "39.3%", "49.2%", "9.9", "4.1"],
        ["The fall reverts", "43.9%", "49.2%", "5.3", "8.2"],
        ["The fall goes on", "36.0%", "49.2%", "13.2", "1.1"],
    ]


def test_what_the_table_would_show_without_an_effect(results):
    table = tables(identification(results))["shown-without-effect"]
    assert rows(table)[0] == ["Published, added up", "\N{MINUS SIGN}0.3", "6.1", "10.4", "14.0"]
    assert [row[-1] for row in rows(table)[2:]] == ["4.1", "8.2", "1.1"]
    assert "of 12 widths, 12 fit steps and 3 fit levels" in said(identification(results))


def test_there_are_two_lists_and_the_figure(results):
    found = blocks(identification(results))
    assert [len(block.items) for block in found if isinstance(block, Bullets)] == [3, 4]
    assert [block.name for block in found if isinstance(block, Figure)] == ["counterfactuals"]


def test_an_honest_interval_stands_beside_the_printed_one(results):
    text = said(identification(results))
    assert "5.3 percentage points (2.9 to 7.8)" in text
    assert "2.4 times as wide: \N{MINUS SIGN}0.7 to 11.3." in text


@pytest.mark.parametrize(
    ("code", "words"),
    [("en", "Randomisation answers the question."), ("nb", "Randomisering svarer på spørsmålet.")],
)
def test_randomisation_answers(results, code, words):
    assert words in said(identification(results), code)


def test_the_assumed_effect_is_called_chosen(results):
    assert "7.5 percentage points on employment twelve months after start. This effect is chosen" in said(
        identification(results)
    )
