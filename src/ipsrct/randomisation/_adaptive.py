"""Covariate-adaptive assignment: participants one after another, all replicates at once.

An arm's participants are counted in units that its allocation weight makes equal: with weights 2 and 1 a
participant adds 1 to the first arm and 2 to the second. Counts, weights and imbalances are whole numbers
held as floats, so that every comparison, ties too, is exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import lcm
from typing import Literal

import numpy as np

from ipsrct._message import Message
from ipsrct.trial import SERVICE, Cohort, FloatArray, IntArray

MOST_ARMS = 8
_CACHED_NUMBERS = 32_768  # places of as many participants as stay in the second-level cache
Imbalance = Literal["range", "variance"]
# Writes the total imbalance after assigning to each arm, (K, R), from counts (K, G, R).
_Totals = Callable[[FloatArray, FloatArray], None]


def participant_units(weights: Sequence[int]) -> FloatArray:
    """Return what one participant adds to each arm's count, (K,)."""
    return np.array([lcm(*weights) // weight for weight in weights], dtype=np.float64)


def why_not_coin(weights: tuple[int, ...], probability: float) -> str:
    """Return why a biased coin cannot give these allocation weights, or an empty string."""
    if len(weights) > MOST_ARMS:
        return Message("takes at most {most} arms, got {n}", most=MOST_ARMS, n=len(weights))
    least = min(weights) / sum(weights)
    if probability < least:
        return Message(
            "probability must be at least {least}, the smallest arm's share, got {given}",
            least=f"{least:.4g}",
            given=f"{probability:g}",
        )
    return ""


def coin(weights: tuple[int, ...], probability: float) -> FloatArray:
    """Return the upper edges of the arms' probabilities for each set of preferred arms, (K - 1, 2**K).

    With one arm preferred, the others have probabilities in proportion to their allocation weights, such
    that the smallest arm, when it is preferred, has ``probability``; a larger arm has more. Then the share
    of each arm is its allocation if it is preferred in that share of assignments (Han, Enas and McEntegart,
    Statistics in Medicine 2009;28:3329-3344). At equal weights every arm has ``probability``, and the
    others share the rest (Pocock and Simon, Biometrics 1975;31:103-115). Preferred arms that are tied share
    by their weights. Arm k of a set is its bit k.
    """
    weight = np.array(weights, dtype=np.float64)
    total = weight.sum()
    at_random = (1 - probability) * total / (total - weight.min())
    edges = np.ones((len(weights) - 1, 2 ** len(weights)))
    for code in range(1, edges.shape[1]):
        preferred = np.array([code >> k & 1 for k in range(len(weights))]) * weight
        chance = at_random * weight / total + (1 - at_random) * preferred / preferred.sum()
        edges[:, code] = np.cumsum(chance)[:-1]
    return edges


def assign_in_turn(
    cohort: Cohort,
    margins: Sequence[tuple[tuple[str, ...], int]],
    imbalance: Imbalance,
    weights: tuple[int, ...],
    probability: float,
    uniform: FloatArray,
) -> IntArray:
    """Assign each participant to an arm that leaves the least imbalance, with a biased coin.

    Parameters
    ----------
    cohort : Cohort
    margins : sequence of (tuple of str, int)
        The factors whose cross-classification forms a margin, and its weight in the total imbalance.
        Imbalance counts in the participant's own stratum of each margin.
    imbalance : {"range", "variance"}
        Between the arms' counts divided by allocation weights.
    weights : tuple of int
    probability : float
    uniform : float array (N, R)
        One for each participant, in [0, 1).

    Returns
    -------
    int array (R, N)
    """
    places = _Places(cohort, [factors for factors, _ in margins])
    margin_weights = np.array([weight for _, weight in margins], dtype=np.float64)
    unit, edges = participant_units(weights), coin(weights, probability)
    assign = _two_arms if len(weights) == 2 else _many_arms
    return assign(places, margin_weights, imbalance, unit, edges, uniform).T


class _Places:
    """Where participants are counted: a place for each stratum of each margin and replicate."""

    def __init__(self, cohort: Cohort, margins: Sequence[tuple[str, ...]]) -> None:
        self._replicate, self._margins, self.total = np.arange(len(cohort.cell)), [], 0
        self.shape = (len(margins), len(cohort.cell))
        for factors in margins:
            stratum = cohort.cells.stratum_index([name for name in factors if name != SERVICE])
            n_strata, has_service = int(stratum.max()) + 1, SERVICE in factors
            start = self.total + stratum * self.shape[1]
            self._margins.append((start, n_strata * self.shape[1] if has_service else 0))
            self.total += n_strata * (cohort.n_services if has_service else 1) * self.shape[1]
        self._cell, self._service = (np.ascontiguousarray(a.T) for a in (cohort.cell, cohort.service))

    def in_turn(self) -> Iterator[IntArray]:
        """Yield the places of each participant in turn, (G, R)."""
        at_once = max(1, _CACHED_NUMBERS // (self.shape[0] * self.shape[1]))
        place = np.empty((at_once, *self.shape), dtype=np.intp)
        for i in range(0, len(self._cell), at_once):
            cell, service = self._cell[i : i + at_once], self._service[i : i + at_once]
            for g, (start, step) in enumerate(self._margins):
                here = place[: len(cell), g]
                np.add(start.take(cell, mode="clip"), self._replicate, out=here)
                if step:
                    here += np.multiply(service, step, dtype=np.intp)
            yield from place[: len(cell)]


def _two_arms(
    places: _Places,
    margin_weights: FloatArray,
    imbalance: Imbalance,
    unit: FloatArray,
    edges: FloatArray,
    uniform: FloatArray,
) -> IntArray:
    """Return the arms, (N, R), from the arms' difference in each place.

    With d the first arm's count less the second's and u0, u1 the units, assigning to the first rather than
    to the second arm changes the range by 2 clip(m, -c, c), where m = d + (u0 - u1) / 2 and
    c = (u0 + u1) / 2, and the variance (times 4) by 4 c m. So the sign of the weighted sum decides.
    """
    n_replicates, (first, second) = uniform.shape[1], unit
    exact_in_32_bits = len(uniform) * unit.max() * margin_weights.sum() < 2**22
    number = np.float32 if exact_in_32_bits else np.float64
    middle, bound = np.full(places.total, (first - second) / 2, dtype=number), number((first + second) / 2)
    margin_weights = margin_weights.astype(number)
    edge_by_sign = edges[0, [3, 2, 1]]  # none of the arms has less, the second has, the first has (-1)
    added_by_arm = np.array([first, -second], dtype=number)
    own, (total, added) = np.empty(places.shape, number), np.empty((2, n_replicates), number)
    clipped, edge = own if imbalance == "variance" else np.empty_like(own), np.empty(n_replicates)
    sign, arm = np.empty(n_replicates, dtype=np.intp), np.empty(uniform.shape, dtype=np.bool_)
    for place, u, to_second in zip(places.in_turn(), uniform, arm, strict=True):
        middle.take(place, out=own, mode="clip")
        if imbalance == "range":
            np.maximum(own, -bound, out=clipped)
            np.minimum(clipped, bound, out=clipped)
        np.matmul(margin_weights, clipped, out=total)
        np.sign(total, out=sign, casting="unsafe")
        edge_by_sign.take(sign, out=edge, mode="wrap")
        np.greater_equal(u, edge, out=to_second)
        added_by_arm.take(to_second, out=added, mode="clip")
        own += added
        middle[place] = own
    return arm.view(np.int8)


def _many_arms(
    places: _Places,
    margin_weights: FloatArray,
    imbalance: Imbalance,
    unit: FloatArray,
    edges: FloatArray,
    uniform: FloatArray,
) -> IntArray:
    """Return the arms, (N, R), from the arms' counts in each place."""
    n_arms, n_replicates = len(unit), uniform.shape[1]
    totals_of = _totals(imbalance, unit, margin_weights, n_replicates)
    counts = np.zeros((n_arms, places.total))
    flat, arm_start = counts.reshape(-1), np.arange(n_arms) * places.total
    own, totals = np.empty((n_arms, *places.shape)), np.empty((n_arms, n_replicates))
    bit = np.array([[1 << k] for k in range(n_arms)], dtype=np.uint8)
    arm = np.empty(uniform.shape, dtype=np.int8)
    for i, place in enumerate(places.in_turn()):
        counts.take(place, axis=1, out=own, mode="clip")
        totals_of(own, totals)
        preferred = np.bitwise_or.reduce((totals == totals.min(axis=0)) * bit, axis=0)
        arm[i] = (uniform[i] >= edges.take(preferred, axis=1)).sum(axis=0)
        flat[place + arm_start[arm[i]]] += unit[arm[i]]
    return arm


def _totals(imbalance: Imbalance, unit: FloatArray, margin_weights: FloatArray, n_replicates: int) -> _Totals:
    """Return the function that computes the total imbalance after each possible assignment."""
    n_arms, n_margins = len(unit), len(margin_weights)
    if imbalance == "variance":
        # K^2 times the variance grows by u (2 (K x - sum) + (K - 1) u) when the arm's count x grows by u.
        constant = (margin_weights.sum() * (n_arms - 1) * unit**2)[:, None]
        slope = 2 * unit[:, None]
        sums = np.empty((n_arms, n_replicates))
        everybody = np.empty(n_replicates)

        def variance(own: FloatArray, totals: FloatArray) -> None:
            np.matmul(margin_weights, own, out=sums)
            np.add.reduce(sums, axis=0, out=everybody)
            np.multiply(sums, n_arms, out=totals)
            np.subtract(totals, everybody, out=totals)
            np.multiply(totals, slope, out=totals)
            np.add(totals, constant, out=totals)

        return variance

    highest, lowest = np.empty((2, n_margins, n_replicates))
    spread = np.empty((n_arms, n_margins, n_replicates))

    def value_range(own: FloatArray, totals: FloatArray) -> None:
        for k in range(n_arms):
            np.add(own[k], unit[k], out=highest)
            np.copyto(lowest, highest)
            for other in range(n_arms):
                if other != k:
                    np.maximum(highest, own[other], out=highest)
                    np.minimum(lowest, own[other], out=lowest)
            np.subtract(highest, lowest, out=spread[k])
        np.matmul(margin_weights, spread, out=totals)

    return value_range
