"""A comparison of schemes as text for a terminal; computes nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.table import Table

from ipsrct._text import render, text_table
from ipsrct.comparison import ComparisonRow, SchemeComparison
from ipsrct.display import effect_sentence
from ipsrct.trial import SERVICE

_WIDTH = 100
_COLUMNS = {
    "imbalance_overall": ("imbalance: overall", 1.0),
    "imbalance_largest_margin": ("largest margin", 1.0),
    "imbalance_largest_service": ("largest service", 1.0),
    "correct_guesses_own_service": ("guesses, %: sees own service", 100.0),
    "correct_guesses_everybody": ("sees all", 100.0),
    "information_loss": ("loss of information", 1.0),
}


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
        *(f"\nNot valid here, {label}: {reason}." for label, reason in result.refused.items()),
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
    gain = "Power changes by" if math.isnan(power.difference) else _gain(power)
    text = f"Balancing {_words(factors)} ({_words(label)}) instead of {_words(first)} {gain}"
    changes = []
    for measure, name in (("imbalance_largest_margin", "margin"), ("imbalance_largest_service", "service")):
        before, after = result.find(measure, first), result.find(measure, label)
        if before and after:
            changes.append(f"{name}'s imbalance from {_number(before)} to {_number(after)}")
    return f"{text}, and takes the largest {' and the largest '.join(changes)} participants."


def _gain(power: ComparisonRow) -> str:
    points, error = 100 * power.difference, 100 * power.difference_mc_standard_error
    return (
        f"changes power by {points:+.1f} points (Monte Carlo standard error {error:.2g}), "
        f"to {100 * power.value:.1f} %"
    )


def _words(label: str) -> str:
    return label.replace("_", " ")


def _shown(value: float, error: float, scale: float, digits: int = 1) -> str:
    if math.isnan(value):
        return ""
    rounded = round(scale * value, digits) + 0.0
    known = error > 0  # not a number after a single replicate
    return f"{rounded:.{digits}f}" + (f" ({scale * error:.2g})" if known else "")


def _number(row: ComparisonRow | None, scale: float = 1.0, *, difference: bool = False) -> str:
    if row is None:
        return ""
    if difference:
        return _shown(row.difference, row.difference_mc_standard_error, scale)
    return _shown(row.value, row.mc_standard_error, scale)


def _tables(result: SchemeComparison) -> Iterator[Table]:
    """Yield what the schemes do, the same less the first scheme, and power and type I error by pair."""
    shown = {measure: column for measure, column in _COLUMNS.items() if result.find(measure)}
    first, *others = result.schemes
    for title, labels in (
        ("Balance, predictability and information", result.schemes),
        (f"The same less {_words(first)}, in the same trials", others),
    ):
        table = text_table(f"\n{title}", "scheme", *(heading for heading, _ in shown.values()))
        for label in labels:
            cells = [
                _number(result.find(measure, label), scale, difference=labels is others)
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
    margins = _words(", ".join(result.margins)) or "none"
    own = " In her own service she counts by stratum." if result.find("correct_guesses_own_service") else ""
    chance = 100 * max(result.scenario.design.weights) / sum(result.scenario.design.weights)
    service = f", a {SERVICE}" if result.find("imbalance_largest_service") else ""
    return (
        f"{result.n_replicates:,} simulated trials, seed {result.seed}; in brackets: Monte Carlo standard "
        "errors. All schemes have the same participants with the same outcome in each arm. First: "
        f"{_words(next(iter(result.schemes)))}, {_words(result.analyses[0])}. Imbalance: mean over trials, "
        f"participants; the largest of the levels of {margins}{service}. Guesses: a caseworker who names the "
        f"arm that is behind (without looking: {chance:.0f} %), by the strata or the majority of the margins "
        f"that the scheme balances.{own} Loss: participants, adjusted for the cohort's factors."
    )
