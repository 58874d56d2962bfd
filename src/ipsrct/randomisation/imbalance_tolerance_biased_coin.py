"""The biased coin with imbalance tolerance: Efron's coin with a big stick."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct.randomisation._sequential import TwoEqualArms
from ipsrct.trial import FloatArray, IntArray


class ImbalanceToleranceBiasedCoin(TwoEqualArms):
    """A biased coin, and the smaller arm for certain when the tolerated imbalance is reached.

    Chen, Communications in Statistics: Stochastic Models 1999.

    Attributes
    ----------
    p : float
        Probability of the smaller arm inside the tolerated imbalance, from 1/2 (the big stick) to 1.
    maximum_tolerated_imbalance : int
        The largest difference between the arms' sizes at any time, at least 1.
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["imbalance_tolerance_biased_coin"]
    p: float = Field(default=2 / 3, ge=0.5, le=1)
    maximum_tolerated_imbalance: int = Field(ge=1)

    def first_arm_probability(self, counts: IntArray, size: IntArray | int) -> FloatArray:  # noqa: ARG002 - not planned
        """Return the probability of the first arm for the next participant."""
        difference = counts[0] - counts[1]
        smaller = np.where(np.abs(difference) >= self.maximum_tolerated_imbalance, 1.0, self.p)
        return np.where(difference == 0, 0.5, np.where(difference < 0, smaller, 1 - smaller))
