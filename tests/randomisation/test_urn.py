"""Wei's urn design."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from ipsrct import ScenarioError, allocation_sequences
from ipsrct.randomisation._sequential import size_distribution

from ._lists import check, scheme, trade_off

PARAMETERS = [(0, 1), (1, 1), (2, 3), (1, 0)]


def _wei(alpha, beta, n_arms):
    def next_one(history, n):
        balls = [alpha] * n_arms
        for drawn in history:
            balls = [count + beta * (k != drawn) for k, count in enumerate(balls)]
        balls = balls if sum(balls) else [1] * n_arms
        return [Fraction(count, sum(balls)) for count in balls]

    return next_one


@pytest.mark.parametrize(("alpha", "beta"), PARAMETERS)
def test_follows_its_definition(alpha, beta):
    table = {"kind": "urn", "alpha": alpha, "beta": beta}
    check(table, _wei(alpha, beta, 2), [2, 5, 12])
    check(table, _wei(alpha, beta, 3), [2, 7], weights=(1, 1, 1), drawn=4)


@pytest.mark.parametrize("n", [3, 10, 100, 1320])
def test_variance_of_the_imbalance(n):
    """Wei (1978): the imbalance of UD(0, 1) has the variance n / 3 (exactly so from n = 3 on)."""
    *_, (counts, probability) = size_distribution(scheme({"kind": "urn"}), (1, 1), n)
    assert probability @ (counts[0] - counts[1]) ** 2 == pytest.approx(n / 3, rel=1e-9)


def test_published_trade_off():
    """Zhao and others, Pharmaceutical Statistics 2012, table IV, 5,000 trials of 100 participants.

    One ball of each arm and five of the other arm: spread 5.696 (standard error 0.06), exact balance 0.122.
    """
    urn = scheme({"kind": "urn", "alpha": 1, "beta": 5})
    balanced = 0.0
    for n, (counts, probability) in enumerate(size_distribution(urn, (1, 1), 100)):
        d = counts[0] - counts[1]
        balanced += float(probability[d == 0].sum()) * (n > 0)
    assert np.sqrt(probability @ d**2) == pytest.approx(5.696, abs=0.18)
    assert balanced / 100 == pytest.approx(0.122, abs=0.003)


def test_second_participant_is_certain_without_balls_at_the_start():
    assert trade_off({"kind": "urn"}, 4)["deterministic"] == pytest.approx(1 / 4)


def test_refuses_unequal_allocation_and_an_empty_urn():
    with pytest.raises(ScenarioError, match="equal allocation only"):
        allocation_sequences({"kind": "urn"}, 6, (2, 1))
    with pytest.raises(ScenarioError, match="must not both be 0"):
        allocation_sequences({"kind": "urn", "alpha": 0, "beta": 0}, 6)
