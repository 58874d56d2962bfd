"""What python-docx has no words for: fields, bookmarks, links inside the document."""

from __future__ import annotations

from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn


def element(tag: str, **attributes: str | int) -> Any:
    """Return an element of WordprocessingML with attributes of the same namespace."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), str(value))
    return made


def run(text: str, language: str, style: str | None = None) -> Any:
    """Return a run in a language, with a character style if one is given; line breaks stay."""
    made, properties = element("r"), element("rPr")
    if style:
        properties.append(element("rStyle", val=style))
    properties.append(element("lang", val=language))
    made.append(properties)
    for i, line in enumerate(text.split("\n")):
        if i:
            made.append(element("br"))
        words = element("t")
        words.text = line
        words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        made.append(words)
    return made


def _mark(kind: str) -> Any:
    made = element("r")
    made.append(element("fldChar", fldCharType=kind))
    return made


def field(instruction: str, *shown: Any) -> list[Any]:
    """Return the elements of a field that show something until Word works them out anew."""
    return [*field_start(instruction), *shown, field_end()]


def field_start(instruction: str) -> list[Any]:
    """Return how a field begins that may run over several paragraphs."""
    code, text = element("r"), element("instrText")
    text.text = f" {instruction} "
    text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    code.append(text)
    return [_mark("begin"), code, _mark("separate")]


def field_end() -> Any:
    """Return how a field ends."""
    return _mark("end")


def link(anchor: str, *shown: Any) -> Any:
    """Return a link to a bookmark."""
    made = element("hyperlink", anchor=anchor, history=1)
    made.extend(shown)
    return made


def bookmark(name: str, number: int, *inside: Any) -> list[Any]:
    """Return elements with a bookmark around them; each in a document needs its own number."""
    return [element("bookmarkStart", id=number, name=name), *inside, element("bookmarkEnd", id=number)]


def anchor(kind: str, name: str) -> str:
    """Return a bookmark's name: letters, digits and underscores, at most 40 of them."""
    return f"{kind}_{name.replace('-', '_')}"[:40]
