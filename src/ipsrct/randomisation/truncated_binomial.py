"""The truncated binomial design: a fair coin until one arm is full."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ipsrct.randomisation._sequential import PlannedScheme, TwoEqualArms, complete_sets
from ipsrct.trial import FloatArray, IntArray


class TruncatedBinomial(PlannedScheme, TwoEqualArms):
    """A fair coin until one arm holds half of the participants; the rest go to the other.

    Blackwell and Hodges, Annals of Mathematical Statistics 1957. With an odd number of participants, the
    list is made for one more and cut.

    Attributes
    ----------
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["truncated_binomial"]

    def first_arm_probability(self, counts: IntArray, size: IntArray | int) -> FloatArray:
        """Return the probability of the first arm for the next participant."""
        full = complete_sets(size, (1, 1))
        return np.where(counts[0] >= full, 0.0, np.where(counts[1] >= full, 1.0, 0.5))
