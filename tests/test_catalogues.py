"""Every text exists in Bokmål, complete, and no translation is left over."""

from __future__ import annotations

import ast
import string
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import ipsrct

PACKAGE = Path(ipsrct.__file__).parent
CATALOGUES = sorted((PACKAGE / "locale" / "nb").glob("*.po"))
KEYWORDS = {"t": None, "Message": None, "_": None, "translate": None}
METHODS = [("**/templates/*.j2", "jinja2.ext:babel_extract")]


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
    return Counter(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _of_scenarios() -> set[str]:
    """Return the texts of packaged scenarios, which the report quotes."""
    return set()


def test_every_text_is_translated():
    known = {entry.id for _, entry in _entries()}
    assert sorted((_extracted() | _of_scenarios()) - known) == []


def test_no_translation_is_left_over():
    used = _extracted() | _of_scenarios()
    assert [(name, entry.id) for name, entry in _entries() if entry.id not in used] == []


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
