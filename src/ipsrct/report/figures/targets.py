"""Sizes for targets, marked on a curve by size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.figures.style import INK, Look, known, note, value
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, plain, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation


def target_marks(answers: Iterable[Node], target: str) -> dict[str, Item]:
    """Return a mark for each answer, with its Monte Carlo interval if there is one."""
    marks: dict[str, Item] = {}
    for i, row in enumerate(answers):
        reached = row[target].share(0)
        n, low, high = (row[key].count() for key in ("n_total", "n_low", "n_high"))
        if n.value is None:
            marks[f"size {i}"] = t("no size reaches {target}", n=n, target=reached)
        elif low.value == high.value:
            marks[f"size {i}"] = t("{n} for {target}", n=n, target=reached)
        else:
            marks[f"size {i}"] = t(
                "{n} ({low} to {high}) for {target}", n=n, low=low, high=high, target=reached
            )
    return marks


def targets(marks: Mapping[str, Item]) -> list[Text]:
    """Return the marks of sizes."""
    return [mark for key, mark in marks.items() if key.startswith("size") and isinstance(mark, Text)]


def draw_targets(
    axes: Axes, marks: Mapping[str, Item], language: Language, look: Look, *, above: bool = False
) -> list[Annotation]:
    """Mark sizes on their curve, those that lie beyond it at its edge; return what is written.

    Words stand below the curve on the right, or above it on the left; intervals are drawn, not written.
    """
    left, right = axes.get_xlim()
    offset, vertical = ((-0.6, 0.3), "bottom") if above else ((0.6, -0.4), "top")
    written = []
    for mark in targets(marks):
        n, height = value(mark.values["n"]), known(mark.values["target"])
        short = mark if n is None else t("{n} for {target}", **mark.values)
        words = plain(short, language)
        if n is None or n > right:
            to_left = n is None and above
            words += "" if n is None else " →"
            place, side = ((left, height), "left") if to_left else ((right, height), "right")
            lift = (0.4 if to_left else 0, offset[1])
            written.append(note(axes, place, words, look, lift, va=vertical, ha=side))
            continue
        if "low" in mark.values:
            axes.hlines(height, known(mark.values["low"]), known(mark.values["high"]), color=INK, zorder=3)
        axes.plot([n], [height], "o", color=INK, markeredgecolor="white", zorder=4, clip_on=False)
        side = "right" if above else "left"
        written.append(note(axes, (n, height), words, look, offset, va=vertical, ha=side))
    return written
