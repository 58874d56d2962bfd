"""The exact joint distribution of arm sizes and events when risks differ between strata.

S strata of the randomisation, each with its own risk in either arm; K pairs of event frequencies, T nodes
of the total size, U nodes of the total excess, D values of one stratum's excess. Arm k's events have the
characteristic function prod_s (1 - p_sk + p_sk exp(i a))^n_sk given the strata's arm sizes n_sk, and these follow
from a stratum's size and excess. Multinomial stratum sizes are independent Poisson sizes given their sum,
so the generating function of total size, total excess and events is a product over strata; its
coefficient at the planned total is taken, and the rest inverted, by discrete Fourier sums.

Every sum is cut by a bound: the probability of events outside the window by Chernoff's bound, frequencies by
|1 - p + p exp(i a)| <= 1 and by how closely a list's excess repeats with its length, the total excess by
Hoeffding's inequality. Each bound is 1e-13 of probability at most, so the distribution's total variation
error is below 1e-12.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from ipsrct._arm_sizes import Strata, log_poisson
from ipsrct.trial import FloatArray, IntArray

ComplexArray = NDArray[np.complex128]

_TOLERANCE = 1e-13
_LOG_TOLERANCE = float(np.log(_TOLERANCE))
_IMPOSSIBLE = 1e-20
# Exponents at which Chernoff's bound is evaluated, and numbers that stay in the second-level cache.
_TILTS = np.geomspace(1e-3, 40, 300)
_CACHED_NUMBERS = 65_536


@dataclass(frozen=True)
class JointEvents:
    """Two arms' events in strata with different risks.

    Attributes
    ----------
    strata : Strata
    risks : float array (S, 2)
    """

    strata: Strata
    risks: FloatArray

    def by_arm_sizes(self) -> Iterator[tuple[tuple[int, int], FloatArray]]:
        """Yield arm sizes, with the probability of them and of every pair of events in the windows, (X1, X0)."""
        strata, (first, second) = self.strata, self._windows
        excess, transform = self._by_excess()
        sizes = (excess + strata.weights[0] * strata.n) // sum(strata.weights)
        # exp(-i a x) at the events of the window, (X, frequencies); only a half of the second is needed
        back = [np.exp(-1j * np.outer(x, a)) for x, a in zip(self._windows, self._frequencies, strict=True)]
        twice = np.where(self._frequencies[1] > 0, 2.0, 1.0) / (len(first) * len(second))
        mean, (row, column) = self._mean_risk, self._pairs
        a, b = (f[i] for f, i in zip(self._frequencies, (row, column), strict=True))
        for d, n in enumerate(sizes.tolist()):
            shift = np.exp(1j * (a * mean[0] * n + b * mean[1] * (strata.n - n)))
            grid = np.zeros((len(self._frequencies[0]), len(self._frequencies[1])), dtype=np.complex128)
            grid[row, column] = transform[:, d] * shift * twice[column]
            half = back[0] @ grid
            probability = half.real @ back[1].real.T - half.imag @ back[1].imag.T
            probability[first > n], probability[:, second > strata.n - n] = 0.0, 0.0
            yield (n, strata.n - n), probability

    @property
    def events(self) -> tuple[IntArray, IntArray]:
        """The events of either arm that are enumerated."""
        return self._windows

    @property
    def work(self) -> float:
        """About how many complex products are needed."""
        nodes, values = len(self._size_nodes[0]), 2 * self.strata.reach + 1
        each = sum(len(n) for n, _ in self._stratum_sizes) * values + len(self.risks) * len(self._excess) * (
            values + 1
        )
        return float(len(self._pairs[0])) * nodes * each

    @cached_property
    def _mean_risk(self) -> FloatArray:
        return self.strata.share @ self.risks

    @property
    def _part(self) -> FloatArray:
        """The arms' parts of the allocation, (2,)."""
        return np.array(self.strata.weights) / sum(self.strata.weights)

    def _log_expected(self, log_factor: FloatArray) -> FloatArray:
        """Return log E prod_s factor_s^size_s, (...), for logarithms of factors (..., S)."""
        strata = self.strata
        if strata.sizes is not None:
            return np.asarray(log_factor @ strata.sizes)
        largest = log_factor.max(axis=-1, keepdims=True)
        mean = np.exp(log_factor - largest) @ strata.share
        return np.asarray(strata.n * (np.log(mean) + largest[..., 0]))

    @cached_property
    def _windows(self) -> tuple[IntArray, IntArray]:
        """The events of either arm, but for 1e-14 in each tail; an odd number, so that none is its own mirror."""
        n, slack = self.strata.n, self.strata.reach / sum(self.strata.weights)
        limit = np.log(10) - _LOG_TOLERANCE
        windows = []
        for part, risk in zip(self._part, self.risks.T, strict=True):
            ends = []
            for sign in (1, -1):
                log_factor = np.log(1 - risk + risk * np.exp(sign * _TILTS[:, None]))
                bound = self._log_expected(part * log_factor) + slack * np.abs(log_factor).sum(axis=1)
                ends.append(float(((bound + limit) / _TILTS).min()))
            low, high = max(0, int(np.ceil(-ends[1]))), min(n, int(np.floor(ends[0])))
            windows.append(np.arange(low, high + 1 + (high - low) % 2))
        return windows[0], windows[1]

    @cached_property
    def _frequencies(self) -> tuple[FloatArray, FloatArray]:
        """The frequencies at which either arm's events matter: of the first all, of the second from 0 up."""
        kept = []
        for k, window in enumerate(self._windows):
            half = np.arange(len(window) // 2 + 1) * (2 * np.pi / len(window))
            half = half[self._log_modulus(half, k) > self._least_modulus]
            kept.append(half)
        return np.concatenate([-kept[0][:0:-1], kept[0]]), kept[1]

    @property
    def _least_modulus(self) -> float:
        return _LOG_TOLERANCE - float(np.log(len(self._windows[0]) * len(self._windows[1])))

    def _log_modulus(self, frequency: FloatArray, k: int) -> FloatArray:
        return self._log_expected(self._part[k] * self._log_factor(frequency, k)) + self._slack(frequency, k)

    def _log_factor(self, frequency: FloatArray, k: int) -> FloatArray:
        """Return log |1 - p + p exp(i a)|, (frequencies, S)."""
        p = self.risks[:, k]
        return np.asarray(np.log1p(-4 * p * (1 - p) * np.sin(frequency[:, None] / 2) ** 2) / 2)

    def _slack(self, frequency: FloatArray, k: int) -> FloatArray:
        """Return what an arm short of its part in every stratum can add to the logarithm of a modulus."""
        return np.asarray(
            -self._log_factor(frequency, k).sum(axis=1) * (self.strata.reach / sum(self.strata.weights))
        )

    @cached_property
    def _pairs(self) -> tuple[IntArray, IntArray]:
        """The pairs of frequencies that matter, (K,) and (K,)."""
        first, second = self._frequencies
        factor = (self._part[k] * self._log_factor(f, k) for k, f in enumerate(self._frequencies))
        a, b = factor
        bound = self._log_expected(a[:, None] + b)
        bound += self._slack(first, 0)[:, None] + self._slack(second, 1)
        row, column = np.nonzero(bound > self._least_modulus)
        return row, column

    @cached_property
    def _logarithms(self) -> tuple[ComplexArray, ComplexArray]:
        """Logarithms (K, S) of what a participant and a unit of excess contribute; events less their mean."""
        logs = []
        for k, index in enumerate(self._pairs):
            a, p = self._frequencies[k][index][:, None], self.risks[:, k]
            logs.append(np.log((1 - p + p * np.exp(1j * a)) * np.exp(-1j * a * self._mean_risk[k])))
        part = self._part
        return part[0] * logs[0] + part[1] * logs[1], (logs[0] - logs[1]) / sum(self.strata.weights)

    @cached_property
    def _stratum_sizes(self) -> list[tuple[IntArray, FloatArray]]:
        """The possible sizes of each stratum, and the logarithms of their probabilities."""
        strata = self.strata
        if strata.sizes is not None:
            return [(np.array([size]), np.zeros(1)) for size in strata.sizes]
        found = []
        n = np.arange(strata.n + 1)
        for mean in strata.n * strata.share:
            log_probability = log_poisson(n, mean)
            possible = log_probability > np.log(_IMPOSSIBLE)
            found.append((n[possible], log_probability[possible]))
        return found

    @cached_property
    def _excess(self) -> IntArray:
        """The possible totals of the excess."""
        strata, unit = self.strata, sum(self.strata.weights)
        n_strata = len(strata.share)
        reach = strata.reach * min(float(n_strata), np.sqrt(2 * n_strata * (np.log(2) - _LOG_TOLERANCE)))
        values = np.arange(-int(reach), int(reach) + 1)
        return values[(values + strata.weights[0] * strata.n) % unit == 0]

    @cached_property
    def _size_nodes(self) -> tuple[FloatArray, ComplexArray]:
        """Angles at which the generating function of the total size is summed, and their weights, (T,)."""
        strata = self.strata
        if strata.sizes is not None:
            return np.zeros(1), np.ones(1, dtype=np.complex128)
        ratio = log_poisson(strata.n + np.arange(20 * int(np.sqrt(strata.n)) + 60), strata.n)
        n_nodes = int(np.argmax(ratio - ratio[0] < _LOG_TOLERANCE - np.log(10)))
        angle = 2 * np.pi * np.arange(n_nodes) / n_nodes
        least = _LOG_TOLERANCE + ratio[0] - np.log(2 * len(self._pairs[0]) * len(self._excess))
        angle = angle[self._log_bound(angle) > least]
        return angle, np.exp(-1j * angle * strata.n - ratio[0]) / n_nodes

    def _log_bound(self, angle: FloatArray) -> FloatArray:
        """Return a bound of the generating function's modulus at every pair and excess node, (angles,).

        Beyond the table's first rows the excess repeats with the length, so the function of a stratum is a sum
        of C exp(mean (x - 1)) over x = z exp(2 pi i j / period), less what the first rows differ.
        """
        strata, table = self.strata, self.strata.table
        size, excess = self._logarithms
        turn, period = np.abs(size.imag).max(axis=0), table.period
        growth = np.exp(strata.reach * np.abs(excess.real).max(axis=0))
        rows = len(table.probability)
        repeated = strata.excess_by_size(np.arange(rows, rows + period) // period * period + np.arange(period))
        amplitude = np.abs(np.fft.fft(repeated, axis=0)).sum(axis=1) / period
        distance = np.abs((angle[:, None] + 2 * np.pi * np.arange(period) / period + np.pi) % (2 * np.pi) - np.pi)
        total = np.zeros(len(angle))
        for s, (n, log_probability) in enumerate(self._stratum_sizes):
            cosine = np.clip(np.cos(np.maximum(distance - turn[s], 0)), 0, 1)
            differ = np.abs(strata.excess_by_size(n) - repeated[n % period]).sum(axis=1)
            bound = np.exp(strata.n * strata.share[s] * (cosine - 1)) @ amplitude
            bound += np.exp(log_probability) @ differ
            total += np.log(np.minimum(growth[s] * bound, 1.0))
        return total

    def _by_excess(self) -> tuple[IntArray, ComplexArray]:
        """Return the totals of the excess, and the characteristic function of the events at each, (K, totals)."""
        totals = self._excess
        node = 2 * np.pi * np.arange(len(totals)) / (len(totals) * sum(self.strata.weights))
        back = np.exp(-1j * np.outer(node, totals)) / len(totals)
        n_pairs, rows = len(self._pairs[0]), max(1, _CACHED_NUMBERS // (len(self._size_nodes[0]) * len(node)))
        tables = [self._stratum_table(s) for s in range(len(self.risks))]
        parts = [
            self._at_nodes(slice(start, start + rows), tables, node) @ back for start in range(0, n_pairs, rows)
        ]
        return totals, np.concatenate(parts)

    def _stratum_table(self, s: int) -> ComplexArray:
        """Return P(excess | size) exp(i angle size) of a stratum, (sizes, T D)."""
        sizes, _ = self._stratum_sizes[s]
        rotation = np.exp(1j * np.outer(sizes, self._size_nodes[0]))
        by_size = self.strata.excess_by_size(sizes)
        return (rotation[:, :, None] * by_size[:, None, :]).reshape(len(sizes), -1)

    def _at_nodes(self, pairs: slice, tables: list[ComplexArray], node: FloatArray) -> ComplexArray:
        """Return the generating function's coefficient at the total size, (pairs, U)."""
        angle, weight = self._size_nodes
        excess = np.arange(-self.strata.reach, self.strata.reach + 1)
        turn = np.exp(1j * np.outer(excess, node))
        log_size, log_excess = (log[pairs] for log in self._logarithms)
        product = np.ones(1, dtype=np.complex128)
        for s, (sizes, log_probability) in enumerate(self._stratum_sizes):
            by_size = np.exp(log_size[:, s, None] * sizes + log_probability)
            by_excess = (by_size @ tables[s]).reshape(len(by_size), len(angle), len(excess))
            by_excess *= np.exp(log_excess[:, s, None] * excess)[:, None, :]
            product = product * (by_excess @ turn)
        return np.asarray(np.einsum("ktu,t->ku", product, weight))
