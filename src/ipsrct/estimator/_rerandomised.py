"""Trials randomised again: the treated arm's counts with outcomes and order of arrival as they were."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ipsrct.protocols import ListedScheme, Randomisation
from ipsrct.trial import BoolArray, Cohort, FloatArray, IntArray, Trial

# Rows of participants that a scheme without lists is asked for at once.
_ROWS = 2_048


@dataclass(frozen=True)
class Places:
    """Participants moved to their places in their strata's lists; S strata, L places in all lists.

    Attributes
    ----------
    longest : int array (S,)
        The length of each stratum's list: the stratum's largest size in the block.
    size : int array (R, S)
        Participants by stratum.
    y : float array (R, L)
        Outcomes, 0 at places that nobody takes.
    cell : int array (R, L)
        Cells, -1 at places that nobody takes.
    """

    longest: IntArray
    size: IntArray
    y: FloatArray
    cell: IntArray

    @classmethod
    def of(cls, trial: Trial, factors: tuple[str, ...], multiple: int = 1) -> Places:
        """Return the places in lists stratified by ``factors``, their lengths rounded up to a multiple."""
        stratum, n_strata = trial.cohort.stratum(factors)
        y, cell = trial.outcomes.y, trial.cohort.cell
        n_replicates, n_participants = y.shape
        rows = np.arange(n_replicates)[:, None]
        # numpy sorts integers of up to 16 bits by radix.
        small = stratum.astype(np.uint8 if n_strata < 2**8 else np.uint16 if n_strata < 2**16 else np.intp)
        order = np.argsort(small, axis=1, kind="stable")
        order += rows * n_participants
        size = np.bincount((stratum + rows * n_strata).ravel(), minlength=n_replicates * n_strata)
        size = size.reshape(n_replicates, n_strata)
        longest = -(-size.max(axis=0) // multiple) * multiple
        total = int(longest.sum())
        # In stratum order, a participant's place is its position plus the places left empty before it.
        gap = np.cumsum(longest) - longest - (np.cumsum(size, axis=1) - size) + rows * total
        place = np.repeat(gap.ravel(), size.ravel()) + np.tile(np.arange(n_participants), n_replicates)
        shape = (n_replicates, total)
        exact = np.float32 if y.dtype == np.bool_ else np.float64  # sums of 0 and 1 are exact in 32 bits
        y_placed, cell_placed = np.zeros(shape, dtype=exact), np.full(shape, -1, dtype=np.int16)
        y_placed.reshape(-1)[place] = y.take(order.ravel())
        cell_placed.reshape(-1)[place] = cell.take(order.ravel())
        return cls(longest, size, y_placed, cell_placed)


def rerandomised(
    trial: Trial,
    treatment: int,
    atom: IntArray,
    randomisation: Randomisation,
    n_rerandomisations: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Return participants and outcome sums of the treated arm in trials randomised again.

    Where each stratum has a list of its own, one set of lists serves all replicates: it does not depend on
    any trial's assignment, so that each p-value is as valid as with lists of its own.

    Parameters
    ----------
    trial : Trial
    treatment : int
        The arm's index.
    atom : int array (C,)
        The class of each cell, in which counts are wanted; A classes.
    randomisation : Randomisation
    n_rerandomisations : int
        B.
    rng : numpy.random.Generator

    Returns
    -------
    n, events : float array (A, R, B)
    """
    scheme, weights = randomisation.scheme, randomisation.weights
    if isinstance(scheme, ListedScheme):
        places = Places.of(trial, scheme.strata_factors)
        lists = [scheme.draw_lists(n_rerandomisations, n, weights, rng) for n in places.longest.tolist()]
        drawn = [arms == treatment for arms in lists if arms is not None]
        if len(drawn) == len(lists):
            return _by_lists(places, np.concatenate(drawn, axis=1), atom)
    return _by_assigning(trial, treatment, atom, randomisation, n_rerandomisations, rng)


def _by_lists(places: Places, treated: BoolArray, atom: IntArray) -> tuple[FloatArray, FloatArray]:
    """Return the counts of all replicates under all lists, (B, L), as matrix products."""
    y, lists = places.y, treated.astype(places.y.dtype)
    placed = np.append(atom, -1).take(places.cell)
    n_atoms = int(atom.max()) + 1
    n = np.empty((n_atoms, len(y), len(lists)), dtype=y.dtype)
    events = np.empty_like(n)
    for a in range(n_atoms):
        present = placed == a
        used = np.flatnonzero(present.any(axis=0))
        reach = slice(used[0], used[-1] + 1) if used.size else slice(0)
        here, own = present[:, reach], lists[:, reach]
        np.matmul(y[:, reach] * here, own.T, out=events[a])
        # Places that are taken in every replicate add the same to each.
        common = here.all(axis=0)
        varying = np.flatnonzero(here.any(axis=0) & ~common)
        np.matmul(here.take(varying, axis=1).astype(y.dtype), own.take(varying, axis=1).T, out=n[a])
        n[a] += own @ common.astype(y.dtype)
    return n, events


def _by_assigning(
    trial: Trial,
    treatment: int,
    atom: IntArray,
    randomisation: Randomisation,
    n_rerandomisations: int,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Return the counts with the scheme run again on each replicate's participants."""
    cohort, y = trial.cohort, trial.outcomes.y.astype(np.float64)
    n_replicates, n_participants = y.shape
    present = (atom[cohort.cell][..., None] == np.arange(int(atom.max()) + 1)).astype(np.float64)
    values = np.concatenate([present, present * y[..., None]], axis=-1)
    sums = np.empty((n_replicates, n_rerandomisations, values.shape[-1]))
    step = max(1, _ROWS // n_replicates)
    for start in range(0, n_rerandomisations, step):
        times = min(step, n_rerandomisations - start)
        again = randomisation.scheme.assign(_repeated(cohort, times), randomisation.weights, rng)
        treated = (again.arm == treatment).reshape(n_replicates, times, n_participants)
        sums[:, start : start + times] = treated.astype(np.float64) @ values
    n, events = np.split(np.moveaxis(sums, -1, 0), 2)
    return n, events


def _repeated(cohort: Cohort, times: int) -> Cohort:
    """Return a cohort with each replicate so many times in a row."""
    cell, service = (np.repeat(values, times, axis=0) for values in (cohort.cell, cohort.service))
    hidden = {name: np.repeat(values, times, axis=0) for name, values in cohort.hidden.items()}
    return replace(cohort, cell=cell, service=service, hidden=hidden)
