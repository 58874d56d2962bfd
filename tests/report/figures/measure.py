"""What is written on a drawing, and where."""

from __future__ import annotations

from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

TOLERANCE = 1.0
"""Pixels at 100 to the inch: extents reach a little beyond the ink."""


def written(drawing, monkeypatch) -> list[Text]:
    """Draw, and return every text that was put on the canvas."""
    found: list[Text] = []
    draw = Text.draw

    def remember(text, renderer):
        if text.get_visible() and text.get_text().strip():
            found.append(text)
        draw(text, renderer)

    with monkeypatch.context() as patch:
        patch.setattr(Text, "draw", remember)
        FigureCanvasAgg(drawing).draw()
    return found


def faults(drawing, monkeypatch) -> list[str]:
    """Return which texts lie on another or leave the canvas."""
    texts = written(drawing, monkeypatch)
    boxes = [(text.get_text(), Text.get_window_extent(text)) for text in texts]
    page = drawing.bbox
    found = [
        f"{words!r} leaves the canvas"
        for words, box in boxes
        if min(box.x0, box.y0, page.x1 - box.x1, page.y1 - box.y1) < -TOLERANCE
    ]
    for (words, box), (others, other) in combinations(boxes, 2):
        width = min(box.x1, other.x1) - max(box.x0, other.x0)
        height = min(box.y1, other.y1) - max(box.y0, other.y0)
        if width > TOLERANCE and height > TOLERANCE:
            found.append(f"{words!r} lies on {others!r}")
    return found
