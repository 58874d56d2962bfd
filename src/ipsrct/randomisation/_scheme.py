"""What schemes have in common."""

from __future__ import annotations

from math import gcd

import numpy as np

from ipsrct._message import Message, joined
from ipsrct._parts import Part
from ipsrct._service_table import ServiceTable
from ipsrct.trial import SERVICE, CellTable, IntArray


class Scheme(Part):
    """A scheme without strata that gives any allocation; a kind says where it differs."""

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors within whose strata the scheme balances."""
        return ()

    @property
    def control_is_last(self) -> bool:
        """Whether the control arm must be listed last."""
        return False

    @property
    def randomised_unit(self) -> str:
        """What has an arm of its own."""
        return "participant"

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

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:  # noqa: ARG002
        """Return why the scheme cannot randomise in these services, or an empty string."""
        return ""

    @property
    def balanced_within(self) -> tuple[tuple[str, ...], ...]:
        """The margins that are balanced, each the cross-classification of some factors."""
        return (self.strata_factors,)

    def caveats(self, n_participants: int, cells: CellTable, services: ServiceTable) -> tuple[str, ...]:
        """Return a sentence about each margin with more strata than participants, or one that stays empty."""
        found = (_caveat(n_participants, names, cells, services) for names in self.balanced_within)
        return tuple(filter(None, found))


def why_not_two_equal(weights: tuple[int, ...]) -> str:
    """Return that a scheme is for two equal arms, or an empty string."""
    if len(weights) == 2 and weights[0] == weights[1]:
        return ""
    given = ", ".join(map(str, weights))
    return Message("is defined for two arms of equal weight, got weights {weights}", weights=given)


def _caveat(n_participants: int, factors: tuple[str, ...], cells: CellTable, services: ServiceTable) -> str:
    share = np.bincount(cells.stratum_index([f for f in factors if f != SERVICE]), cells.probability)
    in_service = services.size if SERVICE in factors else 1
    n_strata, smallest = len(share) * in_service, n_participants * share.min() / in_service
    if n_strata > n_participants:
        return Message(
            "Randomisation balances within {n_strata:,} strata by {factors}, more than the {n:,} "
            "participants: many strata are empty, and little is balanced.",
            n_strata=n_strata,
            factors=joined(factors),
            n=n_participants,
        )
    if smallest < 1:
        return Message(
            "The smallest of {n_strata:,} strata by {factors} expects {n:.2g} participants: it is often "
            "empty.",
            n_strata=n_strata,
            factors=joined(factors),
            n=smallest,
        )
    return ""


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
