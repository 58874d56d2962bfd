"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from ipsrct._language import Language
from ipsrct.report.figures import svg
from ipsrct.report.model import Figure, Report, flat
from ipsrct.report.text import Fragment, Item, Link, Number, Quoted, Text, fragments


def html(report: Report, language: Language) -> bytes:
    """Return the report as UTF-8 HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ipsrct.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    titles = {section.id: section.title for section in flat(report.sections)}

    def say(item: Item) -> Markup:
        return Markup().join(_markup(piece, titles, language) for piece in fragments(item, language))

    def drawing(figure: Figure) -> Markup:
        return Markup(svg(figure, language))

    environment.globals.update(say=say, drawing=drawing, language=language, _=language.translate)
    page = environment.get_template("report.html.j2").render(report=report)
    return page.encode()


def _markup(piece: Fragment, titles: Mapping[str, Text], language: Language) -> Markup:
    if isinstance(piece.item, Number):
        value = piece.item.value
        return Markup('<data value="{}" data-pointer="{}">{}</data>').format(
            "" if value is None else repr(value), piece.item.pointer, piece.text
        )
    if isinstance(piece.item, Link):
        title = Markup().join(_markup(p, titles, language) for p in fragments(titles[piece.text], language))
        return Markup('<a href="#{}">{}</a>').format(piece.text, title)
    if isinstance(piece.item, Quoted) and not language.knows(piece.item.text):
        return Markup('<span lang="en">{}</span>').format(piece.text)
    return escape(piece.text)
