"""To be drawn: power-curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsrct._figures import new_figure
from ipsrct._language import Language
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Text

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing


def figure(results: Node) -> Figure:
    """Return the figure."""
    assert results
    caption = Text("power-curve")
    return Figure("power-curve", caption, caption, Table("data-power-curve", caption, (), ()))


def draw(figure: Figure, language: Language, size: str) -> Drawing:
    """Draw it."""
    assert figure and language and size
    return new_figure(4, 1)
