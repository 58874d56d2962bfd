"""A report written into a Word document, block by block."""

from __future__ import annotations

import io
import string
from datetime import UTC, datetime
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.shared import Emu, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from ipsrct._language import Language
from ipsrct.report.archive import rewritten
from ipsrct.report.figures import image
from ipsrct.report.layout import RESTRICTED, TAGS, figures, key, labels, shown
from ipsrct.report.model import Block, Bullets, Code, Figure, Paragraph, Report, Section, Table, Terms
from ipsrct.report.text import Estimate, Fragment, Item, Link, Month, Number, Quoted, Text, fragments, t
from ipsrct.report.word.fields import anchor, bookmark, field, field_end, field_start, link, run
from ipsrct.report.word.tables import table_element
from ipsrct.report.word.template import opened, style_ids
from ipsrct.report.word.widths import column_widths, lines

_ROLES = {"body": "normal", "answer": "answer", "note": "report note", "warning": "warning"}
_DEEPEST = 3  # heading
_HIGHEST = 0.8  # part of a page that a picture may take
_SHOWN = ".//w:t | .//w:drawing | .//w:pict | .//w:instrText | .//w:fldSimple"


def word(report: Report, language: Language, template: bytes | None = None) -> bytes:
    """Return the report as a Word document, the same bytes every time.

    Parameters
    ----------
    report : Report
    language : Language
    template : bytes, optional
        A Word document whose styles and page are used, as :func:`read_template` returns it.
    """
    writer = _Writer(report, language, template)
    writer.write()
    file = io.BytesIO()
    writer.document.save(file)
    return rewritten(file.getvalue())


class _Writer:
    """A document while it is written."""

    def __init__(self, report: Report, language: Language, template: bytes | None) -> None:
        self.report, self.language, self.tag = report, language, TAGS[language.code]
        self.document = opened(template, self.tag)
        self.styles = style_ids(self.document)
        self.labels = labels(report, language)
        self.marks = 0
        self.page: Any = self.document.sections[0]
        self.upright = (self.page.page_width, self.page.page_height)

    def write(self) -> None:
        """Write everything."""
        self.properties()
        self.head_and_foot()
        self.opening()
        for section in self.report.sections:
            self.section(section, 1)
        if figures(self.report):
            self.heading(t("The figures' data"), "figure-data", 1)
            for figure in figures(self.report):
                self.block(figure.data)

    def say(self, item: Item) -> str:
        """Return an item as plain text."""
        return shown(item, self.report, self.language)

    def run(self, text: str, style: str | None = None, tag: str | None = None) -> Any:
        """Return a run, in the report's language if no other is given."""
        return run(text, tag or self.tag, self.styles[style] if style else None)

    def pieces(self, item: Item) -> list[Any]:
        """Return an item's runs: numbers in their style, links, quotations in their language."""
        return [self.piece(fragment) for fragment in fragments(item, self.language)]

    def piece(self, fragment: Fragment) -> Any:
        """Return a fragment's run, or link."""
        if isinstance(fragment.item, Number):
            return self.run(fragment.text, "number")
        if isinstance(fragment.item, Link):
            title = self.say(fragment.item)
            return link(anchor("section", fragment.item.section), self.run(title, "hyperlink"))
        if isinstance(fragment.item, Quoted) and not self.language.knows(fragment.item.text):
            return self.run(fragment.text, tag=TAGS["en"])
        return self.run(fragment.text)

    def paragraph(self, style: str, *pieces: Any) -> WordParagraph:
        """Add a paragraph."""
        made = self.document.add_paragraph()
        made._p.style = self.styles[style]
        made._p.extend(pieces)
        return made

    def marked(self, name: str, *pieces: Any) -> list[Any]:
        """Return pieces with a bookmark around them."""
        self.marks += 1
        return bookmark(name, self.marks, *pieces)

    def properties(self) -> None:
        """Set the document's properties, dates of the report and not of the clock."""
        found = self.document.core_properties
        found.title, found.subject = self.say(self.report.title), self.say(self.report.subtitle)
        found.language, found.revision = self.tag, 1
        found.author = found.last_modified_by = found.comments = found.keywords = ""
        found.created = found.modified = datetime.fromisoformat(self.report.date).replace(tzinfo=UTC)

    def head_and_foot(self) -> None:
        """Write title and page numbers where the template has none, and who may read a restricted edition."""
        section = self.document.sections[0]
        title = self.say(self.report.title)
        if self.report.edition == "restricted":
            title = f"{self.say(RESTRICTED)} · {title}"
        numbers = {
            name: field(code, self.run("1")) for name, code in (("page", "PAGE"), ("pages", "NUMPAGES"))
        }
        pages = self.filled(t("Page {page} of {pages}"), **numbers)
        for place, style, pieces in (
            (section.header, "header", [self.run(title)]),
            (section.footer, "footer", pages),
        ):
            filled = bool(place._element.xpath(_SHOWN))
            if filled and (style == "footer" or self.report.edition == "open"):
                continue
            paragraph = place.add_paragraph() if filled else place.paragraphs[0]
            paragraph._p.style = self.styles[style]
            paragraph._p.extend(pieces)

    def opening(self) -> None:
        """Write title, date and contents: links, without page numbers until Word is asked to update them."""
        if self.report.edition == "restricted":
            self.paragraph("banner", *self.pieces(RESTRICTED))
        self.paragraph("title", *self.pieces(self.report.title))
        self.paragraph("subtitle", *self.pieces(self.report.subtitle))
        self.paragraph("report date", self.run(self.language.date(self.report.date)))
        self.paragraph("toc heading", *self.pieces(t("Contents")))
        entries = [(section.id, section.title) for section in self.report.sections]
        if figures(self.report):
            entries.append(("figure-data", t("The figures' data")))
        for i, (name, title) in enumerate(entries):
            pieces = [link(anchor("section", name), self.run(self.say(title)))]
            start = field_start(r'TOC \o "1-1" \h \z \u') if i == 0 else []
            end = [field_end()] if i == len(entries) - 1 else []
            self.paragraph("toc 1", *start, *pieces, *end)

    def heading(self, title: Item, name: str, depth: int, *, wide: bool = False) -> None:
        """Write a heading that can be linked to, on the page of what follows it."""
        self.turn(wide=wide)
        pieces = self.marked(anchor("section", name), *self.pieces(title))
        self.paragraph(f"heading {min(depth, _DEEPEST)}", *pieces)

    def section(self, section: Section, depth: int) -> None:
        """Write a section with all that is in it."""
        first = section.blocks[0] if section.blocks else None
        wide = isinstance(first, Table) and not self.widths(first)[1]
        self.heading(section.title, section.id, depth, wide=wide)
        for block in section.blocks:
            self.block(block)
        for inner in section.sections:
            self.section(inner, depth + 1)

    def block(self, block: Block) -> None:
        """Write a block."""
        if isinstance(block, Table):
            self.table(block)
            return
        self.turn(wide=False)
        if isinstance(block, Paragraph):
            self.paragraph(_ROLES[block.role], *self.pieces(block.text))
        elif isinstance(block, Bullets):
            for item in block.items:
                self.paragraph("list bullet", *self.pieces(item))
        elif isinstance(block, Terms):
            for term, meaning in block.items:
                self.paragraph("term", *self.pieces(term))
                self.paragraph("definition", *self.pieces(meaning))
        elif isinstance(block, Code):
            self.paragraph("caption", *self.pieces(block.caption)).paragraph_format.keep_with_next = True
            self.paragraph("report code", self.run(block.text))
        else:
            self.figure(block)

    def caption(self, block: Table | Figure) -> WordParagraph:
        """Write a caption; its number is a field, so that a list of tables can be made from it."""
        label, number = self.labels[key(block)].split(" ")
        counted = field(rf"SEQ {label} \* ARABIC", self.run(number, "caption label"))
        pieces = self.marked(anchor("label", key(block)), self.run(f"{label} ", "caption label"), *counted)
        return self.paragraph(
            "caption", *pieces, self.run(". ", "caption label"), *self.pieces(block.caption)
        )

    def table(self, table: Table) -> None:
        """Write a table with caption and note, on a page on its side where an upright one is too narrow."""
        widths, fits = self.widths(table)
        self.turn(wide=not fits)
        self.caption(table).paragraph_format.keep_with_next = True
        body = self.document.element.body
        body.insert_element_before(table_element(table, widths, self.styles, self.pieces), "w:sectPr")
        if table.note:
            self.paragraph("report note", *self.pieces(table.note))
        else:
            self.paragraph("spacer")

    def widths(self, table: Table) -> tuple[list[float], bool]:
        """Return the columns' widths in points, and whether an upright page is wide enough for them.

        A page on its side is for words that would break; estimates break where that makes a table shorter.
        """
        whole = [[self.unbroken(cell) for cell in c] for c in zip(table.columns, *table.rows, strict=True)]
        broken = [[self.say(cell) for cell in c] for c in zip(table.columns, *table.rows, strict=True)]
        for available in self.between_margins():
            tried = [(column_widths(texts, available), texts) for texts in (whole, broken)]
            fitting = [(widths, texts) for (widths, fits), texts in tried if fits]
            if fitting:
                best = min(fitting, key=lambda option: lines(option[1], option[0]))[0]
                return best, available == self.between_margins()[0]
        return tried[-1][0][0], False

    def unbroken(self, cell: Item) -> str:
        """Return a cell's text, with no-break spaces where it should stay on one line."""
        text = self.say(cell)
        return (
            text.replace(" ", "\N{NO-BREAK SPACE}") if isinstance(cell, Number | Estimate | Month) else text
        )

    def between_margins(self) -> tuple[float, float]:
        """Return how wide the text is on an upright page and on one on its side, in points."""
        margins = self.page.left_margin + self.page.right_margin
        return Emu(self.upright[0] - margins).pt, Emu(self.upright[1] - margins).pt

    def turn(self, *, wide: bool) -> None:
        """Go on upright, or on a page on its side."""
        current: Any = self.document.sections[-1]
        if wide == (current.page_width > current.page_height):
            return
        made = self.document.add_section(WD_SECTION.NEW_PAGE)
        made.orientation = WD_ORIENT.LANDSCAPE if wide else WD_ORIENT.PORTRAIT
        made.page_width, made.page_height = reversed(self.upright) if wide else self.upright
        self.document.paragraphs[-1]._p.style = self.styles["spacer"]

    def figure(self, figure: Figure) -> None:
        """Write a figure as a picture with its alternative text, and say where its data are."""
        across, _ = self.between_margins()
        made = self.paragraph("picture")
        picture = made.add_run().add_picture(io.BytesIO(image(figure, self.language, "png")))
        highest = _HIGHEST * (self.upright[1] - self.page.top_margin - self.page.bottom_margin)
        shrink = min(1, Pt(across) / picture.width, highest / picture.height)
        picture.width, picture.height = Emu(int(picture.width * shrink)), Emu(int(picture.height * shrink))
        described = picture._inline.docPr
        described.set("name", self.labels[key(figure)])
        described.set("descr", self.say(figure.alternative))
        self.caption(figure).paragraph_format.keep_with_next = True
        label = self.labels[figure.data.id]
        place = link(anchor("label", figure.data.id), self.run(label, "hyperlink"))
        self.paragraph("report note", *self.filled(t("The numbers are in {table}."), table=[place]))

    def filled(self, text: Text, **places: list[Any]) -> list[Any]:
        """Return a text's runs with elements in its places."""
        found: list[Any] = []
        for literal, name, _, _ in string.Formatter().parse(self.language.translate(text.template)):
            if literal:
                found.append(self.run(literal))
            if name:
                found += places[name]
        return found
