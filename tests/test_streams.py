"""Random streams are told apart by seed, stage and block, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from ipsrct._streams import Streams

SEED = 20240101


def _first(seed: int, stage: str, block: int, n: int = 4) -> list[int]:
    return [int(draw) for draw in Streams(seed).rng(stage, block).bit_generator.random_raw(n)]


def test_same_address_gives_the_same_stream() -> None:
    streams = Streams(SEED)
    first = streams.rng("counts/cohort", 3).random(1000)
    streams.rng("counts/outcome", 3).random(17)  # other streams in between change nothing
    np.testing.assert_array_equal(streams.rng("counts/cohort", 3).random(1000), first)
    np.testing.assert_array_equal(Streams(SEED).rng("counts/cohort", 3).random(1000), first)


@pytest.mark.parametrize(
    ("seed", "stage", "block"),
    [
        (SEED + 1, "counts/cohort", 3),
        (SEED + 2**64, "counts/cohort", 3),
        (SEED, "counts/outcome", 3),
        (SEED, "individual/cohort", 3),
        (SEED, "counts/cohort", 4),
        (SEED, "counts/cohort", 3 + 2**32),
    ],
)
def test_seed_stage_and_block_each_change_the_stream(seed: int, stage: str, block: int) -> None:
    assert not set(_first(seed, stage, block)) & set(_first(SEED, "counts/cohort", 3))


def test_no_two_of_a_thousand_streams_share_a_draw() -> None:
    # 4,000 draws of 64 bits coincide by chance with probability below 1e-12.
    draws = [
        draw
        for stage in (f"route/stage_{i}" for i in range(20))
        for block in range(50)
        for draw in _first(SEED, stage, block)
    ]
    assert len(set(draws)) == len(draws) == 4000


def test_stage_and_block_do_not_run_into_each_other() -> None:
    assert _first(SEED, "stage1", 1) != _first(SEED, "stage", 11)
    assert _first(SEED, "stage", 0) != _first(SEED, "", 0)


def test_draws_are_those_of_earlier_versions() -> None:
    # A change of these values changes every published result: it belongs in the changelog.
    assert _first(SEED, "counts/cohort", 0, 2) == [10913807922618711439, 9430314242971829967]
    assert _first(1, "individual/outcome", 7, 2) == [6360946811267321304, 2762747014421760977]


def test_streams_are_uncorrelated_across_blocks() -> None:
    # 49 correlations of 10,000 uniforms have standard error 0.01: beyond 0.05 once in about 30,000 seeds.
    draws = np.stack([Streams(SEED).rng("counts/cohort", block).random(10_000) for block in range(50)])
    assert np.abs(np.corrcoef(draws)[0, 1:]).max() < 0.05
