"""The figure of cost. It computes nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ipsrct._figures import STYLES, new_figure, plain
from ipsrct._frontier import Frontier

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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


def draw_frontier(run: Frontier, path: Path) -> None:
    """Write the figure of cost, months and power."""
    frontier_figure(run).savefig(path)
