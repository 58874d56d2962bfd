"""The HTML report in a headless browser: complete without scripts and network, accessible, printable."""

from __future__ import annotations

import re
import subprocess

import pytest

from ipsrct._language import LANGUAGES, language
from ipsrct.report.build import open_report
from ipsrct.report.html import html
from ipsrct.report.model import Figure, flat

from .programs import program

COLOURS = "color-contrast"
CUT = "document.querySelectorAll('tbody tr:nth-child(n+4), svg *').forEach(element => element.remove())"
WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        chromium = started.chromium.launch(executable_path=program("chromium", "google-chrome"), args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module", params=LANGUAGES)
def page_file(request, findings, tmp_path_factory):
    file = tmp_path_factory.mktemp("html") / f"report_{request.param}.html"
    file.write_bytes(html(open_report(findings), language(request.param)))
    return file


def _figures(findings):
    sections = flat(open_report(findings).sections)
    return [block.name for section in sections for block in section.blocks if isinstance(block, Figure)]


def test_the_page_is_complete_without_scripts_and_network(browser, page_file, findings):
    context = browser.new_context(java_script_enabled=False, offline=True)
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.goto(page_file.as_uri())
    assert requests == [page_file.as_uri()]
    for section in open_report(findings).sections:
        assert page.locator(f"section#{section.id} > h2").bounding_box()["height"] > 0
    for name in _figures(findings):
        box = page.locator(f"#figure-{name} svg").bounding_box()
        assert box["width"] > 300
        assert box["height"] > 50
    context.close()


def test_the_file_holds_no_script_and_nothing_to_fetch(page_file):
    text = page_file.read_text(encoding="utf-8")
    assert "<script" not in text
    assert re.findall(r'\s(?:src|href|xlink:href|action|data)="(?!#)([^"]*)"', text) == []
    assert re.findall(r"url\((?!#)|@import", text) == []
    assert re.findall(r"\son[a-z]+=", text) == []


def _violations(page):
    """Return what axe finds, and how many rules passed.

    Axe takes seconds to look at the colours of a hundred cells, so it sees three rows of each table; further
    rows have the same styles.
    """
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    whole = axe.run(page, options={"runOnly": WCAG, "rules": {COLOURS: {"enabled": False}}}).response
    page.evaluate(CUT)
    cut = axe.run(page, options={"runOnly": {"type": "rule", "values": [COLOURS]}}).response
    return [*whole["violations"], *cut["violations"]], len(whole["passes"]) + len(cut["passes"])


@pytest.mark.parametrize("width", [1280, 360])
def test_no_accessibility_violation(browser, page_file, width):
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(page_file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width  # text reflows on a small screen
    violations, n_passed = _violations(page)
    assert n_passed > 15  # the rules ran
    assert [(v["id"], v["nodes"][0]["html"][:200], len(v["nodes"])) for v in violations] == []
    page.close()


def test_axe_finds_what_is_wrong(browser, page_file, tmp_path):
    broken = tmp_path / "broken.html"
    text = page_file.read_text(encoding="utf-8")
    text = re.sub(r'<html lang="..">', "<html>", text)
    broken.write_text(text.replace("</style>", "td { color: #bbb }</style>", 1), encoding="utf-8")
    page = browser.new_page()
    page.goto(broken.as_uri())
    page.evaluate(CUT)
    violations, _ = _violations(page)
    assert {"html-has-lang", COLOURS} <= {violation["id"] for violation in violations}
    page.close()


def test_printed_pages_break_sensibly(browser, page_file, findings, tmp_path):
    pdf = tmp_path / "report.pdf"
    page = browser.new_page()
    page.goto(page_file.as_uri())
    titles = [page.locator(f"section#{s.id} > h2").inner_text() for s in open_report(findings).sections]
    page.pdf(path=pdf, prefer_css_page_size=True, print_background=True)
    page.close()
    text = subprocess.run(
        [program("pdftotext"), "-layout", str(pdf), "-"], capture_output=True, text=True, check=True
    ).stdout
    pages = [
        [line.rstrip() for line in sheet.splitlines() if line.strip()] for sheet in text.split("\f")[:-1]
    ]
    assert all(pages)  # no empty page
    shown = [line.strip() for sheet in pages[1:] for line in sheet]
    for title in titles:
        assert any(title.startswith(line) for line in shown if line[:20] == title[:20]), title
    for sheet in pages:
        last = sheet[-2] if sheet[-1].strip().isdigit() else sheet[-1]  # a cell of a table is further in
        assert last not in titles  # a heading stands with what follows it
        assert not re.match(r"(Table|Tabell) \d+\.", last)  # and so does a caption
