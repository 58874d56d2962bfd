"""Lists drawn from a list seed."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ipsrct._streams import Streams
from ipsrct.lists.plan import ListPlan, Stratum
from ipsrct.lists.seed_file import ListSeed
from ipsrct.trial import IntArray

Purpose = Literal["production", "development"]


@dataclass(frozen=True)
class DrawnList:
    """The list of one stratum.

    Attributes
    ----------
    stratum : Stratum
    arm : int array (L,)
    block_end : int array (L,) or None
        The number of places up to the end of each place's block; None for a scheme without blocks.
    """

    stratum: Stratum
    arm: IntArray
    block_end: IntArray | None

    def blocks(self) -> list[tuple[int, int]]:
        """Return the number, from 1, and the size of each place's block; nothing without blocks."""
        if self.block_end is None:
            return []
        ends, index = np.unique(self.block_end, return_inverse=True)
        sizes = np.diff(ends, prepend=0)
        return [(int(i) + 1, int(sizes[i])) for i in index]


def draw_lists(plan: ListPlan, seed: ListSeed, purpose: Purpose) -> list[DrawnList]:
    """Draw every stratum's list.

    A list depends on the seed, the scenario's name, the purpose and its stratum's levels: another stratum
    changes nothing. In blocks and with complete randomisation, a longer plan begins with the shorter one's
    lists.
    """
    weights = plan.scenario.design.weights
    return [
        DrawnList(s, *plan.scheme.allocation_list(s.planned_maximum, weights, _rng(plan, s, seed, purpose)))
        for s in plan.strata
    ]


def _rng(plan: ListPlan, stratum: Stratum, seed: ListSeed, purpose: Purpose) -> np.random.Generator:
    """Return the generator of one list.

    HMAC-SHA256 is one-way: who learns a list's generator learns neither the seed nor another list.
    """
    address = sorted(zip(plan.factors, stratum.levels, strict=True))
    message = json.dumps([plan.scenario.name, purpose, address], ensure_ascii=False)
    digest = hmac.digest(seed.key, message.encode(), "sha256")
    return Streams(int.from_bytes(digest, "big")).rng("allocation list", 0)
