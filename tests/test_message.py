"""Text that remembers how it was made, and says it in either language."""

from __future__ import annotations

import copy
import pickle

import pytest

from ipsrct._language import Language, language
from ipsrct._message import Message, joined

NB = Language(
    "nb",
    {
        "{part} of {total:,} {unit}": "{part} av {total:,} {unit}",
        "participants": "deltakere",
        "social assistance": "sosialhjelp",
        "at least {share:.1%} by {factors}": "etter {factors}: minst {share:.1%}",
    },
)


def _nested():
    return Message(
        "at least {share:.1%} by {factors}", share=0.125, factors=joined(["sex", "social_assistance"])
    )


def test_a_message_is_its_english_text():
    assert _nested() == "at least 12.5% by sex, social_assistance"
    assert (
        Message("{part} of {total:,} {unit}", part=3, total=1308, unit="participants")
        == "3 of 1,308 participants"
    )


def test_a_message_is_said_with_its_values_in_the_other_order():
    assert NB.say(_nested(), names=True) == "etter sex, sosialhjelp: minst 12,5\N{NO-BREAK SPACE}%"
    assert language("en").say(_nested(), names=True) == str(_nested())


def test_words_of_a_file_stay_as_they_are():
    assert "social_assistance" in NB.say(_nested())


def test_a_text_that_no_catalogue_has_stays_english():
    assert NB.say("somebody's own words") == "somebody's own words"
    assert NB.say(Message("{n:,} own words", n=1000)) == "1\N{NO-BREAK SPACE}000 own words"


@pytest.mark.parametrize(
    ("spec", "value", "english", "bokmaal"),
    [
        (":,", 1234567, "1,234,567", "1 234 567"),
        (":.3f", 0.9, "0.900", "0,900"),
        (":.0%", 0.5, "50%", "50 %"),
        (":g", -0.25, "-0.25", "\N{MINUS SIGN}0,25"),
        ("", 12, "12", "12"),
        ("", "2024:01, a.b-c", "2024:01, a.b-c", "2024:01, a.b-c"),
    ],
)
def test_only_numbers_take_the_marks_of_a_language(spec, value, english, bokmaal):
    message = Message("{x" + spec + "}", x=value)
    assert message == english
    assert NB.say(message).replace("\N{NO-BREAK SPACE}", " ") == bokmaal


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_remembers_too(copied):
    braces = copied(Message("got {given}", given="{factor}"))
    assert (braces, braces.values) == ("got {factor}", {"given": "{factor}"})
    again = copied({"text": _nested()})["text"]
    assert again == _nested()
    assert NB.say(again) == NB.say(_nested())


def test_texts_are_joined_in_the_order_given():
    assert joined(["b", "a", "c"], "; ") == "b; a; c"
    assert joined([]) == ""
    assert NB.say(joined(["participants", "other"], ": "), names=True) == "deltakere: other"
