"""The glossary holds the report's terms in both languages."""

from __future__ import annotations

import re

from ipsrct._language import language
from ipsrct.report.content.glossary import glossary
from ipsrct.report.text import plain


def terms(results, code):
    return [plain(term, language(code)) for term, _ in glossary(results).blocks[0].items]


def test_each_language_gives_the_term_of_the_other(results):
    english, bokmal = terms(results, "en"), terms(results, "nb")
    assert "sample size (Norwegian: utvalgsstørrelse)" in english
    assert "utvalgsstørrelse (engelsk: sample size)" in bokmal
    for here, there in zip(english, bokmal, strict=True):
        first, other = re.fullmatch(r"(.+?) \(Norwegian: (.+?)\)", here).groups()
        assert there == f"{other} (engelsk: {first})"


def test_terms_appear_only_where_the_report_uses_them(results, changed):
    assert "minimisation (Norwegian: minimering *)" not in terms(results, "en")
    other = changed({"scenario.randomisation.kind": "minimisation", "curve": None})
    assert "minimisation (Norwegian: minimering *)" in terms(other, "en")
    assert "permuted blocks (Norwegian: permuterte blokker *)" not in terms(other, "en")
    assert "power curve (Norwegian: styrkekurve *)" not in terms(other, "en")


def test_explanations_are_sentences_and_unsourced_terms_are_marked(results):
    section = glossary(results)
    for code in ("en", "nb"):
        for _, meaning in section.blocks[0].items:
            assert re.fullmatch(r"[A-ZÅÉ].*\.", plain(meaning, language(code)))
    assert "marked *" in plain(section.blocks[1].text, language("en"))
    assert sum("*" in term for term in terms(results, "en")) > 20
