"""Participants drawn from a cross-classification of baseline factors."""

from __future__ import annotations

from functools import cache
from math import prod
from typing import Annotated, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from ipsrct._message import Message
from ipsrct._parts import Part
from ipsrct.cohort._services import Services
from ipsrct.evidence import Size
from ipsrct.trial import CellTable, Cohort, FloatArray, IntArray

_MOST_CELLS = 10_000
_Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]


class Factor(BaseModel):
    """A baseline factor.

    Attributes
    ----------
    name : str
    levels : tuple of str
        At least two.
    sizes : tuple of Quantity
        Relative sizes of the levels; they need not add up to anything.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: _Name
    levels: tuple[_Name, ...] = Field(min_length=2)
    sizes: tuple[Size, ...]

    @model_validator(mode="after")
    def _one_size_a_level(self) -> Factor:
        if len(self.sizes) != len(self.levels):
            raise ValueError(
                Message(
                    "needs one size a level, got {sizes} for {levels} levels",
                    sizes=len(self.sizes),
                    levels=len(self.levels),
                )
            )
        if len(set(self.levels)) < len(self.levels):
            raise ValueError(Message("levels must differ, got {levels}", levels=", ".join(self.levels)))
        return self


class Cells(Services, Part):
    """Participants whose factors are independent of each other.

    Attributes
    ----------
    factors : tuple of Factor
        The cells are their cross-classification. No source gives a joint distribution, so the factors
        are taken as independent.
    cell_sizes : {"random", "fixed"}
        ``random``: each participant's cell is drawn, as in a real trial. ``fixed``: every trial has the
        expected cell sizes, rounded by largest remainders.
    services : dict of str to Quantity
        Services by county; participants are spread evenly over the services that are open.
    openings : dict of str to Quantity
        The share of recruitment, 0 to below 1, after which a county's services open; 0 if left out.
    """

    kind: Literal["cells"]
    factors: tuple[Factor, ...] = ()
    cell_sizes: Literal["random", "fixed"] = "random"

    @model_validator(mode="after")
    def _not_too_many(self) -> Cells:
        cells = prod(len(factor.levels) for factor in self.factors)
        if cells > _MOST_CELLS:
            raise ValueError(
                Message("the factors must form at most {most:,} cells, got {n:,}", most=_MOST_CELLS, n=cells)
            )
        return self

    def cells(self) -> CellTable:
        """Return the cells and their probabilities."""
        return _cell_table(self.factors)

    def draw(self, n_participants: int, n_replicates: int, rng: np.random.Generator) -> Cohort:
        """Draw participants in random order of arrival."""
        cells, shape = self.cells(), (n_replicates, n_participants)
        if self.cell_sizes == "fixed":
            cell = np.repeat(np.arange(cells.size), largest_remainders(cells.probability, n_participants))
            cell = rng.permuted(np.broadcast_to(cell, shape), axis=1)
        else:
            edges = np.cumsum(cells.probability)[:-1]
            cell = np.searchsorted(edges, rng.random(shape), side="right")
        service = self.draw_services(shape, rng)
        return Cohort(cells, cell.astype(np.int16), service, self.n_services, services=self.service_table)

    def fixed_sizes(self, n_participants: int) -> IntArray | None:
        """Return the cell sizes that every trial has, (C,), or None where they are random."""
        if self.cell_sizes == "random":
            return None
        return largest_remainders(self.cells().probability, n_participants)

    def caveats(self) -> tuple[str, ...]:
        """Return nothing: what is assumed stands beside each quantity."""
        return ()


@cache
def _cell_table(factors: tuple[Factor, ...]) -> CellTable:
    probability = np.ones(1)
    for factor in factors:
        sizes = np.array([size.value for size in factor.sizes])
        probability = np.multiply.outer(probability, sizes / sizes.sum()).reshape(-1)
    levels = tuple(factor.levels for factor in factors)
    return CellTable(tuple(factor.name for factor in factors), levels, probability)


def largest_remainders(probability: FloatArray, total: int) -> IntArray:
    """Round ``probability * total`` to integers that add up to ``total`` (Hamilton's method)."""
    exact = probability * total
    sizes = np.floor(exact).astype(np.intp)
    order = np.argsort(sizes - exact, kind="stable")
    sizes[order[: total - sizes.sum()]] += 1
    return sizes
