"""A readable name for every kind of randomisation, and how each is concealed."""

from __future__ import annotations

from ipsrct.report.content.words import name
from ipsrct.report.text import Item, Text, t

_SERVICES = ("cluster", "matched_pairs", "stepped_wedge")
_ADAPTIVE = ("minimisation", "covariate_adaptive", "d_optimal_biased_coin")
_AT_ONCE = ("rerandomisation",)
UNRESTRICTED = ("simple", "complete")


def scheme_name(kind: str) -> Item:
    """Return a kind of randomisation as it reads in a sentence."""
    words = {
        "adjustable_biased_coin": t("an adjustable biased coin"),
        "biased_coin": t("Efron's biased coin"),
        "big_stick": t("the big stick design"),
        "block_urn": t("the block urn design"),
        "cluster": t("cluster randomisation"),
        "complete": t("complete randomisation"),
        "covariate_adaptive": t("covariate-adaptive randomisation (Hu and Hu)"),
        "d_optimal_biased_coin": t("the D-optimal biased coin (Atkinson)"),
        "imbalance_tolerance_biased_coin": t("the biased coin with imbalance tolerance"),
        "matched_pairs": t("randomisation within matched pairs"),
        "maximal_procedure": t("the maximal procedure"),
        "minimisation": t("minimisation"),
        "permuted_block": t("block randomisation (permuted blocks)"),
        "random_allocation_rule": t("the random allocation rule"),
        "rerandomisation": t("rerandomisation"),
        "simple": t("simple randomisation"),
        "stepped_wedge": t("a stepped wedge"),
        "stratified_biased_coin": t("Efron's biased coin within strata"),
        "stratified_permuted_block": t("stratified block randomisation (permuted blocks)"),
        "truncated_binomial": t("the truncated binomial design"),
        "urn": t("Wei's urn design"),
    }
    return words.get(kind) or name(kind)


def concealment(kind: str) -> Text:
    """Return how the allocation stays hidden from those who recruit."""
    if kind in _SERVICES:
        return t(
            "Whole services are allocated. Nobody who recruits learns a service's arm before the service "
            "has agreed to take part and, where that is possible, before its participants have been "
            "identified. What follows after that is not concealed: those who recruit know the arm of the "
            "next participant."
        )
    if kind in _AT_ONCE:
        return t(
            "All participants are enrolled before anybody is allocated, so no one can steer an allocation by "
            "choosing whom to enrol. The allocation is drawn once, centrally."
        )
    if kind in _ADAPTIVE:
        return t(
            "There is no list that could be seen in advance. A central computer allocates each participant "
            "when consent and baseline data are registered, from those before and a random draw. Those who "
            "recruit see the arm only after that, and it cannot be undone."
        )
    return t(
        "The list is drawn in advance and kept centrally. Those who recruit register consent and baseline "
        "data first; only then does the system show the arm of that one participant, and it cannot be "
        "undone. They see neither the list nor what restricts it."
    )


def keeps_lists(kind: str) -> bool:
    """Return whether a list is drawn in advance."""
    return kind not in (*_SERVICES, *_ADAPTIVE, *_AT_ONCE)
