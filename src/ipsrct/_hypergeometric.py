"""Spread arms over cells when only a stratum's arm totals are known."""

from __future__ import annotations

import numpy as np

from ipsrct.trial import IntArray


def spread(arm_totals: IntArray, cell_sizes: IntArray, rng: np.random.Generator) -> IntArray:
    """Draw participants by cell and arm, given both margins.

    Within a stratum the order of arrival says nothing about the cell, so every way of giving the arms to
    the stratum's participants is equally likely: a multivariate hypergeometric table.

    Parameters
    ----------
    arm_totals : int array (K, R)
        Adds up to ``cell_sizes`` over its first axis.
    cell_sizes : int array (C, R)
    rng : numpy.random.Generator

    Returns
    -------
    int array (C, K, R)
    """
    n_cells, n_arms = len(cell_sizes), len(arm_totals)
    table = np.zeros((n_cells, n_arms, cell_sizes.shape[1]), dtype=np.int64)
    free = cell_sizes.astype(np.int64)
    for k in range(n_arms - 1):
        left, room = arm_totals[k].astype(np.int64), free.sum(axis=0)
        for c in range(n_cells - 1):
            room = room - free[c]
            table[c, k] = rng.hypergeometric(free[c], room, left)
            left = left - table[c, k]
        table[-1, k] = left
        free = free - table[:, k]
    table[:, -1] = free
    return table
