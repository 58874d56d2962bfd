"""CSV in two dialects."""

from __future__ import annotations

import csv
import io

import pytest

from ipsrct._language import language
from ipsrct.report.columns import exact
from ipsrct.report.delimited import delimited
from ipsrct.report.text import Number

from . import synthetic


@pytest.fixture(scope="module")
def files():
    return delimited(synthetic.report(), language("nb"))


def test_comma_is_rfc_4180(files):
    data = files["comma/mixed.csv"]
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.count(b"\r\n") == data.count(b"\n") == 8
    rows = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    assert {len(row) for row in rows} == {11}
    assert rows[1][1:3] == ["0.786234567891", "0.0021"]
    assert rows[1][-1] == '=SUM("A1"); a "word", not a formula'


def test_semicolon_is_what_a_norwegian_excel_reads(files):
    data = files["semicolon/mixed.csv"]
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";", strict=True))
    assert rows[1][1:3] == ["0,786234567891", "0,0021"]
    assert rows[1][-1] == '\'=SUM("A1"); a "word", not a formula', "a text must not become a formula"
    assert rows[6][1:6] == ["", "", "", "", ""]  # no value
    assert rows[1][9] == "2027-01"


def test_a_lone_number_beside_texts_stands_only_as_a_number(files):
    """As text, an English 1,358 would be read as 1.358 where the decimal sign is a comma."""
    rows = list(csv.reader(io.StringIO(files["comma/mixed.csv"].decode(), newline="")))
    assert rows[6][6:9] == ["\N{EN DASH} and up to \N{MINUS SIGN}1\N{NO-BREAK SPACE}234,6", "", "-1234.5678"]
    assert rows[7][6:9] == ["", "1358", ""]


@pytest.mark.parametrize(
    ("number", "held"),
    [
        (Number("/x", 0.07, 100, 1), 7.0),
        (Number("/x", 0.07, 100, 1, percent=True), 0.07),
        (Number("/x", 7.0, 1, 1, percent=True), 0.07),
        (Number("/x", 2512345.678, 1e-6, 1), 2.512345678),
        (Number("/x", 1358), 1358),
        (Number("/x", None), None),
        (Number("/x", float("inf")), None),
    ],
)
def test_what_a_cell_holds_is_the_decimal_product(number, held):
    assert exact(number) == held
