"""Readable names of analyses that have no name of their own."""

from __future__ import annotations

from ipsrct.report.text import Text, t

_NAMES = {
    "difference_in_proportions_unpooled": t("difference in proportions"),
    "difference_in_proportions_pooled": t("difference in proportions with pooled variance"),
    "linear_probability_HC0": t("adjusted linear regression (HC0)"),
    "linear_probability_HC1": t("adjusted linear regression (HC1)"),
    "linear_probability_HC2": t("adjusted linear regression (HC2)"),
    "linear_probability_HC3": t("adjusted linear regression (HC3)"),
    "linear_probability_HC0_unadjusted": t("unadjusted linear regression (HC0)"),
    "linear_probability_HC1_unadjusted": t("unadjusted linear regression (HC1)"),
    "linear_probability_HC2_unadjusted": t("unadjusted linear regression (HC2)"),
    "linear_probability_HC3_unadjusted": t("unadjusted linear regression (HC3)"),
    "stratified_difference": t("difference weighted over strata"),
    "post_stratified_difference": t("post-stratified difference"),
    "covariate_adaptive_difference_none": t("unadjusted difference after covariate-adaptive randomisation"),
    "covariate_adaptive_difference_fixed_effects": t(
        "difference with fixed effects of strata after covariate-adaptive randomisation"
    ),
    "covariate_adaptive_difference_saturated": t(
        "difference saturated in strata after covariate-adaptive randomisation"
    ),
    "cluster_means": t("comparison of clusters' means"),
    "cluster_means_service": t("comparison of services' means"),
    "cluster_means_county": t("comparison of counties' means"),
    "cluster_robust": t("regression with errors clustered by the randomised unit"),
    "cluster_robust_service": t("regression with errors clustered by service"),
    "cluster_robust_county": t("regression with errors clustered by county"),
    "rerandomisation_test": t("adjusted difference with a rerandomisation test"),
    "rerandomisation_test_unadjusted": t("difference with a rerandomisation test"),
}


def estimator_name(label: str) -> Text | None:
    """Return an analysis by the label that it has without a name of its own, or None."""
    return _NAMES.get(label)
