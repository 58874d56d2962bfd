"""Which analyses are valid after which randomisation, and trials without effect to try them on.

An analysis is valid after a scheme if its type I error tends to the stated level where no participant's
outcome depends on the arm. Every scheme has a row, at 2:1 where it can be; the reasons stand beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ipsrct import Scenario

Table = dict[str, Any]

# Trials of 1,320 by counts have 12 strata. Those of 360 by participants have 6, so that all but one in a
# thousand have two participants in each arm of each stratum, without which no analysis by strata is done.
LARGE, SMALL = ["age", "sex", "social_assistance"], ["age", "sex"]
# Risks run from 0.1 to 0.7, and are sums over factors.
RISKS: Table = {
    "assumptions.outcome.control_risk_shift": {
        "age": {"under_20": -0.3, "24_plus": 0.3},
        "sex": {"men": 0.04},
    }
}
BY_PARTICIPANTS: Table = {"design.n_participants": 360}
# The correlation in services is high, and at risks of a half its quantiles are quick to draw.
N_SERVICES, ICC = 60, 0.2
IN_SERVICES: Table = {
    "design.n_participants": 300,
    "assumptions.cohort.services": {"anywhere": N_SERVICES},
    "assumptions.outcome.service_icc": ICC,
    "assumptions.outcome.control_risk": 0.5,
    "assumptions.outcome.control_risk_shift": {},
}


def adaptive(factors: list[str], adjustment: str, balance: str = "strong") -> Table:
    """Return a covariate-adaptive difference."""
    kind = "covariate_adaptive_difference"
    return {"kind": kind, "factors": factors, "adjustment": adjustment, "balance": balance}


def _within(factors: list[str]) -> list[Table]:
    return [
        *({"kind": "linear_probability", "factors": factors, "variance": f"HC{i}"} for i in range(4)),
        {"kind": "stratified_difference", "factors": factors},
        {"kind": "post_stratified_difference", "factors": factors},
        *(adaptive(factors, how) for how in ("fixed_effects", "saturated")),
    ]


UNADJUSTED: list[Table] = [
    {"kind": "difference_in_proportions", "variance": "pooled"},
    {"kind": "difference_in_proportions", "variance": "unpooled"},
    {"kind": "linear_probability", "variance": "HC2"},
]
# Lists that know nothing of the participants: given the list, each arm is a random sample, so that every
# analysis is valid, adjusted or not (Rosenberger and Lachin, Randomization in Clinical Trials, 2nd edition
# 2016, chapter 6; Lin, Annals of Applied Statistics 2013;7:295-318). Strata are balanced by chance only,
# and the difference in means must not be told otherwise.
ANY = [*UNADJUSTED, *_within(LARGE), adaptive(LARGE, "none", "none")]
# Whatever the imbalance within strata, what compares participants of a stratum is valid: the limit of the
# imbalance is needed in no variance (Ye, Yi and Shao, Biometrika 2022;109:33-47; with fixed effects at 2:1
# only because the effect, none, is the same in every stratum: Bugni, Canay and Shaikh, Quantitative Economics
# 2019;10:1747-1785).
WITHIN, WITHIN_SMALL = _within(LARGE), _within(SMALL)
# Imbalances within strata stay bounded (tau = 0): also the difference in means with a variance that knows
# (Bugni, Canay and Shaikh, Journal of the American Statistical Association 2018;113:1784-1796).
STRONG = [*WITHIN, adaptive(LARGE, "none")]
STRONG_SMALL = [*WITHIN_SMALL, adaptive(SMALL, "none")]
# What respects the services. With participants randomised, their services may be left out as well.
CLUSTERED: list[Table] = [{"kind": "cluster_robust"}, {"kind": "cluster_means"}]


@dataclass(frozen=True)
class Pairs:
    """A scheme with the analyses that are valid after it."""

    scheme: Table
    weight: int
    analyses: list[Table]
    changes: Table = field(default_factory=dict)

    @property
    def small(self) -> bool:
        """Whether participants are drawn one by one, fewer of them."""
        return "design.n_participants" in self.changes

    def __str__(self) -> str:
        options = [str(v) for k, v in self.scheme.items() if k != "kind" and not isinstance(v, float)]
        return f"{self.weight}:1 " + " ".join([self.scheme["kind"], *options])


def _stratified(kind: str, **options: Any) -> Table:
    return {"kind": kind, "factors": LARGE, **options}


VALID = [
    Pairs({"kind": "complete"}, 2, ANY),
    Pairs({"kind": "simple"}, 2, ANY),
    Pairs({"kind": "random_allocation_rule"}, 2, ANY),
    Pairs({"kind": "block_urn", "block_size": 6}, 2, ANY),
    Pairs({"kind": "permuted_block", "block_sizes": [6]}, 2, ANY),
    Pairs({"kind": "permuted_block", "block_sizes": [3, 6, 9]}, 2, ANY),
    Pairs({"kind": "truncated_binomial"}, 1, ANY),
    Pairs({"kind": "biased_coin", "p": 2 / 3}, 1, ANY),
    Pairs({"kind": "adjustable_biased_coin", "a": 2.0}, 1, ANY),
    Pairs({"kind": "big_stick", "maximum_tolerated_imbalance": 4}, 1, ANY),
    Pairs({"kind": "imbalance_tolerance_biased_coin", "p": 0.7, "maximum_tolerated_imbalance": 4}, 1, ANY),
    Pairs({"kind": "maximal_procedure", "maximum_tolerated_imbalance": 4}, 1, ANY),
    Pairs({"kind": "urn"}, 1, ANY),
    Pairs(_stratified("stratified_permuted_block", block_sizes=[6]), 2, STRONG),
    Pairs(_stratified("stratified_permuted_block", block_sizes=[3, 6], leftovers="pool"), 2, STRONG),
    Pairs(_stratified("random_allocation_rule"), 2, STRONG),
    Pairs(_stratified("block_urn", block_size=6), 2, STRONG),
    Pairs(_stratified("truncated_binomial"), 1, STRONG),
    Pairs(_stratified("biased_coin", p=2 / 3), 1, STRONG),
    Pairs(_stratified("stratified_biased_coin", p=2 / 3), 1, STRONG),
    Pairs(_stratified("adjustable_biased_coin", a=2.0), 1, STRONG),
    Pairs(_stratified("big_stick", maximum_tolerated_imbalance=4), 1, STRONG),
    Pairs(_stratified("imbalance_tolerance_biased_coin", p=0.7, maximum_tolerated_imbalance=4), 1, STRONG),
    Pairs(_stratified("maximal_procedure", maximum_tolerated_imbalance=4), 1, STRONG),
    # Imbalances grow as those of a coin, with a third of the variance: tau is neither 0 nor pi (1 - pi).
    Pairs(_stratified("urn"), 1, WITHIN),
    # Margins are balanced, and how strata are is not known.
    Pairs({"kind": "minimisation", "factors": SMALL}, 2, WITHIN_SMALL, BY_PARTICIPANTS),
    # With a weight for strata their imbalances are a positive recurrent Markov chain (Hu and Hu 2012).
    Pairs({"kind": "covariate_adaptive", "factors": SMALL}, 2, STRONG_SMALL, BY_PARTICIPANTS),
    # Imbalances grow, with a fifth of a coin's variance (Burman 1996).
    Pairs({"kind": "d_optimal_biased_coin", "factors": SMALL}, 1, WITHIN_SMALL, BY_PARTICIPANTS),
    # The unadjusted tests are conservative; adjusted by all that was balanced, nothing is left of it (Li and
    # Ding, Journal of the Royal Statistical Society B 2020;82:241-268).
    Pairs({"kind": "rerandomisation", "factors": SMALL, "acceptance": 0.1}, 2, WITHIN_SMALL, BY_PARTICIPANTS),
    # Services are the units: a t test on their means, or a variance that lets them be alike.
    Pairs({"kind": "cluster"}, 2, CLUSTERED, IN_SERVICES),
    # As long as partners are no more alike than other services; else both tests are conservative.
    Pairs({"kind": "matched_pairs"}, 1, CLUSTERED, IN_SERVICES),
    Pairs({"kind": "stepped_wedge", "steps": 4}, 1, CLUSTERED[:1], IN_SERVICES),
    Pairs({"kind": "complete"}, 2, [CLUSTERED[0], *UNADJUSTED], IN_SERVICES),
]

# Effects of 25 points with either sign in men and women, none on average: the variance must have what varies
# between strata. Tests of no effect on anybody, the re-randomisation test and those with pooled or common
# effects, are not for this.
CANCELLING: Table = {
    "assumptions.outcome.control_risk": 0.45,
    "assumptions.outcome.control_risk_shift": {"age": {"under_20": -0.15, "24_plus": 0.15}},
    "assumptions.outcome.effect_shift": {"sex": {"men": 0.25, "women": -0.25}},
}
VALID_ON_AVERAGE = [
    Pairs(
        {"kind": "complete"},
        2,
        [UNADJUSTED[1], *(adaptive(LARGE, how, "none") for how in ("none", "fixed_effects", "saturated"))],
        CANCELLING,
    ),
    Pairs(
        _stratified("stratified_permuted_block", block_sizes=[6]),
        2,
        [adaptive(LARGE, how) for how in ("none", "fixed_effects", "saturated")],
        CANCELLING,
    ),
    # At 1:1 the imbalance has no part in the variance with fixed effects; saturated it never has.
    Pairs(
        _stratified("urn"), 1, [adaptive(LARGE, how) for how in ("fixed_effects", "saturated")], CANCELLING
    ),
    Pairs(
        {"kind": "minimisation", "factors": SMALL},
        2,
        [adaptive(SMALL, "saturated")],
        CANCELLING | BY_PARTICIPANTS,
    ),
]


def without_effect(cells_trial: Scenario, pairs: Pairs, n_replicates: int) -> Scenario:
    """Return a trial of the scheme in which the arm changes nobody's outcome."""
    values: Table = {
        "design.randomisation": pairs.scheme,
        "design.arms.0.allocation_weight": pairs.weight,
        "analysis.estimators": pairs.analyses,
        "analysis.subgroups": [],
        "analysis.interactions": [],
        "simulation.under_null": False,
        "simulation.replicates": n_replicates,
        "assumptions.outcome.effect": 0.0,
    }
    return cells_trial.with_changes(values | RISKS | pairs.changes)


def check(pairs: Pairs, label: str, rate: float, low: float, high: float) -> None:
    """Hold a rate to its bounds, and print them for ``pytest -s``."""
    print(f"{pairs!s:76} {label:44} {rate:.4f} ({low:.4f} to {high:.4f})")
    assert low < rate < high, label
