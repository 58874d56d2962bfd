"""Assumed effects with the intervals to expect, for everybody, in subgroups, and between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.content.words import estimator, name, population, power
from ipsrct.report.figures.style import (
    BLUE,
    FAINT,
    INK,
    LOOKS,
    PURPLE,
    VERMILLION,
    Look,
    Size,
    bare,
    canvas,
    capital,
    format_axis,
    known,
    margin,
    note,
    value,
)
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, plain, sentences, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

Row = tuple[Item, ...]
_TARGET = 0.8
_EVERYBODY, _DIFFERENCES = t("Everybody"), t("Differences in effect")


def figure(results: Node) -> Figure:
    """Return the first analysis' effect, interval, smallest detectable effect and power by population."""
    scenario = results["scenario"]
    label = scenario["estimators"][0]["label"].value
    rows = tuple(_row(results, label, kind) for kind in scenario["populations"])
    target = _detectable(results, label, "all")["target_power"].share(0)
    unit: Item = t("percentage points") if scenario["is_share"].value else scenario["unit"].quoted()
    columns = (
        t("Group"),
        t("Population"),
        t("Assumed effect ({unit})", unit=unit),
        t("Expected interval, from"),
        t("Expected interval, to"),
        t("Smallest effect detected with {power} power", power=target),
        t("Power"),
    )
    level = scenario["confidence_level"].share(0)
    marks: dict[str, Item] = {
        "interval": t("assumed effect, expected {level} interval", level=level),
        "detectable": t("smallest effect with {power} power", power=target),
    }
    caption = sentences(
        t(
            "What the planned trial of {n} participants would show if the effects are as assumed: the "
            "expected confidence intervals of the first analysis, {analysis}.",
            n=scenario["n_participants"].count(),
            analysis=estimator(label),
        ),
        t(
            "Where the open mark lies further from zero than the filled one, the trial is too small for the "
            "assumed effect. A difference in effect compares one subgroup with another."
        ),
    )
    heading = t("Assumed effects, expected intervals, smallest detectable effects and power")
    data = Table("data-forest", heading, columns, rows)
    return Figure("forest", caption, _alternative(results, rows, unit, target), data, marks)


def _detectable(results: Node, label: str, key: str) -> Node:
    return results["detectable"]["effects"].row(target_power=_TARGET, estimator=label, population=key)


def _amount(results: Node, node: Node, error: Node, sign: int = 1) -> Item:
    """Return an effect in the unit of the axis."""
    if results["scenario"]["is_share"].value:
        return node.decimal(1, error, scale=100 * sign)
    return node.decimal(2, error, scale=sign)


def _row(results: Node, label: str, kind: Node) -> Row:
    key = kind["name"].value
    found = results["characteristics"]
    interval = found["expected_intervals"].row(estimator=label, population=key)
    error = interval["mc_standard_error"]
    least = _detectable(results, label, key)
    sign = -1 if least["assumed_effect"].value < 0 else 1
    group, words = _named(results, kind)
    share: Item
    if kind["kind"].value == "all":
        share = power(results)
    else:
        row = found["characteristics"].row(measure="power", estimator=label, population=key)
        share = row["value"].share(1, row["mc_standard_error"])
    return (
        group,
        words,
        interval["effect"].percent()
        if results["scenario"]["is_share"].value
        else interval["effect"].decimal(2),
        _amount(results, interval["low"], error),
        _amount(results, interval["high"], error),
        _amount(results, least["effect"], least["mc_standard_error"], sign),
        share,
    )


def _named(results: Node, kind: Node) -> tuple[Item, Item]:
    """Return the heading under which a population stands, and its name there."""
    if kind["kind"].value == "all":
        return _EVERYBODY, t("everybody")
    if kind["kind"].value == "interaction":
        return _DIFFERENCES, population(results, kind["name"].value)
    return name(kind["factor"].value), name(kind["level"].value)


def _alternative(results: Node, rows: tuple[Row, ...], unit: Item, target: Item) -> Text:
    """Return the finding for everybody, then where power in the other populations is highest."""
    _, _, assumed, low, high, detectable, _ = rows[0]
    said: list[Item] = [
        t(
            "For everybody the assumed effect is {effect} and the expected interval goes from {low} to "
            "{high} {unit}; the smallest effect with {power} power is {detectable}.",
            effect=assumed,
            low=low,
            high=high,
            unit=unit,
            power=target,
            detectable=detectable,
        )
    ]
    best: dict[str, tuple[Node, Item]] = {}
    for kind, row in zip(results["scenario"]["populations"], rows, strict=True):
        before = best.setdefault(kind["kind"].value, (kind, row[6]))
        if (value(row[6]) or 0) > (value(before[1]) or 0):
            best[kind["kind"].value] = kind, row[6]
    found = {
        key: {"population": population(results, kind["name"].value), "power": share}
        for key, (kind, share) in best.items()
    }
    if "subgroup" in found:
        said.append(t("Among subgroups power is highest for {population}: {power}.", **found["subgroup"]))
    if "interaction" in found:
        said.append(
            t(
                "Among differences in effect power is highest for {population}: {power}.",
                **found["interaction"],
            )
        )
    return sentences(*said)


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw a line for each population under the heading of its group, power in words at the end."""
    look = LOOKS[size]
    places, headings, depth = _places(figure.data.rows, language)
    drawing = canvas(size, 1.0 + 0.2 * depth)
    axes = drawing.subplots()
    for y, row in places:
        _line(axes, y, row, language, look)
    axes.axvline(0, color=FAINT, linewidth=look.line / 2, zorder=0)
    ticks = sorted([*((y, capital(plain(row[1], language))) for y, row in places), *headings])
    axes.set_yticks([y for y, _ in ticks], [words for _, words in ticks])
    for tick, (y, _) in zip(axes.get_yticklabels(), ticks, strict=True):
        tick.set_fontweight("bold" if (y, tick.get_text()) in headings else "normal")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(depth - 0.4, -1.3)
    axes.grid(axis="x")
    format_axis(axes.xaxis, language)
    axes.set_xlabel(plain(figure.data.columns[2], language))
    _beside(axes, -1, plain(figure.data.columns[6], language), look)
    _key(drawing, figure, language)
    return drawing


def _places(
    rows: tuple[Row, ...], language: Language
) -> tuple[list[tuple[float, Row]], list[tuple[float, str]], float]:
    """Return how far down each row and each heading stands; the first row has none."""
    places, headings = [], []
    y, heading = 0.0, plain(rows[0][0], language)
    for row in rows:
        own = plain(row[0], language)
        if own != heading:
            heading = own
            headings.append((y + 0.2, capital(own)))
            y += 1.2
        places.append((y, row))
        y += 1
    return places, headings, y


def _line(axes: Axes, y: float, row: Row, language: Language, look: Look) -> None:
    """Draw the expected interval around the assumed effect, and the smallest effect that is detected."""
    group, _, effect, low, high, detectable, share = row
    colour = INK if group == _EVERYBODY else PURPLE.colour if group == _DIFFERENCES else BLUE.colour
    if value(low) is not None:
        axes.hlines(y, known(low), known(high), color=colour)
    axes.plot([known(effect)], [y], "s", color=colour, zorder=3)
    if value(detectable) is not None:
        error = margin(detectable)
        axes.hlines(y, known(detectable) - error, known(detectable) + error, color=VERMILLION.colour)
        axes.plot([known(detectable)], [y], "D", color=VERMILLION.colour, markerfacecolor="white", zorder=4)
    _beside(axes, y, plain(bare(share), language), look)


def _beside(axes: Axes, y: float, words: str, look: Look) -> None:
    note(axes, (1, y), words, look, (5, 0), xycoords=axes.get_yaxis_transform(), ha="right", va="center")


def _key(drawing: Drawing, figure: Figure, language: Language) -> None:
    from matplotlib.lines import Line2D

    interval, detectable = (plain(figure.marks[key], language) for key in ("interval", "detectable"))
    handles = [
        Line2D([], [], color=BLUE.colour, marker="s", label=capital(interval)),
        Line2D([], [], color=VERMILLION.colour, marker="D", linestyle="", label=capital(detectable)),
    ]
    handles[1].set_markerfacecolor("white")
    drawing.legend(handles=handles, loc="outside upper center", ncols=2)
