"""Every number in every format and language is that of the results, read back without the writers' help."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import string
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest
from lxml import etree
from lxml import html as lxml_html
from openpyxl import load_workbook

from ipsrct._language import language
from ipsrct.report import content
from ipsrct.report.build import open_report
from ipsrct.report.delimited import delimited
from ipsrct.report.excel import excel
from ipsrct.report.html import html
from ipsrct.report.model import Bullets, Code, Figure, Paragraph, Table, Terms, flat
from ipsrct.report.text import Estimate, Joined, Month, Number, Quoted, Text
from ipsrct.report.word import word

from . import drawings, synthetic

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGITS = re.compile(r"\d")
LANGUAGES = pytest.mark.parametrize("code", ["en", "nb"])


@pytest.fixture(scope="module", params=["stored", "synthetic"])
def case(request, findings):
    """A report and the document that its numbers come from."""
    if request.param == "stored":
        return open_report(findings), json.loads(findings.open_edition().to_json())
    return synthetic.report(), synthetic.RESULTS


@pytest.fixture(scope="module")
def made(case):
    """Make the report of the case in a format and a language, once."""
    with pytest.MonkeyPatch.context() as patch:
        drawings.written_out(patch)
        yield cache(lambda writer, code: writer(case[0], language(code)))


# --- what the model holds, in the order in which it is written


def _texts_of(block):
    if isinstance(block, Paragraph):
        yield block.text
    elif isinstance(block, Bullets):
        yield from block.items
    elif isinstance(block, Terms):
        for pair in block.items:
            yield from pair
    elif isinstance(block, Code):
        yield block.caption
    elif isinstance(block, Figure):
        yield from (block.caption, block.alternative)
    else:
        yield from (block.caption, *block.columns, *(cell for row in block.rows for cell in row))
        yield block.note or ""


def _blocks(report):
    return [block for section in flat(report.sections) for block in section.blocks]


def _tables(report):
    blocks = _blocks(report)
    found = [b for b in blocks if isinstance(b, Table)] + [b.data for b in blocks if isinstance(b, Figure)]
    return {table.id: table for table in found}


def _items(report):
    yield from (report.title, report.subtitle)
    yield from (section.title for section in flat(report.sections))
    for block in _blocks(report):
        yield from _texts_of(block)
        if isinstance(block, Figure):
            yield from _texts_of(block.data)


def _leaves(item, code):
    """Take an item apart in the order of a language; literals come as texts without values."""
    if isinstance(item, Text):
        for literal, name, _, _ in string.Formatter().parse(language(code).translate(item.template)):
            if literal:
                yield Text(literal)
            if name is not None:
                yield from _leaves(item.values[name], code)
    elif isinstance(item, Joined):
        for i, part in enumerate(item.items):
            yield from [Text(item.separator)] * (i > 0)
            yield from _leaves(part, code)
    elif isinstance(item, Estimate):
        yield from (item.number, item.error)
    else:
        yield item


def _numbers(item, code):
    return [leaf for leaf in _leaves(item, code) if isinstance(leaf, Number)]


def _resolved(document, pointer):
    """Return what stands at a JSON pointer, by RFC 6901; nothing at an empty one, a dash without a number."""
    if not pointer:
        return None
    for token in pointer.split("/")[1:]:
        token = token.replace("~1", "/").replace("~0", "~")
        document = document[int(token)] if isinstance(document, list) else document[token]
    return document


def _parsed(shown, code):
    """Return a shown number with how far it may be from the exact one, by the language's rules alone."""
    mark = {"en": ".", "nb": ","}[code]
    grouping = {"en": ",", "nb": "\N{NO-BREAK SPACE}"}[code]
    pattern = rf"\N{{MINUS SIGN}}?\d{{1,3}}(?:{grouping}\d{{3}})*(?:{re.escape(mark)}\d+)?"
    match = re.fullmatch(pattern + {"en": "(%?)", "nb": "((?:\N{NO-BREAK SPACE}%)?)"}[code], shown)
    assert match, shown
    plain = shown.rstrip("%\N{NO-BREAK SPACE}").replace(grouping, "").replace(mark, ".")
    value = Decimal(plain.replace("\N{MINUS SIGN}", "-"))
    return value, Decimal(10) ** value.as_tuple().exponent / 2


def _agrees(shown, code, value, scale):
    if value is None:
        return shown == "\N{EN DASH}"
    read, half = _parsed(shown, code)
    return abs(read - Decimal(repr(value)) * Decimal(repr(scale))) <= half * Decimal("1.000001")


# --- HTML and the model


@LANGUAGES
def test_html_shows_the_numbers_of_the_results(case, made, code):
    report, document = case
    page = lxml_html.fromstring(made(html, code).decode())
    marked = page.xpath("//main//data")
    scales = {}
    for item in _items(report):
        for number in _numbers(item, code):
            scales.setdefault((number.pointer, number.percent), set()).add(number.scale)
    assert marked
    for element in marked:
        value = _resolved(document, element.get("data-pointer"))
        assert element.get("value") == ("" if value is None else repr(value))
        shown = element.text_content()
        fitting = scales[element.get("data-pointer"), "%" in shown] if value is not None else {1}
        assert any(_agrees(shown, code, value, scale) for scale in fitting), (shown, value)
        assert "%" not in shown or fitting == {100}


def test_numbers_of_the_model_are_those_of_the_results(case):
    report, document = case
    found = [number for item in _items(report) for number in _numbers(item, "en")]
    assert found
    assert [n.pointer for n in found if _resolved(document, n.pointer) != n.value] == []
    months = [leaf for item in _items(report) for leaf in _leaves(item, "en") if isinstance(leaf, Month)]
    assert [m.pointer for m in months if _resolved(document, m.pointer) != m.value] == []


# --- nothing else looks like a result


def _strings(value):
    """Yield the words of the results: keys and strings, and the seed, which only names a run."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(inner) if key == "seed" else key
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)
    elif isinstance(value, str):
        yield value


def _words(text):
    return {word for word in re.split(r"[\s()\[\],;:]+", text.replace("_", " ")) if DIGITS.search(word)}


def _literals():
    """Yield every text that a person wrote in the modules of the report: a result is not among them."""
    for path in sorted(Path(content.__file__).parents[1].rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def test_names_with_digits_are_of_the_results_or_written_by_a_person(case):
    """A name that content puts in must not be a number that it made."""
    report, document = case
    known = set().union(*(_words(text) for text in [*_strings(document), *_literals()]))
    names = {leaf for item in _items(report) for leaf in _leaves(item, "en") if isinstance(leaf, str)}
    assert sorted(word for name in names for word in _words(name) - known) == []


def _templates(item):
    if isinstance(item, Text):
        yield item.template
        for value in item.values.values():
            yield from _templates(value)
    elif isinstance(item, Joined):
        for part in item.items:
            yield from _templates(part)


def test_templates_with_digits_are_of_the_results_or_written_by_a_person(findings):
    """A template that is put together while the report is made could hold a result."""
    written = {*_literals(), *_strings(findings.document)}
    used = {template for item in _items(open_report(findings)) for template in _templates(item)}
    assert sorted(template for template in used - written if DIGITS.search(template)) == []


@LANGUAGES
def test_every_digit_is_a_marked_number_or_was_written_by_a_person(case, made, code):
    report, _ = case
    allowed = {language(code).date(report.date)}
    for block in _blocks(report):
        allowed |= {block.text} if isinstance(block, Code) else set()
    for item in _items(report):
        for leaf in _leaves(item, code):
            if isinstance(leaf, Text):
                allowed.add(leaf.template)
            elif isinstance(leaf, Month):
                allowed.add(language(code).month(leaf.value))
            elif isinstance(leaf, Quoted):
                allowed.add(language(code).say(leaf.text))
            elif isinstance(leaf, str):
                allowed.add(leaf)
    allowed |= {
        f"{language(code).translate(word)} {i}" for word in ("Table", "Figure") for i in range(1, 100)
    }
    allowed = sorted((text.strip() for text in allowed if DIGITS.search(text)), key=len, reverse=True)
    page = lxml_html.fromstring(made(html, code).decode())
    for element in page.xpath("//data | //style | //svg"):
        element.drop_tree()
    left = []
    for text in page.xpath("//body//text()"):
        for known in allowed if DIGITS.search(text) else ():
            text = text.replace(known, "")
        left += [text] if DIGITS.search(text) else []
    assert left == []


# --- Word


def _word_numbers(data):
    parts = ZipFile(io.BytesIO(data))
    styles = etree.fromstring(parts.read("word/styles.xml"))
    (style,) = [s.get(f"{W}styleId") for s in styles if s.find(f"{W}name") is not None
                and s.find(f"{W}name").get(f"{W}val") == "Number"]  # fmt: skip
    body = etree.fromstring(parts.read("word/document.xml"))
    runs = body.xpath("//w:r[w:rPr/w:rStyle/@w:val=$style]", namespaces={"w": W[1:-1]}, style=style)
    return ["".join(t.text for t in run.iterfind(f"{W}t")) for run in runs]


@LANGUAGES
def test_word_shows_the_numbers_of_the_html_in_their_order(case, made, code):
    report, _ = case
    page = lxml_html.fromstring(made(html, code).decode())
    data = [f'ancestor::table[@id="{b.data.id}"]' for b in _blocks(report) if isinstance(b, Figure)]
    inside = f"[{' or '.join([*data, 'ancestor::details'])}]"
    moved = page.xpath(f"//main//data{inside}")  # Word has the figures' data at the end
    own = [e for e in page.xpath("//header//data | //main//data[not(ancestor::a)]") if e not in set(moved)]
    assert _word_numbers(made(word, code)) == [e.text_content() for e in [*own, *moved]]


# --- spreadsheets


def _exact(number, *, percent):
    """Return what a cell must hold: a share for per cent, otherwise in the unit that is shown."""
    if number.value is None:
        return None
    scale = Decimal(repr(number.scale)) / (100 if percent else 1)
    return number.value if scale == 1 else float(Decimal(repr(number.value)) * scale)


def _expected(table, code):
    """Return the numbers of each row, an estimate's error after it."""
    rows = []
    for row in table.rows:
        values = []
        for cell in row:
            for leaf in _estimates(cell, code):
                pair = (leaf.number, leaf.error) if isinstance(leaf, Estimate) else (leaf,)
                values += [_exact(number, percent=pair[0].percent) for number in pair]
        rows.append([value for value in values if value is not None])
    return rows


def _estimates(item, code):
    if isinstance(item, Text):
        for _, name, _, _ in string.Formatter().parse(language(code).translate(item.template)):
            if name is not None:
                yield from _estimates(item.values[name], code)
    elif isinstance(item, Joined):
        for part in item.items:
            yield from _estimates(part, code)
    elif isinstance(item, Number | Estimate):
        yield item


@LANGUAGES
def test_excel_holds_the_numbers_exactly(case, made, code):
    report, _ = case
    book = load_workbook(io.BytesIO(made(excel, code)))
    tables = list(_tables(report).values())
    assert len(book.worksheets) == 1 + len(tables)
    for sheet, table in zip(book.worksheets[1:], tables, strict=True):
        rows = [
            [c.value for c in row if isinstance(c.value, int | float)] for row in sheet.iter_rows(min_row=4)
        ]
        assert rows[: len(table.rows)] == _expected(table, code), table.id
        assert not any(rows[len(table.rows) :])


@LANGUAGES
def test_excel_shows_the_numbers_as_the_report_does(case, made, code):
    """A cell's format has the report's decimals, thousands and per cent, a month its name."""
    report, _ = case
    book = load_workbook(io.BytesIO(made(excel, code)))
    for sheet, table in zip(book.worksheets[1:], _tables(report).values(), strict=True):
        for row, cells in zip(sheet.iter_rows(min_row=4), table.rows, strict=False):
            formats = [c.number_format for c in row if isinstance(c.value, int | float)]
            assert formats == [
                f"{'0' if percent else '#,##0'}{'.' * bool(n.digits)}{'0' * n.digits}{'%' * percent}"
                for cell in cells for leaf in _estimates(cell, code)
                for n, percent in ([(leaf.number, leaf.number.percent), (leaf.error, leaf.number.percent)]
                                   if isinstance(leaf, Estimate) else [(leaf, leaf.percent)])
                if n.value is not None
            ]  # fmt: skip
            months = [c for c in row if isinstance(c.value, datetime)]
            assert [m.value.strftime("%Y-%m") for m in months] == [
                c.value for c in cells if isinstance(c, Month)
            ]
            assert all(m.number_format.endswith("mmmm yyyy") for m in months)


@LANGUAGES
@pytest.mark.parametrize(("dialect", "separator", "mark"), [("comma", ",", "."), ("semicolon", ";", ",")])
def test_csv_holds_the_numbers_exactly(case, made, code, dialect, separator, mark):
    report, _ = case
    files = {name: data for name, data in made(delimited, code).items() if name.startswith(dialect)}
    assert set(files) == {f"{dialect}/{name}.csv" for name in _tables(report)}
    number = re.compile(rf"-?\d+(?:{re.escape(mark)}\d+)?(?:e-?\d+)?")
    for name, table in _tables(report).items():
        text = files[f"{dialect}/{name}.csv"].decode("utf-8-sig")
        _, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for row, cells, expected in zip(rows, table.rows, _expected(table, code), strict=True):
            names = [cell for cell in cells if not list(_estimates(cell, code))]
            texts = {leaf for cell in names for leaf in _leaves(cell, code) if isinstance(leaf, str)}
            found = [float(v.replace(mark, ".")) for v in row if number.fullmatch(v) and v not in texts]
            assert found == expected, (name, row)
