"""J6: ipsrct's p-values and the numpy script's are those of a plain loop, at the benchmark's size."""

from __future__ import annotations

import sys
from math import comb

import numpy as np
import pytest

import ipsrct
from ipsrct.estimator._rerandomised import _LISTS
from tests.benchmarks._load import BENCHMARKS, load


@pytest.fixture(scope="module")
def j6():
    sys.path.insert(0, str(BENCHMARKS))  # the script imports its neighbour
    try:
        return load("rerandomisation")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def filled(j6):
    scenario = ipsrct.read_scenario(j6.SCENARIO)
    return scenario, j6.draw_block(scenario, np.random.default_rng(4), filled=True)


def test_strata_are_filled(j6):
    assert j6.filled_sizes().sum() == 1300
    assert not (j6.filled_sizes() % 4).any()


def test_shared_lists_equal_the_script_on_the_same_lists(j6, filled):
    scenario, trial = filled
    sizes, scheme = j6.filled_sizes(), scenario.design.scheme
    changed = scenario.with_changes({"analysis.estimators.0.p_value": "monte_carlo"})
    got = j6.p_values(changed, trial, np.random.default_rng(6))
    rng, chunks = np.random.default_rng(6), []
    for _ in range(j6.N_RERANDOMISATIONS // _LISTS):
        chunks.append(np.concatenate([scheme.draw_lists(_LISTS, n, (1, 1), rng) for n in sizes], axis=1))
    treated = np.concatenate(chunks) == 0
    for r in range(j6.BLOCK):
        order = np.argsort(trial.cohort.cell[r], kind="stable")
        one = j6.peers.Trial(
            trial.cohort.cell[r][order], trial.assignment.arm[r][order] == 0, trial.outcomes.y[r][order]
        )
        assert j6.p_value(one, treated) == pytest.approx(got[r], abs=1e-12)


def test_exact_p_values_equal_a_loop_over_the_blocks(j6, filled):
    """Each trial's distribution by adding one block after the other."""
    scenario, trial = filled
    got = j6.p_values(scenario, trial, np.random.default_rng(1))
    for r in range(5):
        mass, mean = np.ones(1), 0.0
        for stratum in range(12):
            y = trial.outcomes.y[r][trial.cohort.cell[r] == stratum]
            for e in y.reshape(-1, 4).sum(axis=1).tolist():
                mass = np.convolve(mass, [comb(e, x) * comb(4 - e, 2 - x) / 6 for x in range(3)])
                mean += e / 2
        observed = (trial.outcomes.y[r] & (trial.assignment.arm[r] == 0)).sum() - mean
        far = np.abs(np.arange(len(mass)) - mean) >= abs(observed)
        assert mass[far].sum() == pytest.approx(got[r], abs=1e-12)
        assert mass.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("way", ["permuted", "looked_up"])
def test_the_scripts_lists_are_full_blocks(j6, way):
    lists = getattr(j6, way)(j6.filled_sizes(), np.random.default_rng(2))
    assert lists.shape == (j6.N_RERANDOMISATIONS, 1300)
    assert (lists.reshape(len(lists), -1, 4).sum(axis=2) == 2).all()
    assert lists.mean(axis=0) == pytest.approx(0.5, abs=0.1)
