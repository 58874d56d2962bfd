"""The evaluation against statsmodels and pyfixest, and its batching."""

import numpy as np
import pytest

from ipsrct.errors import RunError
from ipsrct.register.design import make_design
from ipsrct.register.evaluation import (
    Model1Design,
    evaluate_groups,
    evaluate_model_1,
    evaluate_model_2,
)
from ipsrct.register.phases import CODINGS, phase_dummies

pandas = pytest.importorskip("pandas")


def panel(n_persons, seed, n_registers=1):
    rng = np.random.default_rng(seed)
    start = rng.integers(10, 25, n_persons)
    last = np.minimum(start + rng.geometric(0.06, n_persons) - 1, 30)
    changes = rng.random((n_registers, 2, n_persons, 30)) < 0.15
    return changes.cumsum(3) % 2 == 1, start, last


def long_frame(employed, start, last, coding="step"):
    n_persons, n_months = employed.shape
    person = np.repeat(np.arange(n_persons), n_months)
    month = np.tile(np.arange(1, n_months + 1), n_persons)
    relative = month - start[person]
    dummies = phase_dummies(relative, coding)
    frame = pandas.DataFrame({"person": person, "month": month, "y": employed.ravel().astype(float)})
    for k in range(4):
        frame[f"phase{k}"] = dummies[k]
    frame["after"] = (month > last[person]).astype(float)
    frame["outside"] = (relative < 0) | (frame["after"] > 0)
    return frame


def statsmodels_fit(frame, regressors):
    """Explicit dummies; the cluster variance is rescaled to the factor that does not count persons."""
    import statsmodels.api as sm

    months = pandas.get_dummies(frame["month"], prefix="m", dtype=float).iloc[:, 1:]
    persons = pandas.get_dummies(frame["person"], prefix="p", dtype=float)
    design = pandas.concat([frame[regressors], months, persons], axis=1)
    model = sm.OLS(frame["y"], design)
    classic = model.fit()
    robust = model.fit(cov_type="cluster", cov_kwds={"groups": frame["person"].to_numpy()})
    n, k = len(frame), len(regressors) + frame["month"].nunique()
    rescale = np.sqrt((n - design.shape[1]) / (n - k))
    columns = regressors
    return classic.params[columns], classic.bse[columns], robust.bse[columns] * rescale


@pytest.mark.parametrize("coding", CODINGS)
def test_model_1_equals_statsmodels(coding):
    outcomes, start, last = panel(80, seed=11)
    design = Model1Design.of(start, 30, coding)
    got = evaluate_model_1(outcomes[:, :, design.order], design)
    want = statsmodels_fit(long_frame(outcomes[0, 1], start, last, coding), [f"phase{k}" for k in range(4)])
    for values, expected in zip(
        (got.coefficient, got.classic_standard_error, got.cluster_standard_error), want, strict=True
    ):
        np.testing.assert_allclose(values[0, 1], expected, rtol=1e-8, atol=1e-10)


def test_model_2_equals_statsmodels():
    outcomes, start, last = panel(80, seed=12)
    got = evaluate_model_2(outcomes, start[None], last[None])
    frame = long_frame(outcomes[0, 0], start, last)
    want = statsmodels_fit(frame[frame["outside"]], ["after"])
    for values, expected in zip(
        (got.coefficient, got.classic_standard_error, got.cluster_standard_error), want, strict=True
    ):
        np.testing.assert_allclose(values[0, 0], expected, rtol=1e-8, atol=1e-10)


@pytest.mark.filterwarnings("ignore")
def test_both_models_equal_pyfixest():
    pyfixest = pytest.importorskip("pyfixest")
    outcomes, start, last = panel(600, seed=13)
    frame = long_frame(outcomes[0, 0], start, last)
    design = Model1Design.of(start, 30)
    first = evaluate_model_1(outcomes[:, :, design.order], design)
    second = evaluate_model_2(outcomes, start[None], last[None])
    cases = (
        (first, "y ~ phase0 + phase1 + phase2 + phase3 | person + month", frame),
        (second, "y ~ after | person + month", frame[frame["outside"]]),
    )
    for got, formula, data in cases:
        fit = pyfixest.feols(formula, data, vcov={"CRV1": "person"}, fixef_tol=1e-12)
        np.testing.assert_allclose(got.coefficient[0, 0], fit.coef(), rtol=1e-8, atol=1e-10)
        np.testing.assert_allclose(got.cluster_standard_error[0, 0], fit.se(), rtol=1e-8)
        np.testing.assert_allclose(got.classic_standard_error[0, 0], fit.vcov("iid").se(), rtol=1e-8)


def test_a_batch_of_registers_equals_one_at_a_time():
    outcomes, start, _last = panel(200, seed=14, n_registers=3)
    rng = np.random.default_rng(15)
    lasts = np.minimum(start + rng.geometric(0.08, (3, 200)) - 1, 30)
    design = Model1Design.of(start, 30)
    together = evaluate_model_1(outcomes[:, :, design.order], design)
    outside = evaluate_model_2(outcomes, np.tile(start, (3, 1)), lasts)
    for r in range(3):
        alone = evaluate_model_1(outcomes[r : r + 1, :, design.order], design)
        np.testing.assert_allclose(
            together.cluster_standard_error[r], alone.cluster_standard_error[0], rtol=1e-12
        )
        alone = evaluate_model_2(outcomes[r : r + 1], start[None], lasts[r : r + 1])
        np.testing.assert_allclose(
            outside.cluster_standard_error[r], alone.cluster_standard_error[0], rtol=1e-12
        )


def test_groups_are_evaluated_on_their_own_persons():
    design = make_design()
    outcomes, start, last = panel(design.size.sum(), seed=16)
    cell = np.repeat(np.arange(12), design.size)
    got = evaluate_groups(outcomes, cell, start[None], last[None], design)
    women = design.woman[cell] == 1
    alone = evaluate_model_2(outcomes[:, :, women], start[None, women], last[None, women])
    np.testing.assert_array_equal(got.coefficient[..., 7], alone.coefficient[..., 0])
    assert got.n_observations[0, 0] == (start - 1 + 30 - last).sum()


def test_what_cannot_be_estimated_is_refused():
    outcomes, start, _ = panel(50, seed=17)
    with pytest.raises(RunError, match="too few start months"):
        Model1Design.of(np.full(50, 12), 30)
    with pytest.raises(RunError, match="nobody has finished"):
        evaluate_model_2(outcomes, start[None], np.full((1, 50), 30))


@pytest.mark.filterwarnings("error")
def test_an_outcome_that_never_varies_has_no_error_to_estimate():
    """Without the bound at 0, rounding makes some of these variances negative and their roots nan."""
    outcomes, start, last = panel(300, seed=18)
    always = np.ones_like(outcomes)
    design = Model1Design.of(start, 30)
    for found in (evaluate_model_1(always, design), evaluate_model_2(always, start[None], last[None])):
        for name in ("coefficient", "classic_standard_error", "cluster_standard_error"):
            np.testing.assert_allclose(getattr(found, name), 0, atol=1e-6)


def test_a_group_that_cannot_be_estimated_is_named():
    outcomes, start, last = panel(100, seed=19)
    with pytest.raises(RunError, match="20_23: Model 2 cannot be estimated: there is nobody"):
        evaluate_groups(outcomes, np.zeros(100, dtype=np.int64), start[None], last[None], make_design())
