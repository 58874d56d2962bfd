"""The maximal procedure: every list inside a tolerated imbalance is equally likely."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct.randomisation._sequential import PlannedScheme, TwoEqualArms, complete_sets
from ipsrct.trial import FloatArray, IntArray

_ROWS_STEP = 64


class MaximalProcedure(PlannedScheme, TwoEqualArms):
    """All lists that end balanced and never exceed a tolerated imbalance, with equal probability.

    Berger, Ivanova and Knoll, Statistics in Medicine 2003. With an odd number of participants, the list is
    made for one more and cut.

    Attributes
    ----------
    maximum_tolerated_imbalance : int
        The largest difference between the arms' sizes at any time, at least 1.
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["maximal_procedure"]
    maximum_tolerated_imbalance: int = Field(ge=1)

    def first_arm_probability(self, counts: IntArray, size: IntArray | int) -> FloatArray:
        """Return the probability of the first arm: its share of the lists that are still possible."""
        full = complete_sets(size, (1, 1))
        band = min(self.maximum_tolerated_imbalance, int(full.max()))
        left = 2 * full - counts.sum(axis=0)
        here = np.clip(counts[0] - counts[1] + band + 1, 1, 2 * band + 1)
        ways = _completions(band, (2 * int(full.max()) // _ROWS_STEP + 1) * _ROWS_STEP)
        first, second = ways[left - 1, here + 1], ways[left - 1, here - 1]
        possible = first + second
        return np.asarray(np.divide(first, possible, out=np.zeros(possible.shape), where=possible > 0))


@lru_cache(maxsize=8)
def _completions(band: int, longest: int) -> FloatArray:
    """Return how many ways lead back to balance inside the band, up to a factor for each row.

    Rows are the participants left, 0 to ``longest`` - 1; columns the difference between the arms, from
    -band - 1 to band + 1. The first and the last column stay 0.
    """
    ways = np.zeros((longest, 2 * band + 3))
    ways[0, band + 1] = 1
    for before, row in pairwise(ways):
        row[1:-1] = before[:-2] + before[2:]
        row /= row.max()
    return ways
