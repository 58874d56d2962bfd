"""Panels drawn two months at a time against the analytic moments."""

import time

import numpy as np
import pytest

from ipsrct._streams import Streams
from ipsrct.register.calibration import Variant, default_calibration
from ipsrct.register.chain import occupation
from ipsrct.register.correlation import history_risks
from ipsrct.register.counterfactual import employment_path
from ipsrct.register.panels import (
    N_PAIRS,
    alias_table,
    draw_lines,
    draw_panels,
    joint_transition,
    make_sampler,
)

from .oracle import tiny_hazards

CONTROL, TREATED = 0, 1


@pytest.fixture(scope="module")
def arms():
    values = default_calibration().parameters
    return [Variant().hazards(values, 48, 0.0), Variant().hazards(values, 48)]


@pytest.fixture(scope="module")
def sampler(arms):
    return make_sampler(arms, -1, 24)


def participants(design, n_replicates):
    cell = np.repeat(np.arange(12), design.size)
    return np.tile(cell, (n_replicates, 1))


def test_alias_tables_hold_their_probabilities():
    rng = np.random.default_rng(1)
    probability = rng.dirichlet(np.full(N_PAIRS, 0.1), size=50)
    probability[0] = np.eye(N_PAIRS)[5]
    entry = alias_table(probability).astype(np.int64)
    found = np.zeros_like(probability)
    columns = np.arange(N_PAIRS)
    for row in range(50):
        kept = (entry[row] >> 6) / 2**26
        np.add.at(found[row], columns, kept / N_PAIRS)
        np.add.at(found[row], entry[row] & 63, (1 - kept) / N_PAIRS)
    np.testing.assert_allclose(found, probability, atol=2e-8)


def test_panels_average_to_the_paths_of_both_arms(arms, sampler):
    """2 arms, 3 outcomes, 26 months in 200 replicates within 5 standard errors: false alarm 1e-4.

    A month's shift of the effect or the drift moves shares by 1 to 2 points, fifty standard errors.
    """
    rng = Streams(1).rng("panels", 0)
    design = arms[0].design
    cell = participants(design, 200)
    line = draw_lines(design, arms[0].factor_weight, cell, rng)
    months = np.arange(-1, 25)
    for arm, hazards in enumerate(arms):
        panel = draw_panels(sampler, line, np.full_like(line, arm), rng)
        assert panel.shape == (26, *cell.shape)
        expected = employment_path(hazards, months)
        for outcome in range(3):
            share = (panel > outcome).mean((1, 2))
            error = np.sqrt(expected[:, outcome] * (1 - expected[:, outcome]) / cell.size)
            assert (np.abs(share - expected[:, outcome]) < 5 * error).all()


def test_panels_keep_the_history_that_the_chain_has(arms, sampler):
    """24 risks by cell and baseline within 4.5 standard errors: false alarm 2e-4.

    Drawing months independently would make the two risks of a cell equal; they differ by 40 points.
    """
    rng = Streams(2).rng("panels", 0)
    design = arms[0].design
    cell = participants(design, 200)
    line = draw_lines(design, arms[0].factor_weight, cell, rng)
    panel = draw_panels(sampler, line, np.full_like(line, TREATED), rng) > 0
    expected = history_risks(arms[TREATED], -1, 12)
    for c in range(12):
        for baseline in (0, 1):
            chosen = (cell == c) & (panel[0] == baseline)
            risk = expected.risk[c, baseline]
            error = np.sqrt(risk * (1 - risk) / chosen.sum())
            assert abs(panel[13][chosen].mean() - risk) < 4.5 * error


def test_joint_transitions_carry_the_chain_on():
    hazards = tiny_hazards(8, starts=(3, 4), seed=11)
    start = np.repeat(hazards.design.start_months, 2)
    lines = np.arange(4)
    found = occupation(hazards)

    def joint(month):
        return np.concatenate(found[:, start - 1 + month, lines], axis=1)

    at = joint(-1)
    for month in range(4):
        at = np.einsum("le,lef->lf", at, joint_transition(hazards, month))
        np.testing.assert_allclose(at, joint(month), atol=1e-14)


def test_panels_begin_at_the_level_of_their_first_month(arms):
    """Levels of neighbouring months differ by 0.2 points and more."""
    hazards = arms[CONTROL]
    weight = (hazards.design.persons[..., None] * hazards.factor_weight).ravel()
    for first in (-6, -1):
        begins = 1 - make_sampler([hazards], first, 1).initial[:, :3]
        expected = employment_path(hazards, np.array([first]))[0]
        np.testing.assert_allclose(weight @ begins / weight.sum(), expected, rtol=1e-12)


@pytest.mark.parametrize("last_month", [11, 12])
def test_odd_and_even_windows_have_their_length(arms, last_month):
    sampler = make_sampler(arms, -2, last_month)
    line = np.zeros((2, 5), dtype=np.int64)
    assert draw_panels(sampler, line, line, np.random.default_rng(3)).shape == (last_month + 3, 2, 5)


def test_a_panel_depends_on_its_stream_alone(arms, sampler):
    design = arms[0].design
    line = draw_lines(design, arms[0].factor_weight, participants(design, 2), Streams(4).rng("lines", 0))
    first, again, other = (
        draw_panels(sampler, line, np.zeros_like(line), Streams(4).rng("panels", block))
        for block in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.long
def test_a_panel_costs_at_most_five_uniform_numbers_a_person_month(arms, sampler):
    """Measured alternately in one run; the best of 30 of each."""
    rng = np.random.Generator(np.random.SFC64(1))
    design = arms[0].design
    cell = participants(design, 8)
    line = draw_lines(design, arms[0].factor_weight, cell, rng)
    arm = rng.integers(0, 2, line.shape)
    panel = draw_panels(sampler, line, arm, rng)
    uniform = np.empty(line.size)
    ours, theirs = [], []
    for _ in range(30):
        begun = time.perf_counter()
        draw_panels(sampler, line, arm, rng)
        between = time.perf_counter()
        for _ in range(len(panel)):
            rng.random(out=uniform)
        ours.append(between - begun)
        theirs.append(time.perf_counter() - between)
    assert min(ours) < 5 * min(theirs)
