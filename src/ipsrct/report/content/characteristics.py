"""The simulation study: aims, data, estimands, methods and performance (Morris, White and Crowther 2019)."""

from __future__ import annotations

from collections.abc import Iterator

from ipsrct.report.content.performance import performance
from ipsrct.report.content.schemes import scheme_name
from ipsrct.report.content.words import (
    effect_unit,
    estimator,
    level,
    listed,
    name,
    population,
    unavailable,
)
from ipsrct.report.model import Block, Bullets, Code, Paragraph, Section, Table, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, Text, t

_METHODS: dict[str, Text] = {
    "difference_in_proportions": t("The difference between the arms' shares, with the normal distribution."),
    "linear_probability": t("Least squares with standard errors that are robust to unequal variances."),
    "stratified_difference": t("The Mantel-Haenszel difference over strata."),
    "post_stratified_difference": t("The differences of the strata, weighted by the strata's sizes."),
    "cluster_robust": t("Least squares with standard errors that are robust to likeness within clusters."),
    "cluster_means": t("A t test on the means of the clusters."),
    "covariate_adaptive_difference": t(
        "Differences with standard errors that hold under randomisation that adapts to covariates."
    ),
    "rerandomisation_test": t("A test against the results of allocating anew by the same scheme."),
}
_COHORTS: dict[str, Text] = {
    "register_chain": t(
        "Participants have the age, sex, history of social assistance and earlier employment of the "
        "evaluation's register, each drawn from the model fitted to it."
    ),
    "cells": t("Participants' characteristics are drawn independently of each other from published counts."),
}
_OUTCOMES: dict[str, Text] = {
    "register_chain": t(
        "Employment follows a chain from month to month, fitted to the evaluation. Entry into work is moved "
        "so that employment without IPS follows the assumed path, and the effect of IPS is scaled to the "
        "assumed effect."
    ),
    "cell_risks": t("The outcome is yes or no, with a probability that depends on arm and characteristics."),
}
_MEASURES: dict[str, Text] = {"risk_difference": t("the difference between the arms' means or shares")}


def characteristics(results: Node) -> Section:
    """Return how the planned trial behaves over many simulated trials, under the ADEMP headings."""
    title = t("Operating characteristics")
    if "characteristics" not in results:
        return Section("characteristics", title, (unavailable(results, "characteristics"),))
    parts = (
        ("aims", t("Aims"), _aims),
        ("data", t("Data-generating mechanisms"), _data),
        ("estimands", t("Estimands"), _estimands),
        ("methods", t("Methods"), _methods),
        ("performance", t("Performance measures"), performance),
        ("limits", t("What is not simulated"), _limits),
        ("again", t("To run the simulations again"), _again),
    )
    return Section(
        "characteristics",
        title,
        (
            Paragraph(
                t(
                    "This is how the planned trial would behave if it could be run many times. The headings "
                    "are those of ADEMP (Morris, White and Crowther, Statistics in Medicine "
                    "2019;38:2074-2102)."
                )
            ),
        ),
        tuple(
            Section(f"characteristics-{key}", heading, tuple(blocks(results)))
            for key, heading, blocks in parts
        ),
    )


def _aims(results: Node) -> Iterator[Block]:
    yield Paragraph(
        t(
            "To find how often a trial with {n} participants detects the assumed effect, how often it finds "
            "an effect that is not there, and whether its estimates and intervals can be trusted: for "
            "everybody, in each population and by each analysis.",
            n=results["scenario"]["n_participants"].count(),
        )
    )


def _data(results: Node) -> Iterator[Block]:
    scenario, headline = results["scenario"], results["headline"]
    assumed = results["provenance"]["scenario"]["assumptions"]
    outcome = assumed["outcome"]["kind"].value
    items: list[Item] = [
        _participants(assumed["cohort"]),
        _scheme(scenario),
        _OUTCOMES.get(outcome) or name(outcome),
        t(
            "With IPS the mean is {treated}, without it {control}.",
            treated=level(scenario, headline["treated"]),
            control=level(scenario, headline["control"]),
        ),
        *_attrition(scenario),
        t("For the type I error, everything is drawn in the same way, but IPS has no effect."),
    ]
    yield Bullets(tuple(items))
    yield Paragraph(t("The numbers and their sources stand under {section}.", section=Link("assumptions")))


def _participants(cohort: Node) -> Item:
    kind = cohort["kind"].value
    if kind == "cells" and not cohort.value.get("factors"):
        return t("All participants are alike but for the arm that they are in.")
    return _COHORTS.get(kind) or name(kind)


def _scheme(scenario: Node) -> Item:
    arms = Joined(
        tuple(
            t("{arm} {weight}", arm=name(arm["name"].value), weight=arm["allocation_weight"].count())
            for arm in scenario["arms"]
        )
    )
    scheme, factors = scenario["randomisation"]["kind"], scenario["randomisation"]["factors"].value
    kind = scheme_name(scheme.value)
    if not factors:
        return t(
            "Participants are allocated by {scheme}. Weights of the arms: {arms}.", scheme=kind, arms=arms
        )
    return t(
        "Participants are allocated by {scheme}. Factors: {factors}. Weights of the arms: {arms}.",
        scheme=kind,
        factors=_names(factors),
        arms=arms,
    )


def _names(keys: list[str]) -> Item:
    return listed([name(key) for key in keys])


def _attrition(scenario: Node) -> Iterator[Item]:
    if not scenario["attrition"]:
        yield t("Every outcome is seen.")
    for arm, share in scenario["attrition"].items():
        yield t(
            "In the arm {arm}, {share} of outcomes are never seen, at random.",
            arm=name(arm),
            share=share.share(),
        )


def _estimands(results: Node) -> Iterator[Block]:
    scenario, estimand = results["scenario"], results["scenario"]["estimand"]
    measure = estimand["measure"].value
    yield Paragraph(
        t(
            "The outcome is this: {variable}. The estimand is {measure}, {treatment} against {control}, in "
            "each population below. The true values follow from the assumptions, averaged over each "
            "population.",
            variable=estimand["variable"].quoted(),
            measure=_MEASURES.get(measure) or name(measure),
            treatment=name(estimand["treatment"].value),
            control=name(estimand["control"].value),
        )
    )
    rows = []
    for row in results["characteristics"]["true_effects"]:
        of = scenario["populations"].row(name=row["population"].value)
        share = of["share"].share() if "share" in of else "\N{EN DASH}"
        value = row["value"].percent() if scenario["is_share"].value else row["value"].decimal(2)
        rows.append((population(results, row["population"].value), share, value))
    yield Table(
        "true-effects",
        t("True effects in the simulation"),
        (t("Population"), t("Part of participants"), t("True effect, {unit}", unit=effect_unit(scenario))),
        tuple(rows),
    )


def _methods(results: Node) -> Iterator[Block]:
    items: list[tuple[Item, Item]] = []
    for row in results["scenario"]["estimators"]:
        what = _METHODS.get(row["kind"].value) or name(row["kind"].value)
        factors = row["strata_factors"].value
        adjusted = t("Adjusted for {factors}.", factors=_names(factors)) if factors else t("Not adjusted.")
        items.append((estimator(row["label"].value), Joined((what, adjusted), " ")))
    yield Terms(tuple(items))
    scenario = results["scenario"]
    alpha, confidence = scenario["significance_level"].share(1), scenario["confidence_level"].share(1)
    if scenario["sides"].value == 2:
        yield Paragraph(
            t(
                "Tests are two-sided at a significance level of {alpha}, and intervals have a confidence of "
                "{confidence}. All analyses see the same trials.",
                alpha=alpha,
                confidence=confidence,
            )
        )
    else:
        yield Paragraph(
            t(
                "Tests are one-sided at a significance level of {alpha}, and two-sided intervals have a "
                "confidence of {confidence}. All analyses see the same trials.",
                alpha=alpha,
                confidence=confidence,
            )
        )


def _limits(results: Node) -> Iterator[Block]:
    assumed = {row["path"].value for row in results["assumptions"]}
    items: list[Item] = [
        t(
            "Departures from the allocation: nobody in the control arm gets IPS, and those who leave IPS "
            "early are counted in the assumed effect."
        ),
        t("Interim looks: there is one analysis, when all outcomes are in."),
        t(
            "Many tests: each population and each analysis is tested by itself at the same significance "
            "level."
        ),
        t("Attrition that depends on the outcome: whatever is missing is so by chance alone."),
    ]
    if "assumptions.outcome.service_icc" not in assumed:
        items.append(t("Likeness within services: participants of one service differ as much as any others."))
    items.append(
        t(
            "Wrong assumptions: every number here holds only if the assumptions do. See {section}.",
            section=Link("sensitivity"),
        )
    )
    yield Bullets(tuple(items))


def _again(results: Node) -> Iterator[Block]:
    made, scenario = results["provenance"], results["scenario"]
    yield Terms(
        (
            (t("Random generator"), made["generator"].quoted()),
            (t("Simulation seed"), str(made["seed"].value)),
            (t("Versions"), Joined(tuple(f"{key} {value.value}" for key, value in made["versions"].items()))),
        )
    )
    yield Code(
        t("With the scenario file, this command gives the same numbers:"),
        f"ipsrct simulate {scenario['name'].value} --seed {scenario['seed'].value} "
        f"--replicates {scenario['replicates'].value}",
    )
