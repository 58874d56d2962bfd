"""The probability of success by size, averaged over what the effect may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.content.words import effect
from ipsrct.report.figures.style import (
    BAND,
    BLUE,
    LOOKS,
    VERMILLION,
    Look,
    Size,
    canvas,
    capital,
    format_axis,
    known,
    log_axis,
    margin,
    note,
    part,
)
from ipsrct.report.figures.targets import draw_targets, target_marks
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, plain, sentences, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.text import Annotation


def figure(results: Node) -> Figure:
    """Return assurance by size, at the planned size, its ceiling, and the sizes for its targets."""
    found = results["assurance"]
    columns = (t("Participants"), t("Assurance (%)"))
    rows = tuple(
        (point[0].count(), point[1].percent(1, error))
        for point, error in zip(found["curve"], found["curve_mc_standard_error"], strict=True)
    )
    planned = found["assurance"].share(1, found["mc_standard_error"])
    marks: dict[str, Item] = {
        "planned": t("{n} planned: {assurance}", n=found["n_total"].count(), assurance=planned),
        "ceiling": t("ceiling: {ceiling}", ceiling=found["ceiling"].share()),
        **target_marks(found["answers"], "target"),
    }
    caption = sentences(
        t(
            "Assurance by number of participants: power averaged over the prior of the effect, whose mean is "
            "{mean}.",
            mean=effect(results["scenario"], found["prior_mean"]),
        ),
        t(
            "No size gets beyond the ceiling: the prior probability of an effect above zero, and of a false "
            "positive where there is none. The band is a 95% Monte Carlo interval."
        ),
    )
    data = Table("data-assurance", t("Assurance by number of participants"), columns, rows)
    return Figure("assurance", caption, _alternative(found, marks), data, marks)


def _alternative(found: Node, marks: dict[str, Item]) -> Text:
    said: list[Item] = [
        t(
            "With the {n} participants that are planned the assurance is {assurance}; with any number it "
            "is at most {ceiling}.",
            n=found["n_total"].count(),
            assurance=found["assurance"].share(1, found["mc_standard_error"]),
            ceiling=found["ceiling"].share(),
        )
    ]
    said += [t("Marked: {mark}.", mark=mark) for key, mark in marks.items() if key.startswith("size")]
    return sentences(*said)


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw the curve over sizes on a logarithmic axis."""
    look = LOOKS[size]
    drawing = canvas(size, 3.4)
    axes = drawing.subplots()
    n, height = ([known(row[i]) for row in figure.data.rows] for i in (0, 1))
    error = [margin(row[1]) for row in figure.data.rows]
    low, high = ([h + sign * e for h, e in zip(height, error, strict=True)] for sign in (-1, 1))
    axes.fill_between(n, low, high, color=BLUE.colour, alpha=2 * BAND, linewidth=0)
    axes.plot(n, height, color=BLUE.colour)
    log_axis(axes, language, n[0], n[-1], most=7)
    axes.set(ylim=(0, 100), yticks=range(0, 101, 20))
    axes.set_xlabel(capital(plain(figure.data.columns[0], language)))
    axes.set_ylabel(plain(figure.data.columns[1], language))
    axes.grid(axis="y")
    format_axis(axes.yaxis, language)
    ceiling = _mark(axes, figure, language, look)
    part([*draw_targets(axes, figure.marks, language, look, above=True), ceiling])
    return drawing


def _mark(axes: Axes, figure: Figure, language: Language, look: Look) -> Annotation:
    """Return the ceiling's words, having drawn it and the planned size below the curve."""
    ceiling, planned = figure.marks["ceiling"], figure.marks["planned"]
    assert isinstance(ceiling, Text)
    assert isinstance(planned, Text)
    height = known(ceiling.values["ceiling"])
    axes.axhline(height, color=VERMILLION.colour, linestyle=VERMILLION.dash, linewidth=0.8 * look.line)
    side = -1 if height > 90 else 1
    vertical = "top" if side < 0 else "bottom"
    place = (axes.get_xlim()[0], height)
    words = capital(plain(ceiling, language))
    written = note(axes, place, words, look, (0.4, 0.4 * side), va=vertical, color=VERMILLION.words)
    place = (known(planned.values["n"]), known(planned.values["assurance"]))
    axes.plot(*place, "o", color=BLUE.colour, markeredgecolor="white", zorder=5)
    words = plain(planned, language)
    note(axes, place, words, look, (0.6, -0.4), va="top", color=BLUE.words)
    return written
