"""What schemes in permuted blocks have in common."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from ipsrct.randomisation._blocks import block_list, equal_lists
from ipsrct.randomisation._scheme import Scheme
from ipsrct.trial import IntArray


class Blocked(Scheme):
    """A scheme whose lists are permuted blocks.

    Attributes
    ----------
    block_sizes : tuple of int
        Each a multiple of the sum of the allocation weights. With several sizes, each block's size is
        drawn at random from them.
    """

    block_sizes: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(min_length=1)]

    @property
    def whole_block_size(self) -> int | None:
        """The size of every block; None where it is drawn from several."""
        return self.block_sizes[0] if len(self.block_sizes) == 1 else None

    def draw_lists(
        self, n_lists: int, length: int, weights: tuple[int, ...], rng: np.random.Generator
    ) -> IntArray:
        """Draw lists of one stratum, (lists, length)."""
        return equal_lists(n_lists, length, self.block_sizes, weights, rng)

    def allocation_list(
        self, length: int, weights: tuple[int, ...], rng: np.random.Generator
    ) -> tuple[IntArray, IntArray | None]:
        """Draw one list to the end of its last block, and the end of each place's block, (L,)."""
        return block_list(length, self.block_sizes, weights, rng)
