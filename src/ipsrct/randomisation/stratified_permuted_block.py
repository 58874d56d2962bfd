"""Permuted blocks within strata."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct._hypergeometric import spread
from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.randomisation._blocked import Blocked
from ipsrct.randomisation._blocks import (
    block_lists,
    count_table,
    list_probability,
)
from ipsrct.randomisation._scheme import rank_within
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray


class StratifiedPermutedBlock(Blocked):
    """A list of permuted blocks for each stratum (Zelen, Journal of Chronic Diseases 1974).

    Attributes
    ----------
    factors : tuple of str
        The strata are the cross-classification of these factors; ``service`` may be one of them.
    block_sizes : tuple of int
        Each a multiple of the sum of the allocation weights. With several sizes, each block's size is
        drawn at random from them.
    leftovers : {"truncate", "pool"}
        What happens to the last, unfilled block of a stratum. ``truncate``: its list simply ends, as when
        participants are randomised one by one. ``pool``: the leftover participants of all strata are
        randomised together in blocks at the end, which needs all of them to be known at once.
    """

    kind: Literal["stratified_permuted_block"]
    factors: tuple[str, ...] = Field(min_length=1)
    leftovers: Literal["truncate", "pool"] = "truncate"

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors that form the strata."""
        return self.factors

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign participants in the order of their arrival in their stratum."""
        stratum, n_strata = cohort.stratum(self.factors)
        n_replicates, n_participants = stratum.shape
        key = stratum + np.arange(n_replicates)[:, None] * n_strata
        rank, size = rank_within(key, n_replicates * n_strata)
        arms, block_end = block_lists(size, self.block_sizes, weights, rng)
        arm = arms[key, rank]
        if self.leftovers == "pool":
            left = block_end[key, rank] > size[key]
            arm[left] = self._pooled(left, weights, rng)
        share = np.array(weights) / sum(weights)
        return Assignment(arm, np.broadcast_to(share, (n_participants, len(weights))))

    def _pooled(self, left: IntArray, weights: tuple[int, ...], rng: np.random.Generator) -> IntArray:
        """Return arms for the leftover participants, in random order within each replicate."""
        order = np.argsort(np.where(left, rng.random(left.shape), 2.0), axis=1)
        rank = np.argsort(order, axis=1)
        arms, _ = block_lists(left.sum(axis=1), self.block_sizes, weights, rng)
        row, column = np.nonzero(left)
        pooled: IntArray = arms[row, rank[row, column]]
        return pooled

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R)."""
        table = count_table(self.block_sizes, weights)
        j = table.draw(stratum_sizes, rng)
        if self.leftovers == "truncate":
            return table.arm_counts(stratum_sizes, j)
        left = table.leftover[j]
        full = (stratum_sizes - left) // sum(weights)
        pooled = left.sum(axis=0)
        arm_totals = table.arm_counts(pooled, table.draw(pooled, rng))
        return np.asarray(full[:, None] * np.array(weights)[:, None] + spread(arm_totals, left, rng))

    def why_no_list(self) -> str:
        """Return why leftovers that are pooled cannot be a list, or an empty string."""
        if self.leftovers == "truncate":
            return ""
        return Message(
            'leftovers = "pool" needs all participants to be known at once; set leftovers = "truncate"'
        )

    def list_probability(self, arm: IntArray, weights: tuple[int, ...]) -> FloatArray:
        """Return the probability of each stratum's list, (Q,), for the arms of its participants, (Q, n).

        Raises
        ------
        NotAvailableError
            If leftovers are pooled: strata then share a list.
        """
        if self.leftovers == "pool":
            raise NotAvailableError(
                Message("strata do not have lists of their own when leftovers are pooled")
            )
        return list_probability(arm, self.block_sizes, weights)
