"""The document to write in: an empty one with the package's styles, or a house's template with its own."""

from __future__ import annotations

import io
from copy import deepcopy
from importlib.resources import files
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.parts.numbering import NumberingPart
from docx.shared import Mm

from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.report.word.fields import element

_UNUSED = ("thumbnail", "stylesWithEffects", "customXml", "extended-properties")
_SETTINGS = f"""<w:settings {nsdecls("w")}>
<w:zoom w:percent="100"/><w:defaultTabStop w:val="567"/>
<w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word"
 w:val="15"/></w:compat>
<w:themeFontLang w:val="LANGUAGE"/>
</w:settings>"""
_BULLETS = f"""<w:abstractNum {nsdecls("w")} w:abstractNumId="NUMBER">
<w:multiLevelType w:val="singleLevel"/>
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="&#8226;"/>
<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="284" w:hanging="284"/></w:pPr></w:lvl>
</w:abstractNum>"""
# Of a page where a template says nothing, and of ours.
_PAGE = {
    "page_width": Mm(210),
    "page_height": Mm(297),
    "left_margin": Mm(22),
    "right_margin": Mm(22),
    "top_margin": Mm(24),
    "bottom_margin": Mm(22),
    "header_distance": Mm(11),
    "footer_distance": Mm(11),
}


def read_template(path: Path) -> bytes:
    """Return a template's bytes.

    Raises
    ------
    NotAvailableError
        If it is not a Word document.
    """
    try:
        data = path.read_bytes()
        Document(io.BytesIO(data))
    except Exception as error:  # a damaged archive raises one of a dozen kinds, from four libraries
        raise NotAvailableError(Message("{path}: is not a Word document (.docx)", path=path)) from error
    return data


def opened(template: bytes | None, tag: str) -> WordDocument:
    """Return an empty document in a language.

    Parameters
    ----------
    template : bytes or None
        A Word document whose styles, page and header are used; what stands in it is left out.
    tag : str
        The language, such as ``nb-NO``.
    """
    document = Document(io.BytesIO(template) if template else None)
    _empty(document)
    if not template:
        _plain(document, tag)
    section = document.sections[-1]
    for name, length in _PAGE.items():
        if not template or getattr(section, name) is None:
            setattr(section, name, length)
    _add_styles(document, tag)
    return document


def style_ids(document: WordDocument) -> dict[str, str]:
    """Return each style's identifier by its name; house templates often translate the identifiers."""
    return {style.name_val.lower(): style.styleId for style in document.styles.element.style_lst}


def _empty(document: WordDocument) -> None:
    body = document.element.body
    for child in list(body):
        if child.tag != qn("w:sectPr"):
            body.remove(child)
    if not len(body):
        body.append(element("sectPr"))


def _plain(document: WordDocument, tag: str) -> None:
    """Take out of python-docx's empty document all but the frame."""
    for source in (document.part, document.part.package):
        for key, relation in list(source.rels.items()):
            if relation.reltype.endswith(_UNUSED):
                del source.rels[key]
    settings = document.settings.element
    for child in list(settings):
        settings.remove(child)
    settings.extend(list(parse_xml(_SETTINGS.replace("LANGUAGE", tag))))
    for part in (document.styles.element, document.part.numbering_part.element):
        for child in list(part):
            part.remove(child)


def _add_styles(document: WordDocument, tag: str) -> None:
    """Add the styles that the document does not have, based on those it has."""
    text = files("ipsrct.report").joinpath("templates", "word_styles.xml").read_text(encoding="utf-8")
    own = parse_xml(text.replace("LANGUAGE", tag).encode())
    there = style_ids(document)
    styles = document.styles.element
    if not there:
        styles.append(deepcopy(own.find(qn("w:docDefaults"))))
    names = {style.styleId: style.name_val.lower() for style in own.style_lst}
    for style in own.style_lst:
        name = style.name_val.lower()
        if name not in there:
            _adapt(style, names, there, document)
            there[name] = style.styleId
            styles.append(style)


def _adapt(style: Any, names: dict[str, str], there: dict[str, str], document: WordDocument) -> None:
    """Let a style rest on the document's own, have an identifier of its own, and give a list its bullet."""
    for reference in style.iter(qn("w:basedOn"), qn("w:next")):
        own = reference.get(qn("w:val"))
        reference.set(qn("w:val"), there.get(names[own], own))
    if style.styleId in there.values():
        style.styleId = f"{style.styleId}OfReport"
    for number in style.iter(qn("w:numId")):
        number.set(qn("w:val"), str(_bullets(document)))


def _bullets(document: WordDocument) -> int:
    """Add a bullet list and return its number."""
    part = document.part
    try:
        numbering = part.numbering_part.element
    except NotImplementedError:
        numbering = parse_xml(f"<w:numbering {nsdecls('w')}/>")
        name = PackURI("/word/numbering.xml")
        made = NumberingPart(name, CONTENT_TYPE.WML_NUMBERING, numbering, part.package)
        part.relate_to(made, RELATIONSHIP_TYPE.NUMBERING)
    kinds = numbering.findall(qn("w:abstractNum"))
    number = 1 + max((int(kind.get(qn("w:abstractNumId"))) for kind in kinds), default=-1)
    numbering.insert(len(kinds), parse_xml(_BULLETS.replace("NUMBER", str(number))))
    used = 1 + max((int(num.get(qn("w:numId"))) for num in numbering.findall(qn("w:num"))), default=0)
    made = element("num", numId=used)
    made.append(element("abstractNumId", val=number))
    numbering.append(made)
    return used
