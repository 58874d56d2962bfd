"""A comparison of schemes as text for a terminal; computes nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.table import Table

from ipsrct._text import render, text_table
from ipsrct.comparison import ComparisonRow, SchemeComparison
from ipsrct.display import effect_sentence

_WIDTH = 100
_CLEAR = 2  # Monte Carlo standard errors
_COLUMNS = {
    "imbalance_overall": ("imbalance overall", 1.0),
    "imbalance_largest_margin": ("of largest margin", 1.0),
    "imbalance_largest_service": ("of largest service", 1.0),
    "correct_guesses_own_service": ("guesses, own service", 100.0),
    "correct_guesses_everybody": ("guesses, sees all", 100.0),
    "information_loss": ("information lost", 1.0),
}
_UNITS = "imbalance and loss in participants, correct guesses in %"


def comparison(result: SchemeComparison) -> str:
    """Return the answer in sentences, warnings, then the values and their differences."""
    scenario = result.scenario
    warnings = [f"WARNING, {label}: {w}" for label, found in result.warnings.items() for w in found]
    return render(
        *answer(result),
        f"Scenario {scenario.name}: {scenario.title}. {scenario.design.n_participants:,} participants, "
        f"{':'.join(map(str, scenario.design.weights))}; effect {effect_sentence(scenario)}.",
        *warnings,
        *_tables(result),
        *(("\nNot valid here:",) if result.refused else ()),
        *(f"  {_words(label)}: {reason}." for label, reason in result.refused.items()),
        f"\n{_key(result)}",
        width=_WIDTH,
    )


def answer(result: SchemeComparison) -> list[str]:
    """Return what stratifying, or balancing margins, buys compared with the first scheme, a sentence each."""
    first, *others = result.schemes
    buying = [label for label in others if result.schemes[label].strata_factors]
    if result.schemes[first].strata_factors or not buying:
        return [f"{len(result.schemes)} schemes, each less {_words(first)} on the same trials:"]
    return [_sentence(result, first, label) for label in buying]


def _sentence(result: SchemeComparison, first: str, label: str) -> str:
    power = result.find("power", label, result.analyses[0])
    assert power is not None  # every scheme has every analysis
    factors = ", ".join(result.schemes[label].strata_factors)
    text = f"Balancing {_words(factors)} ({_words(label)}) instead of {_words(first)} {_gain(power)}"
    changes = []
    for measure, name in (("imbalance_largest_margin", "margin"), ("imbalance_largest_service", "service")):
        before, after = result.find(measure, first), result.find(measure, label)
        if before and after:
            changes.append(f"{name}'s imbalance from {_number(before)} to {_number(after)}")
    return f"{text}, and takes the largest {' and the largest '.join(changes)} participants."


def _gain(power: ComparisonRow) -> str:
    points, error = 100 * power.difference, 100 * power.difference_mc_standard_error
    noise = ", so it may be none" if abs(points) < _CLEAR * error else ""
    return (
        f"changes power by {points:+.1f} points (Monte Carlo standard error {error:.2g}{noise}), "
        f"to {100 * power.value:.1f} %"
    )


def _words(label: str) -> str:
    return label.replace("_", " ")


def _number(
    row: ComparisonRow | None, scale: float = 1.0, *, difference: bool = False, short: bool = False
) -> str:
    """Return a value or its difference; ``short`` gives errors one figure, and at least a hundredth."""
    if row is None:
        return ""
    value, error = row.value, row.mc_standard_error
    if difference:
        value, error = row.difference, row.difference_mc_standard_error
    if math.isnan(value):
        return ""
    shown = f"{max(scale * error, 0.01):.1g}" if short else f"{scale * error:.2g}"
    known = error > 0  # not a number after a single replicate
    return f"{round(scale * value, 1) + 0.0:.1f}" + (f" ({shown})" if known else "")


def _tables(result: SchemeComparison) -> Iterator[Table]:
    """Yield what the schemes do, the same less the first scheme, and power and type I error by pair."""
    shown = {measure: column for measure, column in _COLUMNS.items() if result.find(measure)}
    first, *others = result.schemes
    for title, labels in (
        (f"Balance, predictability and information: {_UNITS}", [*result.schemes]),
        (f"The same less {_words(first)}, in the same trials", others),
    ):
        table = text_table(f"\n{title}", "scheme", *(heading for heading, _ in shown.values()))
        table.padding = (0, 1, 0, 0)
        for label in labels:
            cells = [
                _number(result.find(measure, label), scale, difference=labels is others, short=True)
                for measure, (_, scale) in shown.items()
            ]
            table.add_row(_words(label), *cells)
        if labels:
            yield table
    headings = ("power, %", "less first, pp", "type I error, %", "less first, pp", "failed, %")
    table = text_table("\nPower and type I error", "scheme, analysis", *headings)
    for label in result.schemes:
        table.add_row(_words(label))
        for analysis in result.analyses:
            rows = [result.find(m, label, analysis) for m in ("power", "type_i_error", "not_estimated")]
            cells = [_number(row, 100, difference=d) for row in rows[:2] for d in (False, True)]
            failed = rows[2]
            table.add_row(f"  {_words(analysis)}", *cells, _failed(failed))
    yield table


def _failed(row: ComparisonRow | None) -> str:
    return "none" if row is None or not row.value else _number(row, 100)


def _key(result: SchemeComparison) -> str:
    first, weights = next(iter(result.schemes)), result.scenario.design.weights
    margins = _words(", ".join(result.margins))
    levels = f"; margins: the levels of {margins}" if margins else ""
    return (
        f"{result.n_replicates:,} simulated trials, seed {result.seed}; in brackets: Monte Carlo standard "
        "errors. All schemes have the same participants with the same outcome in each arm. "
        f"First: {_words(first)}, {_words(result.analyses[0])}. Imbalance: mean over trials{levels}. "
        f"Guesses: of the arm that is behind (without looking: {100 * max(weights) / sum(weights):.0f} %), "
        "by a caseworker who counts in the scheme's strata, or in its margins and goes by their majority. "
        "Information: about the effect, adjusted for the cohort's factors."
    )
