"""The block urn design."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct._message import Message
from ipsrct.randomisation._scheme import reduced
from ipsrct.randomisation._sequential import BySizes, Weights, size_distribution
from ipsrct.trial import FloatArray, IntArray

_MOST_STATES = 20_000


class BlockUrn(BySizes):
    """A block is drawn from an urn, and each complete set of arms goes back into it at once.

    Zhao and Weng, Contemporary Clinical Trials 2011. Unlike in a permuted block, balls return before the
    block is used up, so fewer assignments are certain at the same largest imbalance. With unequal
    allocation, the probability of an arm is not the allocation's share at every position.

    Attributes
    ----------
    block_size : int
        Balls in the full urn: a multiple of the sum of the allocation weights.
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["block_urn"]
    block_size: int = Field(ge=2)

    def why_not_weights(self, weights: Weights) -> str:
        """Return why the scheme cannot give these allocation weights, or an empty string."""
        unit = sum(reduced(weights))
        if self.block_size % unit == 0:
            return ""
        return Message(
            "block_size must be a multiple of {unit}, the sum of the allocation weights, got {size}",
            unit=unit,
            size=self.block_size,
        )

    def allocation_probability(self, counts: IntArray, size: IntArray | int, weights: Weights) -> FloatArray:  # noqa: ARG002 - not planned
        """Return the probability of each arm for the next participant of a list, (K, ...)."""
        weight = np.array(weights).reshape(-1, *[1] * (counts.ndim - 1))
        sets = (counts // weight).min(axis=0) + self.block_size // sum(weights)
        balls = np.maximum(weight * sets - counts, 0)
        return np.asarray(balls / np.maximum(balls.sum(axis=0), 1))

    def marginal_probability(self, n_participants: int, weights: Weights) -> FloatArray | None:
        """Return the exact probability of each arm at each position, (N, K), or None.

        The allocation's share with equal weights. Otherwise by recursion over the urn's states; None
        within strata, where it depends on the cohort, and for urns of more than 20,000 states.
        """
        weights = reduced(weights)
        if set(weights) == {1}:
            return super().marginal_probability(n_participants, weights)
        sets = self.block_size // sum(weights)
        if self.factors or prod(sets * weight + 1 for weight in weights) > _MOST_STATES:
            return None
        return _marginal(self, n_participants, weights)


@lru_cache(maxsize=8)
def _marginal(scheme: BlockUrn, n_participants: int, weights: Weights) -> FloatArray:
    marginal = np.empty((n_participants, len(weights)))
    states = size_distribution(scheme, weights, n_participants)
    for row, (counts, probability) in zip(marginal, states, strict=False):
        row[:] = scheme.allocation_probability(counts, n_participants, weights) @ probability
    return marginal
