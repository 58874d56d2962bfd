"""The array type of the proportions package."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]


def floats(values: npt.ArrayLike) -> Floats:
    """Return ``values`` as an array of floats (0-d for a single number)."""
    return np.asarray(values, dtype=np.float64)
