"""Power by size, for everybody and in every subgroup; or by whatever else a grid varies."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from ipsrct._language import Language
from ipsrct.display import coordinates
from ipsrct.report.content.words import estimator, name, population
from ipsrct.report.figures.style import (
    BAND,
    FAINT,
    INK,
    LOOKS,
    QUIET,
    Look,
    Series,
    Size,
    by_first,
    canvas,
    capital,
    end_label,
    format_axis,
    known,
    margin,
    note,
    part,
    series,
    value,
)
from ipsrct.report.figures.targets import draw_targets, target_marks, targets
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Number, Text, plain, sentences, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.text import Annotation

SIZE = "design.n_participants"
Row = tuple[Item, ...]


def figure(results: Node) -> Figure:
    """Return power of the first analysis at every point of the curve, a panel for each set of subgroups.

    With several lists in the grid there is a panel for each setting of all but the last instead.
    """
    label = results["scenario"]["estimators"][0]["label"].value
    points = results["curve"]["points"].rows(estimator=label)
    axis = list(points[0]["at"].value)[-1]
    several = len(points[0]["at"]) > 1
    kinds = {row["name"].value: row for row in results["scenario"]["populations"]}
    groups = [p for p in points if kinds[p["population"].value]["kind"].value != "interaction"]
    first = t("Setting") if several else t("Subgroups by")
    columns = (first, t("Group"), _axis_name(axis), t("Power (%)"))
    rows = tuple(_row(results, point, kinds[point["population"].value], axis) for point in groups)
    marks = _marks(results, label) if axis == SIZE and not several else {}
    caption = sentences(
        t("Power of the first analysis, {analysis}.", analysis=estimator(label)),
        t("Participants are those of the whole trial, also where a line is a subgroup's.")
        if axis == SIZE
        else t("Everything else is as in the scenario."),
        t("The grey line repeats everybody; bands are 95% Monte Carlo intervals."),
    )
    data = Table(
        "data-power-curve", t("Power by point and group, with Monte Carlo standard errors"), columns, rows
    )
    return Figure("power_curve", caption, _alternative(results, groups, axis, marks), data, marks)


def _axis_name(axis: str) -> Item:
    return t("Participants") if axis == SIZE else name(axis.split(".")[-1])


def _row(results: Node, point: Node, kind: Node, axis: str) -> Row:
    others = [key for key in point["at"].value if key != axis]
    everybody = kind["kind"].value == "all"
    group: Item = t("everybody") if everybody else name(kind["level"].value)
    panel: Item = group if everybody else name(kind["factor"].value)
    if others:
        group = population(results, kind["name"].value)
        panel = Joined(tuple(Joined((_axis_name(key), _place(point["at"][key])), " = ") for key in others))
    return panel, group, _place(point["at"][axis]), point["power"].percent(1, point["mc_standard_error"])


def _place(node: Node) -> Item:
    """Return a coordinate as the grid has it."""
    if isinstance(node.value, (dict, list)):
        return coordinates({"": node.value}).removeprefix(" = ")
    return node.as_written()


def _marks(results: Node, label: str) -> dict[str, Item]:
    """Return the planned size and the size for each target, where they are known."""
    marks: dict[str, Item] = {}
    planned = results["scenario"]["n_participants"].count()
    if planned.value is not None:
        marks["planned"] = t("{n} planned", n=planned)
    if "sizing" in results:
        answers = results["sizing"]["answers"].rows(estimator=label, population="all")
        marks |= target_marks([row for row in answers if row["method"].value != "formula"], "target_power")
    return marks


def _alternative(results: Node, points: list[Node], axis: str, marks: dict[str, Item]) -> Text:
    own = [p for p in points if p["population"].value == "all"]
    ends: dict[str, Item] = {
        "first": own[0]["power"].share(1, own[0]["mc_standard_error"]),
        "last": own[-1]["power"].share(1, own[-1]["mc_standard_error"]),
        "low": _place(own[0]["at"][axis]),
        "high": _place(own[-1]["at"][axis]),
    }
    if axis == SIZE:
        sentence = t("For everybody power is {first} with {low} participants and {last} with {high}.", **ends)
    else:
        ends["axis"] = _axis_name(axis)
        sentence = t(
            "For everybody power is {first} where {axis} is {low}, {last} where it is {high}.", **ends
        )
    said: list[Item] = [sentence]
    said += [t("Marked: {mark}.", mark=mark) for mark in marks.values()]
    planned = results["scenario"]["n_participants"].value
    inside = [p for p in points if p["population"].value != "all" and p["at"].value == {SIZE: planned}]
    if inside:
        ordered = sorted(inside, key=lambda p: float(p["power"].value))
        said.append(
            t(
                "With the planned number of participants power in subgroups goes from {low} ({weakest}) "
                "to {high} ({strongest}).",
                low=ordered[0]["power"].share(1, ordered[0]["mc_standard_error"]),
                weakest=population(results, ordered[0]["population"].value),
                high=ordered[-1]["power"].share(1, ordered[-1]["mc_standard_error"]),
                strongest=population(results, ordered[-1]["population"].value),
            )
        )
    return sentences(*said)


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw a panel for each set of lines, everybody in black; grey where a panel is not about everybody."""
    look = LOOKS[size]
    panels = by_first(figure.data.rows, language)
    n_columns = min(len(panels), 2)
    n_rows = -(-len(panels) // n_columns)
    drawing = canvas(size, 3.2 if n_rows == 1 else 2.2 * n_rows)
    grid = drawing.subplots(n_rows, n_columns, sharex=True, sharey=True, squeeze=False).ravel()
    everybody, first = next(iter(by_first(next(iter(panels.values())), language).items()))
    labels = []
    for axes, (title, rows) in zip(grid, panels.items(), strict=False):
        lines = by_first(rows, language)
        if everybody not in lines:
            axes.plot([_x(row[0], language) for row in first], [value(row[1]) for row in first], color=FAINT)
        looks = map(series, count())
        own = {g: Series(INK, INK, "-", "o") if g == everybody else next(looks) for g in lines}
        for group, points in lines.items():
            _line(axes, points, own[group], language, look)
        ends = {group: value(points[-1][1]) or 0.0 for group, points in lines.items()}
        labels.append([end_label(axes, ends[g], g, look, own[g].words) for g in lines if len(lines) > 1])
        axes.set_title(capital(title) if len(panels) > 1 else "")
    _finish(drawing, figure, language, len(panels), n_columns)
    ticks = grid[len(panels) - 1] if isinstance(figure.data.rows[0][2], Number) else None
    part(*labels, _mark(drawing, figure, language, look), ticks=ticks)
    return drawing


def _x(item: Item, language: Language) -> Any:
    return value(item) if isinstance(item, Number) else plain(item, language)


def _line(axes: Axes, points: list[Row], own: Series, language: Language, look: Look) -> None:
    x, y = [_x(row[0], language) for row in points], [value(row[1]) or 0.0 for row in points]
    error = [margin(row[1]) for row in points]
    low, high = ([h + sign * e for h, e in zip(y, error, strict=True)] for sign in (-1, 1))
    axes.fill_between(x, low, high, color=own.colour, alpha=BAND, linewidth=0)
    axes.plot(x, y, color=own.colour, linestyle=own.dash)
    axes.scatter(x, y, s=2.5 * look.line**2, color=own.colour, clip_on=False, zorder=3)


def _finish(drawing: Drawing, figure: Figure, language: Language, n_panels: int, n_columns: int) -> None:
    """Write what the axes show, and take away the places without a panel."""
    numbers = isinstance(figure.data.rows[0][2], Number)
    for axes in drawing.axes[n_panels:]:
        axes.remove()
    for i, axes in enumerate(drawing.axes):
        axes.set(ylim=(0, 100), yticks=range(0, 101, 20))
        axes.grid(axis="y")
        format_axis(axes.yaxis, language)
        if numbers:
            format_axis(axes.xaxis, language)
        axes.tick_params(labelbottom=i + n_columns >= n_panels)
        axes.margins(x=0)
    drawing.supxlabel(capital(plain(figure.data.columns[2], language)), fontsize="medium")
    drawing.supylabel(plain(figure.data.columns[3], language), fontsize="medium")


def _mark(drawing: Drawing, figure: Figure, language: Language, look: Look) -> list[Annotation]:
    """Draw the targets in every panel; the planned size, and that for each target, in the first."""
    first, thin = drawing.axes[0], look.line / 2
    for mark in targets(figure.marks):
        for axes in drawing.axes:
            axes.axhline(known(mark.values["target"]), color=FAINT, linewidth=thin, zorder=1)
    planned = figure.marks.get("planned")
    if isinstance(planned, Text):
        n = known(planned.values["n"])
        first.axvline(n, color=QUIET, linewidth=thin, linestyle=(0, (2, 2)))
        note(first, (n, 0), plain(planned, language), look, (0.4, 0.5), va="bottom")
    return draw_targets(first, figure.marks, language, look)
