"""J4: pyfixest and the package fit the same regression to the same registers."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from ipsrct.register.evaluation import Model1Design, evaluate_model_1
from tests.benchmarks._load import load

panel = load("panel")


@pytest.mark.skipif(bool(panel.why_no_pyfixest()), reason=panel.why_no_pyfixest())
@pytest.mark.filterwarnings("ignore")
def test_fits_equal_those_of_pyfixest():
    """Both to 1e-8; level dummies or errors by month change the second digit."""
    registers = panel.draw_registers(2, 9)
    theirs = panel.pyfixest_fits(registers, 2)
    design = Model1Design.of(registers.start_month, panel.N_MONTHS)
    ours = evaluate_model_1(registers.employed[:, None, design.order], design)
    np.testing.assert_allclose(ours.coefficient[:, 0], theirs[:, 0], rtol=0, atol=1e-8)
    np.testing.assert_allclose(ours.cluster_standard_error[:, 0], theirs[:, 1], rtol=0, atol=1e-8)


def test_registers_have_the_size_of_the_evaluation_and_employment_that_lasts():
    employed = panel.draw_registers(1, 3).employed
    assert employed.shape == (1, 1308, 30)
    assert np.corrcoef(employed[0, :, 10], employed[0, :, 11])[0, 1] > 0.8


def test_our_panels_are_those_of_the_trials():
    drawn = panel.our_panels()()
    assert drawn.shape == (panel.N_TRIAL_MONTHS, panel.N_TRIALS, panel.N_PARTICIPANTS)


def test_a_machine_without_pyfixest_is_told_so(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert panel.why_no_pyfixest() == "pyfixest is not installed"
