"""What holds for answer, protocol, estimand and checklists of every trial, in both languages."""

from __future__ import annotations

import re

import pytest

from ipsrct._language import LANGUAGES, NO_VALUE, language
from ipsrct.report.content.answer import answer
from ipsrct.report.content.checklists import checklists
from ipsrct.report.content.estimand import estimand
from ipsrct.report.content.protocol import protocol
from ipsrct.report.model import Table, flat

from .conftest import TRIALS
from .reading import NB, at, items, links, numbers, parsed, templates, text

SECTIONS = (answer, protocol, estimand, checklists)
SECTION_IDS = {
    "answer",
    "protocol",
    "assumptions",
    "identification",
    "estimand",
    "sizes",
    "sensitivity",
    "characteristics",
    "randomisation",
    "recruitment",
    "flow",
    "subgroups",
    "levers",
    "checklists",
    "glossary",
    "provenance",
}
every_trial = pytest.mark.parametrize("name", ["ips_ung", *TRIALS])
every_section = pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.__name__)


@every_trial
@every_section
@pytest.mark.parametrize("code", LANGUAGES)
def test_every_number_is_that_of_the_results_to_its_last_digit(of_trial, name, section, code):
    results, spoken = of_trial(name), language(code)
    for piece in numbers(section(results), spoken):
        value = at(results.value, piece.item.pointer)
        assert value == piece.item.value
        if value is None:
            assert piece.text == NO_VALUE
        else:
            unit = 10.0**-piece.item.digits
            assert parsed(piece.text, spoken) == pytest.approx(piece.item.scale * value, abs=0.5000001 * unit)
            assert piece.text.endswith("%") == piece.item.percent


@every_trial
@every_section
def test_every_text_exists_in_bokmal(of_trial, name, section):
    """Also texts inside texts, which the catalogue's extraction does not see."""
    unknown = {found for item in items(section(of_trial(name))) for found in templates(item)}
    assert sorted(found for found in unknown if not NB.knows(found)) == []


@every_trial
@every_section
def test_links_lead_to_sections_of_the_report(of_trial, name, section):
    assert links(section(of_trial(name))) <= SECTION_IDS


@every_trial
@every_section
def test_tables_are_complete(of_trial, name, section):
    for part in flat((section(of_trial(name)),)):
        for block in part.blocks:
            if isinstance(block, Table):
                assert block.rows
                assert {len(row) for row in block.rows} == {len(block.columns)}


@every_section
def test_no_checklist_code_of_ours_and_no_machine_word_is_shown(of_trial, section):
    shown = text(section(of_trial("ips_ung")))
    assert re.findall(r"\bNone\b(?! are planned| may be)|\bnan\b|\b(?:SS|RA|ES|CA)\d|utilis|_", shown) == []
