"""Complete randomisation: every participant is assigned independently."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.randomisation._scheme import Scheme
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray


class Complete(Scheme):
    """A coin, or a die with the allocation's odds, for each participant."""

    kind: Literal["complete"]

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign each participant independently."""
        share = np.array(weights) / sum(weights)
        arm = _draw(cohort.cell.shape, share, rng)
        return Assignment(arm, np.broadcast_to(share, (cohort.cell.shape[1], len(weights))))

    def assign_counts(
        self, stratum_sizes: IntArray, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw participants by stratum and arm, (S, K, R)."""
        share = np.array(weights) / sum(weights)
        return np.moveaxis(rng.multinomial(stratum_sizes, share), -1, 1)

    def allocation_list(
        self, length: int, weights: tuple[int, ...], rng: np.random.Generator
    ) -> tuple[IntArray, IntArray | None]:
        """Draw the list of one stratum; it has no blocks."""
        return _draw((length,), np.array(weights) / sum(weights), rng), None


def _draw(shape: tuple[int, ...], share: FloatArray, rng: np.random.Generator) -> IntArray:
    return np.searchsorted(np.cumsum(share)[:-1], rng.random(shape), side="right").astype(np.int8)
