"""Steps or levels: the printed widths decide."""

import numpy as np
import pytest

from ipsrct.register.design import START_DISTRIBUTIONS
from ipsrct.register.width_test import width_test


@pytest.mark.parametrize("starts", START_DISTRIBUTIONS)
def test_steps_fit_every_printed_width_and_levels_few(starts):
    step, level = width_test("step", starts), width_test("level", starts)
    assert (step.n_hits, step.n_widths) == (12, 12)
    assert level.n_hits <= 4


def test_printed_widths_are_those_of_table_3_and_appendix_2():
    np.testing.assert_allclose(
        100 * width_test("step").published,
        [[3.0, 3.1, 3.2, 3.1], [3.0, 3.2, 3.2, 3.1], [2.9, 3.1, 3.1, 3.1]],
    )


def test_one_residual_sd_of_about_34_points_serves_each_outcome():
    assert width_test("step").residual_sd == pytest.approx([0.34, 0.34, 0.335], abs=0.006)


def test_unknown_coding_is_refused():
    with pytest.raises(ValueError, match='must be "step" or "level", got "steps"'):
        width_test("steps")
