"""Complete randomisation: every participant is assigned independently."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.randomisation._scheme import Scheme
from ipsrct.trial import Assignment, Cohort, IntArray


class Complete(Scheme):
    """A coin, or a die with the allocation's odds, for each participant."""

    kind: Literal["complete"]

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign each participant independently."""
        share = np.array(weights) / sum(weights)
        n_replicates, n_participants = cohort.cell.shape
        arm = self.draw_lists(n_replicates, n_participants, weights, rng)
        return Assignment(arm, np.broadcast_to(share, (n_participants, len(weights))))

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R)."""
        share = np.array(weights) / sum(weights)
        return np.moveaxis(rng.multinomial(stratum_sizes, share), -1, 1)

    @property
    def block_size(self) -> None:
        """There are no blocks."""
        return

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
        """Draw the list of one stratum; it has no blocks."""
        return self.draw_lists(1, length, weights, rng)[0], None
