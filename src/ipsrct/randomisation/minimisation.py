"""Minimisation: each participant goes to the arm that leaves the factors' margins best balanced."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from ipsrct._message import Message
from ipsrct.randomisation._adaptive import Imbalance, assign_in_turn, why_not_coin
from ipsrct.randomisation._scheme import Scheme
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray

FactorWeights = tuple[Annotated[int, Field(ge=1)], ...]


class Minimisation(Scheme):
    """Minimisation with a biased coin (Pocock and Simon, Biometrics 1975;31:103-115).

    For every arm the imbalance is computed that a participant's assignment to it would leave among earlier
    participants of the same level, summed over factors. The arm with the least has the high probability.
    With unequal allocation, counts are divided by the allocation weights and the high probability is
    larger for larger arms, which keeps the allocation in the long run (Han, Enas and McEntegart,
    Statistics in Medicine 2009;28:3329-3344).

    Attributes
    ----------
    factors : tuple of str
        ``service`` may be one of them.
    factor_weights : tuple of int
        The weight of each factor's imbalance in the total; all equal if left out.
    imbalance : {"range", "variance"}
        Of the arms' counts in a level, divided by their allocation weights. With two arms of equal weight
        the standard deviation is half the range.
    probability : float
        The probability of the smallest arm when it is the only one with the least imbalance; 1 leaves
        chance only to ties, which are broken by the allocation's odds.
    """

    kind: Literal["minimisation"]
    factors: tuple[str, ...] = Field(min_length=1)
    factor_weights: FactorWeights = ()
    imbalance: Imbalance = "range"
    probability: float = Field(default=0.8, gt=0, le=1)

    @model_validator(mode="after")
    def _one_weight_a_factor(self) -> Minimisation:
        if self.factor_weights and len(self.factor_weights) != len(self.factors):
            raise ValueError(
                Message(
                    "{key} needs one weight a factor, got {weights} for {factors} factors",
                    key="factor_weights",
                    weights=len(self.factor_weights),
                    factors=len(self.factors),
                )
            )
        return self

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors whose margins are balanced."""
        return self.factors

    @property
    def balanced_within(self) -> tuple[tuple[str, ...], ...]:
        """Each factor by itself."""
        return tuple((name,) for name in self.factors)

    def why_not_weights(self, weights: tuple[int, ...]) -> str:
        """Return why the biased coin cannot give these allocation weights, or an empty string."""
        return why_not_coin(weights, self.probability)

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign participants in the order of their arrival."""
        factor_weights = self.factor_weights or (1,) * len(self.factors)
        margins = [((name,), weight) for name, weight in zip(self.factors, factor_weights, strict=True)]
        uniform = rng.random(cohort.cell.shape[::-1])
        arm = assign_in_turn(cohort, margins, self.imbalance, weights, self.probability, uniform)
        return Assignment(arm, None)


def total_imbalance(
    counts: IntArray,
    *,
    weights: tuple[int, ...] | None = None,
    factor_weights: tuple[int, ...] | None = None,
    imbalance: Imbalance = "range",
) -> FloatArray:
    """Return the imbalance that assigning one participant to each arm would leave.

    Parameters
    ----------
    counts : int array (K, F)
        Earlier participants by arm in the participant's own level of each factor.
    weights : tuple of int, optional
        The arms' allocation weights; all 1 if None.
    factor_weights : tuple of int, optional
        All 1 if None.
    imbalance : {"range", "variance"}
        Of the arms' counts divided by their allocation weights, summed over factors.

    Returns
    -------
    float array (K,)
    """
    n_arms, n_factors = counts.shape
    arms = np.array(weights or (1,) * n_arms)[:, None]
    found = np.empty(n_arms)
    for k in range(n_arms):
        level = (counts + (np.arange(n_arms) == k)[:, None]) / arms
        spread = np.ptp(level, axis=0) if imbalance == "range" else level.var(axis=0)
        found[k] = spread @ np.array(factor_weights or (1,) * n_factors)
    return found
