"""Biases against the enumeration of every list and every set of outcomes, and against theory."""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
import pytest
from scipy.special import ndtr

from ipsrct.diagnostics import (
    HiddenCovariate,
    LinearDrift,
    SeasonalDrift,
    SelectionBias,
    StepDrift,
    diagnose,
)
from ipsrct.diagnostics._tally import Key, Tally
from ipsrct.diagnostics.bias import Recruited, _add_difference
from ipsrct.errors import NotAvailableError
from ipsrct.protocols import Randomisation
from ipsrct.randomisation.complete import Complete
from ipsrct.randomisation.permuted_block import PermutedBlock
from tests.conftest import with_estimators
from tests.diagnostics import oracle

RISK, LEVEL = 0.4, 0.3
DIFFERENCE = {"kind": "difference_in_proportions", "variance": "pooled"}
COINS = Randomisation(Complete(kind="complete"), (1, 1))
LABEL = "difference_in_proportions_pooled"


def _scenario(cells_trial, n, weights=(1, 1), level=0.05, **changes):
    """Return a trial without services, strata or subgroups."""
    values = {
        "analysis__subgroups": [],
        "analysis__interactions": [],
        "analysis__significance_level": level,
        "assumptions__cohort": {"kind": "cells"},
        "assumptions__outcome__control_risk": RISK,
        "design__randomisation": {"kind": "permuted_block", "block_sizes": [2 * sum(weights)]},
        "design__n_participants": n,
        "design__arms__0__allocation_weight": weights[0],
        "design__arms__1__allocation_weight": weights[1],
    }
    return with_estimators(cells_trial, DIFFERENCE, **(values | changes))


def _statistic(y, arm):
    """Return the difference in proportions and its pooled z; None without variance or without an arm."""
    n = [arm.count(0), arm.count(1)]
    x = [sum(v for v, k in zip(y, arm, strict=True) if k == a) for a in (0, 1)]
    pooled = sum(x) / sum(n)
    if pooled in (0, 1) or 0 in n:
        return None
    estimate = x[0] / n[0] - x[1] / n[1]
    return estimate, estimate / sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))


def _shift(sequence, weights, eta):
    """Return the recruiter's shift for each participant; the first arm is the intervention."""
    shifts = []
    for i in range(len(sequence)):
        guessed = oracle.convergence(list(sequence[:i]), weights)
        shifts.append(eta * ((0 in guessed) - (1 in guessed)))
    return shifts


def _enumerated(distribution, weights, eta):
    """Return type I error and bias among trials with an estimate, and the share without, over everything."""
    rejected = bias = done = 0.0
    critical = 1.0364333894937898  # the normal quantile at 1 - 0.3 / 2
    for sequence, p_list in distribution.items():
        risks = [RISK + s for s in _shift(sequence, weights, eta)]
        for y in product((0, 1), repeat=len(sequence)):
            p = float(p_list) * np.prod([r if v else 1 - r for r, v in zip(risks, y, strict=True)])
            found = _statistic(y, list(sequence))
            if found is not None:
                done += p
                bias += p * found[0]
                rejected += p * (abs(found[1]) > critical)
    return rejected / done, bias / done, 1 - done


@pytest.mark.parametrize(
    ("weights", "n", "block"), [((1, 1), 8, 4), ((2, 1), 6, 3), ((1, 1), 7, 0), ((1, 2), 6, 0)]
)
def test_selection_bias_by_enumeration_of_lists_and_outcomes(cells_trial, weights, n, block):
    """Type I error, bias and failures within 4 Monte Carlo standard errors, at a strong biasing effect.

    Without a block, randomisation is complete: no guess is better than chance, and yet the estimate is
    biased, because given the arms' final sizes the past does tell something.
    The 24 comparisons together raise a false alarm in 600 seeds. Would detect a recruiter who sees the
    assignment that is being made, guesses the wrong way, or ties broken wrongly.
    """
    scheme, distribution = Complete(kind="complete"), oracle.coins(n, weights)
    if block:
        scheme = PermutedBlock(kind="permuted_block", block_sizes=(block,))
        distribution = oracle.lists(n, (block,), weights)
    scenario = _scenario(cells_trial, n, weights, LEVEL)
    result = diagnose(scenario, replicates=8192, schemes={"": scheme}, biases=[SelectionBias(0.25)])
    plain, biased = (_enumerated(distribution, weights, eta) for eta in (0.0, 0.25))
    assert biased[1] > plain[1] + 0.02
    for strategy, exact in (("none", plain), ("selection_0.25", biased)):
        for measure, value in zip(("type_i_error", "bias", "not_estimated"), exact, strict=True):
            row = result.find(measure, strategy=strategy, estimator=LABEL)
            assert abs(row.value - value) < 4 * row.mc_standard_error, (strategy, measure)


def test_selection_bias_raises_type_i_error_as_proschan_says(cells_trial):
    """Blocks of four, 400 participants: z has mean eta (5/6) / SE and variance 1 in large samples.

    By convergence 17/24 of guesses are right and the rest, ties at one half, are not, so that the mean shift
    between arms is 4 eta (17/24 - 1/2) = eta 5/6 (Proschan, Statistica Sinica 1994). Tolerance: 4 Monte Carlo
    standard errors and 0.005 for the approximation.
    """
    eta, n = 0.08, 400
    result = diagnose(_scenario(cells_trial, n), replicates=2048, biases=[SelectionBias(eta)])
    noncentrality = eta * 5 / 6 / sqrt(RISK * (1 - RISK) * 4 / n)
    theory = ndtr(-1.959964 + noncentrality) + ndtr(-1.959964 - noncentrality)
    assert theory > 0.25
    row = result.find("type_i_error", strategy=f"selection_{eta}", estimator=LABEL)
    assert abs(row.value - theory) < 4 * row.mc_standard_error + 0.005
    bias = result.find("bias_difference", strategy=f"selection_{eta}", estimator=LABEL)
    assert abs(bias.value - eta * 5 / 6) < 4 * bias.mc_standard_error
    paired = result.find("type_i_error_difference", strategy=f"selection_{eta}", estimator=LABEL)
    plain = result.find("type_i_error", strategy="none", estimator=LABEL)
    assert paired.value == pytest.approx(row.value - plain.value)
    assert paired.mc_standard_error < sqrt(row.mc_standard_error**2 + plain.mc_standard_error**2)


@pytest.mark.parametrize(
    "bias", [LinearDrift(0.4), StepDrift(0.4), SeasonalDrift(0.4, 1.5)], ids=lambda b: b.label
)
def test_conditional_bias_of_a_drift_by_enumeration(cells_trial, bias):
    """The mean absolute difference that the drift makes between arms, over every list of eight."""
    course = (np.arange(8) + 0.5) / 8
    drift = {
        LinearDrift: 0.4 * (course - 0.5),
        StepDrift: np.where(course > 0.5, 0.2, -0.2),
        SeasonalDrift: 0.2 * np.sin(3 * np.pi * course),
    }[type(bias)]
    exact = sum(
        float(p) * abs(drift[np.array(s) == 0].mean() - drift[np.array(s) == 1].mean())
        for s, p in oracle.lists(8, (4,), (1, 1)).items()
    )
    row = diagnose(_scenario(cells_trial, 8), replicates=4096, biases=[bias]).find(
        "conditional_bias", strategy=bias.label
    )
    assert abs(row.value - exact) < 4 * row.mc_standard_error + 1e-12


@pytest.mark.parametrize(("prevalence", "variance"), [(None, 1 / 12), (0.3, 0.21)])
def test_hidden_covariate_has_the_stated_size(prevalence, variance):
    bias = HiddenCovariate(0.2, prevalence)
    recruited = Recruited(
        oracle.one_list_cohort(1000, 100), np.zeros((100, 1000), np.int8), COINS, (True, False)
    )
    shift = bias.shift(recruited, np.random.default_rng(1))
    assert shift.shape == (100, 1000)
    assert shift.mean() == pytest.approx(0, abs=5 * 0.2 * sqrt(variance / 1e5))
    assert shift.var() == pytest.approx(0.04 * variance, rel=0.02)
    assert np.ptp(shift) == pytest.approx(0.2, rel=1e-3)


def test_hidden_covariate_leaves_a_randomised_analysis_alone(cells_trial):
    """It is independent of the arm, so neither the bias nor the type I error moves beyond 4 errors."""
    bias = HiddenCovariate(0.3, 0.5)
    result = diagnose(_scenario(cells_trial, 200), replicates=1024, biases=[bias])
    for measure in ("bias_difference", "type_i_error_difference"):
        row = result.find(measure, strategy=bias.label, estimator=LABEL)
        assert abs(row.value) < 4 * row.mc_standard_error
    assert result.find("conditional_bias", strategy=bias.label).value > 0.005


def test_view_of_the_recruiter_matters_and_is_named(cells_trial):
    biases = [SelectionBias(0.05), SelectionBias(0.05, "everybody/stratum")]
    result = diagnose(cells_trial, replicates=128, biases=biases)
    own, all_ = (
        result.find("bias_difference", strategy=bias.label, estimator="linear_probability_HC2")
        for bias in biases
    )
    assert all_.value > 0.03 > own.value + 0.02


def test_refusals_name_the_reason(cells_trial):
    with pytest.raises(NotAvailableError, match=r"selection_0\.5 makes risks from -0\.1"):
        diagnose(cells_trial, replicates=8, biases=[SelectionBias(0.5)])
    with pytest.raises(NotAvailableError, match="each bias needs a label of its own"):
        diagnose(cells_trial, replicates=8, biases=[SelectionBias(0.1), SelectionBias(0.1)])
    with pytest.raises(NotAvailableError, match="is not a view"):
        diagnose(_scenario(cells_trial, 20), replicates=8, biases=[SelectionBias(0.1, "own_service/all")])
    with pytest.raises(NotAvailableError, match=r"between 0 and 1, got 1\.2"):
        HiddenCovariate(0.1, 1.2)


@pytest.mark.parametrize(
    "bias", [LinearDrift(0.4), StepDrift(0.4), SeasonalDrift(0.4, 2)], ids=lambda b: b.label
)
def test_drift_has_mean_zero_and_the_stated_size(bias):
    """The mean risk stays the scenario's; the first and last of 1,000 positions are 0.0005 from the ends."""
    arm = np.zeros((1, 1000), np.int8)
    recruited = Recruited(oracle.one_list_cohort(1000), arm, COINS, (True, False))
    shift = bias.shift(recruited, np.random.default_rng(1))
    assert shift.mean() == pytest.approx(0, abs=1e-12)
    assert np.ptp(shift) == pytest.approx(0.4, rel=0.002)


def test_differences_are_over_trials_that_could_be_analysed_both_times():
    """Of four trials one fails with the bias and one without; in the other two, one rejection is gained."""
    tally = Tally()
    biased = np.array([0.2, 0.4, 0.0, 0.3]), np.array([1.0, 1, 0, 1]), np.array([1.0, 1, 0, 1])
    plain = np.array([0.1, 0.1, 0.5, 0.0]), np.array([1.0, 0, 1, 0]), np.array([1.0, 1, 1, 0])
    _add_difference(tally, Key("", "overall", 4), biased, plain)
    found = {row.measure: row for row in tally.rows("")}
    assert found["type_i_error_difference"].value == pytest.approx(1 / 2)
    assert found["bias_difference"].value == pytest.approx((0.1 + 0.3) / 2)


def test_share_of_nothing_has_the_error_of_half_an_event(cells_trial):
    row = diagnose(_scenario(cells_trial, 40), replicates=50, biases=[LinearDrift(0.1)]).find(
        "not_estimated", strategy="none", estimator=LABEL
    )
    assert row.value == 0
    assert row.mc_standard_error == pytest.approx(sqrt(0.5) / 50, rel=0.02)


def test_analyses_that_draw_themselves_are_paired_too(cells_trial):
    """A re-randomisation test draws its own lists; without a shift it must decide as it did."""
    test = {"kind": "rerandomisation_test", "n_rerandomisations": 99, "p_value": "monte_carlo"}
    scenario = _scenario(cells_trial, 60).with_changes({"analysis.estimators": [test]})
    result = diagnose(scenario, replicates=64, biases=[LinearDrift(0.0), SelectionBias(0.3)])
    (label,) = (estimator.label for estimator in scenario.analysis.estimator_list)
    row = result.find("type_i_error_difference", strategy="linear_drift_0", estimator=label)
    assert row.value == 0
    assert row.mc_standard_error > 0
    biased = result.find("type_i_error_difference", strategy="selection_0.3", estimator=label)
    assert biased.value > 4 * biased.mc_standard_error
