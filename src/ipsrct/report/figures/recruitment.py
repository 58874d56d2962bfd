"""When participants are there, when the register is complete, and whether IPS has places meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsrct._language import Language
from ipsrct.report.figures.style import (
    BLUE,
    INK,
    LOOKS,
    QUIET,
    Look,
    Size,
    canvas,
    format_axis,
    known,
)
from ipsrct.report.model import Figure, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Month, Text, plain, sentences, t

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_QUANTILES = 5
_MILESTONES = ("n_reached", "register_complete")
_STEPS = (3, 6, 12, 24, 36, 60)
_SECOND, _TOP = 1.28, 1.54
"""Heights of the second milestone and of the axes, in planned numbers."""


def figure(results: Node) -> Figure:
    """Return participants and people per specialist by month as fans, and when the trial is done."""
    run = results["recruitment"]
    never = run["milestones"].row(name="n_reached")["not_reached"]
    mostly_reached = never.value < 0.5
    marks: dict[str, Item] = {
        "planned": run["n_participants"].count(),
        "opens": run["opens"].month(),
        "target": run["caseload_target"].decimal(0),
        "limit": run["caseload_limit"].decimal(0),
    }
    if not mostly_reached:
        marks["never"] = t("not reached in {share} of the simulated trials", share=never.share(1))
    else:
        for name in _MILESTONES:
            milestone = run["milestones"].row(name=name)
            marks |= {f"{name}_{q}": milestone[q]["value"].decimal(1) for q in ("q10", "median", "q90")}
            marks[name] = _label(name, milestone)
    return Figure(
        "recruitment",
        _caption(never),
        _alternative(run, mostly_reached),
        _data(run),
        marks,
    )


def _label(name: str, milestone: Node) -> Text:
    months = {key: month.month() for key, month in milestone["calendar"].items()}
    if name == "n_reached":
        return t("Planned number reached: {median}\n80% of trials: {q10} to {q90}", **months)
    return t("Register complete: {median}\n80% of trials: {q10} to {q90}", **months)


def _caption(never: Node) -> Text:
    caption = t(
        "Participants by month since opening, and below them people in IPS per employment specialist: "
        "median, and the bands that hold the middle 50% and 80% of simulated trials. The bands show the "
        "uncertainty from chance and from differences between counties and services; consent and starts are "
        "held at what is assumed."
    )
    if not never.value:
        return caption
    share = never.share(1)
    note = t(
        "{share} of the simulated trials never reach the planned number; months are those of the others.",
        share=share,
    )
    return sentences(caption, note)


def _alternative(run: Node, mostly_reached: bool) -> Text:
    first = run["milestones"].row(name="n_reached")
    n = run["n_participants"].count()
    if not mostly_reached:
        return t(
            "The planned {n} participants are not reached in {share} of the simulated trials.",
            n=n,
            share=first["not_reached"].share(1),
        )
    register = run["milestones"].row(name="register_complete")
    return t(
        "The planned {n} participants are reached in {month} in the median simulated trial, {months} months "
        "after opening; in 80% of trials between {first} and {last}. The register is complete in {register}. "
        "When the planned number is reached there are {caseload} people per employment specialist; "
        "the target is {target} and the limit {limit}.",
        n=n,
        month=first["calendar"]["median"].month(),
        months=_with_error(first["median"]),
        first=first["calendar"]["q10"].month(),
        last=first["calendar"]["q90"].month(),
        register=register["calendar"]["median"].month(),
        caseload=_with_error(run["caseload"]),
        target=run["caseload_target"].decimal(0),
        limit=run["caseload_limit"].decimal(0),
    )


def _with_error(found: Node) -> Item:
    return found["value"].decimal(1, found["mc_standard_error"])


def _data(run: Node) -> Table:
    """Return a row for each month, until all but a tenth of the simulated trials are done."""
    months: dict[int, dict[str, list[Node]]] = {}
    for row in run["calendar"]:
        series = months.setdefault(row["month"].value, {"participants": [], "caseload": []})
        series[row["series"].value].append(row)
    shown, rows = run["n_participants"].value, []
    for series in months.values():
        first = series["participants"][0]
        people = [row["value"].decimal(0) for row in series["participants"]]
        caseload = [row["value"].decimal(1) for row in series["caseload"]]
        rows.append((first["calendar_month"].month(), first["month"].count(), *people, *caseload))
        if first["value"].value >= shown:
            break
    levels = [row["quantile"].share(0) for row in next(iter(months.values()))["participants"]]
    return Table(
        "data-recruitment",
        t("Participants and people per employment specialist by month, over the simulated trials"),
        (
            t("Month"),
            t("Months since opening"),
            *(t("Participants, {level} quantile", level=level) for level in levels),
            *(t("People per specialist, {level} quantile", level=level) for level in levels),
        ),
        tuple(rows),
    )


def draw(figure: Figure, language: Language, size: Size) -> Drawing:
    """Draw participants above, people per specialist below, on one calendar."""
    look = LOOKS[size]
    drawing = canvas(size, 4.9)
    top, bottom = drawing.subplots(2, 1, sharex=True, height_ratios=[3, 1.6])
    for axes, column in ((top, 2), (bottom, 2 + _QUANTILES)):
        _fan(axes, figure, column, language)
        axes.grid(axis="y")
        format_axis(axes.yaxis, language)
    _planned(top, figure, language, look)
    _milestones(top, figure, language, look)
    _limits(bottom, figure, language, look)
    top.set_xlim(0, 1.03 * _last(figure))
    _calendar(bottom, figure, language, look)
    top.set_title(language.translate("Participants"))
    bottom.set_title(language.translate("People in IPS per employment specialist"))
    return drawing


def _last(figure: Figure) -> float:
    """Return the last month that is drawn."""
    ends = [item for name, item in figure.marks.items() if name.endswith("_q90")]
    return max(known(item) for item in (figure.data.rows[-1][1], *ends))


def _fan(axes: Axes, figure: Figure, column: int, language: Language) -> None:
    months = [known(row[1]) for row in figure.data.rows]
    q10, q25, median, q75, q90 = (
        [known(row[column + i]) for row in figure.data.rows] for i in range(_QUANTILES)
    )
    words = (t("80% of trials"), t("50% of trials"), t("median"))
    wide, narrow, middle = (plain(text, language) for text in words)
    axes.fill_between(months, q10, q90, color=BLUE.colour, alpha=0.18, linewidth=0, label=wide)
    axes.fill_between(months, q25, q75, color=BLUE.colour, alpha=0.34, linewidth=0, label=narrow)
    axes.plot(months, median, color=BLUE.colour, label=middle)


def _planned(axes: Axes, figure: Figure, language: Language, look: Look) -> None:
    """Draw the planned number, and the key where the fan is not."""
    n = known(figure.marks["planned"])
    early = 0.3 * _last(figure)
    right = any(known(row[1]) < early and known(row[6]) > n / 2 for row in figure.data.rows)
    axes.axhline(n, color=QUIET, linewidth=look.line / 2, linestyle=(0, (4, 3)), zorder=1)
    axes.annotate(
        plain(t("planned: {n}", n=figure.marks["planned"]), language), (1 if right else 0, n),
        (0 if right else 0.5 * look.small, -0.5 * look.small), xycoords=axes.get_yaxis_transform(),
        textcoords="offset points", fontsize=look.small, va="top", ha="right" if right else "left",
    )  # fmt: skip
    axes.legend(
        loc="lower right" if right else "upper left", bbox_to_anchor=(1 if right else 0, 0.57 * (not right))
    )
    axes.set_ylim(0, n)
    axes.set_yticks([tick for tick in axes.get_yticks() if 0 <= tick <= n])
    axes.spines["left"].set_bounds(0, n)
    axes.set_ylim(0, (1.15 if "never" in figure.marks else _TOP) * n)


def _milestones(axes: Axes, figure: Figure, language: Language, look: Look) -> None:
    """Mark when the planned number is reached, and above it when the register is complete."""
    n = known(figure.marks["planned"])
    if "never" in figure.marks:
        axes.annotate(
            plain(figure.marks["never"], language), (1, n), (0, 0.5 * look.small), ha="right",
            xycoords=axes.get_yaxis_transform(), textcoords="offset points", fontsize=look.small,
        )  # fmt: skip
        return
    for name, marker, height in zip(_MILESTONES, "os", (n, _SECOND * n), strict=True):
        q10, median, q90 = (known(figure.marks[f"{name}_{q}"]) for q in ("q10", "median", "q90"))
        axes.errorbar(
            median, height, xerr=[[median - q10], [q90 - median]], fmt=marker, color=INK,
            elinewidth=look.line, capsize=0.3 * look.small, zorder=4,
        )  # fmt: skip
        right = median > _last(figure) / 2
        axes.annotate(
            plain(figure.marks[name], language), (q90 if right else q10, height), (0, 0.6 * look.small),
            textcoords="offset points", fontsize=look.small, va="bottom", linespacing=1.15,
            ha="right" if right else "left",
        )  # fmt: skip


def _limits(axes: Axes, figure: Figure, language: Language, look: Look) -> None:
    """Draw the caseload that is meant and the one that no county exceeds."""
    target, limit = figure.marks["target"], figure.marks["limit"]
    words = (t("target {number}", number=target), t("limit {number}", number=limit))
    for item, text, dash in zip((target, limit), words, ((0, (4, 3)), (0, (1, 1.5))), strict=True):
        height = known(item)
        axes.axhline(height, color=QUIET, linewidth=look.line / 2, linestyle=dash, zorder=1)
        axes.annotate(
            plain(text, language), (1, height), (0, 0.25 * look.small),
            xycoords=axes.get_yaxis_transform(), textcoords="offset points",
            fontsize=look.small, ha="right", va="bottom",
        )  # fmt: skip
    axes.set_ylim(0, 1.2 * known(limit))
    axes.locator_params(axis="y", nbins=5)


def _calendar(axes: Axes, figure: Figure, language: Language, look: Look) -> None:
    """Write the first day of every so many months, so few that they do not touch."""
    opens = figure.marks["opens"]
    assert isinstance(opens, Month)
    axes.tick_params(axis="x", pad=0.6 * look.small)
    last = _last(figure)
    step = next((s for s in _STEPS if last / s <= 8), _STEPS[-1])
    ticks = list(range(0, int(last) + 1, step))
    axes.set_xticks(ticks, [language.month(_later(opens.value, k)).replace(" ", "\n") for k in ticks])


def _later(month: str, by: int) -> str:
    years, index = divmod(int(month[5:]) - 1 + by, 12)
    return f"{int(month[:4]) + years}-{index + 1:02d}"
