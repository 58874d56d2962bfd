"""The Word document: real styles, fields, captions, links, languages, a house's template, the same bytes."""

from __future__ import annotations

import io
from dataclasses import replace
from zipfile import ZipFile

import pytest
from docx import Document
from docx.enum.section import WD_ORIENT
from docx.shared import Mm, Pt, RGBColor

from ipsrct._language import language
from ipsrct.errors import NotAvailableError
from ipsrct.report.model import Section, Table
from ipsrct.report.text import Text
from ipsrct.report.word import read_template, word
from ipsrct.report.word.widths import column_widths

from . import synthetic


@pytest.fixture
def report(monkeypatch):
    synthetic.drawing(monkeypatch)
    return synthetic.report()


@pytest.fixture
def document(report):
    return Document(io.BytesIO(word(report, language("nb"))))


def _styles(document):
    return [paragraph.style.name for paragraph in document.paragraphs]


def _text(paragraph):
    return "".join(paragraph._p.xpath(".//w:t/text()"))


def test_bytes_repeat(report, monkeypatch):
    first = word(report, language("nb"))
    monkeypatch.setattr("time.time", lambda: 4e9)
    assert word(report, language("nb")) == first
    assert {info.date_time for info in ZipFile(io.BytesIO(first)).infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_styles_are_real(document):
    names = _styles(document)
    assert names[:4] == ["Title", "Subtitle", "Report Date", "TOC Heading"]
    assert {"Heading 1", "Heading 2", "Caption", "List Bullet", "Answer", "Warning", "Report Note"} <= set(
        names
    )
    assert {"Report Code", "Term", "Definition", "Picture"} <= set(names)
    bullets = [p for p in document.paragraphs if p.style.name == "List Bullet"]
    assert len(bullets) == 2
    (number,) = bullets[0].style.element.xpath("./w:pPr/w:numPr/w:numId/@w:val")
    assert document.part.numbering_part.element.xpath(f"./w:num[@w:numId='{number}']")


def test_every_link_leads_somewhere_and_contents_name_the_sections(document):
    body = document.element.body
    marks = body.xpath(".//w:bookmarkStart/@w:name")
    assert len(set(marks)) == len(marks)
    assert set(body.xpath(".//w:hyperlink/@w:anchor")) <= set(marks)
    contents = [_text(p) for p in document.paragraphs if p.style.name == "toc 1"]
    headings = [_text(p) for p in document.paragraphs if p.style.name == "Heading 1"]
    assert contents == headings == ["Svaret", "Tables and a figure", "Tallene bak figurene"]
    (see,) = [p for p in document.paragraphs if _text(p).startswith("See ")]
    assert _text(see) == "See Tables and a figure, and 3,25."
    assert see._p.xpath("./w:hyperlink/@w:anchor") == ["section_tables"]


def test_fields_are_whole(document):
    for part in (document.element.body, document.sections[0].footer._element):
        kinds = part.xpath(".//w:fldChar/@w:fldCharType")
        assert kinds == ["begin", "separate", "end"] * (len(kinds) // 3)
    assert document.sections[0].footer._element.xpath(".//w:instrText/text()") == [" PAGE ", " NUMPAGES "]
    assert _text(document.sections[0].footer.paragraphs[0]) == "Side 1 av 1"
    assert _text(document.sections[0].header.paragraphs[0]) == "A synthetic report"


def test_captions_are_numbered_by_fields(document):
    captions = [p for p in document.paragraphs if p._p.xpath(".//w:instrText[contains(., 'SEQ')]")]
    assert [_text(p)[:9] for p in captions] == [
        "Tabell 1.",
        "Tabell 2.",
        "Figur 1. ",
        "Tabell 3.",
        "Tabell 4.",
    ]
    codes = [p._p.xpath("string(.//w:instrText)").split()[1] for p in captions]
    assert codes == ["Tabell", "Tabell", "Figur", "Tabell", "Tabell"]


def test_tables_repeat_their_heading_and_keep_rows_whole(document):
    assert len(document.tables) == 4
    for table in document.tables:
        rows = table._tbl.tr_lst
        assert [bool(row.xpath("./w:trPr/w:tblHeader")) for row in rows] == [True] + [False] * (len(rows) - 1)
        assert all(row.xpath("./w:trPr/w:cantSplit") for row in rows)
        before = table._tbl.getprevious()
        assert before.pPr.pStyle.val == "Caption"
        assert before.xpath("./w:pPr/w:keepNext")
        assert rows[0].xpath(".//w:pPr/w:keepNext")
        grid = [int(width) for width in table._tbl.xpath("./w:tblGrid/w:gridCol/@w:w")]
        landscape = table is document.tables[-2] or len(grid) > 10
        assert sum(grid) <= (297 - 44 if landscape else 210 - 44) / 25.4 * 1440 + len(grid)


def test_small_tables_stay_on_one_page_and_long_ones_break(document):
    small, long = document.tables[:2]
    assert all(row.xpath(".//w:pPr/w:keepNext") for row in small._tbl.tr_lst)  # the last with its note
    assert not any(row.xpath(".//w:pPr/w:keepNext") for row in long._tbl.tr_lst[1:])


def test_only_the_wide_table_lies_on_its_side_with_its_heading(document):
    turned = [section.orientation == WD_ORIENT.LANDSCAPE for section in document.sections]
    assert turned == [False, True, False]
    sizes = [(round(s.page_width.mm), round(s.page_height.mm)) for s in document.sections]
    assert sizes == [(210, 297), (297, 210), (210, 297)]
    after = document.element.body.xpath("./w:p[.//w:sectPr][1]/following-sibling::w:p[1]")
    assert "".join(after[0].xpath(".//w:t/text()")) == "Inside"


def test_every_run_has_its_language(document):
    body = document.element.body
    runs = body.xpath(".//w:r[w:t]")
    assert all(run.xpath("./w:rPr/w:lang") for run in runs)
    foreign = [r.text for r in runs if r.xpath("./w:rPr/w:lang[@w:val='en-GB']")]
    assert {"A synthetic report", "nobody knows"} <= set(foreign)
    assert "Innhold" not in foreign
    assert document.styles.element.xpath("./w:docDefaults//w:lang/@w:val") == ["nb-NO"]
    assert document.core_properties.language == "nb-NO"


def test_pictures_have_words_and_are_no_wider_than_the_text(document):
    (picture,) = document.inline_shapes
    assert picture._inline.docPr.get("descr") == "A curve that rises."
    assert Mm(100) < picture.width <= Mm(166.1)


def test_properties_are_of_the_report_and_not_of_the_clock(document):
    found = document.core_properties
    assert (found.title, found.created.isoformat()[:10]) == ("A synthetic report", "2026-11-22")
    assert found.modified == found.created
    assert "python" not in (found.author + found.comments + found.last_modified_by).lower()


def test_restricted_edition_says_so_on_every_page(report):
    data = word(replace(report, edition="restricted"), language("nb"))
    document = Document(io.BytesIO(data))
    assert document.paragraphs[0].style.name == "Banner"
    assert _text(document.paragraphs[0]).startswith("BEGRENSET TILGANG")
    assert _text(document.sections[0].header.paragraphs[0]).startswith("BEGRENSET TILGANG")


@pytest.fixture
def house(tmp_path):
    """Return a house's template: Heading 1 by a Norwegian identifier, no Caption, a header, text."""
    document = Document()
    document.add_paragraph("left out")
    document.sections[0].page_width = Mm(200)
    document.sections[0].header.paragraphs[0].text = "The house"
    styles = document.styles
    heading = styles["Heading 1"]
    heading.font.color.rgb, heading.font.size = RGBColor(0x12, 0x34, 0x56), Pt(17)
    heading.element.styleId = "Overskrift1"
    styles.element.remove(styles["Caption"].element)
    styles.element.remove(styles["List Bullet"].element)
    clash = styles.add_style("Something else", 1)
    clash.element.styleId = "Answer"
    path = tmp_path / "house.docx"
    document.save(path)
    return path


def test_template_lends_its_styles_and_others_are_made(report, house):
    document = Document(io.BytesIO(word(report, language("en"), read_template(house))))
    first = next(p for p in document.paragraphs if _text(p) == "The answer" and "Heading" in p.style.name)
    assert first._p.pPr.pStyle.val == "Overskrift1"
    assert first.style.font.color.rgb == RGBColor(0x12, 0x34, 0x56)
    assert {"Caption", "List Bullet", "Answer"} <= set(_styles(document))
    assert "left out" not in [_text(p) for p in document.paragraphs]
    assert [p.text for p in document.sections[0].header.paragraphs] == ["The house"]
    assert round(document.sections[0].page_width.mm) == 200
    ids = document.styles.element.xpath("./w:style/@w:styleId")
    assert len(set(ids)) == len(ids)
    used = document.element.body.xpath(".//w:pStyle/@w:val | .//w:rStyle/@w:val | .//w:tblStyle/@w:val")
    assert set(used) <= set(ids)


def test_template_of_a_restricted_edition_keeps_the_banner(report, house):
    data = word(replace(report, edition="restricted"), language("en"), read_template(house))
    header = Document(io.BytesIO(data)).sections[0].header
    assert _text(header.paragraphs[0]) == "The house"
    assert _text(header.paragraphs[-1]).startswith("RESTRICTED")


@pytest.mark.parametrize("content", [b"", b"not a document", b"PK\x03\x04 nor this"])
def test_template_that_is_not_word_is_refused(tmp_path, content):
    path = tmp_path / "x.docx"
    path.write_bytes(content)
    with pytest.raises(NotAvailableError, match="is not a Word document"):
        read_template(path)


def test_table_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "x.docx"
    with ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(NotAvailableError, match="is not a Word document"):
        read_template(path)


def test_two_tables_of_one_name_are_refused(report):
    table = Table("same", Text("One"), (Text("x"),), ())
    twice = replace(report, sections=(Section("s", Text("S"), (table, table)),))
    with pytest.raises(ValueError, match="share an identifier: same"):
        word(twice, language("en"))


def test_widths_give_each_column_its_longest_word_and_use_the_page():
    texts = [
        ["Name", "a"],
        ["What it says", "many words " * 30],
        ["n", "1\N{NO-BREAK SPACE}234\N{NO-BREAK SPACE}567"],
    ]
    widths, fits = column_widths(texts, 400)
    assert fits
    assert sum(widths) == pytest.approx(400)
    assert widths[1] > 200
    assert widths[2] > 9 * 4
    alone, fits = column_widths([["Name", "a"]], 400)
    assert fits
    assert alone[0] < 100  # a narrow table is not stretched over the page
    narrow, fits = column_widths([["x" * 60, "a"]] * 3, 400)
    assert not fits
    assert sum(narrow) == pytest.approx(400)
