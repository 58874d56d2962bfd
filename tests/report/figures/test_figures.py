"""Every figure of the report: readable in both languages and sizes, complete, repeatable, self-contained."""

from __future__ import annotations

import re
from copy import deepcopy
from importlib import import_module
from pkgutil import iter_modules

import pytest

from ipsrct._language import language
from ipsrct.report import figures
from ipsrct.report.figures import image, svg
from ipsrct.report.figures.render import drawn
from ipsrct.report.results import Node
from ipsrct.report.text import Estimate, Number, Text, fragments, plain
from tests.report.figures.measure import faults, written
from tests.report.figures.strains import STRAINS

MODULES = {m.name: import_module(f"{figures.__name__}.{m.name}") for m in iter_modules(figures.__path__)}
NAMES = [name for name, module in MODULES.items() if hasattr(module, "draw")]
OWN = ("assurance", "counterfactuals", "forest", "power_curve", "tornado")
STRAINED = [
    pytest.param(strain, name, id=f"{strain.__name__}-{name}")
    for strain, names in STRAINS.items()
    for name in names
]
LEAST_TYPE = {"report": 8, "slide": 16}


def _numbers(item):
    if isinstance(item, Estimate):
        yield from (item.number, item.error)
    else:
        yield from (f.item for f in fragments(item, language("en")) if isinstance(f.item, Number))


def _at(document, pointer):
    for part in pointer.split("/")[1:]:
        part = part.replace("~1", "/").replace("~0", "~")
        document = document[int(part) if isinstance(document, list) else part]
    return document


@pytest.mark.parametrize("size", ["report", "slide"])
@pytest.mark.parametrize("code", ["en", "nb"])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_lies_on_anything_or_leaves_the_canvas(results, name, code, size, monkeypatch):
    figure = MODULES[name].figure(results)
    with drawn(figure, language(code), size) as drawing:
        assert faults(drawing, monkeypatch) == []
        assert [
            t.get_text() for t in written(drawing, monkeypatch) if t.get_fontsize() < LEAST_TYPE[size]
        ] == []


@pytest.mark.parametrize("size", ["report", "slide"])
@pytest.mark.parametrize(("strain", "name"), STRAINED)
def test_results_that_strain_a_figure_are_readable_too(results, strain, name, size, monkeypatch):
    document = deepcopy(results.value)
    strain(document)
    figure = MODULES[name].figure(Node(document))
    with drawn(figure, language("nb"), size) as drawing:
        assert faults(drawing, monkeypatch) == []
    assert "None" not in plain(figure.alternative, language("nb"))


@pytest.mark.parametrize("name", OWN)
def test_every_number_says_where_it_stands(results, name):
    figure = MODULES[name].figure(results)
    cells = [cell for row in figure.data.rows for cell in row]
    numbers = [n for item in (*cells, *figure.marks.values(), figure.alternative) for n in _numbers(item)]
    assert len(numbers) > len(figure.data.rows)
    assert [n for n in numbers if _at(results.value, n.pointer) != n.value] == []


@pytest.mark.parametrize("name", OWN)
def test_rows_are_as_long_as_the_heading(results, name):
    data = MODULES[name].figure(results).data
    assert {len(row) for row in data.rows} == {len(data.columns)}


@pytest.mark.parametrize("name", OWN)
def test_both_languages_are_whole(results, name):
    figure = MODULES[name].figure(results)
    for item in (figure.caption, figure.alternative):
        assert isinstance(item, Text)
        english, bokmaal = (plain(item, language(code)) for code in ("en", "nb"))
        assert english != bokmaal
        assert not re.search(r"\b(the|with|power|effect)\b", bokmaal)


@pytest.mark.parametrize(
    ("name", "suffix"), [(name, "svg") for name in NAMES] + [("tornado", "png"), ("tornado", "pdf")]
)
def test_a_drawing_repeats_to_the_byte(results, name, suffix):
    figure = MODULES[name].figure(results)
    assert image(figure, language("nb"), suffix) == image(figure, language("nb"), suffix)


def test_inline_drawings_share_no_identifier_and_reach_for_nothing(results):
    ids = []
    for name in NAMES:
        text = svg(MODULES[name].figure(results), language("en"))
        own = re.findall(r'\bid="([^"]+)"', text)
        assert len(own) == len(set(own)), name
        ids += own
        references = re.findall(r'href="([^"]*)"|url\(([^)]*)\)', text)
        assert {(a or b)[:1] for a, b in references} <= {"#"}, name
        assert {(a or b)[1:] for a, b in references} <= set(own), name
        assert re.search(r"<script|<!DOCTYPE|@import|<image|dc:date|\bon\w+=", text) is None, name
    assert len(ids) == len(set(ids))
