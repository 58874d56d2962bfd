"""Participants from the calibrated employment register, with their employment before randomisation."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field, model_validator

from ipsrct._message import Message, said_by
from ipsrct._parts import Part
from ipsrct.cohort._services import Services
from ipsrct.errors import RunError
from ipsrct.register import trial_chain
from ipsrct.register.calibration import Variant
from ipsrct.register.misreporting import NO_ERRORS, SHOWN_LEVELS
from ipsrct.register.panels import draw_first, draw_lines
from ipsrct.register.refit import HETEROGENEITIES, parameters_of
from ipsrct.register.trial_errors import RegisterErrors
from ipsrct.trial import CellTable, Cohort, IntArray


def _check_heterogeneity(value: float) -> float:
    if value not in HETEROGENEITIES:
        choices = ", ".join(f"{choice:g}" for choice in HETEROGENEITIES)
        raise ValueError(
            Message(
                "must be one of {choices}, for which the chain has been fitted, got {given}",
                choices=choices,
                given=f"{value:g}",
            )
        )
    return value


class RegisterChain(Services, Part):
    """Participants with the age, sex and social-assistance mix of the evaluation's register.

    What the published tables leave open about that register is chosen here, and the outcome model follows:
    under every choice the chain is fitted to the same tables.

    Attributes
    ----------
    baseline_employment : bool
        Whether employment in the month before randomisation (at least 1 hour a week) is a factor,
        ``employed_before`` with the levels ``no`` and ``yes``, for strata, adjustment or subgroups. It is
        what the register shows.
    heterogeneity : {0, 0.8, 1.6}
        Effect of one standard deviation of what persons have of their own on the logit of getting a job.
    start_months : {"stepped", "even", "doubling"}
        How the evaluation's starts spread over its 15 months.
    register_errors : RegisterErrors or None
        How the evaluation's register errs; the trial's errs alike unless the outcome says otherwise. The
        chain of true employment is refitted so that such a register still shows the published tables.
    services : dict of str to Quantity
        Services by county; participants are spread evenly over the services that are open.
    openings : dict of str to Quantity
        The share of recruitment, 0 to below 1, after which a county's services open; 0 if left out.
    """

    kind: Literal["register_chain"]
    baseline_employment: bool = Field(default=False)
    heterogeneity: Annotated[float, AfterValidator(_check_heterogeneity)] = Variant().heterogeneity
    start_months: Literal["stepped", "even", "doubling"] = "stepped"
    register_errors: RegisterErrors | None = None

    @model_validator(mode="after")
    def _can_be_fitted(self) -> RegisterChain:
        try:
            parameters_of(self.variant)
        except RunError as error:
            raise ValueError(said_by(error)) from None
        return self

    @property
    def variant(self) -> Variant:
        """What is assumed about the evaluation's register."""
        errors = self.register_errors.rates if self.register_errors else NO_ERRORS
        return Variant("step", self.start_months, self.heterogeneity, errors)

    def cells(self) -> CellTable:
        """Return the cells and their probabilities; their source is the variant."""
        return _cell_table(self.baseline_employment, self.variant)

    def draw(self, n_participants: int, n_replicates: int, rng: np.random.Generator) -> Cohort:
        """Draw participants in random order of arrival, each with a start month and an employment history."""
        shape, variant = (n_replicates, n_participants), self.variant
        chain = trial_chain.chain_of(trial_chain.TreatedPath(variant))
        edges = np.cumsum(chain.design.size / chain.design.size.sum())[:-1]
        cell = np.searchsorted(edges, rng.random(shape), side="right")
        line = draw_lines(chain.design, chain.factor_weight, cell, rng)
        state = draw_first(trial_chain.baseline_states(variant), line, rng)
        if self.baseline_employment:
            cell = 2 * cell + (SHOWN_LEVELS[state] > 0)
        service = self.draw_services(shape, rng)
        hidden: dict[str, IntArray] = {"line": line, "state": state}
        return Cohort(self.cells(), cell, service, self.n_services, hidden, self.service_table)

    def fixed_sizes(self, n_participants: int) -> IntArray | None:  # noqa: ARG002 - part of the protocol
        """Return None: cell sizes are random."""
        return None

    def caveats(self) -> tuple[str, ...]:
        """Return that the chain was refitted, where the register errs."""
        if not self.variant.errors.any:
            return ()
        return (
            Message(
                "The register errs by assumption: true employment comes from a chain refitted so that the "
                "register still shows the published tables. Effects and bias are about true employment; "
                "data, baseline employment and power are what the register shows."
            ),
        )


@lru_cache(maxsize=64)
def _cell_table(baseline_employment: bool, variant: Variant) -> CellTable:
    size = trial_chain.chain_of(trial_chain.TreatedPath(variant)).design.size
    factors: tuple[str, ...] = trial_chain.FACTORS
    levels: tuple[tuple[str, ...], ...] = trial_chain.LEVELS
    probability = size / size.sum()
    if baseline_employment:
        factors, levels = (*factors, trial_chain.BASELINE_FACTOR), (*levels, trial_chain.BASELINE_LEVELS)
        probability = (probability[:, None] * trial_chain.baseline_moments(variant).share).ravel()
    return CellTable(factors, levels, probability, variant)
