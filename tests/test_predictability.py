"""Balance and predictability at every position."""

from __future__ import annotations

import numpy as np
import pytest

from ipsrct import (
    NotAvailableError,
    ScenarioError,
    allocation_properties,
    allocation_sequences,
    predictability,
)

from .randomisation._lists import scheme
from .randomisation.test_sequential import SCHEMES

MORE = [
    ({"kind": "simple"}, (2, 1)),
    ({"kind": "block_urn", "block_size": 8}, (2, 1, 1)),
    ({"kind": "urn"}, (1, 1, 1)),
    ({"kind": "random_allocation_rule"}, (1, 2, 1)),
]


@pytest.mark.parametrize(("table", "weights"), SCHEMES + MORE, ids=str)
def test_equals_the_enumeration(table, weights):
    n = 9
    found, exact = (
        allocation_properties(scheme(table, weights), n, weights),
        allocation_sequences(table, n, weights),
    )
    imbalance, p = exact.imbalance(), exact.probability
    balanced = np.all([exact.imbalance(k) == 0 for k in range(len(weights))], axis=0)
    close = {"atol": 1e-12, "rtol": 0}
    np.testing.assert_allclose(
        found.expected_absolute_imbalance, exact.expected_absolute_imbalance(), **close
    )
    np.testing.assert_allclose(found.mean_squared_imbalance, p @ imbalance**2, **close)
    np.testing.assert_allclose(found.exact_balance, p @ balanced, **close)
    np.testing.assert_allclose(found.marginal_probability, exact.marginal_probability(), **close)
    np.testing.assert_allclose(found.deterministic, p @ (exact.conditional_probability > 1 - 1e-9), **close)
    np.testing.assert_allclose(found.entropy, -(p @ np.log(exact.conditional_probability)), **close)
    assert found.correct_guess.sum() == pytest.approx(exact.expected_correct_guesses(), rel=1e-12)
    assert found.final_imbalance == pytest.approx(exact.final_imbalance(), abs=1e-12)


@pytest.mark.parametrize("p", [0.6, 2 / 3, 0.8])
def test_efrons_excess_selection_bias(p):
    """Efron (1971): correct guesses beyond a half tend to (r - 1) / 4r, r = p / (1 - p)."""
    found = allocation_properties(scheme({"kind": "biased_coin", "p": p}), 1320)
    r = p / (1 - p)
    assert found.correct_guess[-200:].mean() - 0.5 == pytest.approx((r - 1) / (4 * r), abs=1e-6)


def test_independent_assignment_cannot_be_guessed():
    found = allocation_properties(scheme({"kind": "complete"}), 1320)
    np.testing.assert_allclose(found.correct_guess, 0.5, atol=1e-9)
    np.testing.assert_allclose(found.entropy, np.log(2), atol=1e-9)
    np.testing.assert_allclose(found.mean_squared_imbalance, np.arange(1, 1321), rtol=1e-9)


def test_says_what_is_wrong(monkeypatch):
    blocks = scheme({"kind": "permuted_block", "block_sizes": [4]})
    with pytest.raises(NotAvailableError, match="depends on more than the sizes"):
        allocation_properties(blocks, 8)
    with pytest.raises(ScenarioError, match="two arms only, got 2:1"):
        allocation_properties(scheme({"kind": "biased_coin"}), 8, (2, 1))
    monkeypatch.setattr(predictability, "_MOST_STATES", 50)
    with pytest.raises(NotAvailableError, match="more than 50 sizes"):
        allocation_properties(scheme({"kind": "complete"}, (1, 1, 1)), 12, (1, 1, 1))
