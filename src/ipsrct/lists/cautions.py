"""What whoever runs the trial should know before the first participant."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct.lists.plan import ListPlan
from ipsrct.randomisation._blocks import count_table

_FEW_PARTICIPANTS = 10
_NOBODY = 1e-3
_NEGLIGIBLE = 1e-12


@dataclass(frozen=True)
class Unfilled:
    """What the unfilled last blocks of strata are expected to cost, if strata are as the scenario assumes.

    Attributes
    ----------
    participants_share : float
        The expected share of participants whose block is never filled.
    imbalance : tuple of float (K,)
        The standard deviation of each arm's size about its share of all participants.
    """

    participants_share: float
    imbalance: tuple[float, ...]


def unfilled_blocks(plan: ListPlan, block_sizes: tuple[int, ...]) -> Unfilled:
    """Return what to expect of unfilled blocks of these sizes, from binomial stratum sizes.

    Given the strata's sizes, deviations from the allocation are independent between strata with mean zero, so
    the variance of an arm's size is the sum over strata of its expected variance within them.
    """
    from scipy.stats import binom

    n, weights = plan.scenario.design.n_participants, plan.scenario.design.weights
    table = count_table(block_sizes, weights)
    left = table.leftover.astype(np.float64)
    deviation = table.leftover_arms - np.outer(left, np.array(weights) / sum(weights))
    moments = table.probability @ np.column_stack([left, deviation**2])  # (rows, 1 + K)
    shares, strata = np.unique([s.share for s in plan.strata], return_counts=True)
    expected = np.zeros(1 + len(weights))
    for share, count in zip(shares, strata, strict=True):
        low, high = (float(binom.ppf(q, n, share)) for q in (_NEGLIGIBLE, 1 - _NEGLIGIBLE))
        sizes = np.arange(max(int(low), 0), int(high) + 1)
        expected += count * (binom.pmf(sizes, n, share) @ moments[table.row(sizes)])
    return Unfilled(float(expected[0] / n), tuple(np.sqrt(expected[1:]).tolist()))


def cautions(plan: ListPlan) -> tuple[str, ...]:
    """Return warnings in words, of which none depends on the scheme's block sizes."""
    n, count = plan.scenario.design.n_participants, len(plan.strata)
    found = []
    if n < _FEW_PARTICIPANTS * count:
        many = f"{count:,} strata for {n:,} participants"
        many = f"More strata than participants: {many}" if n < count else many
        empty = sum((1 - s.share) ** n for s in plan.strata)
        unit = sum(plan.scenario.design.weights)
        least = unfilled_blocks(plan, (unit,)).participants_share
        found.append(
            f"{many}. {n / count:.1f} participants a stratum, and {empty:.0f} strata without any, are "
            f"expected. Even the smallest blocks that hold the allocation, of {unit}, would leave "
            f"{least:.0%} of participants in blocks that are never filled, and larger ones more, so that "
            "strata balance little; fewer factors, or minimisation by a central system, balance more."
        )
    nobody = [s.label for s in plan.strata if n * s.share < _NOBODY]
    if nobody:
        more = f"; and {len(nobody) - 3} more" if len(nobody) > 3 else ""
        found.append(
            f"The scenario expects nobody in {'; '.join(nobody[:3])}{more}. The lists are there all the "
            "same, in case somebody comes."
        )
    return tuple(found)
