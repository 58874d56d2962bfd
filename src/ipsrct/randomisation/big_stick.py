"""The big stick design: a fair coin inside a tolerated imbalance."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct.randomisation._sequential import TwoEqualArms
from ipsrct.trial import FloatArray, IntArray


class BigStick(TwoEqualArms):
    """A fair coin, and the smaller arm for certain when the tolerated imbalance is reached.

    Soares and Wu, Communications in Statistics 1983.

    Attributes
    ----------
    maximum_tolerated_imbalance : int
        The largest difference between the arms' sizes at any time, at least 1.
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["big_stick"]
    maximum_tolerated_imbalance: int = Field(ge=1)

    def first_arm_probability(self, counts: IntArray, size: IntArray | int) -> FloatArray:  # noqa: ARG002 - not planned
        """Return the probability of the first arm for the next participant."""
        difference, tolerated = counts[0] - counts[1], self.maximum_tolerated_imbalance
        return np.where(difference >= tolerated, 0.0, np.where(difference <= -tolerated, 1.0, 0.5))
