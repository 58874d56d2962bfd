"""Employment with IPS and on three paths without it, which the evaluation's figures cannot tell apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.figures.style import (
    BLUE,
    FAINT,
    GREEN,
    LOOKS,
    PURPLE,
    QUIET,
    VERMILLION,
    Look,
    Series,
    Size,
    by_first,
    canvas,
    end_label,
    format_axis,
    known,
    note,
    part,
)
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, plain, sentences, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

Row = tuple[Item, ...]
_TREATED, _PUBLISHED = t("With IPS"), t("Published level")
_PATHS = {
    "persist": t("Without IPS, if the level persists"),
    "revert": t("Without IPS, if the fall reverts"),
    "decline": t("Without IPS, if the fall goes on"),
}
_LOOKS = (BLUE, VERMILLION, GREEN, PURPLE)


def figure(results: Node) -> Figure:
    """Return the paths month by month, the published levels, and the gaps that are the effect."""
    found = results["identification"]
    month = found["follow_up_month"].count()
    first = found["paths"][0]
    rows = _path(_TREATED, found["months"], first["treated"])
    for path in found["paths"]:
        rows += _path(_PATHS[path["name"].value], found["months"], path["control"])
    for level in found["published_levels"]:
        rows.append((_PUBLISHED, level["month"].count(), "", level["low"].percent(), level["high"].percent()))
    columns = (t("Path"), t("Months since start"), t("Employed (%)"), t("From (%)"), t("To (%)"))
    marks: dict[str, Item] = {"month": month, "published": t("published levels,\nas ranges")}
    for path in found["paths"]:
        gap = path["effect_at_follow_up"].percent()
        words = t("effect at month {month}: {gap} percentage points", month=month, gap=gap)
        marks[path["name"].value] = words
    caption = sentences(
        t("Employment of at least 1 hour a week with IPS, and three assumed paths of employment without it."),
        t(
            "The effect at month {month} is the gap between the path with IPS and a path without. The "
            "evaluation followed only people with IPS, so its published levels fit all three.",
            month=month,
        ),
    )
    heading = t("Employment by month since start, in per cent, with published levels as ranges")
    data = Table("data-counterfactuals", heading, columns, tuple(rows))
    return Figure("counterfactuals", caption, _alternative(found), data, marks)


def _path(name: Item, months: Node, levels: Node) -> list[Row]:
    return [
        (name, month.count(), level.percent(), "", "") for month, level in zip(months, levels, strict=True)
    ]


def _alternative(found: Node) -> Text:
    said: list[Item] = [
        t(
            "With IPS {treated} are employed at month {month}.",
            treated=found["treated_at_follow_up"].share(),
            month=found["follow_up_month"].count(),
        )
    ]
    for path in found["paths"]:
        said.append(
            t(
                "{path}: {level} are employed, and the effect is {effect} percentage points.",
                path=_PATHS[path["name"].value],
                level=path["control_at_follow_up"].share(),
                effect=path["effect_at_follow_up"].percent(),
            )
        )
    return sentences(*said)


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw every path, each gap in its path's colour."""
    look = LOOKS[size]
    drawing = canvas(size, 3.6)
    axes = drawing.subplots()
    groups = by_first(figure.data.rows, language)
    published = groups.pop(plain(_PUBLISHED, language), [])
    _levels(axes, published, plain(figure.marks["published"], language), look)
    treated, *controls = ([(known(row[0]), known(row[1])) for row in rows] for rows in groups.values())
    gaps = [mark for key, mark in figure.marks.items() if key in _PATHS]
    words = [
        next(iter(groups)),
        *(f"{n}:\n{plain(g, language)}" for n, g in zip(list(groups)[1:], gaps, strict=True)),
    ]
    labels = []
    for path, own, text in zip((treated, *controls), _LOOKS, words, strict=True):
        axes.plot(*zip(*path, strict=True), color=own.colour, linestyle=own.dash)
        labels.append(end_label(axes, path[-1][1], text, look, own.words))
    month = known(figure.marks["month"])
    for i, (path, own) in enumerate(zip(controls, _LOOKS[1:], strict=True)):
        _gap(axes, month + 0.7 * (i - 1), (dict(treated)[month], dict(path)[month]), own, look)
    axes.axvline(0, color=FAINT, linewidth=look.line / 2, zorder=0)
    axes.set(xlabel=plain(figure.data.columns[1], language), ylabel=plain(figure.data.columns[2], language))
    axes.margins(x=0)
    axes.set_xlim(left=min(known(row[0]) for row in (*published, figure.data.rows[0][1:])) - 1)
    axes.grid(axis="y")
    for axis in (axes.xaxis, axes.yaxis):
        format_axis(axis, language)
    axes.set_xticks(range(-18, int(treated[-1][0]) + 1, 6))
    part(labels)
    return drawing


def _levels(axes: Axes, published: list[Row], words: str, look: Look) -> None:
    """Draw what the evaluation's text says of its figure."""
    for month, _, low, high in published:
        axes.vlines(known(month), known(low), known(high), color=FAINT, linewidth=3 * look.line, alpha=0.6)
    if published:
        first = min(published, key=lambda row: known(row[0]))
        note(axes, (known(first[0]), known(first[3])), words, look, (-0.3, 0.4), va="bottom", color=QUIET)


def _gap(axes: Axes, month: float, ends: tuple[float, float], own: Series, look: Look) -> None:
    """Join the path with IPS and one without, where the effect is read."""
    arrow = {"arrowstyle": "|-|,widthA=0.18,widthB=0.18", "color": own.colour, "linewidth": 0.7 * look.line}
    axes.annotate("", (month, ends[0]), (month, ends[1]), arrowprops={**arrow, "shrinkA": 0, "shrinkB": 0})
