"""Wei's urn design."""

from __future__ import annotations

from fractions import Fraction

import pytest

from ipsrct import ScenarioError, allocation_sequences
from ipsrct.randomisation._sequential import size_distribution

from ._lists import check, check_trade_off, scheme

PARAMETERS = [(0, 1), (1, 1), (2, 3), (1, 0)]


def _wei(alpha, beta, n_arms):
    def next_one(history, _n):
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
    """Zhao and others, Pharmaceutical Statistics 2012, table IV.

    Means of 5,000 trials of 100 participants for UD(1, 5) and UD(0, 1).
    Tolerance: three of their standard errors, computed by simulation, and rounding.
    """
    check_trade_off(
        {"kind": "urn", "alpha": 1, "beta": 5},
        100,
        exact_balance=(0.122, 0.003),
        final_sd=(5.696, 0.18),
        entropy=(0.684, 0.001),
        deterministic=(0, 0),
        correct_guess=(0.543, 0.003),
    )
    check_trade_off(
        {"kind": "urn"},
        100,
        exact_balance=(0.125, 0.003),
        final_sd=(5.673, 0.18),
        entropy=(0.680, 0.001),
        deterministic=(0.010, 0.0005),
        correct_guess=(0.544, 0.003),
    )


def test_second_participant_is_certain_without_balls_at_the_start():
    assert allocation_sequences({"kind": "urn"}, 4).deterministic_share == pytest.approx(1 / 4)


def test_refuses_unequal_allocation_and_an_empty_urn():
    with pytest.raises(ScenarioError, match="equal allocation only"):
        allocation_sequences({"kind": "urn"}, 6, (2, 1))
    with pytest.raises(ScenarioError, match="must not both be 0"):
        allocation_sequences({"kind": "urn", "alpha": 0, "beta": 0}, 6)
