"""Figures as all that they hold in place of a drawing, where tests are about the files around them."""

from __future__ import annotations

import io
from functools import cache
from html import escape

import pytest
from PIL import Image

from ipsrct._language import Language
from ipsrct.report.model import Figure


def written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files hold the fields of a figure, from which alone it is drawn, as a text.

    Whatever could get into a drawing stands in the text, and can be searched for. That drawings repeat to the
    byte is tested with the figures.
    """
    monkeypatch.setattr("ipsrct.report.html.svg", _svg)
    monkeypatch.setattr("ipsrct.report.word.writer.image", _png)


def _svg(figure: Figure, language: Language) -> str:
    return f"<svg><desc>{escape(repr(figure))} {language.code}</desc></svg>"


def _png(figure: Figure, language: Language, suffix: str) -> bytes:
    assert suffix == "png"
    return _dot() + f"{figure!r} {language.code}".encode()


@cache
def _dot() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (1, 1)).save(file, "png")
    return file.getvalue()
