"""The exact joint distribution of arm sizes and events when risks differ between strata.

S strata of the randomisation, each with its own risk in either arm; K pairs of event frequencies. Given the
strata's arm sizes n_sk, arm k's events have the characteristic function
prod_s (1 - p_sk + p_sk exp(i a))^n_sk, and these sizes follow from a stratum's size and excess. So the joint
characteristic function is the generating function of sizes and excesses at one point for each pair, and a
discrete Fourier sum inverts it.

Every sum is cut by a bound: events outside the window by Chernoff's, frequencies by
|1 - p + p exp(i a)| <= 1, the total excess by Hoeffding's, sizes by how closely a list's excess repeats with
its length. Each cut changes probabilities by at most 1e-12 in all; cuts and rounding together change them by
less than 1e-11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ipsrct._arm_sizes import Strata
from ipsrct._generating_function import LOG_TOLERANCE, GeneratingFunction
from ipsrct.trial import FloatArray, IntArray

ComplexArray = NDArray[np.complex128]

# Exponents at which Chernoff's bound is evaluated.
_TILTS = np.geomspace(1e-3, 40, 300)
_MOST_PAIRS = 20_000


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
        """Yield arm sizes, with the probability of them and each pair of events in the windows, (X1, X0)."""
        strata, (first, second) = self.strata, self._windows
        excess, transform = self._function.by_excess()
        sizes = (excess + strata.weights[0] * strata.n) // sum(strata.weights)
        # exp(-i a x) at the events of the window, (X, frequencies); only a half of the second is needed
        back = [np.exp(-1j * np.outer(x, a)) for x, a in zip(self._windows, self._frequencies, strict=True)]
        twice = np.where(self._frequencies[1] > 0, 2.0, 1.0) / (len(first) * len(second))
        mean, (row, column) = self._mean_risk, self._pairs
        transform /= transform[(row == len(self._frequencies[0]) // 2) & (column == 0)].sum()  # rounding
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
        """About how many complex products are needed; infinite for more pairs than fit into memory."""
        first, second = self._frequencies
        return self._function.work if len(first) * len(second) <= _MOST_PAIRS else np.inf

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
        """The events of either arm but for the tails; an odd number, so that only frequency 0 is real."""
        n, slack = self.strata.n, self.strata.reach / sum(self.strata.weights)
        limit = np.log(10) - LOG_TOLERANCE
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
            half = np.linspace(0.0, np.pi * (1 - 1 / len(window)), len(window) // 2 + 1)
            half = half[self._log_modulus(half, k) > self._least_modulus]
            kept.append(half)
        return np.concatenate([-kept[0][:0:-1], kept[0]]), kept[1]

    @property
    def _least_modulus(self) -> float:
        return LOG_TOLERANCE - float(np.log(len(self._windows[0]) * len(self._windows[1])))

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
    def _function(self) -> GeneratingFunction:
        """The generating function of size and excess at the pairs of frequencies, events less their mean."""
        logs = []
        for k, index in enumerate(self._pairs):
            a, p = self._frequencies[k][index][:, None], self.risks[:, k]
            logs.append(np.log((1 - p + p * np.exp(1j * a)) * np.exp(-1j * a * self._mean_risk[k])))
        part = self._part
        log_size, log_excess = part[0] * logs[0] + part[1] * logs[1], logs[0] - logs[1]
        return GeneratingFunction(self.strata, log_size, log_excess / sum(self.strata.weights))
