"""Sections as plain text, in either language."""

from __future__ import annotations

from ipsrct._language import Code, language
from ipsrct.report.model import Bullets, Figure, Paragraph, Section, Table, Terms
from ipsrct.report.text import plain


def texts(section: Section, code: Code = "en") -> list[str]:
    """Return every text of a section, tables as rows with bars."""
    said, shown = [], language(code)
    for block in section.blocks:
        match block:
            case Paragraph():
                said.append(plain(block.text, shown))
            case Bullets():
                said += [plain(item, shown) for item in block.items]
            case Terms():
                said += [f"{plain(term, shown)}: {plain(meaning, shown)}" for term, meaning in block.items]
            case Table():
                said += ["|".join(plain(c, shown) for c in row) for row in (block.columns, *block.rows)]
                said += [plain(block.note, shown)] if block.note else []
            case Figure():
                said.append(plain(block.caption, shown))
    return said


def whole(section: Section, code: Code = "en") -> str:
    """Return a section's text."""
    return "\n".join(texts(section, code))
