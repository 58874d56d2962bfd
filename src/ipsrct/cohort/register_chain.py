"""Participants from the calibrated employment register, with their employment before randomisation."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct._parts import Part
from ipsrct.cohort._services import Services
from ipsrct.register import trial_chain
from ipsrct.register.panels import draw_first, draw_lines
from ipsrct.trial import CellTable, Cohort, IntArray

_FITTED = trial_chain.TreatedPath()


class RegisterChain(Services, Part):
    """Participants with the age, sex and social-assistance mix of the evaluation's register.

    Attributes
    ----------
    baseline_employment : bool
        Whether employment in the month before randomisation (at least 1 hour a week) is a factor,
        ``employed_before`` with the levels ``no`` and ``yes``, for strata, adjustment or subgroups.
    services : dict of str to Quantity
        Services by county; participants are spread evenly over services.
    """

    kind: Literal["register_chain"]
    baseline_employment: bool = Field(default=False)

    def cells(self) -> CellTable:
        """Return the cells and their probabilities."""
        return _cell_table(self.baseline_employment)

    def draw(self, n_participants: int, n_replicates: int, rng: np.random.Generator) -> Cohort:
        """Draw participants in random order of arrival, each with a start month and an employment history."""
        shape, chain = (n_replicates, n_participants), trial_chain.chain_of(_FITTED)
        edges = np.cumsum(chain.design.size / chain.design.size.sum())[:-1]
        cell = np.searchsorted(edges, rng.random(shape), side="right")
        line = draw_lines(chain.design, chain.factor_weight, cell, rng)
        initial = trial_chain.sampler_of(_FITTED, _FITTED, 0).initial
        level = draw_first(initial, line, rng)
        if self.baseline_employment:
            cell = 2 * cell + (level > 0)
        service = self.draw_services(shape, rng)
        return Cohort(self.cells(), cell, service, self.n_services, {"line": line, "level": level})

    def fixed_sizes(self, n_participants: int) -> IntArray | None:  # noqa: ARG002 - part of the protocol
        """Return None: cell sizes are random."""
        return None

    def draw_counts(self, n_participants: int, n_replicates: int, rng: np.random.Generator) -> IntArray:
        """Draw cell sizes, (C, R)."""
        probability = self.cells().probability
        return np.ascontiguousarray(rng.multinomial(n_participants, probability, size=n_replicates).T)


@cache
def _cell_table(baseline_employment: bool) -> CellTable:
    size = trial_chain.chain_of(_FITTED).design.size
    factors: tuple[str, ...] = trial_chain.FACTORS
    levels: tuple[tuple[str, ...], ...] = trial_chain.LEVELS
    probability = size / size.sum()
    if baseline_employment:
        factors, levels = (*factors, trial_chain.BASELINE_FACTOR), (*levels, trial_chain.BASELINE_LEVELS)
        probability = (probability[:, None] * trial_chain.baseline_moments().share).ravel()
    return CellTable(factors, levels, probability)
