"""The performance measures of the simulation study, each with its Monte Carlo standard error."""

from __future__ import annotations

from collections.abc import Iterator

from ipsrct.report.content.quantities import amount, label
from ipsrct.report.content.words import effect_unit, estimator, population, unavailable
from ipsrct.report.model import Block, Paragraph, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, t

_IN_BRACKETS = t("In brackets: Monte Carlo standard errors.")
_COUNTED = t("Every possible trial was counted, so that there is no Monte Carlo error.")
_NEVER = 1e-6
_Cells = dict[tuple[str, str, str], Node]


def performance(results: Node) -> Iterator[Block]:
    """Yield how precise the simulation is, then every measure by population and analysis."""
    yield _replicates(results)
    yield from _overall(results)
    cells = {
        (row["measure"].value, row["estimator"].value, row["population"].value): row
        for row in results["characteristics"]["characteristics"]
    }
    yield _rejections(results, cells)
    yield _precision(results, cells)
    yield from _failures(results, cells)
    yield from _paired(results, cells)
    yield from _null(results)


def is_exact(results: Node) -> bool:
    """Return whether every possible trial was counted, and nothing simulated."""
    return bool(results["provenance"]["parts"]["characteristics"]["route"].value == "exact")


def _note(results: Node) -> Text:
    return _COUNTED if is_exact(results) else _IN_BRACKETS


def _replicates(results: Node) -> Paragraph:
    if is_exact(results):
        return Paragraph(_COUNTED)
    found = results["characteristics"]["precision"]
    values = {
        "n": found["replicates"].count(),
        "alpha": results["scenario"]["significance_level"].share(1),
        "error": found["at_significance_level"].percent(3),
        "most": found["at_most"].percent(2),
        "target": found["target_mc_standard_error"].percent(),
        "needed": found["replicates_needed"].count(),
    }
    if found["replicates"].value >= found["replicates_needed"].value:
        return Paragraph(
            t(
                "{n} trials were simulated. A type I error of {alpha} then has a Monte Carlo standard error "
                "(MCSE) of {error} percentage points, and no share has more than {most}. The target was "
                "{target}, which needs {needed} trials: p(1\N{MINUS SIGN}p)/MCSE², with p the significance "
                "level.",
                **values,
            )
        )
    return Paragraph(
        t(
            "{n} trials were simulated. A type I error of {alpha} then has a Monte Carlo standard error "
            "(MCSE) of {error} percentage points, and a share may have {most}. That is too few for the "
            "target of {target}, which needs {needed} trials: p(1\N{MINUS SIGN}p)/MCSE², with p the "
            "significance level.",
            **values,
        ),
        "warning",
    )


def _overall(results: Node) -> Iterator[Block]:
    """Yield the first analysis of everybody in a sentence."""
    own = results["headline"]["estimator"].value
    rows = results["characteristics"]["characteristics"].rows(estimator=own, population="all")
    by_measure = {row["measure"].value: row for row in rows}
    if "type_i_error" not in by_measure:
        return
    yield Paragraph(
        t(
            "For everybody, by {analysis}: power {power}, type I error {type_i} where {alpha} is intended, "
            "and coverage {coverage} where {confidence} is intended.",
            analysis=estimator(own),
            power=_share(by_measure["power"]),
            type_i=_share(by_measure["type_i_error"]),
            alpha=results["scenario"]["significance_level"].share(1),
            coverage=_share(by_measure["coverage"]),
            confidence=results["scenario"]["confidence_level"].share(1),
        )
    )
    if results["headline"]["power"].value is not None:
        yield Paragraph(
            t(
                "Enumerated, without simulation, the power is {exact}: the number that the answer gives. "
                "Simulated numbers of the same power, here and in the power curve, differ from it and from "
                "each other by Monte Carlo error.",
                exact=results["headline"]["power"].share(1),
            )
        )


def _share(row: Node) -> Item:
    return row["value"].share(2, row["mc_standard_error"])


def _percent(cells: _Cells, measure: str, own: str, who: str) -> Item:
    row = cells.get((measure, own, who))
    return "\N{EN DASH}" if row is None else row["value"].percent(2, row["mc_standard_error"])


def _pairs(results: Node, cells: _Cells) -> list[tuple[str, str]]:
    """Return populations with the analyses that have results in them, analyses of a population together."""
    names = [row["name"].value for row in results["scenario"]["populations"]]
    labels = [row["label"].value for row in results["scenario"]["estimators"]]
    return [(who, own) for who in names for own in labels if ("power", own, who) in cells]


def _rejections(results: Node, cells: _Cells) -> Table:
    rows = [
        (
            population(results, who),
            estimator(own),
            *(_percent(cells, measure, own, who) for measure in ("power", "type_i_error", "coverage")),
        )
        for who, own in _pairs(results, cells)
    ]
    return Table(
        "performance-tests",
        t("Power, type I error and coverage of intervals, per cent"),
        (t("Population"), t("Analysis"), t("Power"), t("Type I error"), t("Coverage")),
        tuple(rows),
        _note(results),
    )


def _precision(results: Node, cells: _Cells) -> Table:
    scenario = results["scenario"]

    def spread(measure: str, own: str, who: str) -> Item:
        row = cells[measure, own, who]
        value, error = row["value"], row["mc_standard_error"]
        return value.percent(3, error) if scenario["is_share"].value else value.decimal(4, error)

    rows = []
    for who, own in _pairs(results, cells):
        relative = results["characteristics"]["relative_errors"].row(estimator=own, population=who)
        rows.append(
            (
                population(results, who),
                estimator(own),
                spread("bias", own, who),
                spread("empirical_standard_error", own, who),
                spread("mean_standard_error", own, who),
                relative["value"].percent(2, relative["mc_standard_error"]),
                spread("interval_width", own, who),
            )
        )
    return Table(
        "performance-estimates",
        t("Estimates and their standard errors ({unit})", unit=effect_unit(scenario)),
        (
            t("Population"),
            t("Analysis"),
            t("Bias"),
            t("Empirical standard error"),
            t("Mean model standard error"),
            t("Relative error of the model standard error, per cent"),
            t("Mean interval width"),
        ),
        tuple(rows),
        _note(results),
    )


def _failures(results: Node, cells: _Cells) -> Iterator[Block]:
    """Yield how many trials gave no estimate, by analysis; in a sentence where none did."""
    pairs = _pairs(results, cells)
    none = cells["not_estimated", pairs[0][1], pairs[0][0]]
    if not any(_has_failed(cells, own, who) for who, own in pairs):
        yield Paragraph(_no_failure(results, none))
        return
    yield Table(
        "performance-failures",
        t("Trials without an estimate"),
        (
            t("Population"),
            t("Analysis"),
            t("With the assumed effect"),
            t("Without effect"),
            t("Share with the assumed effect, per cent"),
        ),
        tuple(
            (
                population(results, who),
                estimator(own),
                _failed(cells.get(("power", own, who))),
                _failed(cells.get(("type_i_error", own, who))),
                _percent(cells, "not_estimated", own, who),
            )
            for who, own in pairs
        ),
        t(
            "These trials are left out of the measures above, which hold for the trials that could be "
            "analysed."
        ),
    )


def _no_failure(results: Node, none: Node) -> Text:
    if is_exact(results):
        return t("The probability that an analysis has no estimate is below one in a million.")
    return t(
        "No analysis failed in any of {n} simulated trials, in any population, with or without an effect. "
        "The share that fails is {share} per cent.",
        n=none["n_replicates"].count(),
        share=none["value"].percent(4, none["mc_standard_error"]),
    )


def _has_failed(cells: _Cells, own: str, who: str) -> bool:
    counted = [
        cells[key, own, who]["n_failed"] for key in ("power", "type_i_error") if (key, own, who) in cells
    ]
    missing = cells["not_estimated", own, who]["value"].value
    return any(node.value for node in counted) or missing > _NEVER


def _failed(row: Node | None) -> Item:
    if row is None:
        return "\N{EN DASH}"
    if not row["n_replicates"]:
        return t("counted, not simulated")
    return t("{failed} of {n}", failed=row["n_failed"].count(), n=row["n_replicates"].count())


def _paired(results: Node, cells: _Cells) -> Iterator[Block]:
    measures = ("power_difference", "type_i_error_difference", "coverage_difference", "relative_precision")
    first, *others = [row["label"].value for row in results["scenario"]["estimators"]]
    names = [row["name"].value for row in results["scenario"]["populations"]]
    rows = [
        (
            population(results, who),
            estimator(own),
            *(_percent(cells, measure, f"{own} - {first}", who) for measure in measures),
        )
        for who in names
        for own in others
        if ("power_difference", f"{own} - {first}", who) in cells
    ]
    if not rows:
        return
    yield Table(
        "performance-differences",
        t("Other analyses less {analysis}, on the same trials", analysis=estimator(first)),
        (
            t("Population"),
            t("Analysis"),
            t("Power, percentage points"),
            t("Type I error, percentage points"),
            t("Coverage, percentage points"),
            t("Gain in precision, per cent"),
        ),
        tuple(rows),
        t(
            "In brackets: Monte Carlo standard errors of the paired differences. Gain in precision is how "
            "much larger a trial that is analysed by {analysis} must be to be as precise.",
            analysis=estimator(first),
        )
        if not is_exact(results)
        else _COUNTED,
    )


def _null(results: Node) -> Iterator[Block]:
    """Yield the type I error over the levels that the null hypothesis leaves open."""
    if "type_i_errors" not in results:
        yield unavailable(results, "type_i_errors")
        return
    found = results["type_i_errors"]
    labels = list(dict.fromkeys(row["estimator"].value for row in found["rows"]))
    rows: dict[tuple[str, float], list[Item]] = {}
    for row in found["rows"]:
        path = row["path"].value
        cell = rows.setdefault(
            (path, row["level"].value), [label(results, path), amount(results, path, row["level"])]
        )
        cell.append(row["value"].percent(2, row["mc_standard_error"]))
    yield Table(
        "performance-null",
        t("Type I error for everybody over the range of the level without IPS, per cent"),
        (t("Assumption"), t("Value"), *(estimator(own) for own in labels)),
        tuple(tuple(cells) for cells in rows.values()),
        _note(results),
    )
