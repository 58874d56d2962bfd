"""LibreOffice opens the files: the Word document with all its tables and figures, and the workbook."""

from __future__ import annotations

import re
import subprocess

import pytest

from ipsrct._language import language
from ipsrct.report.build import open_report
from ipsrct.report.excel import excel
from ipsrct.report.layout import figures, labels, shown, tables
from ipsrct.report.word import word

from . import synthetic
from .programs import program

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def convert(tmp_path_factory):
    """Return what LibreOffice makes of a file."""
    soffice = program("soffice", "libreoffice")
    folder = tmp_path_factory.mktemp("office")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"

    def converted(name, data, to):
        (folder / name).write_bytes(data)
        command = [soffice, profile, "--headless", "--convert-to", to, "--outdir", folder, folder / name]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return (folder / name).with_suffix(f".{to.split(':')[0]}")

    return converted


def _lines(*command):
    done = subprocess.run(command, check=True, capture_output=True, timeout=60, text=True)
    return done.stdout.splitlines()


@pytest.fixture(params=["synthetic", "stored"])
def report(request, findings, monkeypatch):
    if request.param == "stored":
        return open_report(findings)
    synthetic.drawing(monkeypatch)
    return synthetic.report()


@pytest.mark.parametrize("code", ["en", "nb"])
def test_word_becomes_a_pdf_with_everything_in_place(report, code, convert):
    said = language(code)
    pdf = convert(f"{report.name}_{code}.docx", word(report, said), "pdf")
    pictures = [line for line in _lines(program("pdfimages"), "-list", pdf) if line.split()[2:3] == ["image"]]
    assert len(pictures) == len(figures(report))
    text = " ".join(" ".join(_lines(program("pdftotext"), "-layout", pdf, "-")).split())
    for block in [*tables(report), *figures(report)]:
        label = labels(report, said)[block.id if block in tables(report) else f"figure-{block.name}"]
        caption = f"{label}. {shown(block.caption, report, said)}"
        assert text.count(" ".join(caption.split())) == 1, caption
    sizes = [re.findall(r"[\d.]+", line.partition("size:")[2])[:2] for line in
             _lines(program("pdfinfo"), "-l", "99", pdf) if " pts" in line]  # fmt: skip
    assert {(round(float(x)), round(float(y))) for x, y in sizes} <= {(595, 842), (842, 595)}  # A4


@pytest.mark.parametrize("code", ["en", "nb"])
def test_workbook_opens_with_every_sheet(report, code, convert):
    every = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"
    made = convert(f"{report.name}_{code}.xlsx", excel(report, language(code)), every)
    sheets = sorted(made.parent.glob(f"{made.stem}-*.csv"))
    assert len(sheets) == 1 + len(tables(report))
    (first,) = made.parent.glob(f"{made.stem}-{language(code).translate('The answer')}.csv")
    assert shown(report.title, report, language(code)) in first.read_text(encoding="utf-8")
    assert "#" not in "".join(re.findall(r"#\w+[!?]", "".join(s.read_text(encoding="utf-8") for s in sheets)))
