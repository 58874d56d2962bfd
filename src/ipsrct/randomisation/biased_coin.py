"""Efron's biased coin."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct.randomisation._sequential import TwoEqualArms
from ipsrct.trial import FloatArray, IntArray


class BiasedCoin(TwoEqualArms):
    """A coin that favours the smaller arm, and a fair one when the arms are equal.

    Efron, Biometrika 1971, who suggests p = 2/3.

    Attributes
    ----------
    p : float
        Probability of the smaller arm, from 1/2 (independent assignment) to 1 (blocks of two).
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["biased_coin"]
    p: float = Field(default=2 / 3, ge=0.5, le=1)

    def first_arm_probability(self, counts: IntArray, size: IntArray | int) -> FloatArray:  # noqa: ARG002 - not planned
        """Return the probability of the first arm for the next participant."""
        excess = np.sign(counts[0] - counts[1])
        return np.asarray(np.array([0.5, 1 - self.p, self.p])[excess])
