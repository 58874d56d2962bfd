"""The workbook: a sheet a table, the answer and links first, no formulas, the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook

from ipsrct._language import language
from ipsrct.report.excel import excel, sheet_names

from . import synthetic


@pytest.fixture
def data():
    return excel(synthetic.report(), language("nb"))


@pytest.fixture
def book(data):
    return load_workbook(io.BytesIO(data))


def test_bytes_repeat(data, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert excel(synthetic.report(), language("nb")) == data


def test_first_sheet_answers_and_links_to_every_table(book):
    first = book.worksheets[0]
    assert first.title == "Svaret"
    texts = [cell.value for row in first.iter_rows() for cell in row if cell.value]
    assert texts[0] == "A synthetic report"
    assert "Theta is 78,6\N{NO-BREAK SPACE}% (0,21)." in texts
    links = [c.hyperlink.location for row in first.iter_rows() for c in row if c.hyperlink]
    assert links == [f"'{sheet.title}'!A1" for sheet in book.worksheets[1:]]
    assert texts[-8:][::2] == ["Tabell 1", "Tabell 2", "Tabell 3", "Tabell 4"]


def test_restricted_edition_says_so_first():
    book = load_workbook(io.BytesIO(excel(replace(synthetic.report(), edition="restricted"), language("nb"))))
    assert book.worksheets[0]["A1"].value.startswith("BEGRENSET TILGANG")


def test_text_is_never_a_formula(data, book):
    assert b"<f>" not in b"".join(
        ZipFile(io.BytesIO(data)).read(f"xl/worksheets/sheet{i}.xml") for i in (1, 2)
    )
    words = [
        c.value for row in book["mixed"].iter_rows(min_row=4) for c in row if str(c.value).startswith("=")
    ]
    assert len(words) == 7


def test_sheets_have_caption_headings_and_note(book):
    sheet = book["mixed"]
    assert sheet["A1"].value == "Tabell 1. Every kind of cell, with 1\N{NO-BREAK SPACE}358 participants"
    headings = [cell.value for cell in sheet[3]]
    assert headings[1:6] == [
        "Beta",
        "Beta (MCSE)",
        "Gamma (%)",
        "Gamma (%) (MCSE)",
        "Delta (prosentpoeng)",
    ]
    assert headings[6:] == ["Epsilon", "Epsilon (1)", "Epsilon (2)", "Zeta", "Eta"]
    assert sheet.freeze_panes == "B4"
    assert sheet["A12"].value == "A note on 2\N{NO-BREAK SPACE}512\N{NO-BREAK SPACE}346 kroner."
    assert sheet["B9"].value == "\N{EN DASH}"  # no value


def test_language_and_date_are_properties(book):
    assert book.properties.language == "nb-NO"
    assert book.properties.title == "A synthetic report"
    assert book.properties.created.date().isoformat() == "2026-11-22"


def test_names_of_sheets_are_short_and_differ():
    long = "a-name-that-is-longer-than-a-sheet-can-have"
    names = sheet_names(["Answer", "answer", long, long + "-2", "History"])
    assert names == [
        "Answer",
        "answer-2",
        "a-name-that-is-longer-than-a-sh",
        "a-name-that-is-longer-than-a--2",
        "History-2",
    ]
    assert max(map(len, names)) <= 31
