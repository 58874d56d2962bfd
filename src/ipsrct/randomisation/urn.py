"""Wei's urn design."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from ipsrct._message import Message
from ipsrct.randomisation._scheme import reduced
from ipsrct.randomisation._sequential import BySizes, Weights
from ipsrct.trial import FloatArray, IntArray


class Urn(BySizes):
    """A ball for each arm is drawn from an urn and put back with balls of the other arms.

    Wei's UD(alpha, beta): Wei, Journal of the American Statistical Association 1977 (two arms) and 1978
    (several). It forces balance early and tends to independent assignment as the list grows.

    Attributes
    ----------
    alpha : int
        Balls of each arm at the start. With 0, the first participant's arm is drawn at random.
    beta : int
        Balls of each other arm that are added after an assignment.
    factors : tuple of str
        A list of its own in each stratum of these factors; ``service`` may be one of them.
    """

    kind: Literal["urn"]
    alpha: int = Field(default=0, ge=0)
    beta: int = Field(default=1, ge=0)

    @model_validator(mode="after")
    def _some_balls(self) -> Self:
        if not self.alpha + self.beta:
            raise ValueError(Message("alpha and beta must not both be 0: the urn would stay empty"))
        return self

    def why_not_weights(self, weights: Weights) -> str:
        """Return why the scheme cannot give these allocation weights, or an empty string."""
        if set(reduced(weights)) == {1}:
            return ""
        return Message("this scheme is defined for equal allocation only")

    def allocation_probability(self, counts: IntArray, size: IntArray | int, weights: Weights) -> FloatArray:  # noqa: ARG002 - equal, not planned
        """Return the probability of each arm for the next participant of a list, (K, ...)."""
        so_far = counts.sum(axis=0)
        balls = self.alpha + self.beta * (so_far - counts)
        first = so_far == 0  # all arms are alike then, also in an urn that is still empty
        return np.asarray((balls + first) / (balls.sum(axis=0) + len(counts) * first))
