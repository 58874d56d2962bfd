"""Independent assignments, under the two names that the field has for them."""

from __future__ import annotations

import numpy as np

from ipsrct.randomisation._scheme import Scheme
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray


class Independent(Scheme):
    """A coin, or a die with the allocation's odds, for each participant."""

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign each participant independently."""
        share = np.array(weights) / sum(weights)
        uniform = rng.random(cohort.cell.shape)
        arm = np.searchsorted(np.cumsum(share)[:-1], uniform, side="right").astype(np.int8)
        return Assignment(arm, np.broadcast_to(share, (cohort.cell.shape[1], len(weights))))

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R)."""
        share = np.array(weights) / sum(weights)
        return np.moveaxis(rng.multinomial(stratum_sizes, share), -1, 1)

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
