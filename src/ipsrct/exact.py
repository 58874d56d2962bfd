"""Operating characteristics without simulation: every possible trial, with its probability.

Valid for the whole population of a two-arm trial when the analysis is unadjusted and every participant of
an arm has the same probability of the outcome. The arms' sizes may be random: their exact distribution
follows from the randomisation scheme. Nothing here shares code with the drawing of simulated trials but
the scheme's tables of arm counts.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.fft import irfftn, next_fast_len, rfftn
from scipy.special import gammaln, xlog1py, xlogy

from ipsrct._accumulator import Accumulator, true_values
from ipsrct.errors import NotAvailableError
from ipsrct.protocols import CountsEstimator, Estimator
from ipsrct.randomisation._blocks import CountTable, count_table
from ipsrct.randomisation.complete import Complete
from ipsrct.randomisation.permuted_block import PermutedBlock
from ipsrct.randomisation.stratified_permuted_block import StratifiedPermutedBlock
from ipsrct.scenario import Scenario
from ipsrct.trial import (
    SERVICE,
    CellCounts,
    CellTable,
    Estimates,
    FloatArray,
    IntArray,
    Populations,
)

_EVERYBODY = CellTable((), (), np.ones(1))
_ALL = Populations(("all",), ("all",), np.ones((1, 1), dtype=np.bool_), np.empty((0, 2), dtype=np.intp))
LARGEST = 20_000
# Parts of this many numbers are reused by the allocator and stay in the second-level cache.
_CACHED_NUMBERS = 8_192
_NEGLIGIBLE, _IMPOSSIBLE = 1e-13, 1e-18
_STANDARD_DEVIATIONS = 9.0


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
        return f"more than {LARGEST:,} participants"
    if scenario.assumptions.outcome_model.unit != "proportion":
        return "the outcome is not yes or no"
    if len(scenario.design.arms) != 2:
        return "more than two arms"
    if not isinstance(scheme, (Complete, PermutedBlock, StratifiedPermutedBlock)):
        return f"no table of arm counts for randomisation {scheme.kind}"
    if SERVICE in scheme.strata_factors:
        return "randomisation is stratified by service"
    if isinstance(scheme, StratifiedPermutedBlock) and scheme.leftovers == "pool":
        return "leftovers are pooled"
    cells = scenario.assumptions.cohort_model.cells()
    risks = scenario.assumptions.outcome_model.risks(cells, scenario.treated)
    mixed = np.ptp(risks, axis=0).max() > 0
    fixed = _has_fixed_cells(scenario)
    if mixed and (fixed or scheme.strata_factors):
        return "risks differ between cells whose sizes in each arm are not simply random"
    if all(map(_why_not_estimator, scenario.analysis.estimator_list)):
        return "every estimator is adjusted for strata or needs participants"
    return ""


def _why_not_estimator(estimator: Estimator) -> str:
    if not isinstance(estimator, CountsEstimator):
        return "needs participants"
    return "adjusted for strata" if estimator.strata_factors else ""


def _has_fixed_cells(scenario: Scenario) -> bool:
    return getattr(scenario.assumptions.cohort, "cell_sizes", "random") == "fixed"


def enumerate_trials(scenario: Scenario) -> Accumulator:
    """Add up every possible result with its probability.

    Each arm's events are cut 9 standard deviations and 40 events from their mean, and where a count is less
    probable than 1e-18; pairs that together are less probable than 1e-13, and arm sizes less probable than
    that, are left out.

    Raises
    ------
    NotAvailableError
        If no part of the scenario can be enumerated.
    """
    reason = why_unavailable(scenario)
    if reason:
        raise NotAvailableError(f"the exact route is not valid here: {reason}")
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
    """Yield the estimates of every possible trial with its probability, by the sizes of the arms."""
    cells, estimand = scenario.assumptions.cohort_model.cells(), scenario.analysis.estimand
    outcome = scenario.assumptions.outcome_model
    risks = cells.probability @ (outcome.under_null() if null else outcome).risks(cells, scenario.treated)
    listed = scenario.analysis.estimator_list
    estimators = [e for e in (listed[i] for i in used) if isinstance(e, CountsEstimator)]
    for sizes, probability in arm_sizes(scenario):
        for counts, weight in _every_result(scenario, sizes, risks):
            estimates = [
                estimator.estimate_counts(counts, estimand.treatment, estimand.control, _ALL)
                for estimator in estimators
            ]
            yield estimates, weight * probability


def _every_result(
    scenario: Scenario, sizes: tuple[int, int], risks: FloatArray
) -> Iterator[tuple[CellCounts, FloatArray]]:
    """Yield every pair of event counts, (1, 2, P), with its probability, (P,), in parts."""
    events = [_support(n, float(risk)) for n, risk in zip(sizes, risks, strict=True)]
    masses = [_binomial(x, n, float(risk)) for x, n, risk in zip(events, sizes, risks, strict=True)]
    possible = [mass > _IMPOSSIBLE for mass in masses]
    events = [x[kept] for x, kept in zip(events, possible, strict=True)]
    masses = [mass[kept] for mass, kept in zip(masses, possible, strict=True)]
    rows = max(1, _CACHED_NUMBERS // len(events[1]))
    least = _NEGLIGIBLE / (len(events[0]) * len(events[1]))
    for start in range(0, len(events[0]), rows):
        first, mass = events[0][start : start + rows], masses[0][start : start + rows]
        columns = np.flatnonzero(masses[1] * mass.max() > least)
        if columns.size:
            near = slice(columns[0], columns[-1] + 1)
            second = events[1][near]
            pairs = np.empty((2, len(first), len(second)))
            pairs[0], pairs[1] = first[:, None], second
            grid = pairs.reshape(1, 2, -1)
            n = np.broadcast_to(np.array(sizes, dtype=np.float64)[None, :, None], grid.shape)
            weight = np.outer(mass, masses[1][near]).ravel()
            yield CellCounts(_EVERYBODY, scenario.arm_names, n, grid), weight


def _support(n: int, risk: float) -> IntArray:
    mean, spread = n * risk, _STANDARD_DEVIATIONS * np.sqrt(n * risk * (1 - risk)) + 40
    return np.arange(max(0, int(mean - spread)), min(n, int(np.ceil(mean + spread))) + 1)


def _binomial(x: IntArray, n: int, risk: float) -> FloatArray:
    log_ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return np.asarray(np.exp(log_ways + xlogy(x, risk) + xlog1py(n - x, -risk)))


def arm_sizes(scenario: Scenario) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield the possible sizes of the two arms with their probabilities."""
    n, weights = scenario.design.n_participants, scenario.design.weights
    scheme = scenario.design.randomisation
    if isinstance(scheme, Complete):
        first = _support(n, weights[0] / sum(weights))
        probability = _binomial(first, n, weights[0] / sum(weights))
    else:
        excess, probability = _excess_distribution(scenario)
        possible = (excess + weights[0] * n) % sum(weights) == 0
        first = (excess[possible] + weights[0] * n) // sum(weights)
        probability = probability[possible]
    for size, p in zip(first.tolist(), probability.tolist(), strict=True):
        if p > _NEGLIGIBLE:
            yield (size, n - size), p


def _excess_distribution(scenario: Scenario) -> tuple[IntArray, FloatArray]:
    """Return the distribution of the first arm's excess, sum(weights) * n_first - weights[0] * n.

    In a list of permuted blocks the excess comes from the unfilled last block alone, so it is small.
    """
    cohort, scheme, n = scenario.assumptions.cohort, scenario.design.scheme, scenario.design.n_participants
    stratum = cohort.cells().stratum_index(scheme.strata_factors)
    share = np.bincount(stratum, weights=cohort.cells().probability).astype(np.float64)
    table = count_table(scenario.design.randomisation.block_sizes, scenario.design.weights)
    by_size = _excess_by_size(table, n)
    reach = (by_size.shape[1] - 1) // 2
    if len(share) == 1:
        probability = by_size[n]
    elif _has_fixed_cells(scenario):
        cell_sizes = cohort.draw_counts(n, 1, np.random.default_rng(0))[:, 0]
        probability = np.ones(1)
        for size in np.bincount(stratum, weights=cell_sizes).astype(int):
            probability = np.convolve(probability, by_size[size])
    else:
        probability = _random_strata(by_size, share, n)
    return np.arange(-reach * len(share), reach * len(share) + 1), probability


def _excess_by_size(table: CountTable, n: int) -> FloatArray:
    """Return P(excess | list length), (n + 1, 2 reach + 1), centred on no excess."""
    excess = sum(table.weights) * table.leftover_arms[:, 0] - table.weights[0] * table.leftover
    reach = int(np.abs(excess).max())
    by_size = np.zeros((n + 1, 2 * reach + 1))
    probability = table.probability[table.row(np.arange(n + 1))]
    for j, value in enumerate(excess):
        by_size[:, value + reach] += probability[:, j]
    return by_size


def _random_strata(by_size: FloatArray, share: FloatArray, n: int) -> FloatArray:
    """Return the distribution of the strata's summed excess when n participants fall into them at random.

    Multinomial stratum sizes are independent Poisson sizes given their sum, so the joint distribution of
    total size and total excess is a convolution over strata, read off at total size n.
    """
    margin = n + int(15 * np.sqrt(n)) + 50
    shape = (next_fast_len(margin), next_fast_len((by_size.shape[1] - 1) * len(share) + 1))
    sizes = np.arange(n + 1)
    transform = np.ones(1)
    for mean in n * share:
        poisson = np.exp(xlogy(sizes, mean) - mean - gammaln(sizes + 1))
        transform = transform * rfftn(poisson[:, None] * by_size, shape)
    joint = np.maximum(irfftn(transform, shape)[n, : (by_size.shape[1] - 1) * len(share) + 1], 0.0)
    return np.asarray(joint / joint.sum())
