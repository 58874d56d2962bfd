"""Errors of the register in a trial's endpoint: every path by hand, and panels against exact moments."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from ipsrct.register.calibration import Variant, default_calibration
from ipsrct.register.counterfactual import LONG_WINDOW
from ipsrct.register.endpoints import Endpoint, endpoint_moments
from ipsrct.register.misreporting import SHOWN_LEVELS, TRUE_LEVELS, ErrorRates, show_panel, with_errors
from ipsrct.register.panels import cumulative_states, draw_first, draw_lines, draw_panels, make_sampler
from ipsrct.register.trial_errors import AfterStart, ErrorsByArm, RegisterErrors

from .oracle import tiny_hazards

RATES = ErrorRates(carried_before=0.2, carried_after=0.3, late_start=0.25, carried_months=3, late_months=1.5)
START, N_MONTHS = 3, 6
STATES = (0, 1, 3)
ENDPOINTS = [
    Endpoint(kind="employed", last=3),
    Endpoint(kind="employed", last=2, hours=4),
    Endpoint(kind="employed_at_least", first=0, last=3, months=2),
    Endpoint(kind="sustained", first=1, last=3, months=2),
    Endpoint(kind="months_employed", first=0, last=3),
    Endpoint(kind="months_to_first_job", first=1, last=3),
]


def value(endpoint, levels):
    """Read an endpoint off the levels of months 0, 1, ... in plain words."""
    seen = [level >= endpoint.level for level in levels]
    if endpoint.kind == "employed":
        return float(seen[endpoint.last])
    seen = seen[endpoint.first : endpoint.last + 1]
    if endpoint.kind == "employed_at_least":
        return float(sum(seen) >= endpoint.months)
    if endpoint.kind == "sustained":
        runs = "".join("x" if s else " " for s in seen).split()
        return float(max(map(len, runs), default=0) >= endpoint.months)
    if endpoint.kind == "months_employed":
        return float(sum(seen))
    return float(seen.index(True) if True in seen else len(seen))


def branches(before, now, carried, hidden, started, rates):
    """Return (probability, carried, hidden) of a person's next month, case by case."""
    if before == 0 and now > 0:
        late = rates.late_start if started else 0.0
        return [(late, 0, True), (1 - late, 0, False)]
    if before > 0 and now == 0:
        goes_on = rates.carried_after if started else rates.carried_before
        return [(1.0, 0, False)] if hidden else [(goes_on, before, False), (1 - goes_on, 0, False)]
    if now == 0 and carried:
        known = 1 / rates.carried_months
        return [(known, 0, False), (1 - known, carried, False)]
    if now > 0 and hidden:
        known = 1 / rates.late_months
        return [(known, 0, False), (1 - known, 0, True)]
    return [(1.0, carried, hidden)]


def walk(hazards, rates, endpoint):
    """Walk every path of true employment, of the end of IPS and of errors.

    Returns shares by baseline shown, and means of the endpoint as shown and in truth given the baseline.
    """
    totals = np.zeros((3, 2))

    def go(month, level, carried, hidden, ended, weight, shown, true):
        if weight == 0:
            return
        shown, true = [*shown, (0 if hidden else level) if level else carried], [*true, level]
        if month == N_MONTHS - 1:
            after = slice(START - 1, None)
            seen = shown[START - 2] > 0
            totals[:, int(seen)] += weight * np.array(
                [1.0, value(endpoint, shown[after]), value(endpoint, true[after])]
            )
            return
        end = 0.0 if ended else hazards.end[month, 0, level]
        for leaves, share in ((True, end), (False, 1 - end)):
            gone = ended or leaves
            for following in STATES:
                p = hazards.transition[int(gone), month + 1, 0, level, following]
                started = month + 2 >= START
                for q, c, h in branches(level, following, carried, hidden, started, rates):
                    go(month + 1, following, c, h, gone, weight * share * p * q, shown, true)

    for level in STATES:
        go(0, level, 0, False, False, hazards.initial[0, level], [], [])
    return totals[0], totals[1] / totals[0], totals[2] / totals[0]


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda e: f"{e.kind}-{e.hours}")
def test_moments_are_those_of_every_path_walked_by_hand(endpoint):
    """Two arms that differ in hazards and, after start, in errors; effects shown and true to 1e-12."""
    control = tiny_hazards(N_MONTHS, starts=(START,), seed=21, n_factor_values=1, states=STATES)
    other = tiny_hazards(N_MONTHS, starts=(START,), seed=22, n_factor_values=1, states=STATES)
    transition = control.transition.copy()
    transition[:, START - 1 :] = other.transition[:, START - 1 :]
    treated = replace(control, transition=transition)
    effects = []
    for hazards, rates in ((control, RATES), (treated, replace(RATES, carried_after=0.1, late_start=0.4))):
        share, shown, true = walk(hazards, rates, endpoint)
        layered = with_errors(hazards, rates)
        seen = endpoint_moments(layered, endpoint)
        truth = endpoint_moments(layered, endpoint, TRUE_LEVELS)
        np.testing.assert_allclose(seen.share[0], share, atol=1e-12)
        np.testing.assert_allclose(seen.mean[0], shown, atol=1e-12)
        np.testing.assert_allclose(truth.mean[0], true, atol=1e-12)
        clean = endpoint_moments(hazards, endpoint)
        whole = float((truth.share * truth.mean).sum())
        assert whole == pytest.approx(float((clean.share * clean.mean).sum()), abs=1e-12)
        effects.append((float((seen.share * seen.mean).sum()), whole))
    assert abs(np.subtract(*effects[0]) - np.subtract(*effects[1])) > 1e-3  # the errors do shift the effect


def test_drawn_panels_show_what_the_moments_say():
    """30,000 participants, unequal arms, 3 endpoints by arm and baseline within 4.5 standard errors.

    False alarm 2e-4. Would detect a month's shift between the true path and the errors laid over it, or
    an arm with the other's rates: each moves a mean by 5 standard errors or more.
    """
    chain = Variant().hazards(default_calibration().parameters, LONG_WINDOW)
    rates = [RATES, replace(RATES, carried_after=0.05, late_start=0.5)]
    rng = np.random.default_rng(8)
    size = chain.design.size
    cell = rng.choice(size.size, p=size / size.sum(), size=30_000)
    arm = (rng.random(cell.size) < 0.3).astype(np.int64)
    line = draw_lines(chain.design, chain.factor_weight, cell, rng)
    state = draw_first(cumulative_states(with_errors(chain, RATES), -1), line, rng)
    sampler = make_sampler([chain, chain], -1, 12)
    panel = draw_panels(sampler, line, arm, rng, TRUE_LEVELS.astype(np.uint8)[state])
    shown = show_panel(panel, state, rates, arm, rng)
    np.testing.assert_array_equal(shown[0], SHOWN_LEVELS[state])
    year = [
        Endpoint(kind="employed", last=12),
        Endpoint(kind="employed", last=3, hours=10),
        Endpoint(kind="months_employed", first=1, last=12),
    ]
    for endpoint, a in product(year, (0, 1)):
        exact = endpoint_moments(with_errors(chain, rates[a]), endpoint)
        y = endpoint.of_panel(shown)
        weight = size[:, None] / size.sum() * exact.share
        for b in (0, 1):
            here = y[(arm == a) & ((shown[0] > 0) == b)]
            share = weight[:, b] / weight[:, b].sum()
            mean = share @ exact.mean[:, b]
            variance = share @ (exact.variance[:, b] + exact.mean[:, b] ** 2) - mean**2
            assert here.mean() == pytest.approx(mean, abs=4.5 * np.sqrt(variance / here.size))


def test_arms_take_the_evaluations_rates_where_they_give_none():
    evaluation = RegisterErrors.model_validate({"late_end": 0.1, "late_start": 0.2, "months_to_start": 3})
    assert evaluation.rates == ErrorRates(0.0, 0.1, 0.2, 2.0, 3.0)
    arms = ErrorsByArm(control=AfterStart.model_validate({"late_start": 0.3}))
    assert arms.rates(evaluation.rates, treated=False) == replace(evaluation.rates, late_start=0.3)
    assert arms.rates(evaluation.rates, treated=True) == evaluation.rates


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"late_end": 1.2}, "between 0 and 1"),
        ({"months_to_end": 0.5}, "at least 1 month, got 0.5"),
        ({"late_begin": 0.1}, "Extra inputs"),
    ],
)
def test_impossible_errors_are_refused(given, message):
    with pytest.raises(ValueError, match=message):
        RegisterErrors.model_validate(given)


def test_certain_errors_show_what_they_must_month_by_month():
    """A hidden job that ends is never shown; a record carried over gives way to a new job, hidden or not."""
    always = ErrorRates(carried_after=1, late_start=1, carried_months=1e9, late_months=1e9)
    true = np.array([[0, 2, 0, 0, 3, 0], [2, 2, 0, 0, 1, 1], [0, 2, 0, 0, 3, 0], [0, 0, 0, 0, 0, 1]]).T
    arm, state = np.array([0, 0, 1, 1]), np.array([0, 2, 0, 6])
    none = ErrorRates(carried_months=2)
    panel = true.astype(np.uint8)
    shown = show_panel(panel, state.astype(np.uint8), [always, none], arm, np.random.default_rng(1)).T
    assert shown[0].tolist() == [0] * 6
    assert shown[1].tolist() == [2, 2, 2, 2, 0, 0]
    assert shown[2].tolist() == true.T[2].tolist()
    assert shown[3][0] == 3  # still shown from before randomisation
    assert shown[3][5] == 1
