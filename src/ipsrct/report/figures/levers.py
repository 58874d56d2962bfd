"""What each choice of the investigators would save in participants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.figures.style import (
    BAND,
    BLUE,
    LOOKS,
    QUIET,
    VERMILLION,
    Look,
    Size,
    canvas,
    format_axis,
    known,
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
_NAME, _ESTIMAND, _SAVED, _LOW, _HIGH, _NEEDED = range(6)
_ROW = {"report": 1.75, "slide": 1.45}
_AXIS, _RIGHT = 5.5, 5.0
"""Heights of a row and of the axis, and the width of the column to the right, in heights of small type."""


def figure(results: Node) -> Figure:
    """Return the participants that each lever saves, those that answer the same question first."""
    found = results["levers"]
    first, *others = found["levers"]
    rows = [
        _row(lever, words)
        for same, words in ((True, t("Same estimand")), (False, t("Another estimand")))
        for lever in others
        if lever["same_estimand"].value is same
    ]
    return Figure(
        "levers",
        t(
            "Participants that the trial would need less, for {power} power, if one thing were chosen "
            "otherwise; to the left of zero it needs more. Lines are 95% Monte Carlo intervals. Choices "
            "that change the estimand stand apart: they answer another question.",
            power=found["target_power"].share(0),
        ),
        _alternative(found, first, others),
        Table(
            "data-levers",
            t("Participants saved by each choice"),
            (
                t("Choice"),
                t("Estimand"),
                t("Participants saved"),
                t("Lower bound, 95% interval"),
                t("Upper bound, 95% interval"),
                t("Participants needed"),
            ),
            tuple(rows),
        ),
        {"needed": first["n_total"].count()},
    )


def _row(lever: Node, estimand: Text) -> Row:
    saved = [lever[f"saved_participants{end}"].count() for end in ("", "_low", "_high")]
    return (lever["lever"].quoted(), estimand, *saved, lever["n_total"].count())


def _alternative(found: Node, first: Node, others: Sequence[Node]) -> Text:
    parts: list[Item] = [
        t(
            "As planned, the trial needs {n} participants for {power} power.",
            n=first["n_total"].count(),
            power=found["target_power"].share(0),
        )
    ]
    sized = [lever for lever in others if lever["saved_participants"].value is not None]
    for same in (True, False):
        own = [lever for lever in sized if lever["same_estimand"].value is same]
        for lever in own[:1]:
            given: dict[str, Item] = {
                "lever": lever["lever"].quoted(),
                "saved": lever["saved_participants"].count(),
                "low": lever["saved_participants_low"].count(),
                "high": lever["saved_participants_high"].count(),
            }
            parts.append(
                t("With the same estimand, most is saved by: {lever}, {saved} ({low} to {high}).", **given)
                if same
                else t(
                    "With another estimand, most is saved by: {lever}, {saved} ({low} to {high}).", **given
                )
            )
    return sentences(*parts)


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw a line for each choice; where there are more than the height holds, those that change most."""
    look = LOOKS[size]
    row, axis = _ROW[size] * look.small / 72, _AXIS * look.small / 72
    n_headings = len({plain(line[_ESTIMAND], language) for line in figure.data.rows})
    rows = _largest(figure.data.rows, int((look.height - axis) / row) - n_headings)
    lines = _lines(rows)
    drawing = canvas(size, len(lines) * row + axis)
    axes = drawing.subplots()
    _column(axes, lines, language, look)
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.margins(x=0.06)
    axes.locator_params(axis="x", nbins=5)
    format_axis(axes.xaxis, language)
    words = language.translate("participants saved; below zero, more are needed")
    hidden = len(figure.data.rows) - len(rows)
    if hidden:
        left_out = t("choices that change less, not shown: {n}", n=language.number(hidden))
        words = f"{words}\n({plain(left_out, language)})"
    axes.set_xlabel(words)
    return drawing


def _largest(rows: Sequence[Row], most: int) -> list[Row]:
    """Return so many rows that save or cost most, in their order."""
    sizes = [abs(value(row[_SAVED]) or 0) for row in rows]
    chosen = sorted(range(len(rows)), key=lambda i: -sizes[i])[:most]
    return [rows[i] for i in sorted(chosen)]


def _lines(rows: Sequence[Row]) -> list[Item | Row]:
    """Return a heading for each estimand, followed by its choices."""
    lines: list[Item | Row] = []
    for row in rows:
        if row[_ESTIMAND] not in lines:
            lines.append(row[_ESTIMAND])
        lines.append(row)
    return lines


def _column(axes: Axes, lines: list[Item | Row], language: Language, look: Look) -> None:
    names = []
    for y, line in enumerate(lines):
        if isinstance(line, tuple):
            names.append(plain(line[_NAME], language))
            _lever(axes, y, line, min(0.07 * len(lines), 0.62), language, look)
        else:
            names.append(plain(line, language))
            _at_right(axes, y, language.translate("needed"), look, fontweight="bold")
    axes.set_yticks(range(len(lines)), names)
    axes.tick_params(axis="y", length=0)
    for line, label in zip(lines, axes.get_yticklabels(), strict=True):
        if not isinstance(line, tuple):
            label.set_fontweight("bold")
    axes.spines["left"].set_visible(False)
    axes.axvline(0, color=QUIET, linewidth=look.line / 2)


def _lever(axes: Axes, y: int, row: Row, height: float, language: Language, look: Look) -> None:
    """Draw what is saved, from zero, with its interval, and write at the right what is needed."""
    if value(row[_SAVED]) is None:
        note(axes, (0, y), language.translate("no size reaches the power"), look, (0.5, 0), va="center")
        return
    saved, low, high = (known(row[column]) for column in (_SAVED, _LOW, _HIGH))
    same = plain(row[_ESTIMAND], language) == language.translate("Same estimand")
    own = BLUE if same else VERMILLION
    axes.barh(y, saved, height=height, color=own.colour, alpha=BAND, linewidth=0)
    axes.errorbar(
        saved, y, xerr=[[saved - low], [high - saved]], fmt=own.marker, color=own.colour,
        markerfacecolor=own.colour if same else "white", markersize=0.45 * look.small,
        elinewidth=look.line, capsize=0.35 * look.small, capthick=look.line, zorder=3,
    )  # fmt: skip
    _at_right(axes, y, plain(row[_NEEDED], language), look)


def _at_right(axes: Axes, y: int, words: str, look: Look, **text: str) -> None:
    across = {"xycoords": axes.get_yaxis_transform(), "ha": "right", "va": "center"}
    note(axes, (1, y), words, look, (_RIGHT, 0), **across, **text)
