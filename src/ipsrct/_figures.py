"""What figures share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

STYLES = (
    ("#0072B2", "-"), ("#D55E00", "--"), ("#009E73", "-."), ("#CC79A7", ":"), ("#222222", (0, (5, 1))),
    ("#E69F00", (0, (3, 1, 1, 1))), ("#56B4E9", (0, (1, 1))), ("#7F7F7F", (0, (8, 2))),
)  # fmt: skip
"""Colours of Okabe and Ito, told apart also by line."""
CONFIDENCE_95 = 1.96


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure, in inches."""
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def plain(axes: Axes, grid: Literal["both", "x", "y"] = "y") -> None:
    """Leave only the axes that are read, and a pale grid behind them."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis=grid, color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
