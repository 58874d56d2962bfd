"""Ratios of speed measured in one run."""

import time

import numpy as np
import pytest

from ipsrct.register.calibration import Variant, default_calibration
from ipsrct.register.draw import draw_register
from ipsrct.register.evaluation import Model1Design, evaluate_model_1
from ipsrct.register.moments import make_moments
from ipsrct.register.phases import phase_dummies
from ipsrct.register.regressions import expected_model_1, expected_model_2


def best_time(call, repeats=5):
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore")
def test_model_1_runs_at_least_70_times_as_fast_as_pyfixest():
    pyfixest = pytest.importorskip("pyfixest")
    pandas = pytest.importorskip("pandas")
    register = draw_register(3)
    design = Model1Design.of(register.start_month, 30)
    batch = np.repeat(register.employed[:1, design.order][None], 16, axis=0)
    person, month = np.repeat(np.arange(1308), 30), np.tile(np.arange(1, 31), 1308)
    frame = pandas.DataFrame({"person": person, "month": month, "y": register.employed[0].ravel() * 1.0})
    for k, dummy in enumerate(phase_dummies(month - register.start_month[person])):
        frame[f"phase{k}"] = dummy
    formula = "y ~ phase0 + phase1 + phase2 + phase3 | person + month"
    theirs = best_time(lambda: pyfixest.feols(formula, frame, vcov={"CRV1": "person"}))
    ours = best_time(lambda: evaluate_model_1(batch, design)) / len(batch)
    assert theirs / ours > 70


@pytest.mark.long
def test_all_moments_take_about_a_sixth_of_a_second():
    values = default_calibration().parameters

    def everything():
        moments = make_moments(Variant().shown(values))
        expected_model_1(moments)
        expected_model_2(moments)

    assert best_time(everything) < 0.15
