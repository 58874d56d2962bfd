"""A biased coin that keeps the treatment effect of a linear model well estimated."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from ipsrct._service_table import ServiceTable
from ipsrct.randomisation._model import stratum_dummies, why_not_model
from ipsrct.randomisation._scheme import Scheme, why_not_two_equal
from ipsrct.trial import Assignment, Cohort, FloatArray

# The weight of a prior participant in each direction: before all levels have been seen the fit is that of
# least norm, up to this share.
_RIDGE = 1e-6


class DOptimalBiasedCoin(Scheme):
    """The D_A-optimal biased coin for two arms (Atkinson, Biometrika 1982;69:61-67).

    With F the rows of the linear model (a constant and the factors' dummies) of earlier participants, t
    their arms as 1 and -1, f the new participant's row and q = f'(F'F)^-1 F't, the first arm has
    probability (1 - q)^2 / ((1 - q)^2 + (1 + q)^2).

    Attributes
    ----------
    factors : tuple of str
        Of the model; ``service`` may be one of them.
    """

    kind: Literal["d_optimal_biased_coin"]
    factors: tuple[str, ...] = Field(min_length=1)

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors of the model."""
        return self.factors

    @property
    def balanced_within(self) -> tuple[tuple[str, ...], ...]:
        """Each factor by itself."""
        return tuple((name,) for name in self.factors)

    def why_not_weights(self, weights: tuple[int, ...]) -> str:
        """Return that the coin is for two equal arms, or an empty string."""
        return why_not_two_equal(weights)

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:  # noqa: ARG002
        """Return why services make the model too large, or an empty string."""
        return why_not_model(services.size, self.factors)

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:  # noqa: ARG002
        """Assign participants in the order of their arrival."""
        uniform = rng.random(cohort.cell.shape[::-1])
        return Assignment(_assign(cohort, self.factors, uniform), None)


def _assign(cohort: Cohort, factors: tuple[str, ...], uniform: FloatArray) -> np.ndarray:
    """Return the arms, (R, N), by rank-one updates of every replicate's inverse of F'F."""
    dummies = stratum_dummies(cohort.cells, factors, cohort.n_services)
    rows = np.concatenate([np.ones((1, len(dummies))), dummies.T])
    stratum = np.ascontiguousarray(cohort.stratum(factors)[0].T)
    n_columns, n_replicates = len(rows), uniform.shape[1]
    inverse = np.repeat(np.eye(n_columns)[..., None] / _RIDGE, n_replicates, axis=2)
    signed_sum = np.zeros((n_columns, n_replicates))
    row, solved = np.empty((2, n_columns, n_replicates))
    change = np.empty_like(inverse)
    arm = np.empty(uniform.shape, dtype=np.int8)
    for i, u in enumerate(uniform):
        rows.take(stratum[i], axis=1, out=row, mode="clip")
        np.einsum("ijr,jr->ir", inverse, row, out=solved)
        q = np.einsum("ir,ir->r", solved, signed_sum)
        leverage = np.einsum("ir,ir->r", solved, row)
        first = (1 - q) ** 2
        np.greater_equal(u * (first + (1 + q) ** 2), first, out=arm[i], casting="unsafe")
        signed_sum += row * (1 - 2 * arm[i])
        np.multiply(solved[:, None], solved / (1 + leverage), out=change)
        inverse -= change
    return arm.T
