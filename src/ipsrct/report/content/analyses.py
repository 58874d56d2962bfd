"""What every kind of analysis is, what it estimates, and where its standard error comes from."""

from __future__ import annotations

from ipsrct.report.content.statements import named
from ipsrct.report.content.words import estimator
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Text, t

_UNWEIGHTED = ("difference_in_proportions", "cluster_means", "cluster_robust")


def analysis(row: Node) -> Item:
    """Return an analysis as it stands in a sentence."""
    kind = row["kind"].value
    factors = row["strata_factors"]
    if kind == "linear_probability" and factors:
        return t(
            "least squares with a coefficient for each stratum of {factors} ({variance} standard error)",
            factors=named(factors),
            variance=row["variance"].value,
        )
    if kind == "linear_probability":
        return t(
            "least squares without covariates ({variance} standard error)", variance=row["variance"].value
        )
    if kind == "difference_in_proportions":
        pooled = row["variance"].value == "pooled"
        return (
            t("the unadjusted difference (normal approximation, pooled variance)")
            if pooled
            else t("the unadjusted difference (normal approximation, unpooled variance)")
        )
    words = {
        "stratified_difference": t(
            "the Mantel-Haenszel difference over strata of {factors}", factors=named(factors)
        ),
        "post_stratified_difference": t(
            "the difference post-stratified by {factors}", factors=named(factors)
        ),
        "covariate_adaptive_difference": t(
            "the difference with a variance that holds under covariate-adaptive randomisation by {factors}",
            factors=named(factors),
        ),
        "rerandomisation_test": t("the difference with a re-randomisation test"),
        "cluster_means": t("the difference between means of whole clusters (t test)"),
        "cluster_robust": t("least squares with cluster-robust standard errors"),
    }
    return words.get(kind) or estimator(row["label"].value)


def standard_error(row: Node) -> Item:
    """Return where the standard error comes from, and whether it needs equal variances."""
    kind, variance = row["kind"].value, row["variance"].value if "variance" in row else None
    if kind == "linear_probability":
        return t("robust ({variance})", variance=variance or "HC2")
    if kind == "difference_in_proportions":
        return (
            t("pooled under the null hypothesis; not robust")
            if variance == "pooled"
            else t("a variance of its own in each arm; robust")
        )
    words = {
        "stratified_difference": t("Sato's, within strata"),
        "post_stratified_difference": t("Neyman's, within strata"),
        "covariate_adaptive_difference": t("within strata, with what the scheme leaves unbalanced"),
        "rerandomisation_test": t("none of its own: the trial is randomised again"),
        "cluster_means": t("between clusters"),
        "cluster_robust": t("cluster-robust (CR1)"),
    }
    return words.get(kind) or t("see the description of the analysis")


def knows_strata(row: Node, factors: list[str]) -> bool:
    """Return whether the analysis takes all the factors into account by which randomisation is stratified."""
    by_scheme = row["kind"].value == "rerandomisation_test"
    return by_scheme or set(factors) <= set(row["strata_factors"].value)


def weighting(row: Node) -> Text:
    """Return what an analysis estimates where effects differ between strata."""
    kind = row["kind"].value
    if not row["strata_factors"] or kind in _UNWEIGHTED:
        return t("the marginal difference")
    if kind in ("post_stratified_difference", "covariate_adaptive_difference"):
        return t("the marginal difference, as the strata are weighted by their participants")
    return t("strata weighted by information; the marginal difference where the effect is the same in all")
