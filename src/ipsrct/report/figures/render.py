"""A figure as a picture: inline in HTML, or a file of its own."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.figures.style import Size, rc
from ipsrct.report.model import Figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
    "pdf": {"Creator": None, "Producer": None, "CreationDate": None},
}


@contextmanager
def drawn(figure: Figure, language: Language, size: Size = "report") -> Iterator[Drawing]:
    """Draw a figure; whoever has use for the drawing needs the same settings, so they hold until the end."""
    import matplotlib as mpl

    module = import_module(f"ipsrct.report.figures.{figure.name.replace('-', '_')}")
    settings = {"svg.hashsalt": figure.name, "svg.fonttype": "path", "pdf.fonttype": 42}
    with mpl.rc_context(rc(size) | settings):
        yield module.draw(figure, language, size)


def image(figure: Figure, language: Language, suffix: str, size: Size = "report") -> bytes:
    """Return a figure as the bytes of an SVG, PNG or PDF file, the same each time.

    Parameters
    ----------
    figure : Figure
    language : Language
    suffix : {"svg", "png", "pdf"}
    size : {"report", "slide"}
    """
    file = io.BytesIO()
    with drawn(figure, language, size) as drawing:
        drawing.savefig(file, format=suffix, dpi=200, metadata=_METADATA[suffix])
    return file.getvalue()


def svg(figure: Figure, language: Language) -> str:
    """Return a figure as SVG to stand inside a page, its identifiers made its own."""
    text = image(figure, language, "svg").decode()
    text = text[text.index("<svg") :]
    text = re.sub(r'\bid="', f'id="{figure.name}-', text)
    return re.sub(r'(href="#|url\(#)', rf"\g<1>{figure.name}-", text)
