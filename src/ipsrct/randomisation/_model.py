"""The linear model of baseline factors that some schemes balance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ipsrct._message import Message
from ipsrct.trial import SERVICE, CellTable, FloatArray

_MOST_COLUMNS = 200


def stratum_dummies(cells: CellTable, factors: Sequence[str], n_services: int) -> FloatArray:
    """Return each stratum's row of dummies, without a constant, (S, P).

    A factor has a dummy for each level but its first; strata stand in the order of ``Cohort.stratum``.
    """
    names = [name for name in factors if name != SERVICE]
    _, first_cell = np.unique(cells.stratum_index(names), return_index=True)
    columns = []
    for name in names:
        f = cells.factors.index(name)
        columns.append(np.eye(len(cells.levels[f]))[cells.level_index[first_cell, f], 1:])
    rows = np.concatenate([np.empty((len(first_cell), 0)), *columns], axis=1)
    if SERVICE not in factors:
        return rows
    services = np.repeat(np.eye(n_services)[:, 1:], len(rows), axis=0)
    return np.concatenate([np.tile(rows, (n_services, 1)), services], axis=1)


def why_not_model(n_services: int, factors: Sequence[str]) -> str:
    """Return why services make the model too large, or an empty string."""
    if SERVICE in factors and n_services > _MOST_COLUMNS:
        return Message(
            "takes at most {most} services as a factor, got {n:,}", most=_MOST_COLUMNS, n=n_services
        )
    return ""
