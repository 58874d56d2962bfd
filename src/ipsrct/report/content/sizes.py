"""Power at each size, and the sizes found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ipsrct.report.content.words import estimator, name, population, unavailable
from ipsrct.report.figures import power_curve
from ipsrct.report.model import Block, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, t

_MOST_COLUMNS = 8
_METHODS: dict[str, Text] = {
    "exact": t("exact: every possible trial is counted"),
    "formula": t("formula"),
    "counts": t("simulated"),
    "individual": t("simulated, person by person"),
}


def sizes(results: Node) -> Section:
    """Return power by size, and for each target the size of each population by each analysis."""
    return Section(
        "sizes",
        t("Power and sample size"),
        (*_curve(results), *_binding(results), *_found(results), *_formula(results)),
    )


def _curve(results: Node) -> Iterator[Block]:
    if "curve" not in results:
        yield unavailable(results, "curve")
        return
    yield power_curve.figure(results)
    points, label = results["curve"]["points"], results["headline"]["estimator"].value
    populations = results["scenario"]["populations"]
    groups = [row["name"].value for row in populations if row["kind"].value != "interaction"]
    differences = [row["name"].value for row in populations.rows(kind="interaction")]
    for i, columns in enumerate([*_chunks(groups), *_chunks(differences)]):
        yield Table(
            f"power-by-size-{i + 1}",
            t("Power by number of participants, per cent. Analysis: {analysis}", analysis=estimator(label)),
            (t("Participants"), *(population(results, key) for key in columns)),
            _grid(points, [(label, key) for key in columns]),
            t("In brackets: Monte Carlo standard errors, in percentage points."),
        )
    labels = [row["label"].value for row in results["scenario"]["estimators"]]
    if len(labels) > 1:
        yield Table(
            "power-by-analysis",
            t("Power for everybody by number of participants and analysis, per cent"),
            (t("Participants"), *(estimator(own) for own in labels)),
            _grid(points, [(own, "all") for own in labels]),
            t("In brackets: Monte Carlo standard errors, in percentage points. All on the same trials."),
        )


def _chunks(keys: Sequence[str]) -> list[Sequence[str]]:
    return [keys[i : i + _MOST_COLUMNS] for i in range(0, len(keys), _MOST_COLUMNS)]


def _grid(points: Node, columns: Sequence[tuple[str, str]]) -> tuple[tuple[Item, ...], ...]:
    """Return a row for each size and a column for each analysis and population."""
    path = "design.n_participants"
    found = {(row["at"][path].value, row["estimator"].value, row["population"].value): row for row in points}
    at = {row["at"][path].value: row["at"][path] for row in points}
    return tuple(
        (
            node.count(),
            *(
                found[(n, *column)]["power"].percent(1, found[(n, *column)]["mc_standard_error"])
                for column in columns
            ),
        )
        for n, node in at.items()
    )


def _binding(results: Node) -> Iterator[Block]:
    """Yield which population needs most by the first analysis."""
    label = results["headline"]["estimator"].value
    rows = results["sizing"]["binding"].rows(estimator=label)
    if len(results["scenario"]["populations"]) == 1 or not rows:
        return
    for row in rows:
        target, who = row["target_power"].share(0), population(results, row["population"].value)
        if row["n_total"].value is None:
            yield Paragraph(
                t(
                    "No size gives {target} power in every population. In the population “{population}” "
                    "none does.",
                    target=target,
                    population=who,
                )
            )
        else:
            yield Paragraph(
                t(
                    "If every population by itself is to have {target} power, the trial needs {n} "
                    "participants. The population “{population}” needs most: few are in it, or its assumed "
                    "effect is small.",
                    target=target,
                    population=who,
                    n=row["n_total"].count(),
                )
            )


def _found(results: Node) -> Iterator[Block]:
    answers = [row for row in results["sizing"]["answers"] if row["method"].value != "formula"]
    targets = {row["target_power"].value: row["target_power"] for row in answers}
    for i, own in enumerate(results["scenario"]["estimators"]):
        label = own["label"].value
        rows = []
        for who in dict.fromkeys(row["population"].value for row in answers):
            found = [
                row for row in answers if (row["estimator"].value, row["population"].value) == (label, who)
            ]
            by_target = {row["target_power"].value: row for row in found}
            if found:
                methods = dict.fromkeys(row["method"].value for row in found)
                how = Joined(tuple(_METHODS.get(method) or name(method) for method in methods))
                cells = (_size(by_target[key]) if key in by_target else "" for key in targets)
                rows.append((population(results, who), *cells, how))
        yield Table(
            f"sizes-{i + 1}",
            t("Participants needed in all. Analysis: {analysis}", analysis=estimator(label)),
            (
                t("Population"),
                *(t("For {target} power", target=node.share(0)) for node in targets.values()),
                t("Found by"),
            ),
            tuple(rows),
            _note(answers),
        )


def _note(answers: Sequence[Node]) -> Text | None:
    if len({row["population"].value for row in answers}) > 1:
        return t(
            "In brackets: 95% Monte Carlo intervals of simulated sizes. A subgroup's size is that of the "
            "whole trial, with everybody in it, at which the subgroup alone has this power."
        )
    if any(row["mc_standard_error"] for row in answers):
        return t("In brackets: 95% Monte Carlo intervals.")
    return None


def _size(row: Node) -> Item:
    if row["n_total"].value is None:
        return t("no size: {reason}", reason=row["note"].quoted())
    if not row["mc_standard_error"]:
        return row["n_total"].count()
    return t(
        "{n} ({low} to {high})",
        n=row["n_total"].count(),
        low=row["n_low"].count(),
        high=row["n_high"].count(),
    )


def _formula(results: Node) -> Iterator[Block]:
    """Yield the usual formula's sizes beside those counted exactly, and why they differ."""
    answers = results["sizing"]["answers"]
    rows: list[tuple[Item, ...]] = []
    for formula in answers.rows(method="formula", population="all"):
        same = {key: formula[key].value for key in ("target_power", "estimator", "population")}
        rows += [
            (
                formula["target_power"].share(0),
                estimator(formula["estimator"].value),
                exact["n_total"].count(),
                exact["power"].percent(2),
                formula["n_total"].count(),
                formula["power"].percent(2),
            )
            for exact in answers.rows(method="exact", **same)
        ]
    if not rows:
        return
    yield Table(
        "sizes-formula",
        t("Sizes for everybody, counted exactly and by the usual formula"),
        (
            t("Power wanted"),
            t("Analysis"),
            t("Participants, exact"),
            t("Their power, per cent"),
            t("Participants, formula"),
            t("Their exact power, per cent"),
        ),
        tuple(rows),
        t(
            "The formula takes the estimate to be normally distributed with a known variance. Counting "
            "every possible trial does not, and it lets the numbers in the arms vary as they do when strata "
            "fill up by chance."
        ),
    )
