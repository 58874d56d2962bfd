"""Every text exists in Bokmål, complete, and no translation is left over."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import ipsrct
from ipsrct._message import Message
from ipsrct._text import quantities_in
from ipsrct.evidence import county_names, evidence
from ipsrct.findings.facts import facts
from ipsrct.register.anchors import ANCHORS
from ipsrct.report.content import words
from ipsrct.report.content.words import name
from ipsrct.report.text import Quoted
from ipsrct.trial import SERVICE

PACKAGE = Path(ipsrct.__file__).parent
CATALOGUES = sorted((PACKAGE / "locale" / "nb").glob("*.po"))
KEYWORDS = {"t": None, "Message": None, "_": None, "translate": None}
METHODS = [("**/templates/*.j2", "jinja2.ext:babel_extract")]
_PACKAGED = sorted(path.stem for path in Path(__file__).parents[1].glob("scenarios/*.toml"))
_COUNTIES = set(county_names().values())
_WORD = re.compile("[a-z]{2}", re.IGNORECASE)  # more than a number such as 2a


@cache
def _extracted() -> set[str]:
    """Return the literals of every call; babel, which reads the templates, misses some in nested calls."""
    found = extract_from_dir(str(PACKAGE), METHODS, keywords=KEYWORDS)
    modules = (ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py"))
    return {message for _, _, message, _, _ in found} | {
        text for module in modules for node in ast.walk(module) if (text := _literal(node))
    }


def _literal(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
        return None
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
    return node.args[0].value if name in KEYWORDS else None


def _entries():
    for path in CATALOGUES:
        with path.open("rb") as file:
            yield from ((path.name, entry) for entry in read_po(file) if entry.id)


def _placeholders(text):
    """Return placeholders with the formats of their numbers."""
    return Counter((name, spec) for _, name, spec, _ in string.Formatter().parse(text) if name is not None)


@cache
def _of_scenarios() -> set[str]:
    """Return the texts of packaged scenarios, which the report quotes."""
    return {text for name in _PACKAGED for text in _of_scenario(name) if text and text not in _COUNTIES}


def _of_scenario(scenario_name):
    scenario = ipsrct.read_scenario(scenario_name)
    shown, cells = facts(scenario), scenario.assumptions.cohort_model.cells()
    yield from (shown["title"], shown["description"], shown["estimand"]["variable"])
    for event in shown["estimand"]["intercurrent_events"]:
        yield from (event["event"], event["strategy"])
    tables = [getattr(scenario, key) for key in ("assumptions", "recruitment", "cost", "prior")]
    yield from (quantity.assumed for table in tables for _, quantity in quantities_in(table, ""))
    names = [scenario.name, shown["estimand"]["name"], *scenario.arm_names, *cells.factors, SERVICE]
    names += [level for levels in cells.levels for level in levels]
    names += [component.name for component in scenario.prior]
    yield from (name(text).text for text in names)
    labels = (estimator.label for estimator in scenario.analysis.estimator_list)
    yield from (item.text for item in map(words.estimator, labels) if isinstance(item, Quoted))
    if scenario.cost is not None:
        yield scenario.cost.currency


@cache
def _of_evidence() -> set[str]:
    """Return the texts of the published values that packaged scenarios and the register's anchors cite."""
    cited = {anchor.evidence for anchor in ANCHORS}
    for scenario_name in _PACKAGED:
        scenario = ipsrct.read_scenario(scenario_name)
        cited |= {key for keys in scenario.evidence.values() for key in keys}
        for table in (scenario.assumptions, scenario.recruitment, scenario.prior):
            cited |= {key for _, quantity in quantities_in(table, "") for key in quantity.evidence}
    found = {text for key in cited for text in _of_published(evidence[key])}
    return {text for text in found if text not in _COUNTIES and text not in evidence and _WORD.search(text)}


def _of_published(value):
    texts = [value.title, value.definition, value.note, name(value.unit).text]
    texts += [value.value] if isinstance(value.value, str) else []
    if value.source.place:  # else it is a publication's reference
        texts += [value.source.document, value.source.place]
    for text in texts:
        yield from _leaves(text)


def _leaves(text):
    """Yield the words that a text is made of, besides those of its templates."""
    if isinstance(text, Message) and text.values:
        for value in text.values.values():
            if isinstance(value, str):
                yield from _leaves(value)
    else:
        yield str(text)


def test_every_text_is_translated():
    known = {entry.id for _, entry in _entries()}
    assert sorted((_extracted() | _of_scenarios() | _of_evidence()) - known) == []


def test_no_translation_is_left_over():
    used = _extracted() | _of_scenarios() | _of_evidence()
    assert [(file, entry.id) for file, entry in _entries() if entry.id not in used] == []


def test_no_translation_stands_twice():
    counted = Counter(entry.id for _, entry in _entries())
    assert [text for text, n in counted.items() if n > 1] == []


def test_no_translation_is_empty_or_fuzzy():
    assert [entry.id for _, entry in _entries() if not entry.string or entry.fuzzy] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.name)
def test_placeholders_are_the_same(path):
    with path.open("rb") as file:
        for entry in read_po(file):
            if entry.id:
                assert _placeholders(entry.id) == _placeholders(entry.string), entry.id
