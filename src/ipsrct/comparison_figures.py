"""Figures of a comparison of schemes; they compute nothing."""

from __future__ import annotations

from pathlib import Path

from ipsrct._figures import CONFIDENCE_95, STYLES, new_figure, plain
from ipsrct.comparison import ComparisonRow, SchemeComparison

_MARKERS = "osD^vP*Xph<>"
_BARS = "bars: 95 % Monte Carlo intervals"


def draw_balance(result: SchemeComparison, path: Path) -> None:
    """Draw each scheme's largest margin's imbalance against its predictability for one who sees everybody."""
    figure = new_figure(7.5, 4.8)
    axes = figure.subplots()
    balance = "imbalance_largest_margin" if result.margins else "imbalance_overall"
    for i, label in enumerate(result.schemes):
        x, y = result.find("correct_guesses_everybody", label), result.find(balance, label)
        if x is None or y is None:
            continue  # whole services have an arm: there is nothing to guess
        axes.errorbar(
            100 * x.value, y.value, _margin(y), 100 * _margin(x), capsize=3, markersize=7,
            fmt=_MARKERS[i % len(_MARKERS)], color=_colour(i), label=_words(label),
        )  # fmt: skip
    chance = 100 * max(result.scenario.design.weights) / sum(result.scenario.design.weights)
    axes.axvline(chance, color="#999999", linewidth=0.8, linestyle=":")
    axes.text(chance, 1.0, " without looking", transform=axes.get_xaxis_transform(), fontsize=8, va="bottom")
    what = "largest margin" if result.margins else "all participants"
    axes.set(
        xlabel=f"correct guesses by a caseworker who sees everybody, %\n{_BARS}",
        ylabel=f"imbalance, {what}, participants",
    )
    axes.set_ylim(bottom=0)
    plain(axes, "both")
    figure.legend(loc="outside right upper", frameon=False, fontsize=8)
    figure.savefig(path)


def draw_power(result: SchemeComparison, path: Path) -> None:
    """Draw power and type I error of every scheme and analysis, with the significance level."""
    figure = new_figure(10, 1.6 + 0.24 * len(result.schemes) * (len(result.analyses) + 1))
    panels = figure.subplots(1, 2, sharey=True)
    titles = {"power": "power, %", "type_i_error": "type I error, %"}
    step = len(result.analyses) + 1
    for axes, (measure, title) in zip(panels, titles.items(), strict=True):
        for a, analysis in enumerate(result.analyses):
            rows = [result.find(measure, label, analysis) for label in result.schemes]
            x = [100 * row.value for row in rows if row]
            margins = [100 * _margin(row) for row in rows if row]
            y = [step * i + a for i in range(len(x))]
            marker = _MARKERS[a % len(_MARKERS)]
            label = _words(analysis) if measure == "power" else None
            axes.errorbar(x, y, xerr=margins, fmt=marker, color=_colour(a), capsize=2, label=label)
        axes.set_title(title, fontsize=10)
        plain(axes, "x")
    panels[0].set_yticks(
        [step * i + (step - 2) / 2 for i in range(len(result.schemes))], [_words(s) for s in result.schemes]
    )
    panels[0].invert_yaxis()
    level = result.scenario.analysis.significance_level
    band = CONFIDENCE_95 * (level * (1 - level) / result.n_replicates) ** 0.5
    panels[1].axvspan(100 * (level - band), 100 * (level + band), color="#eeeeee", zorder=0)
    panels[1].axvline(100 * level, color="#222222", linewidth=1)
    panels[0].set_xlabel(_BARS, fontsize=8)
    panels[1].set_xlabel("grey: where 95 % of estimates lie at the significance level", fontsize=8)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    figure.savefig(path)


def _colour(i: int) -> str:
    return STYLES[i % len(STYLES)][0]


def _margin(row: ComparisonRow) -> float:
    return CONFIDENCE_95 * row.mc_standard_error


def _words(label: str) -> str:
    return label.replace("_", " ")
