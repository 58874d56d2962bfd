"""Results of ``ipsrct register`` as text, in percentage points; computes nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.table import Table

from ipsrct._text import render, text_table
from ipsrct._version import __version__
from ipsrct.register import summary
from ipsrct.register.calibration import Calibration
from ipsrct.register.counterfactual import FOLLOW_UP_MONTH, Counterfactual
from ipsrct.register.draw import Register
from ipsrct.register.measure_tables import ANY, NOTES
from ipsrct.register.measure_types import counted_shares
from ipsrct.register.published import OUTCOMES
from ipsrct.register.reproduction import Estimates, FittedCoefficient
from ipsrct.register.summary import Reproduction
from ipsrct.register.variants import VariantPaths
from ipsrct.register.width_test import WidthTest
from ipsrct.register_json import PHASES, SHOWN_MONTHS, estimate_rows

OUTCOME_NAMES = dict(zip(OUTCOMES, ("at least 1 h", "more than 4 h", "more than 10 h"), strict=True))
_TITLES = {
    "Table 3": "Table 3: employed, at least 1 hour a week",
    "Appendix 2 Table 1": "Appendix 2, table 1: employed more than 4 hours a week",
    "Appendix 2 Table 2": "Appendix 2, table 2: employed more than 10 hours a week",
    "Table 8": "Table 8: in another labour-market measure",
}


def _shown(value: float, digits: int = 1) -> str:
    return "-" if math.isnan(value) else f"{round(100 * value, digits) + 0.0:.{digits}f}"


def _words(name: str) -> str:
    return name.replace("_plus", "+").replace("20_23", "20-23").replace("_", " ")


def reproduction(result: Reproduction) -> str:
    """Return the verdict, what it does not identify, then every table."""
    return render(*_verdict(result), "", *_not_identified(result), *_fit_tables(result), _footer(result))


def _footer(result: Reproduction) -> str:
    fit = result.calibration
    return (
        f"\nFit with {len(fit.parameters)} parameters: cost {fit.cost:.2f}, largest gradient "
        f"{fit.gradient_norm:.2g}, {'converged' if fit.converged else 'NOT CONVERGED'}. ipsrct "
        f"{__version__}. Expectations are exact: nothing is simulated. Coefficients and standard "
        "errors are in percentage points. * in tables: a misprinted interval, off its estimate."
    )


def _verdict(result: Reproduction) -> list[str]:
    employment, measures = result.of("employment"), result.of("measures")
    inside, usable = summary.count_inside(employment)
    near = sum(abs(row.z) <= 1 for row in employment)
    low, high = summary.width_ratios(employment)
    worst = max(abs(row.z) for row in measures)
    far = max(abs(expected - row.share) / row.standard_error for row, expected in result.shares)
    return [
        f"The model's expectation lies inside the published interval for {inside} of {usable} employment "
        f"coefficients and within one standard error for {near}; root mean square difference "
        f"{summary.root_mean_square_z(employment):.2f} standard errors. Classic standard errors are "
        f"{low:.2f} to {high:.2f} times the published ones. Other measures: all {len(measures)} within "
        f"{worst:.2f} standard errors; all {len(result.shares)} shares that start one within {far:.2f} "
        f"binomial standard errors. Curves: {result.n_anchors_inside} of {len(result.anchors)} anchors "
        "inside their ranges."
    ]


def _not_identified(result: Reproduction) -> list[str]:
    row = result.after_ips
    low, high = summary.honest_interval(row)
    steps = result.calibration.variant.coding == "step"
    return [
        "What these tables do not tell:",
        "- The effect of IPS. They see the treated path only; the path without IPS is a choice "
        "(`ipsrct register identify`).",
        "- How sure one can be. The printed intervals are classic ones, which treat the months of a "
        f"person as independent; for Model 2 they are about {summary.inflation(row):.1f} times too "
        f"narrow. An honest interval for {_shown(row.published.estimate)} is about {_shown(low)} to "
        f"{_shown(high)}.",
        "- Whether Model 1's coefficients are steps (each phase against the one before) or levels "
        "(against the months before start). The printed widths say steps (`ipsrct register widths`): "
        f"added up, {_shown(summary.added_up_steps())} points from month 10 on. It remains an inference. "
        f"This fit reads them as {'steps' if steps else 'levels'}.",
    ]


def _interval(row: FittedCoefficient) -> str:
    mark = "*" if summary.is_off_centre(row) else ""
    return f"{_shown(row.published.ci_low)} to {_shown(row.published.ci_high)}{mark}"


def _fit_tables(result: Reproduction) -> list[Table | str]:
    columns = (
        "published",
        "interval",
        "expected",
        "difference, SE",
        "SE published",
        "SE classic",
        "SE by person",
    )
    tables: list[Table | str] = []
    for name, title in _TITLES.items():
        table = text_table(f"\n{title}", "model", *columns)
        for row in (row for row in result.coefficients if row.published.table == name):
            own = row.published
            what = PHASES[own.phase] if own.model == "1" else f"after IPS, {_words(own.group)}"
            interval = "none" if summary.is_inside(row) is None else _interval(row)
            errors = (own.standard_error, row.classic_standard_error, row.cluster_standard_error)
            values = (_shown(own.estimate), interval, _shown(row.expected), f"{row.z:+.2f}")
            table.add_row(f"{own.model:<4}{what}", *values, *(_shown(error, 2) for error in errors))
        tables.append(table)
    notes = "\n".join(f"- {note}" for note in NOTES)
    return [*tables, _counts_table(result), _shares_table(result), notes, _curves_table(result)]


def _counts_table(result: Reproduction) -> Table:
    table = text_table("\nCounts", "what", "group", "published", "expected", "difference, %", "printed in")
    for count, value in result.counts:
        numbers = (f"{count.published:,.0f}", f"{value:,.1f}", f"{100 * (value / count.published - 1):+.2f}")
        table.add_row(_words(count.name), _words(count.group), *numbers, count.source)
    return table


def _shares_table(result: Reproduction) -> Table:
    title = "\nPersons who start another measure, per cent (SE: binomial)"
    columns = ("persons", "published", "SE", "expected", "difference", "printed in")
    table = text_table(title, "when", "who or what", *columns)
    for row, expected in result.shares:
        values = (row.share, row.standard_error, expected)
        numbers = [_shown(value, digits) for value, digits in zip(values, (1, 2, 1), strict=True)]
        table.add_row(
            _words(row.period),
            _who_or_what(row.group, row.measure),
            f"{row.started} of {row.persons:,}",
            *numbers,
            f"{100 * (expected - row.share):+.2f}",
            row.source,
        )
    return table


def _who_or_what(group: str, measure: str) -> str:
    return _words(group if measure == ANY else measure)


def _curves_table(result: Reproduction) -> Table:
    title = "\nCurves, per cent (* the range reads words without a number)"
    table = text_table(title, "anchor", "process", "range", "expected", "", "evidence")
    for process, anchor, value in result.anchors:
        interval = f"{_shown(anchor.low)} to {_shown(anchor.high)}{'*' if anchor.worded else ''}"
        inside = "" if anchor.low <= value <= anchor.high else "OUTSIDE"
        table.add_row(_words(anchor.name), process, interval, _shown(value), inside, anchor.evidence)
    return table


def calibration(result: Reproduction) -> str:
    """Return whether a new fit converged, from where, and its fit table."""
    fit = result.calibration
    agree = "agree within 1 %" if summary.starts_agree(fit) else "DISAGREE by more than 1 %"
    costs = ", ".join(f"{cost:.4f}" for cost in fit.costs)
    lines = [
        f"The fit {'converged' if fit.converged else 'DID NOT CONVERGE: its numbers must not be used'}. "
        f"Cost {fit.cost:.4f}, largest gradient {fit.gradient_norm:.2g}.",
        f"Cost from each start: {costs}"
        + (f"; they {agree}." if len(fit.costs) > 1 else "; one start only."),
    ]
    return render(*lines, *_verdict(result), *_fit_tables(result), _footer(result))


def _variants_table(variants: Sequence[VariantPaths]) -> Table:
    """Return levels and effects at month 12 by shipped fit and control path."""
    first = variants[0].counterfactuals
    month = first[0].relative_months.tolist().index(FOLLOW_UP_MONTH)
    columns = [f"{kind} {one.name}" for kind in ("control", "effect") for one in first]
    title = (
        f"\nMonth {FOLLOW_UP_MONTH} by what else the tables leave open, each a fit of its own: control, per "
        "cent, effect, percentage points, and correlation of employment before start and then"
    )
    table = text_table(title, "starts, heterogeneity", *columns, "correlation", "cost of fit")
    for row in variants:
        variant = row.calibration.variant
        paths = [getattr(one, kind) for kind in ("control", "effect") for one in row.counterfactuals]
        values = [_shown(path[month, 0]) for path in paths]
        name = f"{variant.start_distribution}, {variant.heterogeneity:g}"
        table.add_row(name, *values, f"{row.baseline_correlation:.2f}", f"{row.calibration.cost:.0f}")
    return table


def identification(
    found: Sequence[Counterfactual], fit: Calibration, variants: Sequence[VariantPaths] = ()
) -> str:
    """Return in words and in a table what each control path implies."""
    index = found[0].relative_months.tolist().index(FOLLOW_UP_MONTH)
    effects = sorted(one.effect[index, 0] for one in found)
    months = [*(f"control {m}" for m in SHOWN_MONTHS), *(f"effect {m}" for m in SHOWN_MONTHS)]
    title = (
        "\nEmployed at least 1 hour a week: per cent, and effects in percentage points, months since start"
    )
    table = text_table(title, "control path", *months, "shown with no effect")
    for one in found:
        rows = [one.relative_months.tolist().index(month) for month in SHOWN_MONTHS]
        values = [_shown(path[row, 0]) for path in (one.control, one.effect) for row in rows]
        name = f"level {_shown(one.control[index, 0])} %" if one.name == "level" else one.name
        table.add_row(name, *values, _shown(one.shown_without_effect[3, 0]))
    return render(
        f"At month {FOLLOW_UP_MONTH} the true effect is {_shown(effects[0])} to {_shown(effects[-1])} "
        "percentage points, depending on what would have happened without IPS. The published tables fit "
        "all of these equally well: the control path is a choice, not an estimate.",
        table,
        "\nLast column: what Model 1 would show from month 10 on, against the months before start, if "
        "IPS did nothing and everybody followed the control path. What it would show is not zero: people "
        "age, months pass, and the dip before start ends. The published steps add up to "
        f"{_shown(summary.added_up_steps())}.",
        "persist: job entry and exit go on as before start. revert: the dip before start reverts. "
        "decline: the decline before start goes on. level: control employment at month 12 as asked for. "
        "The levels of revert and decline are assumptions.",
        *([_variants_table(variants)] if variants else []),
        f"\nThe fit {'converged' if fit.converged else 'DID NOT CONVERGE'}, cost {fit.cost:.2f}. "
        f"Sampling error comes on top. ipsrct {__version__}.",
    )


def widths(results: Sequence[WidthTest], as_stated: bool) -> str:
    """Return how many printed widths each coding hits, and the widths."""
    hits = ", ".join(f"{one.n_hits} of {one.n_widths} as {one.coding}s" for one in results)
    end = "so the coefficients are steps." if as_stated else "which does NOT single out steps."
    table = text_table("\nWidths of Model 1's intervals, percentage points", "outcome", "widths", *PHASES)
    for k, name in enumerate(OUTCOME_NAMES.values()):
        table.add_row(name, "printed", *(_shown(width) for width in results[0].published[k]))
        for one in results:
            table.add_row("", f"if {one.coding}s", *(_shown(width, 2) for width in one.implied[k]))
    return render(
        f"Of the printed widths, the design reproduces within 0.1 point {hits}, {end} The test needs "
        "start months, coding and month effects only. It infers the coding from rounded widths; "
        "estimates alone do not decide it.",
        table,
    )


def _origin(found: Register) -> str:
    warning = "SYNTHETIC AND SELECTED to carry the published table; not a random draw. "
    return f"{warning if found.selected else ''}Origin: {found.origin}."


def written(drawn: Register, estimates: Estimates, file: str) -> str:
    """Return what was written, in sentences."""
    distance = summary.distances(estimates)
    return render(
        f"Wrote {file}: {drawn.state.shape[0]:,} persons, {drawn.state.shape[1]} months.",
        f"Synthetic: no person in it exists. {_origin(drawn)}",
        f"{drawn.n_outside:,} person-months outside IPS, {drawn.n_finished} persons finished. Its "
        f"coefficients lie up to {abs(distance).max():.2f} published standard errors from the published "
        "ones.",
    )


def evaluation(found: Register, estimates: Estimates, file: str, coding: str) -> str:
    """Return the coefficients of one register as a table for each outcome."""
    tables = []
    rows = estimate_rows(estimates)
    names = OUTCOME_NAMES | {"other_measure": "other labour-market measure"}
    for outcome in dict.fromkeys(row["outcome"] for row in rows):
        columns = ("coefficient", "SE classic", "SE by person", "published")
        table = text_table(f"\n{names[outcome]}, percentage points", "model", *columns)
        for row in (row for row in rows if row["outcome"] == outcome):
            what = row["phase"] if row["model"] == "1" else f"after IPS, {_words(row['population'])}"
            values = (row["coefficient"], row["classic_se"], row["cluster_se"])
            numbers = (*(f"{value:.2f}" for value in values), f"{row['published']:.1f}")
            table.add_row(f"{row['model']:<4}{what}", *numbers)
        tables.append(table)
    if found.measure_type is not None:
        tables.append(_counted_table(found))
    return render(
        f"{file}: {found.state.shape[0]:,} persons, {found.state.shape[1]} months. {_origin(found)}",
        f"Model 1 coded in {coding}s. The standard errors by person are the ones to use. Before and after "
        "is not with and without: see `ipsrct register identify`.",
        *tables,
    )


def _counted_table(found: Register) -> Table:
    title = "\nPersons who start another measure, per cent"
    table = text_table(title, "when", "who or what", "persons", "share", "published", "printed in")
    for row in counted_shares(found):
        printed = ("-", "-") if row.published is None else (_shown(row.published.share), row.published.source)
        who = _who_or_what(row.group, row.measure)
        table.add_row(
            _words(row.period), who, f"{row.started} of {row.persons:,}", _shown(row.share), *printed
        )
    return table
