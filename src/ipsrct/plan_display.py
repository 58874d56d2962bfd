"""A plan's diagnostics as text for a terminal; computes nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator

from rich.table import Table

from ipsrct._text import render, text_table
from ipsrct.diagnostics import Diagnostics
from ipsrct.diagnostics._tally import Diagnostic
from ipsrct.diagnostics.bias import NO_BIAS
from ipsrct.trial import SERVICE

_WIDTH = 100
_HIDDEN = "What only the keepers of the allocation list may know is left out (--restricted)."
_VIEWS = {
    "own_service/stratum": "own service, by stratum",
    "own_service/all": "own service, in all",
    "everybody/stratum": "everybody, by stratum",
    "everybody/all": "everybody, in all",
}


def plan(result: Diagnostics) -> str:
    """Return the answer in sentences, warnings, then tables; block sizes only in the restricted edition."""
    scenario = result.scenario
    (label,) = result.schemes
    opening = ["RESTRICTED: for those who keep the allocation list only.\n"] if result.restricted else []
    warnings = [f"WARNING: {warning}" for warning in result.warnings[label]]
    tables = [_imbalance(result), _course(result), _guesses(result), _loss(result), *_biases(result)]
    made = f"{result.n_replicates:,} simulated trials, seed {result.seed}"
    return render(
        *opening,
        f"{_balance(result)} {_predictability(result)}",
        f"Scenario {scenario.name}: {scenario.title}.",
        *warnings,
        *(_restricted(result, label) if result.restricted else ()),
        *tables,
        f"\n{made}. In brackets: Monte Carlo standard errors.",
        *(() if result.restricted else (_HIDDEN,)),
        width=_WIDTH,
    )


def _number(row: Diagnostic, digits: int = 1, scale: float = 1.0) -> str:
    if math.isnan(row.value):
        return "-"
    value = round(scale * row.value, digits) + 0.0
    error = f" ({scale * row.mc_standard_error:.2g})" if row.mc_standard_error > 0 else ""
    return f"{value:.{digits}f}{error}"


def _words(where: str) -> str:
    return where.replace("_", " ").replace(":", ": ")


def _has(result: Diagnostics, measure: str, where: str = "overall", strategy: str = "") -> bool:
    found = ((row.measure, row.where, row.strategy) for row in result.rows)
    return (measure, where, strategy) in found


def _balance(result: Diagnostics) -> str:
    mean, most = result.find("imbalance_mean"), result.find("imbalance_q95")
    weights = result.scenario.design.weights
    equal = len(set(weights)) == 1 and len(weights) == 2
    off = "the arms differ by" if equal else "the arms are off their targets (twice the largest deviation) by"
    return (
        f"{_strata_sentence(result)} {off} {_number(mean)} participants in the mean and by at most "
        f"{most.value:.3g} in 95 % of trials."
    )


def _predictability(result: Diagnostics) -> str:
    guessed, weights = _narrowest(result), result.scenario.design.weights
    made = result.find("correct_guesses", guessed.where, "directional")
    share = result.find("guesses_made", guessed.where, "directional")
    chance = max(weights) / sum(weights)
    return (
        f"A caseworker who sees {_seen(guessed.where)} and guesses the arm that is behind is right in "
        f"{_number(guessed, 1, 100)} % of cases (without looking: {100 * chance:.0f} %), "
        f"and in {_number(made, 1, 100)} % of the {_number(share, 0, 100)} % in which one is behind."
    )


def _narrowest(result: Diagnostics) -> Diagnostic:
    return next(row for row in result.rows if row.measure == "correct_guesses")


def _seen(where: str) -> str:
    who, what = where.split("/")
    seen = "the own service" if who == "own_service" else "everybody"
    return f"{seen} and counts {'in each stratum' if what == 'stratum' else 'all together'}"


def _strata_sentence(result: Diagnostics) -> str:
    (scheme,) = result.schemes.values()
    n, cohort = result.scenario.design.n_participants, result.scenario.assumptions.cohort
    factors = tuple(scheme.strata_factors)
    others = int(cohort.cells().stratum_index([f for f in factors if f != SERVICE]).max()) + 1
    if not factors:
        start = f"With {n:,} participants and no strata"
    elif SERVICE in factors:
        total = others * cohort.n_services
        start = f"With {cohort.n_services:,} services x {others:,} strata = {total:,} strata for "
        start += f"{n:,} participants ({n / total:.1f} each)"
    else:
        start = f"With {others:,} strata for {n:,} participants ({n / others:.1f} each)"
    if _has(result, "blocks_incomplete"):
        start += f", {100 * result.find('blocks_incomplete').value:.1f} % of blocks stay incomplete (exact);"
        return start
    return start + ","


def _imbalance(result: Diagnostics) -> Table:
    headings = ("mean", "median", "95 % quantile", "worst of them, mean")
    table = text_table("\nImbalance after the last participant, participants", "where", *headings)
    for where in dict.fromkeys(row.where for row in result.rows if row.measure == "imbalance_mean"):
        measures = ("imbalance_mean", "imbalance_q50", "imbalance_q95")
        cells = [_number(result.find(measure, where), 2) for measure in measures]
        summed = _has(result, "imbalance_largest", where)
        worst = _number(result.find("imbalance_largest", where), 2) if summed else ""
        table.add_row(f"a {where}" if summed else _words(where), *cells, worst)
    return table


def _restricted(result: Diagnostics, label: str) -> Iterator[str]:
    """Yield the scheme's keys, and what its blocks say exactly beside the simulated values."""
    keys = result.described(label).get("keys", {})
    yield "Randomisation: " + ", ".join(f"{key} = {value}" for key, value in keys.items()) + "."
    if not _has(result, "blocks_incomplete"):
        return
    left = result.find("participants_in_incomplete_blocks").value
    text = f"Exactly, from the blocks: {left:.1f} participants are expected in incomplete blocks"
    if _has(result, "imbalance_mean", "stratum"):
        exact = result.find("stratum_imbalance_expected").value
        text += f"; a stratum's mean imbalance is {exact:.4f}"
        text += f", simulated {_number(result.find('imbalance_mean', 'stratum'), 4)}"
    square = result.find("imbalance_mean_square_expected").value
    if not math.isnan(square):
        text += f"; the mean square of the overall imbalance is {square:.2f}"
        text += f", simulated {_number(result.find('imbalance_mean_square'), 2)}"
    yield text + "."


def _course(result: Diagnostics) -> Table:
    wheres = [where for where in ("overall", SERVICE, "stratum") if _has(result, "imbalance_mean", where)]
    titles = [where if where == "overall" else f"a {where}" for where in wheres]
    table = text_table("\nMean imbalance over the course of recruitment", "participants recruited", *titles)
    rows = {(row.where, row.position): row for row in result.rows if row.measure == "imbalance_mean"}
    for position in sorted({position for _, position in rows}):
        table.add_row(f"{position:,}", *(_number(rows[where, position], 2) for where in wheres))
    return table


def _guesses(result: Diagnostics) -> Table:
    aware = any(row.strategy == "block_aware" for row in result.rows)
    headings = ["always: right, %", "if one is behind: made, %", "right, %"]
    headings += ["knowing the blocks: right, %", "certain, %"] if aware else []
    table = text_table("\nGuesses of the arm that is behind, by who is seen", "who is seen", *headings)
    wanted = [("correct_guesses", "convergence"), ("guesses_made", "directional")]
    wanted += [("correct_guesses", "directional"), ("correct_guesses", "block_aware")]
    wanted += [("known_with_certainty", "block_aware")]
    for where in dict.fromkeys(row.where for row in result.rows if row.measure == "guesses_made"):
        cells = [
            _number(result.find(measure, where, strategy), 1, 100)
            if _has(result, measure, where, strategy)
            else ""
            for measure, strategy in wanted[: len(headings)]
        ]
        table.add_row(_VIEWS[where], *cells)
    return table


def _loss(result: Diagnostics) -> Table:
    names = {
        "overall": "nothing",
        "factors": "the factors' main effects",
        SERVICE: "services",
        "stratum": "the randomisation's strata",
    }
    table = text_table("\nInformation lost to imbalance", "analysis adjusted for", "loss, participants")
    for where, name in names.items():
        if _has(result, "information_loss", where):
            table.add_row(name, _number(result.find("information_loss", where), 2))
    return table


def _biases(result: Diagnostics) -> Iterator[Table]:
    """Yield a table for each estimator; type I error and bias are in per cent and percentage points."""
    for label in dict.fromkeys(row.estimator for row in result.rows if row.estimator):
        headings = ("type I error, %", "less without bias, pp", "bias, pp", "not estimated, %")
        table = text_table(f"\nNo effect, assumed biases: {label}", "bias", *headings)
        for name in dict.fromkeys(row.strategy for row in result.rows if row.estimator == label):
            found = [
                "" if name == NO_BIAS and "difference" in measure
                else _number(result.find(measure, strategy=name, estimator=label), 2, 100)
                for measure in ("type_i_error", "type_i_error_difference", "bias_difference", "not_estimated")
            ]  # fmt: skip
            table.add_row(_words(name), *found)
        yield table
