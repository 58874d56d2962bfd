"""Independent assignments, under the two names that the field has for them."""

from __future__ import annotations

import numpy as np

from ipsrct._inverse_cdf import draw_multinomial
from ipsrct.randomisation._scheme import Scheme
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray


class Independent(Scheme):
    """A coin, or a die with the allocation's odds, for each participant."""

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign each participant independently."""
        n_replicates, n_participants = cohort.cell.shape
        share = np.array(weights) / sum(weights)
        arm = self.draw_lists(n_replicates, n_participants, weights, rng)
        return Assignment(arm, np.broadcast_to(share, (n_participants, len(weights))))

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R)."""
        drawn = draw_multinomial(stratum_sizes, np.array(weights) / sum(weights), rng)
        return np.moveaxis(drawn, 0, 1)

    def draw_lists(
        self, n_lists: int, length: int, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw lists, (lists, length)."""
        share = np.array(weights) / sum(weights)
        uniform = rng.random((n_lists, length))
        return np.searchsorted(np.cumsum(share)[:-1], uniform, side="right").astype(np.int8)

    def allocation_list(
        self, length: int, weights: tuple[int, ...], rng: np.random.Generator
    ) -> tuple[IntArray, IntArray | None]:
        """Draw one list, (length,); it has no blocks."""
        return self.draw_lists(1, length, weights, rng)[0], None

    def list_probability(self, arm: IntArray, weights: tuple[int, ...]) -> FloatArray:
        """Return the probability of each list, (Q,)."""
        share = np.array(weights) / sum(weights)
        return np.asarray(share[arm].prod(axis=1))

    def allocation_probability(
        self,
        counts: IntArray,
        size: IntArray | int,  # noqa: ARG002 - independent
        weights: tuple[int, ...],
    ) -> FloatArray:
        """Return the probability of each arm for the next participant, (K, ...)."""
        share = np.array(weights).reshape(-1, *[1] * (counts.ndim - 1)) / sum(weights)
        return np.broadcast_to(share, counts.shape)
