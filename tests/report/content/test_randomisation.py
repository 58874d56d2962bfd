"""The randomisation plan in words, for every scheme and in both languages."""

from __future__ import annotations

import pytest

from ipsrct import _parts
from ipsrct._language import language
from ipsrct._message import Message
from ipsrct.findings.texts import texts as made_texts
from ipsrct.report.content.randomisation import randomisation
from ipsrct.report.content.schemes import concealment, keeps_lists, scheme_name
from ipsrct.report.model import Figure
from ipsrct.report.text import plain
from tests.report.content.shown import texts, whole

KINDS = sorted(_parts.kinds("randomisation"))
SCHEME = "scenario.randomisation"
OPEN_SCHEME = "provenance.scenario.design.randomisation"


@pytest.mark.parametrize("code", ["en", "nb"])
def test_every_kind_has_a_name_of_its_own(code):
    names = [plain(scheme_name(kind), language(code)) for kind in KINDS]
    assert len(set(names)) == len(KINDS)
    assert not [name for name in names if "_" in name]


@pytest.mark.parametrize("kind", KINDS)
def test_no_name_is_left_in_english(kind):
    assert plain(scheme_name(kind), language("nb")) != plain(scheme_name(kind), language("en"))


def test_what_only_people_know_is_left_open_visibly(results):
    said = "\n".join(texts(randomisation(results)))
    assert said.count("[TO BE FILLED IN:") == 4
    assert whole(randomisation(results), "nb").count("[FYLLES UT:") == 4


def test_ratio_strata_and_imbalance_are_those_of_the_results(results):
    said = whole(randomisation(results))
    assert "Participants are allocated 1:1 (IPS : control) by stratified block randomisation" in said
    assert "age, sex, social assistance (12 strata)" in said
    assert "the arms differ by 2.5 (0.045) participants in the mean, and by at most 6.0 in 95 of 100" in said
    assert "age: under 20|1.4 (0.025)|3.0 (0.25)" in said
    assert "stratum|" not in said


def test_unfilled_blocks_are_explained_and_so_is_pooling(results, changed):
    assert "recruitment ends inside a block of almost every list" in whole(randomisation(results))
    pooled = changed({f"{OPEN_SCHEME}.leftovers": "pool"})
    assert "randomised together at the end" in whole(randomisation(pooled))


def test_other_allocations_have_an_imbalance_that_is_explained(changed):
    said = whole(randomisation(changed({"scenario.arms.0.allocation_weight": 2})))
    assert "allocated 2:1 (IPS : control)" in said
    assert "twice the largest deviation of an arm from its planned share" in said


def test_one_list_gives_nothing_away(results, changed):
    rows = [row for row in results.value["plan"]["diagnostics"] if row["where"] != "overall"]
    section = randomisation(changed({"plan.diagnostics": rows, f"{SCHEME}.factors": []}))
    assert "there is one allocation list" in whole(section)
    assert "Stratification factors: none" in whole(section)
    assert not [block for block in section.blocks if isinstance(block, Figure)]


def test_warnings_are_said_with_their_numbers_in_both_languages(changed):
    warning = Message(
        "{empty:.1f} of {strata:,} strata are expected to stay empty.", empty=12.34, strata=1504
    )
    section = randomisation(changed({"plan.warnings": [str(warning)], "texts": made_texts(warning)}))
    assert "12.3 of 1,504 strata are expected to stay empty." in texts(section)
    assert "12,3 av 1\u00a0504 strata ventes å bli tomme." in texts(section, "nb")


def test_a_plan_that_is_not_available_says_why(changed):
    section = randomisation(changed({"plan": None, "not_available.plan": "too many services"}))
    assert "This is not available for this scenario: too many services." in texts(section)
    assert "Method: stratified block randomisation (permuted blocks)" in texts(section)


@pytest.mark.parametrize(
    ("kind", "lists", "words"),
    [
        ("permuted_block", True, "kept centrally"),
        ("minimisation", False, "no list that could be seen in advance"),
        ("cluster", False, "not concealed"),
        ("rerandomisation", False, "enrolled before anybody is allocated"),
    ],
)
def test_concealment_follows_the_scheme(kind, lists, words):
    assert keeps_lists(kind) == lists
    assert words in plain(concealment(kind), language("en"))


@pytest.mark.parametrize(("unit", "who"), [("service", "Whole services"), ("county", "Whole counties")])
def test_what_is_randomised_is_said(changed, unit, who):
    said = whole(randomisation(changed({f"{SCHEME}.unit": unit, f"{SCHEME}.kind": "cluster"})))
    assert said.startswith(f"{who} are allocated 1:1")


def test_an_unrestricted_scheme_says_so(changed):
    said = whole(
        randomisation(changed({f"{SCHEME}.kind": "complete", "provenance.scheme_is_restricted": False}))
    )
    assert "Restriction: none: every participant is allocated independently" in said


def test_minimisation_balances_factors_and_has_no_strata(changed):
    said = whole(randomisation(changed({f"{SCHEME}.kind": "minimisation"})))
    assert "Factors that are balanced: age, sex, social assistance\n" in said
    assert "strata)" not in said
