"""The control path is a choice: it is hit exactly, or refused."""

import numpy as np
import pytest

from ipsrct.errors import RunError
from ipsrct.register.calibration import default_calibration
from ipsrct.register.counterfactual import make_counterfactual, solve_drift

MONTH_12 = 13


@pytest.fixture(scope="module")
def values():
    return default_calibration().parameters


@pytest.mark.parametrize(
    ("choice", "control", "effect"),
    [("persist", 0.394, 0.096), ("revert", 0.439, 0.051), ("decline", 0.36, 0.13)],
)
def test_named_choices_give_the_levels_and_effects_of_an_independent_prototype(
    values, choice, control, effect
):
    """Reference: an independent prototype fitted to the same table; its printed effects are "about"."""
    found = make_counterfactual(values, choice)
    assert found.control[MONTH_12, 0] == pytest.approx(control, abs=0.005)
    assert found.effect[MONTH_12, 0] == pytest.approx(effect, abs=0.006)


def test_a_requested_level_is_hit_exactly(values):
    found = make_counterfactual(values, 0.42)
    assert found.control[MONTH_12, 0] == pytest.approx(0.42, abs=1e-10)
    np.testing.assert_allclose(found.effect, found.treated - found.control)


def test_before_start_the_paths_are_one(values):
    found = make_counterfactual(values, "decline")
    assert found.relative_months[0] == -1
    np.testing.assert_allclose(found.treated[0], found.control[0], rtol=1e-12)
    assert found.control[1, 0] < found.treated[1, 0]


def test_a_higher_control_path_leaves_more_for_the_table_to_show_without_effect(values):
    shown = [
        make_counterfactual(values, c).shown_without_effect[3, 0] for c in ("decline", "persist", "revert")
    ]
    assert shown == sorted(shown)
    assert shown == pytest.approx([0.005, 0.040, 0.085], abs=0.008)


@pytest.mark.parametrize("level", [0.0, 0.999, 39.0])
def test_an_unreachable_level_is_refused_with_the_range(values, level):
    with pytest.raises(RunError, match=r"must be between 0\.\d+ and 0\.\d+, which the chain can reach"):
        solve_drift(values, level)


def test_an_unknown_choice_is_refused_with_a_suggestion(values):
    with pytest.raises(RunError, match='did you mean "persist"'):
        make_counterfactual(values, "persit")
