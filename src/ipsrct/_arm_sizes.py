"""The exact distribution of two arms' sizes, from the randomisation's table of arm counts.

S strata of the randomisation, n participants. The first arm's *excess* in n participants is
sum(weights) * n_first - weights[0] * n. In a list of permuted blocks it comes from the unfilled last block
alone, so it is small.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.fft import irfftn, next_fast_len, rfftn
from scipy.special import gammaln, xlog1py, xlogy

from ipsrct.randomisation._blocks import CountTable, count_table
from ipsrct.randomisation.permuted_block import PermutedBlock
from ipsrct.randomisation.stratified_permuted_block import StratifiedPermutedBlock
from ipsrct.scenario import Scenario
from ipsrct.trial import FloatArray, IntArray

_NEGLIGIBLE = 1e-13
_STANDARD_DEVIATIONS = 9.0


@dataclass(frozen=True)
class Strata:
    """The strata of a randomisation in permuted blocks.

    Attributes
    ----------
    n : int
        Participants in all.
    weights : tuple of int
        Allocation weights of the two arms.
    share : float array (S,)
        The share of each stratum in the population.
    sizes : int array (S,) or None
        The strata's sizes; None where they are multinomial.
    table : CountTable
    """

    n: int
    weights: tuple[int, ...]
    share: FloatArray
    sizes: IntArray | None
    table: CountTable

    @classmethod
    def of(cls, scenario: Scenario) -> Strata:
        """Return the strata of a scenario that is randomised in blocks."""
        design, cohort, n = scenario.design, scenario.assumptions.cohort, scenario.design.n_participants
        stratum = cohort.cells().stratum_index(design.scheme.strata_factors)
        share = np.bincount(stratum, weights=cohort.cells().probability).astype(np.float64)
        table = count_table(design.randomisation.block_sizes, design.weights)
        sizes = None
        if len(share) == 1:
            sizes = np.array([n])
        elif (cell_sizes := cohort.fixed_sizes(n)) is not None:
            sizes = np.bincount(stratum, weights=cell_sizes).astype(np.intp)
        return cls(n, design.weights, share, sizes, table)

    @property
    def reach(self) -> int:
        """The largest excess of a list, of either sign."""
        return int(np.abs(self._excess()).max())

    def _excess(self) -> IntArray:
        table = self.table
        return np.asarray(sum(self.weights) * table.leftover_arms[:, 0] - self.weights[0] * table.leftover)

    def excess_by_size(self, sizes: IntArray) -> FloatArray:
        """Return P(excess | list length), (lengths, 2 reach + 1), centred on no excess."""
        by_size = np.zeros((len(sizes), 2 * self.reach + 1))
        probability = self.table.probability[self.table.row(sizes)]
        for j, value in enumerate(self._excess()):
            by_size[:, value + self.reach] += probability[:, j]
        return by_size

    def excess_distribution(self) -> tuple[IntArray, FloatArray]:
        """Return the values of the summed excess and their probabilities."""
        if self.sizes is None:
            probability = self._random_sizes()
        else:
            probability = np.ones(1)
            for by_size in self.excess_by_size(self.sizes):
                probability = np.convolve(probability, by_size)
        reach = len(probability) // 2
        return np.arange(-reach, reach + 1), probability

    def _random_sizes(self) -> FloatArray:
        """Return the distribution of the summed excess when participants fall into strata at random.

        Multinomial stratum sizes are independent Poisson sizes given their sum, so the joint distribution
        of total size and total excess is a convolution over strata, read off at total size n.
        """
        n, sizes = self.n, np.arange(self.n + 1)
        by_size = self.excess_by_size(sizes)
        values = (by_size.shape[1] - 1) * len(self.share) + 1
        shape = (next_fast_len(n + int(15 * np.sqrt(n)) + 50), next_fast_len(values))
        transform = np.ones(1, dtype=np.complex128)
        for mean in n * self.share:
            transform = transform * rfftn(np.exp(log_poisson(sizes, mean))[:, None] * by_size, shape)
        joint = np.maximum(irfftn(transform, shape)[n, :values], 0.0)
        return np.asarray(joint / joint.sum())


def arm_sizes(scenario: Scenario) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield the possible sizes of the two arms with their probabilities."""
    n, weights = scenario.design.n_participants, scenario.design.weights
    if isinstance(scenario.design.randomisation, (PermutedBlock, StratifiedPermutedBlock)):
        excess, probability = Strata.of(scenario).excess_distribution()
        possible = (excess + weights[0] * n) % sum(weights) == 0
        first = (excess[possible] + weights[0] * n) // sum(weights)
        probability = probability[possible]
    else:
        first = support(n, weights[0] / sum(weights))
        probability = binomial(first, n, weights[0] / sum(weights))
    for size, p in zip(first.tolist(), probability.tolist(), strict=True):
        if p > _NEGLIGIBLE:
            yield (size, n - size), p


def support(n: int, risk: float) -> IntArray:
    """Return the counts within 9 standard deviations and 40 of the mean."""
    mean, spread = n * risk, _STANDARD_DEVIATIONS * np.sqrt(n * risk * (1 - risk)) + 40
    return np.arange(max(0, int(mean - spread)), min(n, int(np.ceil(mean + spread))) + 1)


def binomial(x: IntArray, n: int, risk: float) -> FloatArray:
    """Return binomial probabilities."""
    log_ways = gammaln(n + 1) - gammaln(x + 1) - gammaln(n - x + 1)
    return np.asarray(np.exp(log_ways + xlogy(x, risk) + xlog1py(n - x, -risk)))


def log_poisson(x: IntArray, mean: float) -> FloatArray:
    """Return the logarithms of Poisson probabilities."""
    return np.asarray(xlogy(x, mean) - mean - gammaln(x + 1))
