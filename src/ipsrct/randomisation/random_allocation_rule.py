"""The random allocation rule: every list with the planned sizes of the arms is equally likely."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.randomisation._sequential import PlannedScheme, Weights, complete_sets
from ipsrct.trial import FloatArray, IntArray


class RandomAllocationRule(PlannedScheme):
    """Drawing without replacement from an urn with one ball for each participant.

    Lachin, Controlled Clinical Trials 1988; the sampling design of Blackwell and Hodges, Annals of
    Mathematical Statistics 1957. If the number of participants is not a multiple of the sum of the
    allocation weights, the urn holds the next multiple and some balls are never drawn.

    Attributes
    ----------
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["random_allocation_rule"]

    def allocation_probability(self, counts: IntArray, size: IntArray | int, weights: Weights) -> FloatArray:
        """Return the probability of each arm for the next participant of a list, (K, ...)."""
        sets = complete_sets(size, weights)
        left = np.stack([sets * weight - count for weight, count in zip(weights, counts, strict=True)])
        return np.asarray(left / (sets * sum(weights) - counts.sum(axis=0)))
