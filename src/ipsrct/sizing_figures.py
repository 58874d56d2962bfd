"""Figures of sizing: power curves, the tornado, assurance by size. They compute nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ipsrct._assurance import AssuranceRun
from ipsrct._figures import CONFIDENCE_95, STYLES, new_figure, plain
from ipsrct._sensitivity import SensitivityRun
from ipsrct.curves import Curve, CurvePoint
from ipsrct.display import coordinates, population_label


def draw_curve(run: Curve, path: Path) -> None:
    """Draw power by the last list, a panel for each estimator and setting of the other lists."""
    axis, _ = run.scenario.grid[-1]
    panels: dict[tuple[str, str], list[CurvePoint]] = {}
    for point in run.points:
        others = ", ".join(
            f"{key.split('.')[-1]} = {value}" for key, value in point.at.items() if key != axis
        )
        panels.setdefault((point.estimator, others), []).append(point)
    figure = new_figure(4.2 * len(panels) + 2, 4.2)
    all_axes = figure.subplots(1, len(panels), squeeze=False, sharey=True)[0]
    scenario = run.scenario.with_changes(run.points[0].at)
    groups = scenario.populations.names[: len(scenario.populations.member)]
    for axes, ((estimator, others), points) in zip(all_axes, panels.items(), strict=True):
        for population, (colour, line) in zip(groups, STYLES * 5, strict=False):
            own = [p for p in points if p.population == population]
            x, y = [_place(p.at[axis]) for p in own], [100 * p.power for p in own]
            margin = [100 * CONFIDENCE_95 * p.mc_standard_error for p in own]
            label = population_label(scenario, population)
            axes.errorbar(x, y, margin, color=colour, linestyle=line, linewidth=1.6, capsize=2, label=label)
        plain(axes)
        axes.set(
            title=estimator + (f"\n{others}" if others else ""),
            xlabel=axis.split(".")[-1].replace("_", " "),
            ylim=(0, 100),
        )
        axes.axhline(80, color="#999999", linewidth=0.8, linestyle=":")
    all_axes[0].set_ylabel("power, %")
    figure.legend(
        *all_axes[0].get_legend_handles_labels(), loc="outside right upper", frameon=False, fontsize=8
    )
    figure.savefig(path)


def draw_tornado(run: SensitivityRun, path: Path) -> None:
    """Draw power at the ends of every assumption's range, the widest at the top."""
    first = run.rows[0]
    ends: dict[str, dict[str, float]] = {}
    values: dict[str, dict[str, float | None]] = {}
    for row in run.rows:
        if row.end in ("low", "high") and row.assumption != "joint" and row.power is not None:
            ends.setdefault(row.assumption, {})[row.end] = 100 * row.power
            values.setdefault(row.assumption, {})[row.end] = row.value
    whole = [name for name, found in ends.items() if len(found) == 2]
    whole.sort(key=lambda name: abs(ends[name]["high"] - ends[name]["low"]))
    figure = new_figure(7.5, 1.6 + 0.7 * len(whole))
    axes = figure.subplots()
    middle = 100 * (first.power or 0)
    for i, name in enumerate(whole):
        for end, colour, hatch in (("low", "#56B4E9", "//"), ("high", "#D55E00", "")):
            reach = ends[name][end]
            axes.barh(
                i, reach - middle, left=middle, color=colour, hatch=hatch, edgecolor="white", height=0.55
            )
            side = "left" if reach > middle else "right"
            text = f" {end} {values[name][end]:g}: {reach:.1f} % "
            axes.text(reach, i, text, ha=side, va="center", fontsize=9)
    axes.set_yticks(range(len(whole)), [name.split(".")[-1].replace("_", " ") for name in whole])
    axes.axvline(middle, color="#222222", linewidth=1)
    n = f"{run.scenario.design.n_participants:,} participants"
    axes.set(xlim=(-12, 122), xlabel=f"power, %, with {n} (as assumed: {middle:.1f} %)")
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.set_xticks(range(0, 101, 20))
    figure.savefig(path)


def draw_assurance(run: AssuranceRun, path: Path) -> None:
    """Draw assurance by size, with its ceiling and the planned size."""
    figure = new_figure(6.5, 4.2)
    axes = figure.subplots()
    axes.plot(
        [n for n, _ in run.curve], [100 * value for _, value in run.curve], color="#0072B2", linewidth=1.8
    )
    axes.axhline(100 * run.ceiling, color="#D55E00", linestyle="--", linewidth=1.2)
    axes.text(
        run.curve[0][0],
        100 * run.ceiling + 1,
        f"ceiling {100 * run.ceiling:.1f} %",
        color="#D55E00",
        fontsize=9,
    )
    axes.plot([run.n_total], [100 * run.assurance], "o", color="#0072B2")
    axes.annotate(
        f"{run.n_total:,}: {100 * run.assurance:.1f} %", (run.n_total, 100 * run.assurance),
        textcoords="offset points", xytext=(8, -14), fontsize=9,
    )  # fmt: skip
    plain(axes)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda n, _: f"{n:,.0f}")
    axes.set(xlabel="participants (logarithmic)", ylabel="assurance, %", ylim=(0, 100))
    figure.savefig(path)


def _place(value: Any) -> Any:
    """Return a coordinate as it stands on an axis: numbers as such, anything else as a word."""
    return value if isinstance(value, (int, float)) else coordinates({"": value}).removeprefix(" = ")
