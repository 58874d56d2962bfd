"""Blocks that stay incomplete, and the imbalance that they leave: exact, from the tables of blocks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import gammaln, xlog1py, xlogy

from ipsrct.diagnostics.imbalance import deviation
from ipsrct.randomisation._blocks import CountTable, count_table
from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE, FloatArray, IntArray

_STANDARD_DEVIATIONS = 10.0


class SizeLaw(NamedTuple):
    """The distribution of a stratum's size.

    Attributes
    ----------
    sizes : int array (P,)
    probability : float array (P,)
    n_strata : int
        How many strata have it.
    """

    sizes: IntArray
    probability: FloatArray
    n_strata: int


@dataclass(frozen=True)
class Leftovers:
    """What is expected of the last blocks of all lists.

    Attributes
    ----------
    blocks_started, blocks_incomplete : float
        Expected numbers.
    participants_in_incomplete_blocks : float
    stratum_imbalance : float
        The expected imbalance within a stratum, the mean over strata, empty ones included; see
        :func:`ipsrct.diagnostics.imbalance.observe`.
    imbalance_mean_square : float
        The expected square of the overall imbalance with two arms, NaN with more. Lists are independent,
        and every place's arm has the allocation's probabilities, so the strata's mean squares add up.
    empty_strata : float
        Expected number.
    """

    blocks_started: float
    blocks_incomplete: float
    participants_in_incomplete_blocks: float
    stratum_imbalance: float
    imbalance_mean_square: float
    empty_strata: float

    @property
    def share_incomplete(self) -> float:
        """The expected number of incomplete blocks over that of blocks started."""
        return self.blocks_incomplete / self.blocks_started


def stratum_sizes(scenario: Scenario, factors: Iterable[str]) -> list[SizeLaw]:
    """Return the distributions of the sizes of strata formed by ``factors``.

    A stratum's size is binomial, in the cohort's law (multinomial over strata), and fixed where cells have
    fixed sizes; participants are spread evenly over services.
    """
    factors, cohort, n = tuple(factors), scenario.assumptions.cohort, scenario.design.n_participants
    cells = cohort.cells()
    stratum = cells.stratum_index([name for name in factors if name != SERVICE])
    services = cohort.n_services if SERVICE in factors else 1
    cell_sizes = cohort.fixed_sizes(n)
    if cell_sizes is not None:
        fixed, strata = np.unique(np.bincount(stratum, weights=cell_sizes), return_counts=True)
        pairs = [(int(size), 1.0) for size in fixed]
    else:
        shares, strata = np.unique(np.bincount(stratum, weights=cells.probability), return_counts=True)
        pairs = [(n, float(share)) for share in np.minimum(shares, 1.0)]
    return [
        SizeLaw(*_binomial(size, share / services), int(k) * services)
        for (size, share), k in zip(pairs, strata, strict=True)
    ]


def _binomial(n: int, share: float) -> tuple[IntArray, FloatArray]:
    """Return a binomial distribution's support, 10 standard deviations and 40 about its mean."""
    mean, reach = n * share, _STANDARD_DEVIATIONS * np.sqrt(n * share * (1 - share)) + 40
    x = np.arange(max(0, int(mean - reach)), min(n, int(np.ceil(mean + reach))) + 1)
    log_ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    probability = np.exp(log_ways + xlogy(x, share) + xlog1py(n - x, -share))
    return x, probability / probability.sum()


def expected_leftovers(
    laws: Iterable[SizeLaw], block_sizes: tuple[int, ...], weights: tuple[int, ...]
) -> Leftovers:
    """Return what is expected of the last blocks of strata whose lists simply end.

    Parameters
    ----------
    laws : iterable of SizeLaw
    block_sizes, weights : tuple of int
    """
    laws = list(laws)
    table = count_table(block_sizes, weights)
    moments = np.stack(list(_moments(table, max(int(law.sizes.max()) for law in laws))))
    total = np.zeros(len(moments))
    for law in laws:
        total += law.n_strata * (moments[:, law.sizes] @ law.probability)
    n_strata = sum(law.n_strata for law in laws)
    started, incomplete, left, imbalance, square, empty = total.tolist()
    square = square if len(weights) == 2 else float("nan")
    return Leftovers(started, incomplete, left, imbalance / n_strata, square, empty)


def _moments(table: CountTable, largest: int) -> Iterator[FloatArray]:
    """Yield expectations by list length, each (largest + 1,), in the order of ``Leftovers``."""
    n = np.arange(largest + 1)
    by_length = table.probability[table.row(n)]
    imbalance = 2 / sum(table.weights) * deviation(table.leftover_arms, table.weights)
    ends = by_length[:, 0]  # the first way to end is without leftovers
    yield np.concatenate(
        [[0.0], np.cumsum(ends)[:-1]]
    )  # a block starts wherever one ends before the last place
    yield 1 - ends
    yield by_length @ table.leftover
    yield by_length @ imbalance
    yield by_length @ imbalance**2
    yield (n == 0).astype(np.float64)


def scenario_leftovers(scenario: Scenario, factors: tuple[str, ...], sizes: tuple[int, ...]) -> Leftovers:
    """Return what is expected of the last blocks of a scenario's strata by ``factors``."""
    return expected_leftovers(stratum_sizes(scenario, factors), sizes, scenario.design.weights)
