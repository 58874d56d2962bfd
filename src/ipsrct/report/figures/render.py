"""A figure as a picture: inline in HTML, or a file of its own."""

from __future__ import annotations

import io
import re
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from ipsrct._language import Language
from ipsrct.report.model import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

Size = Literal["report", "slide"]
_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}


def _drawn(figure: Figure, language: Language, size: Size) -> Drawing:
    module = import_module(f"ipsrct.report.figures.{figure.name.replace('-', '_')}")
    drawing: Drawing = module.draw(figure, language, size)
    return drawing


def image(figure: Figure, language: Language, suffix: str, size: Size = "report") -> bytes:
    """Return a figure as the bytes of an SVG, PNG or PDF file, the same each time.

    Parameters
    ----------
    figure : Figure
    language : Language
    suffix : {"svg", "png", "pdf"}
    size : {"report", "slide"}
    """
    import matplotlib as mpl

    file = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": figure.name, "svg.fonttype": "path", "pdf.fonttype": 42}):
        _drawn(figure, language, size).savefig(file, format=suffix, dpi=200, metadata=_METADATA[suffix])
    return file.getvalue()


def svg(figure: Figure, language: Language) -> str:
    """Return a figure as SVG to stand inside a page, its identifiers made its own."""
    text = image(figure, language, "svg").decode()
    text = text[text.index("<svg") :]
    text = re.sub(r'\bid="', f'id="{figure.name}-', text)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{figure.name}-", text)
