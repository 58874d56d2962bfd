"""How much of the information about the treatment effect an imbalance costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ipsrct.diagnostics._tally import Key, Tally
from ipsrct.trial import SERVICE, Cohort, FloatArray, IntArray

# Relative to the largest singular value; an empty level makes the design singular.
_SINGULAR = 1e-10


def observe(
    tally: Tally,
    cohort: Cohort,
    arm: IntArray,
    weights: Sequence[int],
    pair: tuple[int, int],
    strata_factors: Sequence[str],
) -> None:
    """Add the loss of a block of trials, in participants, for models of growing size.

    ``overall`` adjusts for nothing, ``factors`` for the main effects of the cohort's factors, ``service``
    and ``stratum`` for a dummy each.

    Parameters
    ----------
    tally : Tally
    cohort : Cohort
    arm : int array (R, N)
    weights : sequence of int
        Allocation weights, length K.
    pair : tuple of int
        The arms that the estimand compares, treatment first.
    strata_factors : sequence of str
        The scheme's.
    """
    n_replicates, n = arm.shape
    per_participant = _per_participant(weights, pair)

    def add(where: str, information: FloatArray) -> None:
        tally.add(Key("information_loss", where, n), n - information / per_participant)

    everybody = np.zeros((n_replicates, n), dtype=np.intp)
    add("overall", _within(_pair_counts(everybody, 1, arm, pair)))
    if cohort.cells.factors:
        tally.add(Key("information_loss", "factors", n), loss(cohort, arm, weights, pair))
    if cohort.n_services > 1:
        add(SERVICE, _within(_pair_counts(cohort.service, cohort.n_services, arm, pair)))
    if strata_factors:
        stratum, n_strata = cohort.stratum(strata_factors)
        add("stratum", _within(_pair_counts(stratum, n_strata, arm, pair)))


def loss(cohort: Cohort, arm: IntArray, weights: Sequence[int], pair: tuple[int, int]) -> FloatArray:
    """Return the loss, in participants, of the model with the main effects of the cohort's factors, (R,)."""
    by_cell = _pair_counts(cohort.cell, cohort.cells.size, arm, pair)
    return np.asarray(
        arm.shape[1] - _adjusted(by_cell, _main_effects(cohort)) / _per_participant(weights, pair)
    )


def _per_participant(weights: Sequence[int], pair: tuple[int, int]) -> float:
    """Return the information of one participant at the target allocation."""
    pair_weight = weights[pair[0]] + weights[pair[1]]
    return weights[pair[0]] * weights[pair[1]] / (sum(weights) * pair_weight)


def _pair_counts(unit: IntArray, n_units: int, arm: IntArray, pair: tuple[int, int]) -> FloatArray:
    """Return participants by replicate, unit and arm of the pair, (R, units, 2)."""
    row = np.arange(len(arm))[:, None] * n_units + unit
    shape = (len(arm), n_units)
    counts = [np.bincount(row[arm == k], minlength=shape[0] * shape[1]).reshape(shape) for k in pair]
    return np.stack(counts, axis=-1).astype(np.float64)


def _within(counts: FloatArray) -> FloatArray:
    """Return the information about the effect within units, the sum of n1 n0 / (n1 + n0), (R,)."""
    both = counts.sum(axis=-1)
    return np.asarray((counts.prod(axis=-1) / np.maximum(both, 1.0)).sum(axis=1))


def _main_effects(cohort: Cohort) -> FloatArray:
    """Return the constant and a dummy for each level but the first of every factor, (C, q)."""
    level, levels = cohort.cells.level_index, cohort.cells.levels
    columns = [level[:, f] == v for f, names in enumerate(levels) for v in range(1, len(names))]
    return np.stack([np.ones(cohort.cells.size), *columns], axis=1).astype(np.float64)


def _adjusted(counts: FloatArray, design: FloatArray) -> FloatArray:
    """Return x'x - x'F (F'F)^-1 F'x for the treated's indicator x, (R,).

    Atkinson (Statistics in Medicine 2002; 2003): with one to one allocation the variance of the effect is
    that of n - L participants in perfect balance, L = z'F (F'F)^-1 F'z with z = 1 for treated and -1 for
    control participants. With x = (1 + z) / 2, x'(I - P)x = (n - L) / 4, which is defined for any allocation;
    here the loss is n less the information in units of a participant's at the target allocation.
    """
    treated, both = counts[..., 0], counts.sum(axis=-1)
    gram = np.einsum("rc,cp,cq->rpq", both, design, design, optimize=True)
    cross = treated @ design
    inverse = np.linalg.pinv(gram, rcond=_SINGULAR, hermitian=True)
    explained = np.einsum("rp,rpq,rq->r", cross, inverse, cross, optimize=True)
    return np.asarray(treated.sum(axis=1) - explained)
