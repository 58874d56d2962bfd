"""Operating characteristics without simulation: every possible trial, with its probability.

Valid for the whole population of a two-arm trial when the analysis is unadjusted and participants of one
stratum of the randomisation have the same risk, or are a random sample of the people in the stratum. The
arms' sizes may be random: their exact distribution follows from the randomisation scheme. Nothing here shares
code with the drawing of simulated trials but the scheme's tables of arm counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ipsrct._accumulator import Accumulator, true_values
from ipsrct._event_distribution import Results, every_result, why_not_enumerable
from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.protocols import CountsEstimator, Estimator
from ipsrct.randomisation._independent import Independent
from ipsrct.randomisation.permuted_block import PermutedBlock
from ipsrct.randomisation.stratified_permuted_block import StratifiedPermutedBlock
from ipsrct.scenario import Scenario
from ipsrct.trial import (
    SERVICE,
    CellCounts,
    CellTable,
    Estimates,
    FloatArray,
    Populations,
)

_EVERYBODY = CellTable((), (), np.ones(1))
_ALL = Populations(("all",), ("all",), np.ones((1, 1), dtype=np.bool_), np.empty((0, 2), dtype=np.intp))
LARGEST = 20_000


def why_not_exact(scenario: Scenario) -> dict[str, str]:
    """Return what the exact route leaves out of a scenario, and why; empty if it covers everything."""
    reason = why_unavailable(scenario)
    if reason:
        return {"exact route": reason}
    estimators = scenario.analysis.estimator_list
    left_out = {e.label: reason for e in estimators if (reason := _why_not_estimator(e))}
    names = scenario.populations.names[1:]
    return left_out | dict.fromkeys(names, "the sizes of subgroups' arms are not enumerated")


def why_unavailable(scenario: Scenario) -> str:
    """Return why no part of the scenario can be enumerated, or an empty string."""
    scheme = scenario.design.randomisation
    if scenario.design.n_participants > LARGEST:
        return Message("more than {most:,} participants", most=LARGEST)
    if scenario.assumptions.outcome_model.unit != "proportion":
        return Message("the outcome is not yes or no")
    if scenario.assumptions.attrition:
        return Message("some outcomes are assumed missing")
    if scenario.assumptions.outcome_model.correlated_in_services:
        return Message("outcomes in a service are correlated")
    if len(scenario.design.arms) != 2:
        return Message("more than two arms")
    if not isinstance(scheme, (Independent, PermutedBlock, StratifiedPermutedBlock)):
        return Message("no table of arm counts for randomisation {kind}", kind=scheme.kind)
    if SERVICE in scheme.strata_factors:
        return Message("randomisation is stratified by service")
    if isinstance(scheme, StratifiedPermutedBlock) and scheme.leftovers == "pool":
        return Message("leftovers are pooled")
    for risks in _all_risks(scenario):
        if reason := why_not_enumerable(scenario, risks):
            return reason
    if all(map(_why_not_estimator, scenario.analysis.estimator_list)):
        return Message("every estimator is adjusted for strata or needs participants")
    return ""


def _all_risks(scenario: Scenario) -> Iterator[FloatArray]:
    """Yield the risks by cell and arm, (C, K), as assumed and, where wanted, without an effect."""
    outcome, cells = scenario.assumptions.outcome_model, scenario.assumptions.cohort_model.cells()
    yield outcome.risks(cells, scenario.treated)
    if scenario.simulation.under_null:
        yield outcome.under_null().risks(cells, scenario.treated)


def _why_not_estimator(estimator: Estimator) -> str:
    if not isinstance(estimator, CountsEstimator):
        return Message("needs participants")
    return Message("adjusted for strata") if estimator.strata_factors else ""


def enumerate_trials(scenario: Scenario) -> Accumulator:
    """Add up every possible result with its probability.

    Where risks do not differ between strata, each arm's events are cut 9 standard deviations and 40 events
    from their mean, and where a count is less probable than 1e-18; pairs that together are less probable than
    1e-13, and arm sizes less probable than that, are left out. Where they differ, see
    :mod:`ipsrct._joint_events`.

    Raises
    ------
    NotAvailableError
        If no part of the scenario can be enumerated.
    """
    reason = why_unavailable(scenario)
    if reason:
        raise NotAvailableError(
            Message("the {route} route is not valid here: {reason}", route="exact", reason=reason)
        )
    total = Accumulator.empty(scenario)
    sums = _whole_population(scenario).sums
    for name, values in sums.items():
        total.sums[name][:, :1] = values
    return total


def power(scenario: Scenario, e: int) -> float:
    """Return the probability that estimator ``e`` rejects; a trial that cannot be analysed does not."""
    rejected = 0.0
    for (estimates,), weight in _trials(scenario, [e], null=False):
        rejects = estimates.rejects(scenario.analysis.tail, scenario.analysis.sides)
        rejected += float(weight[rejects[0]].sum())
    return rejected


def _whole_population(scenario: Scenario) -> Accumulator:
    analysis = scenario.analysis
    used = [e for e, estimator in enumerate(analysis.estimator_list) if not _why_not_estimator(estimator)]
    everybody = true_values(scenario)[:1]
    part = Accumulator(everybody, analysis.tail, analysis.sides, len(used))
    for null in (False, True) if scenario.simulation.under_null else (False,):
        for estimates, weight in _trials(scenario, used, null=null):
            part.add(estimates, len(weight), null=null, weight=weight)
    total = Accumulator(everybody, analysis.tail, analysis.sides, len(analysis.estimators))
    for name, values in part.sums.items():
        total.sums[name][used] = values
    return total


def _trials(
    scenario: Scenario, used: list[int], *, null: bool
) -> Iterator[tuple[list[Estimates], FloatArray]]:
    """Yield the estimates of every possible trial with its probability, in parts."""
    estimand, outcome = scenario.analysis.estimand, scenario.assumptions.outcome_model
    cells = scenario.assumptions.cohort_model.cells()
    risks = (outcome.under_null() if null else outcome).risks(cells, scenario.treated)
    listed = scenario.analysis.estimator_list
    estimators = [e for e in (listed[i] for i in used) if isinstance(e, CountsEstimator)]
    for results in every_result(scenario, risks):
        counts = _counts(scenario, results)
        estimates = [
            estimator.estimate_counts(counts, estimand.treatment, estimand.control, _ALL)
            for estimator in estimators
        ]
        yield estimates, results.probability.ravel()


def _counts(scenario: Scenario, results: Results) -> CellCounts:
    """Return every pair of event counts as a trial, (1, 2, P)."""
    pairs = np.empty((2, len(results.first), len(results.second)))
    pairs[0], pairs[1] = results.first[:, None], results.second
    events = pairs.reshape(1, 2, -1)
    n = np.broadcast_to(np.array(results.sizes, dtype=np.float64)[None, :, None], events.shape)
    return CellCounts(_EVERYBODY, scenario.arm_names, n, events)
