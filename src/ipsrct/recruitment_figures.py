"""Figures of recruitment and cost. They compute nothing."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from ipsrct._figures import STYLES, new_figure, plain
from ipsrct._frontier import Frontier
from ipsrct.recruiting import BANDS, RecruitmentRun

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BLUE, _ORANGE = "#0072B2", "#D55E00"


def recruitment_figure(run: RecruitmentRun) -> Figure:
    """Return participants and caseload by month as fans: 50 and 80 per cent of the simulated trials."""
    figure = new_figure(8, 6.4)
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    calendar = run.calendar()
    for axes, series in ((top, "participants"), (bottom, "caseload")):
        wide = calendar[calendar["series"] == series].pivot(index="month", columns="quantile", values="value")
        _fan(axes, wide.index.tolist(), [wide[q].tolist() for q in BANDS], start=0 if axes is top else None)
        plain(axes)
    n = run.scenario.design.n_participants
    top.axhline(n, color="#222222", linewidth=0.8, linestyle=":")
    last = calendar["month"].max()
    top.text(last, n, f"{n:,}", va="bottom", ha="right", fontsize=9)
    first = run.milestones[0]
    if not math.isnan(first.median.value):
        top.axvline(first.median.value, color=_ORANGE, linewidth=1.2, linestyle="--")
        when = f"  month {math.ceil(first.median.value)}, {run.plan.calendar(math.ceil(first.median.value))} "
        top.text(first.median.value, 0.04 * n, when, color=_ORANGE, fontsize=9, ha="right")
    for value, words in ((run.plan.caseload.value, "target"), (run.plan.caseload_limit.value, "limit")):
        bottom.axhline(value, color="#222222", linewidth=0.8, linestyle=":")
        bottom.text(last, value, f"{words} {value:g}", va="bottom", ha="right", fontsize=9)
    top.set(ylabel="participants", ylim=(0, 1.1 * n))
    bottom.set(
        ylabel="people per specialist", xlabel=f"months from opening, {run.plan.calendar(1)}", xlim=(0, last)
    )
    bottom.set_ylim(0, 1.15 * run.plan.caseload_limit.value)
    top.legend(loc="upper left", bbox_to_anchor=(0, 0.9), frameon=False, fontsize=9)
    return figure


def _fan(axes: Axes, months: list[int], quantiles: list[list[float]], start: float | None) -> None:
    if start is not None:
        months, quantiles = [0, *months], [[start, *values] for values in quantiles]
    q10, q25, median, q75, q90 = quantiles
    axes.fill_between(months, q10, q90, color=_BLUE, alpha=0.2, linewidth=0, label="80 % of trials")
    axes.fill_between(months, q25, q75, color=_BLUE, alpha=0.35, linewidth=0, label="50 % of trials")
    axes.plot(months, median, color=_BLUE, linewidth=1.8, label="median")


def frontier_figure(run: Frontier) -> Figure:
    """Return cost by months, a colour for each power; designs that others beat are hollow."""
    figure = new_figure(8, 5)
    axes = figure.subplots()
    powers = sorted({design.power for design in run.designs})
    for power, (colour, _), marker in zip(powers, STYLES, "os^DvPX*", strict=False):
        own = [d for d in run.designs if d.power == power]
        for efficient, face in ((False, "none"), (True, colour)):
            chosen = [d for d in own if d.is_efficient == efficient]
            axes.scatter(
                [d.months for d in chosen], [d.cost / 1e6 for d in chosen], s=70 if efficient else 22,
                marker=marker, facecolors=face, edgecolors=colour, linewidths=0.8,
                zorder=3 if efficient else 2,
                label=f"{power:.0%}" if efficient else None,
            )  # fmt: skip
    for design in (d for d in run.designs if d.is_efficient):
        axes.annotate(
            f"{design.n_total:,}", (design.months, design.cost / 1e6), fontsize=8, ha="center",
            textcoords="offset points", xytext=(0, -16), zorder=4,
        )  # fmt: skip
    plain(axes)
    axes.set_ylim(0, None)
    axes.set_xscale("log")
    ticks = [m for m in (24, 36, 48, 60, 84, 120, 180) if m <= 1.1 * max(d.months for d in run.designs)]
    axes.set_xticks(ticks, [str(m) for m in ticks])
    axes.set_xticks([], minor=True)
    currency = run.scenario.cost.currency if run.scenario.cost else ""
    axes.set(
        xlabel="months until the register is complete (logarithmic)",
        ylabel=f"cost, million {currency} (assumed)",
    )
    figure.legend(
        title="power\n(filled: no\nother beats it;\nwith n)", loc="outside right upper", frameon=False
    )
    return figure


def draw_recruitment(run: RecruitmentRun, path: Path) -> None:
    """Write the figure of recruitment."""
    recruitment_figure(run).savefig(path)


def draw_frontier(run: Frontier, path: Path) -> None:
    """Write the figure of cost, months and power."""
    frontier_figure(run).savefig(path)
