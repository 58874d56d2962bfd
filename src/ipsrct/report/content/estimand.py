"""The estimand (ICH E9(R1)), and how the analyses adjust for covariates."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.report.content.analyses import analysis, knows_strata, standard_error, weighting
from ipsrct.report.content.statements import named, percent_as_given, primary, to_fill_in
from ipsrct.report.content.words import estimator, name
from ipsrct.report.model import Block, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, t


def estimand(results: Node) -> Section:
    """Return the attributes of the estimand, its intercurrent events, missing data, and covariates."""
    return Section(
        "estimand",
        t("The estimand and its analysis"),
        (
            Paragraph(
                t(
                    "The estimand says which effect the trial is to estimate (ICH E9(R1)). What is "
                    "simulated has the same "
                    "attributes, so power, bias and coverage in this report are about this effect."
                )
            ),
            _attributes(results),
            _events(results),
            Paragraph(_events_note(results), "note"),
            Paragraph(_missing(results)),
        ),
        (_covariates(results),),
    )


def _attributes(results: Node) -> Table:
    scenario = results["scenario"]
    chosen = scenario["estimand"]
    month: Item = (
        t("{month} months after randomisation", month=chosen["month"].count())
        if chosen["month"].value is not None
        else to_fill_in(t("months after randomisation"))
    )
    rows: tuple[tuple[Item, Item], ...] = (
        (t("Treatment"), t("allocation to {arm}", arm=name(chosen["treatment"].value))),
        (t("Compared with"), t("allocation to {arm}", arm=name(chosen["control"].value))),
        (t("Population"), _population(results)),
        (t("Variable"), chosen["variable"].quoted()),
        (t("Time point"), month),
        (t("Summary for the population"), _summary(scenario)),
    )
    return Table("estimand", t("The attributes of the estimand"), (t("Attribute"), t("Choice")), rows)


def _population(results: Node) -> Item:
    plan = results["provenance"]["scenario"]
    everybody = t("everybody who is randomised, analysed in the arm to which they were allocated")
    if "recruitment" not in plan or "minimum_age" not in plan["recruitment"]:
        return everybody
    return t(
        "everybody who is randomised, from {age} years of age, analysed in the arm to which they were "
        "allocated",
        age=plan["recruitment"]["minimum_age"].count(),
    )


def _summary(scenario: Node) -> Item:
    if scenario["is_share"].value:
        return t("difference between the arms in the share with the outcome (risk difference)")
    return t("difference between the arms in mean {unit}", unit=scenario["unit"].quoted())


def _strategy(strategy: Node) -> Item:
    """Return a strategy with what it means."""
    words = {
        "treatment policy": t("treatment policy: the outcome counts whether or not the event happens"),
        "hypothetical": t("hypothetical: the outcome is what it would have been without the event"),
        "composite": t("composite: the event is part of the outcome"),
        "while on treatment": t("while on treatment: the outcome counts until the event"),
        "principal stratum": t("principal stratum: those in whom the event would not happen"),
    }
    return words[strategy.value]


def _events(results: Node) -> Table:
    events = results["scenario"]["estimand"]["intercurrent_events"]
    rows: tuple[tuple[Item, ...], ...] = tuple(
        (event["event"].quoted(), _strategy(event["strategy"])) for event in events
    )
    if not rows:
        rows = (
            (
                to_fill_in(t("events after randomisation that change what the outcome means")),
                to_fill_in(t("strategy")),
            ),
        )
    return Table(
        "intercurrent-events",
        t("Intercurrent events and their strategies"),
        (t("Event"), t("Strategy")),
        rows,
    )


def _events_note(results: Node) -> Text:
    events = results["scenario"]["estimand"]["intercurrent_events"]
    if events and all(event["strategy"].value == "treatment policy" for event in events):
        return t(
            "No event is simulated by itself. Assumed levels and effects are those of everybody in an arm, "
            "whatever happens "
            "to them after randomisation, as the treatment-policy strategy asks."
        )
    return t(
        "No event is simulated by itself. Assumed levels and effects must be read as those under the "
        "strategies named."
    )


def _missing(results: Node) -> Text:
    lost = results["scenario"]["attrition"]
    if not lost:
        return t(
            "Missing data are another matter than intercurrent events. Here the outcome is assumed to be "
            "seen for everybody; "
            "withdrawn consent and emigration are not modelled."
        )
    shares: tuple[Item, ...] = tuple(
        t("{share} in {arm}", share=percent_as_given(share), arm=name(arm)) for arm, share in lost.items()
    )
    return t(
        "Missing data are another matter than intercurrent events. Here the outcome is assumed to be "
        "missing for {shares}, "
        "completely at random within an arm; those without an outcome are left out of the analysis. If "
        "whether it is missing "
        "depends on the outcome, the estimate is biased, and a sensitivity analysis must show by how much.",
        shares=Joined(shares),
    )


def _covariates(results: Node) -> Section:
    scenario = results["scenario"]
    blocks: list[Block] = [
        Paragraph(_prespecified(results)),
        Paragraph(_strata(results)),
        Paragraph(
            t(
                "A difference in shares or means is the same with and without covariates, so the "
                "conditional and the marginal "
                "effect agree where the effect does not vary. The estimand is marginal: the effect averaged "
                "over all who are "
                "randomised."
            )
        ),
        _analyses(results),
    ]
    if "characteristics" in results:
        blocks.append(_performance(results))
    blocks += [
        Paragraph(_many(row), "warning") for row in scenario["estimators"] if row["many_covariates"].value
    ]
    return Section("covariates", t("Adjustment for covariates"), tuple(blocks))


def _prespecified(results: Node) -> Text:
    rows = results["scenario"]["estimators"]
    factors = tuple(dict.fromkeys(factor for row in rows for factor in row["strata_factors"].value))
    if not factors:
        return t("No analysis adjusts for covariates.")
    return t(
        "Covariates are chosen in advance and known before randomisation: {factors}. None may be added or "
        "left out once outcomes have been seen. The primary analysis is {analysis}.",
        factors=Joined(tuple(name(factor) for factor in factors)),
        analysis=analysis(rows.row(label=primary(results))),
    )


def _strata(results: Node) -> Text:
    scenario = results["scenario"]
    factors = scenario["randomisation"]["factors"]
    chosen = scenario["estimators"].row(label=primary(results))
    if not factors:
        return t("Randomisation is not stratified, so no stratification factor has to be in the model.")
    if knows_strata(chosen, factors.value):
        return t(
            "Randomisation is stratified by {factors}, and the primary analysis takes all of them into "
            "account, so its "
            "standard error reflects the stratification.",
            factors=named(factors),
        )
    return t(
        "Randomisation is stratified by {factors}. The primary analysis does not adjust for them: it needs "
        "no model. Its standard error is then on average too large rather than too small where the factors "
        "predict the outcome, so the test is valid and somewhat cautious. Analyses that take the factors "
        "into account stand beside it in the tables below.",
        factors=named(factors),
    )


def _analyses(results: Node) -> Table:
    scenario = results["scenario"]
    rows: tuple[tuple[Item, ...], ...] = tuple(
        (
            estimator(row["label"].value),
            analysis(row),
            standard_error(row),
            weighting(row),
            row["n_coefficients"].count(),
            row["participants_per_coefficient"].decimal(0),
        )
        for row in scenario["estimators"]
    )
    return Table(
        "analyses",
        t("The analyses"),
        (
            t("Analysis"),
            t("What it is"),
            t("Standard error"),
            t("What it estimates"),
            t("Coefficients"),
            t("Participants per coefficient"),
        ),
        rows,
        t(
            "For a yes-or-no outcome, what counts is the smaller of the groups with and without the "
            "outcome, as expected at the planned size, divided by the number of coefficients."
        ),
    )


def _performance(results: Node) -> Table:
    """Return the analyses side by side, on the same simulated trials."""
    known, scenario = results["characteristics"]["characteristics"], results["scenario"]
    measures: list[tuple[Item, str]] = [
        (t("Power"), "power"),
        (t("Type I error"), "type_i_error"),
        (t("Coverage of the interval"), "coverage"),
    ]
    if scenario["is_share"].value:
        measures += [
            (t("Average standard error, percentage points"), "mean_standard_error"),
            (t("Standard deviation of the estimates, percentage points"), "empirical_standard_error"),
        ]
    rows = []
    for row in scenario["estimators"]:
        label = row["label"].value
        found = [known.rows(measure=measure, estimator=label, population="all") for _, measure in measures]
        rows.append((estimator(label), *(_measured(one[0]) if one else NO_VALUE for one in found)))
    return Table(
        "unadjusted-and-adjusted",
        t("Unadjusted and adjusted analyses side by side"),
        (t("Analysis"), *(words for words, _ in measures)),
        tuple(rows),
        t(
            "All analyses are of the same trials at the planned size. In brackets: Monte Carlo standard "
            "errors of simulated numbers."
        ),
    )


def _measured(row: Node) -> Item:
    if row["value"].value is None:
        return NO_VALUE
    if row["measure"].value.endswith("standard_error"):
        return row["value"].percent(2, row["mc_standard_error"])
    return row["value"].share(1, row["mc_standard_error"])


def _many(row: Node) -> Text:
    return t(
        "{analysis} has many covariates for the number of participants: about {few} count for each "
        "coefficient, and at "
        "least {least} are advised (Harrell, Regression Modeling Strategies, 2nd edition 2015, section "
        "4.4). Leave covariates "
        "out, or show by simulation that the test holds its level.",
        analysis=estimator(row["label"].value),
        few=row["participants_per_coefficient"].decimal(0),
        least=row["least_per_coefficient"].count(),
    )
