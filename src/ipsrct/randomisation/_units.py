"""Whole units, such as services, given to arms in the allocation's ratio."""

from __future__ import annotations

import numpy as np

from ipsrct._message import Message
from ipsrct._service_table import ServiceTable
from ipsrct.randomisation._scheme import reduced
from ipsrct.trial import FloatArray, IntArray


def allocate(n_units: int, weights: tuple[int, ...], n_replicates: int, rng: np.random.Generator) -> IntArray:
    """Draw an arm for each unit, (R, U), as nearly in the allocation's ratio as can be.

    Units beyond a multiple of the sum of the weights take a random part of one further such block, so
    every unit has each arm with the allocation's probability.
    """
    block = np.repeat(np.arange(len(weights), dtype=np.int8), reduced(weights))
    whole = np.tile(block, (n_replicates, n_units // len(block)))
    rest = rng.permuted(np.tile(block, (n_replicates, 1)), axis=1)[:, : n_units % len(block)]
    return rng.permuted(np.concatenate([whole, rest], axis=1), axis=1)


def shares(weights: tuple[int, ...], n_participants: int) -> FloatArray:
    """Return the allocation's probabilities for every participant, (N, K)."""
    share = np.array(weights) / sum(weights)
    return np.broadcast_to(share, (n_participants, len(weights)))


def why_no_units(n_units: int, services: ServiceTable, needed: int, template: str, **values: object) -> str:
    """Return why there are too few units, or an empty string; ``template`` says what they are for."""
    if services.size < 2:
        return Message('randomises services, and the cohort has none; give the cohort "services"')
    if n_units < needed:
        return Message(template, needed=needed, given=n_units, **values)
    return ""
