"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup, escape

from ipsrct._language import Language
from ipsrct.report.figures import svg
from ipsrct.report.layout import key, labels, numeric
from ipsrct.report.model import Report, flat
from ipsrct.report.text import Fragment, Item, Link, Number, Quoted, Text, fragments


def html(report: Report, language: Language) -> bytes:
    """Return the report as UTF-8 HTML: no script, no request, figures inside."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("ipsrct.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    titles = {section.id: section.title for section in flat(report.sections)}
    numbered = labels(report, language)

    def say(item: Item) -> Markup:
        return Markup().join(_markup(piece, titles, language) for piece in fragments(item, language))

    environment.globals.update(
        say=say,
        drawing=lambda figure: Markup(svg(figure, language)),
        label=lambda block: numbered[key(block)],
        numeric=numeric,
        language=language,
        _=language.translate,
    )
    page = environment.get_template("report.html.j2").render(report=report)
    return page.encode()


def _markup(piece: Fragment, titles: Mapping[str, Text], language: Language) -> Markup:
    if isinstance(piece.item, Number):
        value = "" if piece.item.value is None else repr(piece.item.value)
        return Markup('<data value="{}" data-pointer="{}">{}</data>').format(
            value, piece.item.pointer, piece.text
        )
    if isinstance(piece.item, Link):
        title = (_markup(part, titles, language) for part in fragments(titles[piece.text], language))
        return Markup('<a href="#{}">{}</a>').format(piece.text, Markup().join(title))
    if isinstance(piece.item, Quoted) and not language.knows(piece.item.text):
        return Markup('<span lang="en">{}</span>').format(piece.text)
    return escape(piece.text)
