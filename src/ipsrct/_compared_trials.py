"""One block of trials under every scheme of a comparison, on common random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ipsrct._streams import Streams
from ipsrct.diagnostics import imbalance, information, predictability
from ipsrct.engine import BLOCK_SIZE, analyse, observed
from ipsrct.scenario import Scenario
from ipsrct.trial import ESTIMATED, SERVICE, Assignment, Cohort, FloatArray, IntArray, Outcomes, Trial

SIZE = BLOCK_SIZE["individual"]
# What was seen of a scheme's block of trials: values and what they are shares of, each (R,), by measure and
# analysis.
Seen = dict[tuple[str, str], tuple[FloatArray, FloatArray]]


def run_block(scenarios: Mapping[str, Scenario], margins: tuple[str, ...], block: int) -> dict[str, Seen]:
    """Simulate one block of trials under every scheme."""
    first, *_ = scenarios.values()
    streams, design = Streams(first.simulation.seed), first.design
    cohort = first.assumptions.cohort_model.draw(
        design.n_participants, SIZE, streams.rng("individual/cohort", block)
    )
    potential = [potential_outcomes(first, cohort, streams, block, null=null) for null in (False, True)]
    found = {}
    for label, scenario in scenarios.items():
        rng = streams.rng("individual/randomisation", block)
        assignment = scenario.design.scheme.assign(cohort, design.weights, rng)
        whose = observed(scenario, assignment.arm, streams, block)
        seen = dict(_balance(scenario, cohort, assignment.arm, margins))
        for measure, outcomes in zip(("power", "type_i_error"), potential, strict=True):
            y = np.take_along_axis(outcomes, assignment.arm[None].astype(np.intp), axis=0)[0]
            trial = Trial(cohort, assignment, Outcomes(y, whose), scenario.arm_names)
            seen |= _analysed(scenario, trial, measure, streams, block)
        found[label] = seen
    return found


def potential_outcomes(
    scenario: Scenario, cohort: Cohort, streams: Streams, block: int, *, null: bool
) -> FloatArray:
    """Return each participant's outcome in each arm, (K, R, N), from the draws of the individual route."""
    outcome = scenario.assumptions.outcome_model
    model = outcome.under_null() if null else outcome
    arms = [np.full(cohort.cell.shape, k, dtype=np.int8) for k in range(len(scenario.arm_names))]
    stage = "individual/outcome"  # from its start for every arm
    return np.stack(
        [
            model.draw(cohort, Assignment(arm, None), scenario.treated, streams.rng(stage, block)).y
            for arm in arms
        ]
    )


def _analysed(scenario: Scenario, trial: Trial, measure: str, streams: Streams, block: int) -> Seen:
    """Return rejections in everybody by analysis, and how many trials could not be analysed."""
    analysis, seen = scenario.analysis, {}
    for estimator in analysis.estimator_list:
        found = analyse(scenario, estimator, trial, streams, block)
        done = found.status[0] == ESTIMATED
        rejected = done & found.rejects(analysis.tail, analysis.sides)[0]
        seen[measure, estimator.label] = rejected * 1.0, done * 1.0
        if measure == "power":
            seen["not_estimated", estimator.label] = 1.0 - done, np.ones(len(done))
    return seen


def _balance(scenario: Scenario, cohort: Cohort, arm: IntArray, margins: Sequence[str]) -> Seen:
    """Return what a scheme does to a block of cohorts, without any outcome."""
    weights, index = scenario.design.weights, scenario.arm_names.index
    estimand = scenario.analysis.estimand
    off = {
        place.name: imbalance.at_the_end(place, arm, weights).max(axis=1)
        for place in imbalance.places(cohort, ())
    }
    values = {"imbalance_overall": off["overall"]}
    if margins:
        values["imbalance_largest_margin"] = np.max([off[name] for name in margins], axis=0)
    if SERVICE in off:
        values["imbalance_largest_service"] = off[SERVICE]
    for who, keys in _views(scenario, cohort).items():
        values[f"correct_guesses_{who}"] = predictability.share_correct(keys, arm, weights)
    pair = index(estimand.treatment), index(estimand.control)
    values["information_loss"] = information.loss(cohort, arm, weights, pair)
    return {(measure, ""): (x, np.ones(len(x))) for measure, x in values.items()}


def _views(scenario: Scenario, cohort: Cohort) -> dict[str, list[IntArray]]:
    """Return how a caseworker counts who sees her own service, and one who sees everybody.

    The first counts in the scheme's strata, the second in each of the margins that the scheme balances. Where
    whole services have an arm, the next participant's is known and not guessed.
    """
    scheme = scenario.design.randomisation
    if scheme.randomised_unit != "participant":
        return {}
    replicate = np.arange(len(cohort.cell), dtype=np.int64)[:, None]
    found = {}
    if cohort.n_services > 1:
        found["own_service"] = [predictability.view_of(cohort, scheme.strata_factors, "").key]
    strata = [cohort.stratum(factors) for factors in scheme.balanced_within]
    found["everybody"] = [replicate * n_strata + stratum for stratum, n_strata in strata]
    return found
