"""Who is in the register and when they start: cells, start months and the observation window.

Months are counted from January 2021 = 1; the window of the report ends in June 2023 = 30. A start month
``s`` lies in 10 (October 2021) to 24 (December 2022) and relative time is ``r = month - start``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

N_MONTHS = 30
START_MONTHS: Integers = np.arange(10, 25)
AGE_GROUPS = ("under_20", "20_23", "24_plus")
GROUPS = ("all", *AGE_GROUPS, "no_social_assistance", "social_assistance", "men", "women")

AGE_SIZES = (284, 510, 514)
"""Persons by age in Models 2a to 2c (Table 3); 1,308 in all, so the 12 of 1,320 left out are 24 or older."""
N_SOCIAL_ASSISTANCE = 331
"""Persons with social assistance in the eight months before start (Table 3, Model 2e)."""
N_WOMEN = 684
"""1,308 less the 624 men of Tables 4 and 8: the men are as many with and without the 12 persons left out.
Table 3's persons by sex add to 1,322 and so cannot be used; 684 also gives both sexes the same 20.0
person-months outside IPS per person."""


@dataclass(frozen=True)
class Design:
    """The fixed frame of a register.

    Attributes
    ----------
    size : ndarray of int, shape (12,)
        Persons in each cell; cells run over age (3), woman (2) and social assistance (2), the last fastest.
    start_probability : ndarray of float, shape (12, 15)
        Distribution of the start month in each cell; rows sum to 1.
    start_months : ndarray of int, shape (15,)
        The start months, counted from January 2021 = 1.
    n_months : int
        Length of the window in months, 30 in the report.
    """

    size: Integers
    start_probability: Floats
    start_months: Integers
    n_months: int

    @cached_property
    def age(self) -> Integers:
        """Age group of each cell, 0 to 2, shape (12,)."""
        return np.repeat(np.arange(3), 4)

    @cached_property
    def woman(self) -> Integers:
        """1 for cells of women, shape (12,)."""
        return np.tile(np.repeat(np.arange(2), 2), 3)

    @cached_property
    def social_assistance(self) -> Integers:
        """1 for cells with social assistance before start, shape (12,)."""
        return np.tile(np.arange(2), 6)

    @cached_property
    def relative_month(self) -> Integers:
        """Month minus start month, shape (n_months, n_starts)."""
        return np.arange(1, self.n_months + 1)[:, None] - self.start_months

    @cached_property
    def persons(self) -> Floats:
        """Expected persons by cell and start month, shape (12, n_starts)."""
        return self.size[:, None] * self.start_probability

    @cached_property
    def membership(self) -> npt.NDArray[np.bool_]:
        """Whether a cell belongs to each of ``GROUPS``, shape (8, 12)."""
        ages = [self.age == group for group in range(3)]
        social, woman = self.social_assistance == 1, self.woman == 1
        return np.array([np.ones(12, bool), *ages, ~social, social, ~woman, woman])


def cell_sizes() -> Integers:
    """Return whole persons per cell with the published margins of age, sex and social assistance.

    The margins are combined as if independent (no cross-table is published) and the fractions are rounded
    so that every margin stays exact.

    Returns
    -------
    ndarray of int, shape (12,)
    """
    n_persons = sum(AGE_SIZES)
    margins = [
        np.array(AGE_SIZES),
        np.array([n_persons - N_WOMEN, N_WOMEN]),
        np.array([n_persons - N_SOCIAL_ASSISTANCE, N_SOCIAL_ASSISTANCE]),
    ]
    expected = np.einsum("i,j,k->ijk", *margins) / n_persons**2
    table = np.floor(expected).astype(np.int64)
    order = np.argsort((table - expected).ravel(), kind="stable")
    missing = [margins[0] - table.sum((1, 2)), margins[1] - table.sum((0, 2)), margins[2] - table.sum((0, 1))]
    while any(short.any() for short in missing):
        for flat in order:
            index = np.unravel_index(flat, table.shape)
            if all(short[i] > 0 for short, i in zip(missing, index, strict=True)):
                table[index] += 1
                for short, i in zip(missing, index, strict=True):
                    short[i] -= 1
    return np.asarray(table.ravel(), dtype=np.int64)


def _stepped() -> Floats:
    monthly = np.where(START_MONTHS <= 13, 79.0, 91.0)
    monthly[START_MONTHS == 19] *= 0.75
    return monthly


START_DISTRIBUTIONS: dict[str, Floats] = {
    "stepped": _stepped(),
    "even": np.ones(15),
    "doubling": np.linspace(1.0, 2.0, 15),
}
"""Monthly starts, up to a factor. ``stepped`` (the default: 79 a month to January 2022, then 91, July a
quarter lower), ``even``, and ``doubling`` in a straight line. The source gives only the sum; the shape is
assumed."""


def make_design(
    start_distribution: str = "stepped", under_20_tilt: float = 0.0, n_months: int = N_MONTHS
) -> Design:
    """Return the design of the register.

    Parameters
    ----------
    start_distribution : str
        A key of ``START_DISTRIBUTIONS``.
    under_20_tilt : float
        Log ratio by which starts of those under 20 are later: their distribution is the common one times
        ``exp(under_20_tilt * (s - 17) / 7)``, and the older groups share what is left, so that the
        distribution over everybody is unchanged.
    n_months : int
        Length of the window; 30 in the report, more to follow the last starters for longer.

    Returns
    -------
    Design
    """
    common = START_DISTRIBUTIONS[start_distribution]
    common = common / common.sum()
    young = common * np.exp(under_20_tilt * (START_MONTHS - 17) / 7)
    young = young / young.sum()
    share = AGE_SIZES[0] / sum(AGE_SIZES)
    older = np.clip(common - share * young, 1e-6, None)
    older = older / older.sum()
    probability = np.concatenate([np.tile(young, (4, 1)), np.tile(older, (8, 1))])
    return Design(cell_sizes(), probability, START_MONTHS, n_months)
