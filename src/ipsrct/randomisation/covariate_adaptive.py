"""Balance overall, within margins and within strata at once."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field, model_validator

from ipsrct._message import Message
from ipsrct.randomisation._adaptive import assign_in_turn, why_not_coin
from ipsrct.randomisation._scheme import Scheme
from ipsrct.trial import Assignment, Cohort

_Weight = Annotated[int, Field(ge=0)]


class CovariateAdaptive(Scheme):
    """The general procedure of Hu and Hu (Annals of Statistics 2012;40:1794-1815).

    The imbalance that an assignment would leave is a weighted sum of squared differences between arms
    among all participants, in each of the participant's levels, and in the participant's stratum. With
    more than two arms, or unequal allocation, the squared difference becomes the variance of the counts
    divided by allocation weights, and the coin is that of minimisation (Han, Enas and McEntegart 2009).

    Attributes
    ----------
    factors : tuple of str
        ``service`` may be one of them.
    overall_weight : int
        Of the imbalance among all participants.
    margin_weights : tuple of int
        Of the imbalance in the level of each factor; all 1 if left out.
    stratum_weight : int
        Of the imbalance in the stratum, the cross-classification of the factors.
    probability : float
        The probability of the smallest arm when it is the only one with the least imbalance.
    """

    kind: Literal["covariate_adaptive"]
    factors: tuple[str, ...] = Field(min_length=1)
    overall_weight: _Weight = 1
    margin_weights: tuple[_Weight, ...] = ()
    stratum_weight: _Weight = 1
    probability: float = Field(default=0.8, gt=0, le=1)

    @model_validator(mode="after")
    def _weights_balance_something(self) -> CovariateAdaptive:
        if self.margin_weights and len(self.margin_weights) != len(self.factors):
            raise ValueError(
                Message(
                    "{key} needs one weight a factor, got {weights} for {factors} factors",
                    key="margin_weights",
                    weights=len(self.margin_weights),
                    factors=len(self.factors),
                )
            )
        if not any(weight for _, weight in self._margins()):
            raise ValueError(Message("overall_weight, margin_weights and stratum_weight must not all be 0"))
        return self

    def _margins(self) -> list[tuple[tuple[str, ...], int]]:
        margin_weights = self.margin_weights or (1,) * len(self.factors)
        margins = [((name,), weight) for name, weight in zip(self.factors, margin_weights, strict=True)]
        return [((), self.overall_weight), *margins, (self.factors, self.stratum_weight)]

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors that form the strata."""
        return self.factors

    @property
    def balanced_within(self) -> tuple[tuple[str, ...], ...]:
        """Whatever has a weight."""
        return tuple(factors for factors, weight in self._margins() if weight)

    def why_not_weights(self, weights: tuple[int, ...]) -> str:
        """Return why the biased coin cannot give these allocation weights, or an empty string."""
        return why_not_coin(weights, self.probability)

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign participants in the order of their arrival."""
        margins = [(factors, weight) for factors, weight in self._margins() if weight]
        uniform = rng.random(cohort.cell.shape[::-1])
        arm = assign_in_turn(cohort, margins, "variance", weights, self.probability, uniform)
        return Assignment(arm, None)
