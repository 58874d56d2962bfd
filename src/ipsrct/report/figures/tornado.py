"""Power and size at the ends of the range of every assumption, one at a time, the widest on top."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ipsrct._language import Language
from ipsrct.report.content.words import name
from ipsrct.report.figures.style import (
    BLUE,
    INK,
    LOOKS,
    QUIET,
    SKY,
    Look,
    Size,
    bare,
    by_first,
    canvas,
    capital,
    format_axis,
    known,
    log_axis,
    margin,
    note,
    value,
)
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, plain, sentences, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

Row = tuple[Item, ...]
_IN_PERCENT = ("effect", "effect_shift", "control_level", "control_risk")
_NAMES = {
    "effect": t("effect"),
    "control_level": t("level in the control arm"),
    "control_risk": t("level in the control arm"),
}
_ENDS = {"low": t("low"), "high": t("high")}


def figure(results: Node) -> Figure:
    """Return power at the planned size and the size for the target, at both ends of each range."""
    varied = results["sensitivity"]
    middle, *rest = varied["rows"]
    ends: dict[str, list[Node]] = {}
    for row in rest:
        if row["end"].value in _ENDS and row["assumption"].value != "joint":
            ends.setdefault(row["assumption"].value, []).append(row)
    widest = sorted(ends.values(), key=_width, reverse=True)
    columns = (
        t("Assumption"),
        t("Range"),
        t("End of the range"),
        t("Value"),
        t("Power with {n} participants (%)", n=results["scenario"]["n_participants"].count()),
        t("Participants for {power} power", power=varied["target_power"].share(0)),
        t("Participants, low"),
        t("Participants, high"),
    )
    rows = [(t("everything as assumed"), "", "", "", *_found(middle))]
    for low, high in widest:
        label, scope = _name(low["assumption"].value), _range(results, low, high)
        rows += [
            (label, scope, _ENDS[row["end"].value], _shown(results, row), *_found(row)) for row in (low, high)
        ]
    caption = sentences(
        t(
            "What power and size depend on: each assumption goes to the ends of its range while all others "
            "stay as assumed."
        ),
        t("The assumption that matters most is on top; the vertical lines show the result as assumed."),
    )
    heading = t("Power and size at the ends of the ranges")
    marks = {"none": t("no size"), **_ENDS}
    data = Table("data-tornado", heading, columns, tuple(rows))
    return Figure("tornado", caption, _alternative(results, middle, widest), data, marks)


def _width(rows: list[Node]) -> float:
    low, high = (row["power"].value for row in rows)
    return math.inf if low is None or high is None else abs(high - low)


def _name(path: str) -> Item:
    _, _, *parts = path.split(".")
    return Joined(tuple(_NAMES.get(part, name(part)) for part in parts))


def _in_percent(results: Node, row: Node) -> bool:
    kind = row["assumption"].value.split(".")[2]
    return results["scenario"]["is_share"].value and kind in _IN_PERCENT


def _shown(results: Node, row: Node) -> Item:
    return row["value"].percent() if _in_percent(results, row) else row["value"].as_written()


def _range(results: Node, low: Node, high: Node) -> Text:
    ends = {"low": _shown(results, low), "high": _shown(results, high)}
    if not _in_percent(results, low):
        return t("{low} to {high}", **ends)
    if "effect" in low["assumption"].value:
        return t("{low} to {high} percentage points", **ends)
    return t("{low} to {high} per cent", **ends)


def _found(row: Node) -> Row:
    sizes = (row[key].count() for key in ("n_total", "n_low", "n_high"))
    return (row["power"].percent(1, row["mc_standard_error"]), *sizes)


def _alternative(results: Node, middle: Node, widest: list[list[Node]]) -> Text:
    said: list[Item] = [
        t(
            "As assumed, power is {power} and {n} participants are needed.",
            power=middle["power"].share(1, middle["mc_standard_error"]),
            n=middle["n_total"].count(),
        )
    ]
    for low, high in widest:
        said.append(
            t(
                "Over the range {range} of {assumption} power goes from {low} to {high}, and the size from "
                "{many} to {few} participants.",
                assumption=_name(low["assumption"].value),
                range=_range(results, low, high),
                low=low["power"].share(1, low["mc_standard_error"]),
                high=high["power"].share(1, high["mc_standard_error"]),
                many=low["n_total"].count(),
                few=high["n_total"].count(),
            )
        )
    return sentences(*said)


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw power on the left and the size on the right, both ends of a range joined."""
    look = LOOKS[size]
    assumed, *rest = figure.data.rows
    ranges = by_first(rest, language)
    drawing = canvas(size, 1.0 + 0.5 * len(ranges))
    left, right = drawing.subplots(1, 2, sharey=True)
    for axes, column in ((left, 3), (right, 4)):
        _middle(axes, assumed[column + 1], language, look)
        axes.set_xlabel(plain(figure.data.columns[column + 1], language))
        for i, rows in enumerate(ranges.values()):
            found = [
                _End(row[column], row[2], _interval(row, column))
                for row in rows
                if value(row[column]) is not None
            ]
            _bar(axes, i, found, language, look)
            if axes is right and len(found) < len(rows):
                place = axes.get_yaxis_transform()
                note(
                    axes,
                    (1, i),
                    plain(figure.marks["none"], language),
                    look,
                    xycoords=place,
                    ha="right",
                    va="center",
                )
    labels = [f"{capital(label)}\n{plain(rows[0][0], language)}" for label, rows in ranges.items()]
    left.set_yticks(range(len(labels)), labels)
    left.set_ylim(len(labels) - 0.4, -0.6)
    left.set_xlim(-28, 128)
    left.set_xticks(range(0, 101, 20))
    left.spines["bottom"].set_bounds(0, 100)
    format_axis(left.xaxis, language)
    sizes = [n for row in figure.data.rows if (n := value(row[5])) is not None] or [100, 1000]
    room = max(max(sizes) / min(sizes), 4) ** 0.3
    beyond = room**3 if any(value(row[5]) is None for row in figure.data.rows) else room
    log_axis(right, language, min(sizes) / room, max(sizes) * beyond, most=4)
    return drawing


def _middle(axes: Axes, item: Item, language: Language, look: Look) -> None:
    """Draw the result as assumed."""
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    if value(item) is not None:
        axes.axvline(known(item), color=QUIET, linewidth=look.line / 2, zorder=1)
        place = axes.get_xaxis_transform()
        note(axes, (known(item), 1), plain(bare(item), language), look, (0, 0.3), xycoords=place, ha="center")


class _End(NamedTuple):
    """The result at an end of a range, what is assumed there, and the result's Monte Carlo interval."""

    result: Item
    assumed: Item
    interval: tuple[float, float]


def _interval(row: Row, column: int) -> tuple[float, float]:
    if column == 4:
        return known(row[5]), known(row[6])
    return known(row[3]) - margin(row[3]), known(row[3]) + margin(row[3])


def _bar(axes: Axes, i: int, ends: list[_End], language: Language, look: Look) -> None:
    """Join the ends of a range, and write beside each what comes out if what is assumed."""
    from matplotlib.patheffects import withStroke

    ends = sorted(ends, key=lambda end: known(end.result))
    for end, (side, alignment) in zip(ends, ((-1, "right"), (1, "left")), strict=False):
        x = known(end.result)
        axes.vlines(x, i - 0.17, i + 0.17, color=BLUE.colour)
        axes.hlines(i, *end.interval, color=INK)
        words = t("{result}\nat {value}", result=bare(end.result), value=end.assumed)
        beside = note(axes, (x, i), plain(words, language), look, (side * 0.6, 0), ha=alignment, va="center")
        beside.set_path_effects([withStroke(linewidth=2 * look.line, foreground="white")])
    if len(ends) == 2:
        low, high = (known(end.result) for end in ends)
        axes.barh(i, high - low, 0.34, low, color=SKY.colour, alpha=0.5)
