"""The adjustable biased coin: the larger the imbalance, the stronger the coin."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct.randomisation._sequential import TwoEqualArms
from ipsrct.trial import FloatArray, IntArray


class AdjustableBiasedCoin(TwoEqualArms):
    """A coin that favours the smaller arm with the odds d ** a, d being the arms' difference.

    Baldi Antognini and Giovagnoli, Applied Statistics 2004. The coin is fair at a difference of 0 or 1.

    Attributes
    ----------
    a : float
        At least 0. With 0 assignments are independent; with a large number the design is a big stick that
        tolerates a difference of 2.
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["adjustable_biased_coin"]
    a: float = Field(ge=0, le=100)

    def first_arm_probability(self, counts: IntArray, size: IntArray | int) -> FloatArray:  # noqa: ARG002 - not planned
        """Return the probability of the first arm for the next participant."""
        difference = counts[0] - counts[1]
        larger: FloatArray = 1 / (1 + np.maximum(np.abs(difference), 1.0) ** self.a)
        return np.where(difference > 0, larger, 1 - larger)
