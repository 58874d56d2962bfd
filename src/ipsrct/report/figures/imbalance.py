"""How far the arms will differ in size as recruitment goes on, overall, by factor and in a service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.report.content.words import name
from ipsrct.report.figures.style import (
    BAND,
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
    part,
    series,
)
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, plain, sentences, t
from ipsrct.trial import SERVICE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing
    from matplotlib.text import Annotation

Row = tuple[Item, ...]
_LEVEL, _STRATIFIED, _POSITION, _MEAN, _Q95 = range(5)
_ROW, _COURSE = 1.5, 2.9
"""Height of a row, in heights of small type, and of the course of recruitment, in inches."""


def figure(results: Node) -> Figure:
    """Return the expected difference between the arms at every tenth of recruitment and at its end.

    Raises
    ------
    NotAvailableError
        If only the keepers of the allocation list may see it.
    """
    diagnostics = results["plan"]["diagnostics"]
    means = [row for row in diagnostics.rows(measure="imbalance_mean") if row["where"].value != "stratum"]
    if all(row["where"].value != "overall" for row in means):
        raise NotAvailableError(
            Message("the imbalance of a single allocation list would give away what restricts it")
        )
    means.sort(key=lambda row: (_order(row["where"].value), row["position"].value))
    largest = {row["where"].value: row for row in diagnostics.rows(measure="imbalance_q95")}
    factors = results["scenario"]["randomisation"]["factors"].value
    last = max(row["position"].value for row in means)
    rows = [
        _row(row, factors, largest[row["where"].value] if row["position"].value == last else None)
        for row in means
    ]
    return Figure(
        "imbalance",
        t(
            "Expected difference between the arms, in participants: twice the largest distance of an arm "
            "from its planned share, which with two equal arms is the difference of their sizes. First the "
            "mean over simulated trials as recruitment goes on, one line for each level of a factor, with "
            "its 95% Monte Carlo interval. Then, after the last participant, the mean and what 95% of trials "
            "do not exceed. Filled points and solid lines: the randomisation is stratified by the factor."
        ),
        _alternative([row for row in means if row["position"].value == last], largest),
        Table(
            "data-imbalance",
            t("Difference between the arms, participants"),
            (
                t("Among"),
                t("Level"),
                t("Stratified by it"),
                t("Participants recruited"),
                t("Mean difference (MCSE)"),
                t("95% quantile (MCSE)"),
            ),
            tuple(rows),
        ),
    )


def _order(where: str) -> int:
    return {"overall": 0, SERVICE: 2}.get(where, 1)


def _row(row: Node, factors: list[str], largest: Node | None) -> Row:
    factor, _, level = row["where"].value.partition(":")
    return (
        _among(factor),
        name(level),
        t("yes") if factor in factors else t("no"),
        row["position"].count(),
        row["value"].decimal(2, row["mc_standard_error"]),
        "" if largest is None else largest["value"].decimal(0, largest["mc_standard_error"]),
    )


def _among(factor: str) -> Item:
    if factor == "overall":
        return t("all participants")
    return t("a service, in the mean") if factor == SERVICE else name(factor)


def _place(where: str) -> Item:
    factor, _, level = where.partition(":")
    return t("{factor}: {level}", factor=name(factor), level=name(level)) if level else _among(factor)


def _alternative(ends: list[Node], largest: dict[str, Node]) -> Text:
    worst = max(ends, key=lambda row: row["value"].value)
    shown = list({row["where"].value: row for row in (ends[0], worst)}.values())
    return sentences(
        *(
            t(
                "After the last participant the arms differ by {mean} participants in the mean, and by at "
                "most {q95} in 95% of trials, among: {place}.",
                mean=row["value"].decimal(1, row["mc_standard_error"]),
                q95=largest[row["where"].value]["value"].count(),
                place=_place(row["where"].value),
            )
            for row in shown
        )
    )


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw the course of recruitment and its end, below it, or beside it where there are many levels."""
    look = LOOKS[size]
    groups = by_first(figure.data.rows, language)
    looks = {among: _look(i, rows, language) for i, (among, rows) in enumerate(groups.items())}
    ends = [(among, row) for among, rows in groups.items() for row in rows if row[_Q95] != ""]
    below = (len(ends) * _ROW + 6) * look.small / 72
    above = min(_COURSE, look.height - below)
    beside = above < 0.8 * _COURSE
    drawing = canvas(size, above + below)
    if beside:
        course, end = drawing.subplots(1, 2, width_ratios=[1.15, 1])
    else:
        course, end = drawing.subplots(2, 1, height_ratios=[above, below])
    labels = _course(course, groups, looks, language, look)
    _ends(end, ends, looks, language, look)
    end.set_title(language.translate("After the last participant"), loc="right" if beside else "left")
    part(labels)
    return drawing


def _look(i: int, rows: list[Row], language: Language) -> Series:
    """Return the look of a factor: solid and filled where the randomisation is stratified by it."""
    if i == 0:
        return Series(INK, INK, "-", "o")
    stratified = plain(rows[0][_STRATIFIED], language) == language.translate("yes")
    return series(i - 1)._replace(dash="-" if stratified else (0, (5, 2)), marker="o" if stratified else "s")


def _course(
    axes: Axes, groups: dict[str, list[Row]], looks: dict[str, Series], language: Language, look: Look
) -> list[Annotation]:
    """Draw a line for each level, in the colour of its factor."""
    labels = []
    for among, rows in groups.items():
        own, heights = looks[among], []
        for level in by_first([tuple(row) for row in rows], language).values():
            positions = [known(row[_POSITION - 1]) for row in level]
            means = [known(row[_MEAN - 1]) for row in level]
            margins = [margin(row[_MEAN - 1]) for row in level]
            axes.plot(positions, means, color=own.colour, linestyle=own.dash)
            axes.fill_between(
                positions,
                [m - e for m, e in zip(means, margins, strict=True)],
                [m + e for m, e in zip(means, margins, strict=True)],
                color=own.colour, alpha=BAND, linewidth=0,
            )  # fmt: skip
            heights.append(means[-1])
        labels.append(end_label(axes, sum(heights) / len(heights), among, look, own.words))
    axes.set_xlim(0, positions[-1])
    axes.set_ylim(bottom=0)
    axes.grid(axis="y")
    axes.locator_params(axis="both", nbins=5)
    format_axis(axes.xaxis, language)
    format_axis(axes.yaxis, language)
    axes.set_title(language.translate("Mean difference between the arms"))
    axes.set_xlabel(language.translate("participants recruited"))
    return labels


def _ends(
    axes: Axes, ends: list[tuple[str, Row]], looks: dict[str, Series], language: Language, look: Look
) -> None:
    """Draw mean and 95 % quantile of each level after the last participant."""
    names = []
    for y, (among, row) in enumerate(ends):
        own, mean, q95 = looks[among], known(row[_MEAN]), known(row[_Q95])
        level = plain(row[_LEVEL], language)
        names.append(f"{among}: {level}" if level else among)
        axes.plot([mean, q95], [y, y], color=own.colour, linewidth=look.line / 2)
        axes.errorbar(
            mean, y, xerr=margin(row[_MEAN]), fmt=own.marker, color=own.colour, elinewidth=look.line,
            markerfacecolor=own.colour if own.dash == "-" else "white",
        )  # fmt: skip
        axes.errorbar(
            q95, y, xerr=margin(row[_Q95]), fmt="|", color=own.colour, elinewidth=look.line,
            markersize=look.small, markeredgewidth=look.line,
        )  # fmt: skip
    axes.set_yticks(range(len(ends)), [capital(words) for words in names])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(len(ends) - 0.4, -0.6)
    axes.set_xlim(0, max(axes.get_xlim()[1], 1))
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x")
    format_axis(axes.xaxis, language)
    axes.locator_params(axis="x", nbins=6)
    axes.set_xlabel(language.translate("participants: mean (point) and 95% quantile (tick)"), loc="right")
    axes.axvline(0, color=QUIET, linewidth=look.line / 2)
