"""Variances under covariate-adaptive randomisation, from participants and by simulation."""

from __future__ import annotations

import numpy as np
import pytest

from ipsrct import simulate
from ipsrct.trial import CellCounts
from tests.conftest import participants, unequal, with_estimators

FACTORS = ["age", "sex", "social_assistance"]
ADJUSTMENTS = ("none", "fixed_effects", "saturated")


def _table(adjustment, balance="strong"):
    kind = "covariate_adaptive_difference"
    return {"kind": kind, "factors": FACTORS, "adjustment": adjustment, "balance": balance}


def _by_participants(y, treated, cell, adjustment, balance):
    """Return estimate and variance by regressions and sums over participants, as in the papers.

    Estimates are coefficients of least squares on participants. With residuals from the means of stratum
    and arm, each participant's squared weight times squared residual adds up to the variance within.
    """
    strata, s = np.unique(cell, return_inverse=True)
    dummies = (s[:, None] == np.arange(len(strata))).astype(float)
    share = dummies.mean(axis=0)
    if adjustment == "none":
        design = np.column_stack([treated, np.ones_like(y)])
    elif adjustment == "fixed_effects":
        design = np.column_stack([treated, dummies])
    else:
        centred = (dummies - share)[:, 1:]
        design = np.column_stack([treated, np.ones_like(y), centred, centred * treated[:, None]])
    weights = np.linalg.pinv(design)[0]  # the coefficient is a weighted sum of outcomes
    estimate = weights @ y
    n, pi = len(y), treated.mean()
    mean = {}
    within = 0.0
    for a in (0.0, 1.0):
        for k in range(len(strata)):
            rows = (treated == a) & (s == k)
            mean[a, k] = y[rows].mean()
            within += weights[rows] @ weights[rows] * y[rows].var(ddof=1)
    d = np.array([mean[1.0, k] - mean[0.0, k] for k in range(len(strata))])
    between = share @ (d - estimate) ** 2
    tau = pi * (1 - pi) if balance == "none" else 0.0
    imbalance = 0.0
    if adjustment == "none":
        centred = [
            np.array([mean[a, k] - y[treated == a].mean() for k in range(len(strata))]) for a in (1.0, 0.0)
        ]
        imbalance = tau * share @ (centred[0] / pi + centred[1] / (1 - pi)) ** 2
    elif adjustment == "fixed_effects":
        imbalance = (1 - 2 * pi) ** 2 / (pi * (1 - pi)) ** 2 * tau * between
    return estimate, within + (between + imbalance) / n


@pytest.mark.parametrize("balance", ["strong", "none"])
@pytest.mark.parametrize("adjustment", ADJUSTMENTS)
def test_equals_sums_over_participants(cells_trial, random_counts, adjustment, balance):
    counts = random_counts(11, 3)
    estimator = with_estimators(cells_trial, _table(adjustment, balance)).analysis.estimators[0]
    got = estimator.estimate_counts(counts, "ips", "control", cells_trial.populations)
    for r in range(3):
        y, treated, cell = participants(counts, r)
        for g, member in enumerate(cells_trial.populations.member):
            rows = member[cell]
            estimate, variance = _by_participants(y[rows], treated[rows], cell[rows], adjustment, balance)
            assert got.estimate[g, r] == pytest.approx(estimate, abs=1e-12)
            assert got.standard_error[g, r] ** 2 == pytest.approx(variance, rel=1e-10)


def test_without_balance_the_difference_in_means_has_its_usual_variance(cells_trial, random_counts):
    """Within, between and imbalance add up to the two arms' variances where arms have the same strata.

    By the law of total variance; the parts have n or n - 1 in their denominators, hence 1 per cent.
    """
    big = random_counts(12, 2, 400, 900)
    n = np.broadcast_to(big.n[:, :1], big.n.shape) // np.array([1, 2])[:, None]
    n = n[:, :1] // 2 * np.array([2, 1])[:, None]
    counts = CellCounts(big.cells, big.arms, n, np.minimum(big.events, n))
    tables = (_table("none", "none"), {"kind": "difference_in_proportions"})
    here, usual = (
        e.estimate_counts(counts, "ips", "control", cells_trial.populations)
        for e in with_estimators(cells_trial, *tables).analysis.estimators
    )
    np.testing.assert_allclose(here.estimate, usual.estimate, rtol=1e-10)
    np.testing.assert_allclose(here.standard_error, usual.standard_error, rtol=0.01)


def test_fewer_than_two_in_an_arm_of_a_stratum_are_not_estimable(cells_trial, random_counts):
    counts = random_counts(13, 3)
    counts.n[0, 1, 1], counts.events[0, 1, 1] = 1, 1
    counts.n[0, :, 2] = counts.events[0, :, 2] = 0  # an empty stratum is no stratum
    estimator = with_estimators(cells_trial, _table("none")).analysis.estimators[0]
    got = estimator.estimate_counts(counts, "ips", "control", cells_trial.populations)
    assert got.status[0].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("scheme", "balance"),
    [
        ({"kind": "stratified_permuted_block", "factors": FACTORS, "block_sizes": [6]}, "strong"),
        ({"kind": "complete"}, "none"),
    ],
    ids=["stratified", "complete"],
)
def test_standard_error_is_that_of_the_scheme(cells_trial, scheme, balance):
    """2:1, risks and effects that differ by stratum: mean and empirical standard error within 2 per cent.

    An empirical SD of 20,000 replicates has a relative standard error of 0.5 per cent, so a false alarm
    has the probability 4e-4. Without what varies between strata the standard error is 5 per cent too small.
    """
    shifts = {
        "assumptions.outcome.control_risk_shift": {"age": {"under_20": -0.15, "24_plus": 0.15}},
        "assumptions.outcome.effect_shift": {"sex": {"men": 0.28, "women": -0.28}},
        "design.randomisation": scheme,
        "assumptions.outcome.control_risk": 0.45,
        "assumptions.outcome.effect": 0.0,
        "analysis.subgroups": [],
        "analysis.interactions": [],
        "simulation.under_null": False,
        "simulation.replicates": 20_000,
    }
    tables = [_table(adjustment, balance) for adjustment in ADJUSTMENTS]
    scenario = with_estimators(unequal(cells_trial), *tables).with_changes(shifts)
    run = simulate(scenario)
    for table in tables:
        label = f"covariate_adaptive_difference_{table['adjustment']}"
        empirical = run.find("empirical_standard_error", label).value
        assert run.find("mean_standard_error", label).value == pytest.approx(empirical, rel=0.02)
