"""How often somebody who sees past assignments guesses the next one.

Strategies
----------
convergence
    Guesses the arm most behind its target (Blackwell and Hodges, Annals of Mathematical Statistics 1957).
    Ties go to the arm of the larger weight; between arms of equal weight the guess is random, and is counted
    at its expectation.
directional
    The same, but only where one arm is behind, that is where the past points in a direction; otherwise no
    guess is made. This is the recruiter of Proschan's biasing policy (Statistica Sinica 1994), who is
    indifferent at a tie.
block_aware
    Knows the possible block sizes and the list from its start, and guesses the arm of the largest
    probability given that. Assignments of probability 1 are known with certainty (Matts and Lachin,
    Controlled Clinical Trials 1988, for fixed sizes).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np

from ipsrct.diagnostics._block_filter import next_probability
from ipsrct.diagnostics._tally import Key, Tally
from ipsrct.errors import NotAvailableError, listed
from ipsrct.protocols import RandomisationScheme
from ipsrct.randomisation.permuted_block import PermutedBlock
from ipsrct.randomisation.stratified_permuted_block import StratifiedPermutedBlock
from ipsrct.trial import SERVICE, BoolArray, Cohort, FloatArray, IntArray

CONVERGENCE, DIRECTIONAL, BLOCK_AWARE = "convergence", "directional", "block_aware"
_CERTAIN = 1e-9


@dataclass(frozen=True)
class View:
    """What a caseworker sees and keeps count of.

    Attributes
    ----------
    name : str
        Who is seen, ``own_service`` or ``everybody``, and what is counted: ``stratum`` (within each of the
        scheme's strata) or ``all`` (everybody who is seen together).
    key : int array (R, N)
        Participants with the same key are counted together; keys differ between replicates.
    is_list : bool
        Whether the counted are the scheme's lists, whole.
    """

    name: str
    key: IntArray
    is_list: bool


def views(cohort: Cohort, strata_factors: Sequence[str]) -> list[View]:
    """Return the views of a cohort, the narrowest first, without those that are the same."""
    replicate = np.arange(len(cohort.cell), dtype=np.int64)[:, None]
    stratum, n_strata = cohort.stratum(strata_factors)
    service = cohort.service.astype(np.int64)
    many, listed = cohort.n_services > 1, SERVICE in strata_factors
    both = stratum if listed else stratum * cohort.n_services + service
    found = []
    if many:
        if strata_factors:
            keys = replicate * (n_strata * cohort.n_services) + both
            found.append(View("own_service/stratum", keys, listed))
        found.append(View("own_service/all", replicate * cohort.n_services + service, False))
    if strata_factors and not (many and listed):
        found.append(View("everybody/stratum", replicate * n_strata + stratum, True))
    everybody = np.broadcast_to(replicate, cohort.cell.shape)
    return [*found, View("everybody/all", everybody, not strata_factors)]


def view_of(cohort: Cohort, strata_factors: Sequence[str], name: str) -> View:
    """Return one view by its name, or the narrowest for an empty name.

    Raises
    ------
    NotAvailableError
        If the cohort and the scheme have no such view.
    """
    found = {view.name: view for view in views(cohort, strata_factors)}
    if name and name not in found:
        raise NotAvailableError(f'"{name}" is not a view of this trial{listed(name, "views", found)}')
    return found[name] if name else next(iter(found.values()))


@dataclass(frozen=True)
class History:
    """What was counted before each participant.

    Attributes
    ----------
    before : int array (K, R, N)
        Earlier participants of the same key by arm.
    """

    before: IntArray

    def behind(self, weights: Sequence[int]) -> IntArray:
        """Return how far each arm is behind its target, times sum(weights), (K, R, N)."""
        n = self.before.sum(axis=0)
        return np.stack([w * n - sum(weights) * b for w, b in zip(weights, self.before, strict=True)])


def history(key: IntArray, arm: IntArray, n_arms: int) -> History:
    """Count earlier participants with the same key, by arm."""
    order = np.argsort(key.reshape(-1), kind="stable")
    sorted_key, sorted_arm = key.reshape(-1)[order], arm.reshape(-1)[order]
    first = np.flatnonzero(np.diff(sorted_key, prepend=sorted_key[:1] - 1))
    length = np.diff(first, append=len(order))
    before = np.empty((n_arms, len(order)), dtype=np.int64)
    for k in range(n_arms):
        given = sorted_arm == k
        earlier = np.cumsum(given) - given
        before[k, order] = earlier - np.repeat(earlier[first], length)
    return History(before.reshape(n_arms, *arm.shape))


def guess(behind: IntArray, weights: Sequence[int]) -> BoolArray:
    """Return which arms the convergence strategy guesses, (K, R, N); several where it guesses at random."""
    weight = np.asarray(weights)[:, None, None]
    tied = behind == behind.max(axis=0)
    return np.asarray(tied & (weight == np.where(tied, weight, 0).max(axis=0)))


def share_correct(keys: Sequence[IntArray], arm: IntArray, weights: Sequence[int]) -> FloatArray:
    """Return the share of correct guesses of the arm most behind its target, (R,).

    Parameters
    ----------
    keys : sequence of int array (R, N)
        Ways to count. With several, each has a vote for the arm that is most behind in it, which is how
        minimisation by the range weighs its margins; with one, this is the convergence strategy.
    arm : int array (R, N)
    weights : sequence of int
        Allocation weights, length K.
    """
    votes = np.zeros((len(weights), *arm.shape), dtype=np.int64)
    for key in keys:
        behind = history(key, arm, len(weights)).behind(weights)
        most = behind == behind.max(axis=0)
        votes += most * (factorial(len(weights)) // most.sum(axis=0))  # whole numbers, so that ties are exact
    return np.asarray(_credit(guess(votes, weights), arm).mean(axis=1))


def observe(
    tally: Tally, cohort: Cohort, arm: IntArray, weights: Sequence[int], scheme: RandomisationScheme
) -> None:
    """Add the guesses in a block of trials, in every view and by every strategy that applies.

    Parameters
    ----------
    tally : Tally
    cohort : Cohort
    arm : int array (R, N)
    weights : sequence of int
        Allocation weights, length K.
    scheme : RandomisationScheme
        Block sizes are used where the scheme has lists of permuted blocks.
    """
    n = arm.shape[1]
    for view in views(cohort, scheme.strata_factors):
        past = history(view.key, arm, len(weights))
        behind = past.behind(weights)
        correct = _credit(guess(behind, weights), arm)
        tally.add(Key("correct_guesses", view.name, n, CONVERGENCE), correct.mean(axis=1))
        made = behind.max(axis=0) > 0
        tally.add(Key("guesses_made", view.name, n, DIRECTIONAL), made.mean(axis=1))
        key = Key("correct_guesses", view.name, n, DIRECTIONAL)
        tally.add(key, (correct * made).mean(axis=1), made.mean(axis=1))
        sizes = block_sizes(scheme) if view.is_list else ()
        if sizes:
            probability = _probability(view.key, past, arm, sizes, weights)
            largest = probability.max(axis=0)
            correct = _credit(probability > largest - _CERTAIN, arm)
            tally.add(Key("correct_guesses", view.name, n, BLOCK_AWARE), correct.mean(axis=1))
            known = (largest > 1 - _CERTAIN).mean(axis=1)
            tally.add(Key("known_with_certainty", view.name, n, BLOCK_AWARE), known)


def block_sizes(scheme: object) -> tuple[int, ...]:
    """Return the possible block sizes of lists of permuted blocks; none for another scheme.

    Where leftovers are pooled, the end of a list is not what was given, so there are none either.
    """
    if isinstance(scheme, StratifiedPermutedBlock) and scheme.leftovers == "pool":
        return ()
    return scheme.block_sizes if isinstance(scheme, (PermutedBlock, StratifiedPermutedBlock)) else ()


def _credit(guessed: BoolArray, arm: IntArray) -> FloatArray:
    """Return the probability that a random choice among the guessed arms is right, (R, N)."""
    right = np.take_along_axis(guessed, arm[None].astype(np.intp), axis=0)[0]
    return np.asarray(right / guessed.sum(axis=0))


def _probability(
    key: IntArray, past: History, arm: IntArray, sizes: tuple[int, ...], weights: Sequence[int]
) -> FloatArray:
    """Return the next arm's probability given the list so far, (K, R, N)."""
    rank = past.before.sum(axis=0)
    if len(set(sizes)) == 1:
        block = key * (arm.shape[1] // sizes[0] + 1) + rank // sizes[0]
        used = history(block, arm, len(weights)).before
        content = np.asarray(weights)[:, None, None] * (sizes[0] // sum(weights))
        return np.asarray((content - used) / (sizes[0] - rank % sizes[0]))
    _, row = np.unique(key, return_inverse=True)
    row = row.reshape(key.shape)
    lists = np.zeros((int(row.max()) + 1, int(rank.max()) + 1), dtype=np.int8)
    lists[row, rank] = arm
    return next_probability(lists, sizes, tuple(weights))[:, row, rank]
