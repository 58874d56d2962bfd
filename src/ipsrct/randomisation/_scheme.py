"""What schemes have in common."""

from __future__ import annotations

from math import gcd

import numpy as np

from ipsrct._parts import Part
from ipsrct.trial import IntArray


class Scheme(Part):
    """A scheme without strata that gives any allocation; a kind says where it differs."""

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors within whose strata the scheme balances."""
        return ()

    def why_not_weights(self, weights: tuple[int, ...]) -> str:  # noqa: ARG002 - kinds that differ use it
        """Return why the scheme cannot give these allocation weights, or an empty string."""
        return ""

    def why_no_list(self) -> str:
        """Return why these options do not leave every assignment to lists, or an empty string."""
        return ""

    @property
    def whole_block_size(self) -> int | None:
        """The size of every block of the lists; None where it varies or there are no blocks."""
        return None


def reduced(weights: tuple[int, ...]) -> tuple[int, ...]:
    """Return the same allocation in the smallest whole numbers: 4 and 2 are 2 and 1."""
    divisor = gcd(*weights)
    return tuple(weight // divisor for weight in weights)


def rank_within(key: IntArray, n_keys: int) -> tuple[IntArray, IntArray]:
    """Return each entry's rank of arrival within its key, and the size of each key; keys rise by row."""
    flat = key.reshape(-1)
    size = np.bincount(flat, minlength=n_keys)
    # numpy sorts integers of up to 16 bits by radix.
    order = np.argsort(flat.astype(np.uint16) if n_keys <= 2**16 else flat, kind="stable")
    rank = np.empty(len(flat), dtype=np.intp)
    rank[order] = np.arange(len(flat)) - np.repeat(np.cumsum(size) - size, size)
    return rank.reshape(key.shape), size
