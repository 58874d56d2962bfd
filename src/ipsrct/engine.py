"""The spine: scenario -> cohort -> assignment -> outcomes -> estimates, block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, TypeVar

import numpy as np

from ipsrct._accumulator import Accumulator
from ipsrct._hypergeometric import spread
from ipsrct._inverse_cdf import draw_binomial, draw_multinomial
from ipsrct._message import Message
from ipsrct._streams import Streams
from ipsrct.protocols import CountableScheme, CountsEstimator, Estimator, Randomisation, TrialEstimator
from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE, BoolArray, CellCounts, Estimates, FloatArray, IntArray, Outcomes, Trial

_T = TypeVar("_T")

SimulatedRoute = Literal["counts", "individual"]
# Part of what a seed means: the interpreter's overhead is paid once a block, and a block of counts stays
# in the cache, as do 64 trials of some thousand participants.
BLOCK_SIZE: dict[SimulatedRoute, int] = {"counts": 4096, "individual": 64}

_CHUNK = 4  # blocks that one worker runs at a time


def run_block(
    scenario: Scenario, route: SimulatedRoute, block: int, *, null: bool = False
) -> tuple[Estimates, ...]:
    """Simulate one block of trials and return each estimator's estimates.

    The scenario and its null version share every draw, and so do analyses that draw themselves.
    """
    streams = Streams(scenario.simulation.seed)
    data = (_counts if route == "counts" else _individuals)(scenario, streams, block, null)
    return tuple(
        analyse(scenario, estimator, data, streams, block) for estimator in scenario.analysis.estimator_list
    )


def analyse(
    scenario: Scenario, estimator: Estimator, data: CellCounts | Trial, streams: Streams, block: int
) -> Estimates:
    """Return one estimator's estimates of a block of trials."""
    estimand, populations = scenario.analysis.estimand, scenario.populations
    arms = estimand.treatment, estimand.control
    if isinstance(data, Trial) and isinstance(estimator, TrialEstimator):
        randomisation = Randomisation(scenario.design.scheme, scenario.design.weights)
        rng = streams.rng("individual/analysis", block)
        return estimator.estimate_trial(data, *arms, populations, randomisation, rng)
    assert isinstance(estimator, CountsEstimator)  # why_no_counts has seen to it
    counts = data.counts if isinstance(data, Trial) else data
    return estimator.estimate_counts(counts, *arms, populations)


def _counts(scenario: Scenario, streams: Streams, block: int, null: bool) -> CellCounts:
    """Draw participants and events by cell and arm."""
    cells, size = scenario.assumptions.cohort_model.cells(), BLOCK_SIZE["counts"]
    n = _arm_counts(scenario, streams, block)
    share = observed_share(scenario)
    if share is not None:
        rng = streams.rng("counts/attrition", block)
        n = draw_binomial(n.reshape(-1, size), np.tile(share, cells.size), rng).reshape(n.shape)
    outcome = scenario.assumptions.outcome_model
    risks = (outcome.under_null() if null else outcome).risks(cells, scenario.treated)
    flat = n.reshape(-1, size)
    events = draw_binomial(flat, risks.reshape(-1), streams.rng("counts/outcome", block))
    return CellCounts(cells, scenario.arm_names, n, events.reshape(n.shape))


def _arm_counts(scenario: Scenario, streams: Streams, block: int) -> IntArray:
    """Return participants by cell and arm, (C, K, R): strata first, then their arms, then the cells in them.

    All but the cells of fixed sizes are drawn by inversion, so that trials of other sizes are as alike as
    they can be.
    """
    design, cohort = scenario.design, scenario.assumptions.cohort_model
    scheme, cells = design.scheme, cohort.cells()
    assert isinstance(scheme, CountableScheme)  # why_no_counts has seen to it
    rng = streams.rng("counts/cohort", block)
    stratum = cells.stratum_index(scheme.strata_factors)
    share = np.bincount(stratum, weights=cells.probability).astype(np.float64)
    fixed = cohort.fixed_sizes(design.n_participants)
    if fixed is None:
        total = np.full(BLOCK_SIZE["counts"], design.n_participants)
        sizes = draw_multinomial(total, share, rng)
    else:
        in_stratum = np.bincount(stratum, weights=fixed).astype(np.intp)
        sizes = np.repeat(in_stratum[:, None], BLOCK_SIZE["counts"], axis=1)
    by_stratum = scheme.assign_counts(sizes, design.weights, streams.rng("counts/randomisation", block))
    if len(share) == cells.size:
        return by_stratum[stratum]
    n = np.empty((cells.size, *by_stratum.shape[1:]), dtype=np.int64)
    for s in range(len(share)):
        inside = stratum == s
        if fixed is None:
            n[inside] = draw_multinomial(by_stratum[s], cells.probability[inside] / share[s], rng)
        else:
            n[inside] = spread(
                by_stratum[s], np.broadcast_to(fixed[inside, None], (inside.sum(), n.shape[2])), rng
            )
    return n


def _individuals(scenario: Scenario, streams: Streams, block: int, null: bool) -> Trial:
    """Draw participants one by one."""
    design, assumptions = scenario.design, scenario.assumptions
    cohort = assumptions.cohort_model.draw(
        design.n_participants, BLOCK_SIZE["individual"], streams.rng("individual/cohort", block)
    )
    assignment = design.scheme.assign(cohort, design.weights, streams.rng("individual/randomisation", block))
    outcome = assumptions.outcome_model.under_null() if null else assumptions.outcome_model
    rng = streams.rng("individual/outcome", block)
    outcomes = outcome.draw(cohort, assignment, scenario.treated, rng)
    seen = observed(scenario, assignment.arm, streams, block)
    return Trial(cohort, assignment, Outcomes(outcomes.y, seen), scenario.arm_names)


def observed_share(scenario: Scenario) -> FloatArray | None:
    """Return the share of participants whose outcome is seen, by arm, (K,); None where everybody's is."""
    missing = scenario.assumptions.attrition
    if not missing:
        return None
    return np.array([1 - missing[name].value if name in missing else 1.0 for name in scenario.arm_names])


def observed(scenario: Scenario, arm: IntArray, streams: Streams, block: int) -> BoolArray | None:
    """Return whose outcome is seen, (R, N), in a block of trials; None where everybody's is."""
    share = observed_share(scenario)
    if share is None:
        return None
    return np.asarray(streams.rng("individual/attrition", block).random(arm.shape) < share[arm])


def why_no_counts(scenario: Scenario) -> str:
    """Return why the counts route is not valid for a scenario, or an empty string."""
    scheme = scenario.design.scheme
    if not isinstance(scheme, CountableScheme):
        return Message("randomisation {kind} goes participant by participant", kind=scheme.kind)
    if SERVICE in scheme.strata_factors:
        return Message("counts do not know services, and randomisation is stratified by them")
    if scenario.assumptions.outcome_model.unit != "proportion":
        return Message("the outcome is not yes or no")
    if scenario.assumptions.outcome_model.correlated_in_services:
        return Message("counts do not know services, and outcomes in a service are correlated")
    return next(filter(None, map(needs_participants, scenario.analysis.estimator_list)), "")


def needs_participants(estimator: Estimator) -> str:
    """Return that an estimator cannot work on counts, or an empty string."""
    if isinstance(estimator, CountsEstimator):
        return ""
    return Message("estimator {name} needs participants", name=estimator.label)


def accumulate(scenario: Scenario, route: SimulatedRoute, blocks: range, n_replicates: int) -> Accumulator:
    """Run some blocks, until interrupted, and add up what the operating characteristics need.

    The last block is drawn whole and cut, so that a longer run begins with the same replicates.
    """
    size = BLOCK_SIZE[route]
    total = Accumulator.empty(scenario)
    nulls = (False, True) if scenario.simulation.under_null else (False,)
    for block in blocks:
        kept = min(size, n_replicates - block * size)
        try:
            runs = [run_block(scenario, route, block, null=null) for null in nulls]
        except KeyboardInterrupt:
            total.interrupted = True
            break
        for null, estimates in zip(nulls, runs, strict=True):
            total.add(estimates, kept, null=null)
    return total


def simulate_blocks(
    scenario: Scenario,
    route: SimulatedRoute,
    *,
    jobs: int = 1,
    backend: str = "threading",
    on_progress: Callable[[int], None] | None = None,
    done: int = 0,
) -> Accumulator:
    """Simulate all replicates but the first ``done``; an interruption returns what is done so far.

    Results do not depend on ``jobs`` or ``backend``: chunks of blocks are added up in their order.
    ``done`` must be whole blocks.
    """
    n_replicates = scenario.simulation.replicates
    first, n_blocks = done // BLOCK_SIZE[route], -(-n_replicates // BLOCK_SIZE[route])
    chunks = [range(start, min(start + _CHUNK, n_blocks)) for start in range(first, n_blocks, _CHUNK)]
    total = Accumulator.empty(scenario)
    try:
        for part in _parts(scenario, route, chunks, jobs, backend):
            total.merge(part)
            if on_progress:
                on_progress(total.n_replicates)
            if part.interrupted:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        total.interrupted = True
    return total


def _parts(
    scenario: Scenario, route: SimulatedRoute, chunks: list[range], jobs: int, backend: str
) -> Iterator[Accumulator]:
    n_replicates = scenario.simulation.replicates
    calls = [(scenario, route, chunk, n_replicates) for chunk in chunks]
    yield from in_order(accumulate, calls, jobs, backend)


def in_order(
    function: Callable[..., _T], calls: Sequence[tuple[Any, ...]], jobs: int, backend: str = "threading"
) -> Iterator[_T]:
    """Yield the function's results in the order of the calls, whatever the number of workers."""
    if jobs == 1 or len(calls) == 1:
        yield from (function(*call) for call in calls)
        return
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=jobs, backend=backend, return_as="generator", pre_dispatch="3*n_jobs")
    yield from parallel(delayed(function)(*call) for call in calls)
