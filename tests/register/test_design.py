import numpy as np
import pytest

from ipsrct.register.design import AGE_SIZES, GROUPS, START_DISTRIBUTIONS, cell_sizes, make_design


def test_cells_have_the_published_margins():
    design = make_design()
    sizes = dict(zip(GROUPS, design.membership @ design.size, strict=True))
    assert sizes["all"] == 1308
    assert (sizes["under_20"], sizes["20_23"], sizes["24_plus"]) == (284, 510, 514)
    assert (sizes["no_social_assistance"], sizes["social_assistance"]) == (977, 331)
    assert (sizes["men"], sizes["women"]) == (624, 684)
    expected = np.einsum("i,j,k->ijk", AGE_SIZES, [624, 684], [977, 331]).ravel() / 1308**2
    assert np.abs(cell_sizes() - expected).max() < 1


@pytest.mark.parametrize("starts", START_DISTRIBUTIONS)
@pytest.mark.parametrize("tilt", [0.0, 0.4])
def test_tilt_moves_the_young_and_keeps_the_total(starts, tilt):
    flat, tilted = make_design(starts), make_design(starts, tilt)
    np.testing.assert_allclose(tilted.start_probability.sum(1), 1, rtol=1e-12)
    np.testing.assert_allclose(tilted.persons.sum(0), flat.persons.sum(0), rtol=1e-6)
    means = tilted.start_probability @ tilted.start_months
    assert (means[0] - means[-1] > 0.1) == (tilt > 0)


def test_relative_months_span_the_window():
    relative = make_design().relative_month
    assert (relative.min(), relative.max()) == (-23, 20)
    assert (relative == 0).sum() == 15
