"""The generating function of the strata's sizes and excesses, read off at the planned total size.

S strata, K points, T nodes of the total size, U totals of the excess, D values of one stratum's excess. A
stratum of n participants with excess d contributes x^n y^d at a point. Multinomial sizes are independent
Poisson sizes given their sum, so the function is a product over strata, whose coefficient at the total size
is a discrete Fourier sum over z.

In a large stratum the remainder of its size in the table's period is as good as uniform: with w a root of
unity of that period, its function is the sum over j of c_j(y) exp(mean (w^j x z - 1)), and products of terms
with different j vanish. Then only small strata need be summed over z.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from ipsrct._arm_sizes import Strata, log_poisson
from ipsrct.trial import BoolArray, FloatArray, IntArray

ComplexArray = NDArray[np.complex128]

LOG_TOLERANCE = float(np.log(1e-12))
_LOG_IMPOSSIBLE = float(np.log(1e-20))
# Parts of this many numbers stay in the second-level cache.
_CACHED_NUMBERS = 65_536
# Points of the circle's sector at which the mixed terms' bound is evaluated.
_ANGLES = 256


@dataclass(frozen=True)
class GeneratingFunction:
    """E prod_s x_s^size_s y_s^excess_s at points where its modulus is at most 1, by total excess.

    Attributes
    ----------
    strata : Strata
    log_size, log_excess : complex array (K, S)
        Logarithms of x and y.
    """

    strata: Strata
    log_size: ComplexArray
    log_excess: ComplexArray

    def by_excess(self) -> tuple[IntArray, ComplexArray]:
        """Return the totals of the excess, (U,), and the function's part of each, (K, U)."""
        totals = self._totals
        node = 2 * np.pi * np.arange(len(totals)) / (len(totals) * sum(self.strata.weights))
        back = np.exp(-1j * np.outer(node, totals)) / len(totals)
        turn = np.exp(1j * np.outer(self._values, node))
        tables = [self._table(s) for s in self._summed]
        rows = max(1, _CACHED_NUMBERS // (len(self._nodes) * len(node)))
        parts = [
            self._at_nodes(slice(start, start + rows), tables, turn) @ back
            for start in range(0, len(self.log_size), rows)
        ]
        return totals, np.concatenate(parts)

    @property
    def work(self) -> float:
        """About how many complex products are needed."""
        n_values, n_totals = len(self._values), len(self._totals)
        sizes = sum(len(self._sizes[s][0]) for s in self._summed)
        summed = len(self._nodes) * (sizes * n_values + len(self._summed) * n_totals * (n_values + 1))
        return float(len(self.log_size)) * (summed + int(self._large.sum()) * n_totals * self._repeated.size)

    @cached_property
    def _values(self) -> IntArray:
        """The values of one stratum's excess, (D,)."""
        return np.arange(-self.strata.reach, self.strata.reach + 1)

    @cached_property
    def _totals(self) -> IntArray:
        """The possible totals of the excess, (U,), but for Hoeffding's bound of the rest."""
        strata, unit = self.strata, sum(self.strata.weights)
        n_strata = len(strata.share)
        reach = int(strata.reach * min(n_strata, np.sqrt(2 * n_strata * (np.log(2) - LOG_TOLERANCE))))
        values = np.arange(-reach, reach + 1)
        return np.asarray(values[(values + strata.weights[0] * strata.n) % unit == 0])

    @cached_property
    def _log_error(self) -> float:
        """The logarithm of the error of one value that moves probabilities by the tolerance (Parseval)."""
        return LOG_TOLERANCE - float(np.log(2 * len(self.log_size) * len(self._totals))) / 2

    @cached_property
    def _log_at_total(self) -> float:
        """The logarithm of the probability that Poisson sizes add up to the total."""
        return float(log_poisson(np.array(self.strata.n), self.strata.n))

    @cached_property
    def _repeated(self) -> FloatArray:
        """P(excess | size) by the remainder of the size, (period, D), beyond the table's first rows."""
        table = self.strata.table
        start = -(-len(table.probability) // table.period) * table.period
        return self.strata.excess_by_size(np.arange(start, start + table.period))

    @cached_property
    def _terms(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return what bounds a stratum's terms.

        Their amplitudes, (period,) and (S,); the turn of x, (S,); the error of repeated rows, (S,).
        """
        amplitude = np.abs(np.fft.fft(self._repeated, axis=0)).sum(axis=1) / len(self._repeated)
        growth = np.exp(self.strata.reach * np.abs(self.log_excess.real).max(axis=0))
        turn = np.abs(self.log_size.imag).max(axis=0)
        differ = np.empty(len(growth))
        for s in range(len(growth)):
            n, log_probability = self._sizes[s]
            by_size = np.abs(self.strata.excess_by_size(n) - self._repeated[n % len(self._repeated)])
            differ[s] = np.exp(log_probability) @ by_size.sum(axis=1)
        return amplitude[:, None] * growth, turn, differ * growth

    def _exponents(self, angle: FloatArray) -> FloatArray:
        """Return bounds of mean (Re w^j x z - 1) for z = exp(i angle), (angles, period, S)."""
        period, turn = len(self._repeated), self._terms[1]
        rotated = angle[:, None] + 2 * np.pi * np.arange(period) / period
        distance = np.abs((rotated + np.pi) % (2 * np.pi) - np.pi)
        cosine = np.clip(np.cos(np.maximum(distance[:, :, None] - turn, 0)), 0, 1)
        return np.asarray(self.strata.n * self.strata.share * (cosine - 1))

    @cached_property
    def _large(self) -> BoolArray:
        """The strata, (S,), whose terms of different j may be taken to vanish together.

        Their contribution is at most that of the circle's worst point, where terms other than the nearest's
        are mixed in; tried for the largest stratum, the two largest, and so on.
        """
        strata = self.strata
        if strata.sizes is not None:
            return np.zeros(len(strata.share), dtype=np.bool_)
        amplitude, _, differ = self._terms
        order = np.argsort(-strata.share)
        exponent = self._exponents(np.linspace(0, np.pi / len(self._repeated), _ANGLES))[:, :, order]
        near = exponent[:, 0] + np.log(amplitude[0, order])
        far = np.log((np.exp(exponent - exponent[:, :1]) * amplitude[:, order]).sum(axis=1)) - np.log(
            amplitude[0, order]
        )
        near, far = near.cumsum(axis=1), far.cumsum(axis=1)
        log_mixed = near + np.where(far < 1, np.log(2 * np.maximum(far, 1e-300)), far)
        error = len(self._repeated) * np.exp(log_mixed.max(axis=0)) + differ[order].cumsum()
        good = np.log(error) < self._log_error + self._log_at_total
        large = np.zeros(len(order), dtype=np.bool_)
        large[order[: int(np.flatnonzero(good).max(initial=-1)) + 1]] = True
        return large

    @cached_property
    def _summed(self) -> IntArray:
        """The strata that are summed over their sizes."""
        return np.flatnonzero(~self._large)

    @cached_property
    def _sizes(self) -> list[tuple[IntArray, FloatArray]]:
        """The possible sizes of each stratum and the logarithms of their probabilities."""
        if self.strata.sizes is not None:
            return [(np.array([size]), np.zeros(1)) for size in self.strata.sizes]
        n = np.arange(self.strata.n + 1)
        found: list[tuple[IntArray, FloatArray]] = []
        for mean in self.strata.n * self.strata.share:
            log_probability = log_poisson(n, mean)
            possible = log_probability > _LOG_IMPOSSIBLE
            found.append((n[possible], log_probability[possible]))
        return found

    @property
    def _nodes(self) -> FloatArray:
        """Angles of z at which the small strata are summed, (T,)."""
        return self._quadrature[0]

    @cached_property
    def _quadrature(self) -> tuple[FloatArray, ComplexArray]:
        """Return the angles of z, (T,), and their weights at each point for each j, (K, j, T)."""
        if self.strata.sizes is not None:
            return np.zeros(1), np.ones((1, 1, 1), dtype=np.complex128)
        n, (m, of_rest) = self.strata.n, self._of_large
        n_terms = len(self._repeated) if self._large.any() else 1
        mean = n * self.strata.share[self._summed].sum()
        log_small = log_poisson(np.arange(n + 20 * int(np.sqrt(n)) + 60), mean)
        possible = np.flatnonzero(log_small > LOG_TOLERANCE + self._log_at_total - np.log(1e3))
        apart = max(possible[-1] - (n - m.max()), (n - m.min()) - possible[0]) + 1
        n_nodes = -(-int(apart) // n_terms) * n_terms
        angle = 2 * np.pi * np.arange(n_nodes) / n_nodes
        weight = of_rest @ np.exp(-1j * angle)[np.outer(n - m, np.arange(n_nodes)) % n_nodes] / n_nodes
        turned = [
            np.exp(2j * np.pi * j * n / n_terms) * np.roll(weight, -j * n_nodes // n_terms, axis=1)
            for j in range(n_terms)
        ]
        largest = np.minimum(self._terms[0][:n_terms, self._large], 1.0).prod(axis=1)
        bound = np.abs(turned).max(axis=1).T @ largest * n_nodes
        kept = self._log_small_bound(angle) + np.log(bound) > self._log_error
        return angle[kept], np.stack(turned, axis=1)[:, :, kept]

    @cached_property
    def _of_large(self) -> tuple[IntArray, ComplexArray]:
        """Numbers m in the large strata, and their terms over the probability of the total, (K, m)."""
        strata, n = self.strata, self.strata.n
        if not self._large.any():
            return np.zeros(1, dtype=np.intp), np.full(
                (1, 1), np.exp(-self._log_at_total), dtype=np.complex128
            )
        m, share = np.arange(n + 1), strata.share[self._large]
        log_weight = m * np.log(n) - gammaln(m + 1) - n * share.sum() - self._log_at_total
        log_drawn = np.log(np.exp(self.log_size[:, self._large]) @ share)
        log_rest = log_poisson(n - m, n * strata.share[self._summed].sum())
        likely = log_weight + m * log_drawn.real.max() + log_rest > _LOG_IMPOSSIBLE
        return m[likely], np.exp(np.outer(log_drawn, m[likely]) + log_weight[likely])

    def _log_small_bound(self, angle: FloatArray) -> FloatArray:
        """Return the logarithm of a bound of the small strata's function, (angles,)."""
        amplitude, _, differ = self._terms
        bound = (np.exp(self._exponents(angle)) * amplitude).sum(axis=1) + differ
        return np.asarray(np.log(np.minimum(bound[:, self._summed], 1.0)).sum(axis=1))

    def _table(self, s: int) -> ComplexArray:
        """Return P(excess | size) z^size of a stratum, (sizes, T D)."""
        sizes, _ = self._sizes[s]
        rotation = np.exp(1j * np.outer(sizes, self._nodes))
        by_size = self.strata.excess_by_size(sizes)
        return np.asarray((rotation[:, :, None] * by_size[:, None, :]).reshape(len(sizes), -1))

    def _at_nodes(self, points: slice, tables: list[ComplexArray], turn: ComplexArray) -> ComplexArray:
        """Return the function at some points and at every node of the total excess, (points, U)."""
        log_size, log_excess = self.log_size[points], self.log_excess[points]
        weight = self._quadrature[1]
        weight = weight if len(weight) == 1 else weight[points]
        shape = (len(log_size), len(self._nodes), len(self._values))
        product = np.ones((shape[0], shape[1], turn.shape[1]), dtype=np.complex128)
        for s, table in zip(self._summed, tables, strict=True):
            sizes, log_probability = self._sizes[s]
            by_size = np.exp(log_size[:, s, None] * sizes + log_probability)
            by_excess = (by_size @ table).reshape(shape)
            by_excess *= np.exp(log_excess[:, s, None] * self._values)[:, None, :]
            product *= (by_excess.reshape(-1, shape[2]) @ turn).reshape(product.shape)
        by_term: ComplexArray = weight @ product
        coefficient = np.fft.fft(self._repeated, axis=0)[: weight.shape[1]] / len(self._repeated)
        for s in np.flatnonzero(self._large):
            tilted = np.exp(log_excess[:, s, None] * self._values)[:, None, :] * coefficient
            by_term *= tilted @ turn
        total: ComplexArray = by_term.sum(axis=1)
        return total
