"""Every sentence that a computation, a packaged scenario or a source wrote can be said in Bokmål."""

from __future__ import annotations

import re

import pytest

from ipsrct import read_scenario
from ipsrct._language import language
from ipsrct._parts import kinds
from ipsrct.findings import find
from ipsrct.report.content import words
from ipsrct.report.results import Node
from ipsrct.report.text import Quoted, plain

NB, EN = language("nb"), language("en")
SENTENCES = {
    "assumed", "title", "definition", "note", "origin", "lever", "group", "changed", "caveats", "warnings",
    "description", "variable", "event", "strategy", "place", "reason", "not_available",
}  # fmt: skip
SAME_IN_BOTH = re.compile(r"[\W\d]*|strata")


def _quoted(node, key=""):
    """Yield the nodes of texts that stand under a key of sentences."""
    if isinstance(node.value, dict):
        for name, value in node.items():
            if name not in ("provenance", "texts"):
                yield from _quoted(value, key if key == "not_available" else name)
    elif isinstance(node.value, list):
        for value in node:
            yield from _quoted(value, key)
    elif isinstance(node.value, str) and key in SENTENCES:
        yield node


def _english(results):
    """Return the sentences that stay English in Bokmål."""
    texts = [node for node in _quoted(results) if not SAME_IN_BOTH.fullmatch(node.value)]
    assert len(texts) > 10
    return {node.pointer: node.value for node in texts if plain(node.quoted(), NB) == node.value}


def test_the_stored_findings_have_no_english_sentence_left(results):
    assert _english(results) == {}


def test_english_is_as_it_was_written(results):
    assert all(plain(node.quoted(), EN) == node.value for node in _quoted(results))


@pytest.mark.parametrize(
    "name",
    [
        "seed",
        "ips_ung_cells",
        "refugees_bergen",
        pytest.param("ips_ung_register_errors", marks=pytest.mark.long),
    ],
)
def test_other_packaged_scenarios_have_none_either(name):
    found = find(read_scenario(name), parts=["flow", "assurance", "identification"])
    assert _english(Node(found.open_edition().document)) == {}


def test_a_user_s_own_words_stay_as_they_are():
    changes = {"title": "My own trial", "analysis.estimand.variable": "in work after a year"}
    found = find(read_scenario("seed", changes), parts=["flow"])
    results = Node(found.document)["scenario"]
    assert plain(results["title"].quoted(), NB) == "My own trial"
    assert plain(results["estimand"]["variable"].quoted(), NB) == "in work after a year"


@pytest.mark.parametrize(
    ("name", "english", "bokmaal"),
    [
        ("more_og_romsdal", "Møre og Romsdal", "Møre og Romsdal"),
        ("vest_viken", "Vest-Viken", "Vest-Viken"),
        ("social_assistance", "social assistance", "sosialhjelp"),
        ("24_plus", "24 plus", "24 og eldre"),
        ("ips", "IPS", "IPS"),
        ("own_name", "own name", "own name"),
    ],
)
def test_names_are_readable(name, english, bokmaal):
    assert (plain(words.name(name), EN), plain(words.name(name), NB)) == (english, bokmaal)


def test_every_kind_of_analysis_has_a_name():
    labels = {label for kind, part in kinds("estimator").items() for label in _labels(kind, part)}
    assert {label for label in labels if isinstance(words.estimator(label), Quoted)} == set()
    assert len(labels) >= 20


def _labels(kind, part):
    """Yield the label that each choice of its keys gives a kind of analysis."""
    for chosen in _choices(part):
        yield part.model_construct(kind=kind, **chosen).default_label


def _choices(part):
    options = {name: [None] for name in ("factors",) if name in part.model_fields}
    options = {name: [("age",), ()] for name in options}
    for name in ("variance", "adjustment", "unit"):
        if name in part.model_fields:
            text = str(part.model_fields[name].annotation)
            options[name] = re.findall(r"'(\w+)'", text) + ([None] if "None" in text else [])
    chosen = [{}]
    for name, values in options.items():
        chosen = [one | {name: value} for one in chosen for value in values]
    return chosen


def test_a_difference_of_analyses_and_a_name_of_the_scenario_s_own():
    label = "adjusted_for_baseline_employment - difference_in_proportions_unpooled"
    assert plain(words.estimator(label), EN).endswith("employment less difference in proportions")
    assert plain(words.estimator(label), NB) == "justert for arbeid før oppstart minus forskjell i andeler"


def test_a_source_is_its_document_and_place(results):
    published = results["sources"]["fig1_month0"]
    assert plain(words.source(published), EN) == (
        "AFI report 2024:01, evaluation of IPS ung, section 3.1.1, Figure 1, line 630"
    )
    assert plain(words.source(published), NB) == (
        "AFI-rapport 2024:01, evalueringen av IPS ung, avsnitt 3.1.1, figur 1, linje 630"
    )
    assert plain(words.unit(published), NB) == "prosent"


def test_an_article_has_no_place_in_it(results):
    published = results["sources"]["reme.proportion_month_12.ips"]
    assert plain(words.source(published), NB).startswith("Reme SE et al. Scand J Work Environ Health 2019")
