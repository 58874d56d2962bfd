"""The only maker of random generators.

One generator for each stage of the spine and block of replicates. Its seed depends on nothing else, so
that the number of workers, their order, the chunks and an interruption cannot change a number, and two
scenarios that share a stage share its draws (common random numbers).
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np


@cache
def _words(stage: str) -> tuple[int, int]:
    """Return the first 8 bytes of the name's SHA-256; Python's own ``hash`` differs between processes."""
    digest = hashlib.sha256(stage.encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


class Streams:
    """Addressable random streams.

    Parameters
    ----------
    seed : int
        The simulation seed, at least 0.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def rng(self, stage: str, block: int) -> np.random.Generator:
        """Return the generator of one stage and block."""
        sequence = np.random.SeedSequence(self.seed, spawn_key=(*_words(stage), block))
        return np.random.Generator(np.random.SFC64(sequence))
