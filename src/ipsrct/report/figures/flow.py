"""The expected flow of participants, as a CONSORT diagram."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import wrap
from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.content.words import name
from ipsrct.report.figures.style import INK, LOOKS, QUIET, Look, Size, canvas
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, plain, sentences, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_PER_ARM = 3
_LETTER = 0.58  # width of a letter, in its height
_LINE = 1.35  # height of a line, in that of a letter
_GAP = 2.4  # between boxes, in letters


def figure(results: Node) -> Figure:
    """Return the expected number of people at each step; those asked only where that is assumed."""
    flow = results["flow"]
    steps: list[tuple[Item, Item, Item]] = []
    if flow["asked"].value is not None:
        steps.append((t("Asked to take part"), "", flow["asked"].count()))
        if flow["too_young"].value:
            steps.append((t("Too young"), "", flow["too_young"].count()))
        steps.append((t("Did not consent"), "", flow["declined"].count()))
    steps.append((t("Randomised"), "", flow["randomised"].count()))
    for arm in flow["arms"]:
        own = name(arm["arm"].value)
        steps += [
            (t("Allocated to {arm}", arm=own), own, arm["allocated"].count()),
            (t("Outcome not seen"), own, arm["not_observed"].count()),
            (t("Analysed"), own, arm["analysed"].count()),
        ]
    return Figure(
        "flow",
        t(
            "Expected flow of participants, as in the flow diagram of CONSORT 2025. The numbers follow from "
            "what is assumed of consent and of outcomes that are not seen; those of the trial will differ."
        ),
        _alternative(flow),
        Table(
            "data-flow",
            t("Expected number of people at each step"),
            (t("Step"), t("Arm"), t("People")),
            tuple(steps),
        ),
    )


def _alternative(flow: Node) -> Text:
    n = flow["randomised"].count()
    if flow["asked"].value is None:
        first = t("{n} participants are randomised.", n=n)
    else:
        first = t("{asked} people are asked and {n} are randomised.", asked=flow["asked"].count(), n=n)
    arms = (
        t(
            "{arm}: {allocated} allocated, {missing} without an outcome, {analysed} analysed.",
            arm=name(arm["arm"].value),
            allocated=arm["allocated"].count(),
            missing=arm["not_observed"].count(),
            analysed=arm["analysed"].count(),
        )
        for arm in flow["arms"]
    )
    return sentences(first, *arms)


@dataclass(frozen=True)
class _Box:
    """A box: where its middle is, from the left, its width, its label and its number below that."""

    x: float
    width: float
    label: tuple[str, ...]
    number: str = ""

    @property
    def height(self) -> float:
        return _LINE * (len(self.label) + bool(self.number)) + 0.9


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw a row of boxes for each stage, and arrows between them; lengths are in letters."""
    look = LOOKS[size]
    letter = look.text / 72
    width = look.width / letter
    side = _LETTER * max(len(plain(stage, language)) for stage in _stage_names(figure)) + 1
    rows = _rows(figure, language, side, width)
    depths = [max(box.height for box in row) for row in rows]
    needed = sum(depths)
    drawing = canvas(size, (needed + _GAP * (len(rows) - 1) + 0.5) * letter)
    tall = drawing.get_figheight() / letter
    drawing.set_layout_engine("none")
    axes = drawing.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(0, tall))
    axes.set_axis_off()
    gap = min(_GAP, (tall - needed - 0.5) / (len(rows) - 1))
    top = tall - (tall - needed - gap * (len(rows) - 1)) / 2
    tops = []
    for row, depth in zip(rows, depths, strict=True):
        tops.append(top)
        for box in row:
            _write(axes, box, top, depth, look)
        top -= depth + gap
    bottoms = [top - depth for top, depth in zip(tops, depths, strict=True)]
    _arrows(axes, rows, tops, bottoms, look)
    _name_stages(axes, figure, language, tops, bottoms)
    return drawing


def _head(figure: Figure) -> list[tuple[Item, ...]]:
    """Return the steps before there are arms: those asked, the reasons for leaving, those randomised."""
    return [row for row in figure.data.rows if row[1] == ""]


def _rows(figure: Figure, language: Language, side: float, width: float) -> list[list[_Box]]:
    """Return the boxes from the top down; those who leave stand to the right of the middle."""
    head = _head(figure)
    arms = figure.data.rows[len(head) :]
    n_arms = len(arms) // _PER_ARM
    column = (width - side - 0.3) / n_arms
    middle = side + (width - side - 0.3) / 2
    wide = min(18.0, 0.44 * (width - side))
    rows = [[_box(row, middle, wide, language)] for row in (head[0], head[-1])[: len(head)]]
    if len(head) > 1:
        reasons = tuple(f"{plain(row[0], language)}: {plain(row[2], language)}" for row in head[1:-1])
        rows.insert(1, [_Box(middle + 2.2 + wide / 2, wide, reasons)])
    for step in range(_PER_ARM):
        own = arms[step::_PER_ARM]
        boxes = [
            _box(row, side + (i + 0.5) * column, min(18.0, column - 0.8), language)
            for i, row in enumerate(own)
        ]
        rows.append(boxes)
    return rows


def _box(row: tuple[Item, ...], x: float, width: float, language: Language) -> _Box:
    label = wrap(plain(row[0], language), int((width - 1) / _LETTER), break_long_words=False)
    return _Box(x, width, tuple(label), plain(row[2], language))


def _write(axes: Axes, box: _Box, top: float, depth: float, look: Look) -> None:
    from matplotlib.patches import Rectangle

    corner = (box.x - box.width / 2, top - depth)
    frame = Rectangle(corner, box.width, depth, facecolor="#F5F7F9", edgecolor=QUIET, linewidth=look.line / 2)
    axes.add_patch(frame)
    lines = [(line, "normal") for line in box.label] + [(box.number, "bold")] * bool(box.number)
    for i, (line, weight) in enumerate(lines):
        height = top - (depth - box.height) / 2 - 0.45 - (i + 0.5) * _LINE
        axes.text(box.x, height, line, ha="center", va="center", fontweight=weight)


def _arrows(axes: Axes, rows: list[list[_Box]], tops: list[float], bottoms: list[float], look: Look) -> None:
    """Draw the way of those who go on, and to the side the way of those who leave."""
    if len(rows) > 1 + _PER_ARM:
        x, leave = rows[0][0].x, rows[1][0]
        _arrow(axes, (x, bottoms[0]), (x, tops[2]), look)
        height = (tops[1] + bottoms[1]) / 2
        _arrow(axes, (x, height), (leave.x - leave.width / 2, height), look)
    first = len(rows) - _PER_ARM
    (randomised,) = rows[first - 1]
    fork = (bottoms[first - 1] + tops[first]) / 2
    ends = [box.x for box in rows[first]]
    axes.plot([randomised.x] * 2, [bottoms[first - 1], fork], color=INK, linewidth=look.line / 2)
    axes.plot([min(ends), max(ends)], [fork, fork], color=INK, linewidth=look.line / 2)
    for x in ends:
        _arrow(axes, (x, fork), (x, tops[first]), look)
        for k in range(first, len(rows) - 1):
            _arrow(axes, (x, bottoms[k]), (x, tops[k + 1]), look)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], look: Look) -> None:
    style = {
        "arrowstyle": "-|>,head_length=0.35,head_width=0.16",
        "color": INK, "linewidth": look.line / 2, "mutation_scale": 1.2 * look.small,
        "shrinkA": 0, "shrinkB": 0, "joinstyle": "miter",
    }  # fmt: skip
    axes.annotate("", end, start, arrowprops=style)


def _stage_names(figure: Figure) -> list[Text]:
    names = [t("Recruitment")] if len(_head(figure)) > 1 else [t("Randomisation")]
    return [*names, t("Allocation"), t("Outcome"), t("Analysis")]


def _name_stages(
    axes: Axes, figure: Figure, language: Language, tops: list[float], bottoms: list[float]
) -> None:
    """Write the stages to the left, level with their first boxes."""
    levels = [0, *range(len(tops) - _PER_ARM, len(tops))]
    for text, k in zip(_stage_names(figure), levels, strict=True):
        height = (tops[k] + bottoms[k]) / 2
        axes.text(0.3, height, plain(text, language), va="center", color=QUIET, fontweight="bold")
