"""Figures 1 to 8 of the report as one page: expected curves, with the published levels as ranges."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from ipsrct.register.anchors import RELATIVE_MONTHS, Anchor
from ipsrct.register.summary import Reproduction

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FAMILIES: tuple[tuple[str, dict[str, str]], ...] = (
    ("everybody", {"all": "everybody"}),
    ("by age", {"under_20": "under 20", "20_23": "20 to 23", "24_plus": "24 and older"}),
    (
        "by social assistance before start",
        {"no_social_assistance": "no social assistance", "social_assistance": "social assistance"},
    ),
    ("by sex", {"men": "men", "women": "women"}),
)
_PROCESSES = {
    "employment": ("Employed, at least 1 h a week", 60),
    "measures": ("In another labour-market measure", 40),
}
_STYLES = (("#0072B2", "-"), ("#D55E00", "--"), ("#222222", "-."))
"""Colours of Okabe and Ito, told apart also by line."""
_CAPTION = """\
Lines: expectation under the model, fitted to AFI report 2024:01. Bars: levels that the report's text gives
for its figures 1 to 8, as the range that the words allow; where there is no bar, it gives none. Unshaded:
months in which every start month is seen. In the shaded months persons drop out of the window, so that a
curve's composition changes. The path without IPS is not in these figures: it is a choice."""
_EVERYBODY_SEEN = (-9, 6)


def _place_labels(ends: list[float], gap: float) -> list[float]:
    """Return heights near the ends of the curves, at least a gap apart, in the given order."""
    order = sorted(range(len(ends)), key=ends.__getitem__)
    placed = list(ends)
    for below, above in pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    shift = sum(placed) / len(placed) - sum(ends) / len(ends)
    return [height - shift for height in placed]


def _levels(result: Reproduction, process: str, group: str) -> list[tuple[int, Anchor]]:
    """Return the published levels of one curve, with their months."""
    return [
        (anchor.terms[0][1], anchor)
        for own, anchor, _ in result.anchors
        if own == process and len(anchor.terms) == 1 and anchor.terms[0][0] == group
    ]


def _draw_gap(axes: Axes, result: Reproduction, process: str, groups: dict[str, str]) -> None:
    """Mark a published gap between two curves, such as that of 16 points at month 20."""
    for own, anchor, _ in result.anchors:
        if own != process or anchor.worded or len(anchor.terms) == 1 or anchor.terms[0][0] not in groups:
            continue
        month = anchor.terms[0][1]
        ends = [100 * result.curves[process][term[0]][month + 20] for term in anchor.terms]
        axes.annotate("", (month - 0.6, ends[0]), (month - 0.6, ends[1]), arrowprops={"arrowstyle": "<->"})
        words = f"published gap\n{100 * anchor.low:.1f} to {100 * anchor.high:.1f} points"
        axes.text(month, min(ends) - 2, words, ha="right", va="top", fontsize=7)


def _draw_panel(axes: Axes, result: Reproduction, process: str, groups: dict[str, str]) -> None:
    curves = {group: 100 * result.curves[process][group] for group in groups}
    top = _PROCESSES[process][1]
    heights = _place_labels([float(values[-1]) for values in curves.values()], 0.075 * top)
    for k, (group, values) in enumerate(curves.items()):
        colour, line = _STYLES[k]
        axes.plot(RELATIVE_MONTHS, values, line, color=colour, linewidth=1.6)
        axes.text(21.3, heights[k], groups[group], color=colour, va="center", fontsize=8)
        for month, anchor in _levels(result, process, group):
            at = month + 0.6 * (k - (len(groups) - 1) / 2)
            low, high = 100 * anchor.low, 100 * anchor.high
            axes.plot([at, at], [low, high], color=colour, linewidth=4, alpha=0.45, solid_capstyle="butt")
            axes.plot([at, at], [low, high], "_", color=colour, markersize=6)
    _draw_gap(axes, result, process, groups)
    axes.axvline(0, color="0.35", linewidth=0.8)
    for low, high in ((-20.5, _EVERYBODY_SEEN[0] - 0.5), (_EVERYBODY_SEEN[1] + 0.5, 20.5)):
        axes.axvspan(low, high, color="0.955", zorder=0)
    axes.set(xlim=(-20.5, 20.5), ylim=(0, top), xticks=range(-20, 21, 5))
    axes.set_ylabel("per cent", fontsize=8)
    axes.tick_params(labelsize=8)
    axes.grid(axis="y", color="0.88", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)


def draw_page(result: Reproduction, path: Path) -> None:
    """Draw figures 1 to 8 on one page, employment on the left and other measures on the right.

    Parameters
    ----------
    result : Reproduction
        Curves and anchors.
    path : pathlib.Path
        Ends in .png, .svg or .pdf.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.27, 11.0))
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(_FAMILIES), len(_PROCESSES), sharex=True)
    for column, (process, (words, _)) in enumerate(_PROCESSES.items()):
        for row, (family, groups) in enumerate(_FAMILIES):
            axes = panels[row, column]
            _draw_panel(axes, result, process, groups)
            number = 1 + row + len(_FAMILIES) * column
            axes.set_title(f"Figure {number}. {words},\n{family}", loc="left", fontsize=9)
        panels[-1, column].set_xlabel("months since start of IPS", fontsize=8)
    panels[0, 0].text(0.4, 3, "IPS starts", fontsize=7, color="0.35")
    figure.suptitle(
        "Synthetic register: expected curves of the fitted model, not observed data",
        x=0.06,
        y=0.985,
        ha="left",
        fontsize=12,
        fontweight="bold",
    )
    figure.text(0.06, 0.012, _CAPTION, fontsize=7, va="bottom")
    figure.subplots_adjust(left=0.08, right=0.845, top=0.92, bottom=0.105, hspace=0.36, wspace=0.64)
    figure.savefig(path, dpi=150)
