"""Efron's biased coin within strata."""

from __future__ import annotations

import numpy as np
import pytest

from ipsrct import ScenarioError, allocation_sequences, read_scenario

from ._lists import scheme


def test_is_the_biased_coin_in_each_stratum():
    options = {"p": 0.7, "factors": ["sex"]}
    strata = "mffmfmmf"
    found = allocation_sequences({"kind": "stratified_biased_coin"} | options, 8, strata=strata)
    men = allocation_sequences({"kind": "biased_coin", "p": 0.7}, 4)
    by_list = dict(zip(map(tuple, men.arm.tolist()), men.probability, strict=True))
    columns = [[i for i, s in enumerate(strata) if s == one] for one in "mf"]
    for arm, probability in zip(found.arm, found.probability, strict=True):
        expected = np.prod([by_list[tuple(arm[c].tolist())] for c in columns])
        assert probability == pytest.approx(expected, abs=1e-14)


def test_needs_factors():
    with pytest.raises(ScenarioError, match=r"randomisation\.factors: is required"):
        read_scenario("ips_ung", {"design.randomisation": {"kind": "stratified_biased_coin"}})


def test_same_draws_as_the_biased_coin_with_factors(cells_trial):
    cohort = cells_trial.assumptions.cohort_model.draw(200, 3, np.random.default_rng(1))
    a, b = (
        scheme({"kind": kind, "factors": ["age", "sex"]}).assign(cohort, (1, 1), np.random.default_rng(2)).arm
        for kind in ("biased_coin", "stratified_biased_coin")
    )
    np.testing.assert_array_equal(a, b)
