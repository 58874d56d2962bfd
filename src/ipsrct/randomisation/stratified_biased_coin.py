"""Efron's biased coin within strata."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ipsrct.randomisation.biased_coin import BiasedCoin


class StratifiedBiasedCoin(BiasedCoin):
    """A biased coin of its own in each stratum (Efron, Biometrika 1971).

    Attributes
    ----------
    p : float
        Probability of the smaller arm of the stratum, from 1/2 (independent assignment) to 1.
    factors : tuple of str
        The strata are the cross-classification of these factors; ``service`` may be one of them.
    """

    kind: Literal["stratified_biased_coin"]  # type: ignore[assignment]
    factors: tuple[str, ...] = Field(min_length=1)
