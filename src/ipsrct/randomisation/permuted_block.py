"""Permuted blocks without strata."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.randomisation._blocked import Blocked
from ipsrct.randomisation._blocks import (
    block_lists,
    count_table,
    list_probability,
)
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray


class PermutedBlock(Blocked):
    """One list of permuted blocks for the whole trial.

    Attributes
    ----------
    block_sizes : tuple of int
        Each a multiple of the sum of the allocation weights. With several sizes, each block's size is
        drawn at random from them.
    """

    kind: Literal["permuted_block"]

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign participants in the order of their arrival."""
        n_replicates, n_participants = cohort.cell.shape
        lengths = np.full(n_replicates, n_participants)
        arm, _ = block_lists(lengths, self.block_sizes, weights, rng)
        share = np.array(weights) / sum(weights)
        return Assignment(arm[:, :n_participants], np.broadcast_to(share, (n_participants, len(weights))))

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R)."""
        if len(self.block_sizes) == 1 and not (stratum_sizes % self.block_sizes[0]).any():
            units = stratum_sizes[..., None, :] // sum(weights)  # no block is cut
            return np.asarray(units * np.array(weights)[:, None])
        table = count_table(self.block_sizes, weights)
        return table.arm_counts(stratum_sizes, table.draw(stratum_sizes, rng))

    def list_probability(self, arm: IntArray, weights: tuple[int, ...]) -> FloatArray:
        """Return the probability of each list, (Q,), for the arms of its participants, (Q, n)."""
        return list_probability(arm, self.block_sizes, weights)
