"""Analyses of clusters against statsmodels and scipy, and their type I error where services differ."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats
import statsmodels.api as sm
from numpy.testing import assert_allclose, assert_array_equal

from ipsrct import read_scenario, simulate
from ipsrct._streams import Streams
from ipsrct.engine import _individuals, run_block
from ipsrct.protocols import Randomisation
from ipsrct.trial import Trial

SCHEMES = {
    "service": {"kind": "cluster"},
    "county": {"kind": "cluster", "unit": "county"},
    "steps": {"kind": "stepped_wedge", "steps": 4},
    "participant": {"kind": "permuted_block", "block_sizes": [6]},
}


def _scenario(scheme, estimator, weight=1, **changes):
    values = {
        "design.randomisation": SCHEMES[scheme],
        "design.arms.0.allocation_weight": weight,
        "design.n_participants": 900,
        "assumptions.outcome.service_icc": 0.05,
        "analysis.estimators": [{"kind": estimator}],
    }
    return read_scenario("ips_ung_cells", values | {k.replace("__", "."): v for k, v in changes.items()})


def _estimated(scenario, block=0):
    trial = _individuals(scenario, Streams(3), block, False)
    how = Randomisation(scenario.design.scheme, scenario.design.weights)
    estimator, rng = scenario.analysis.estimator_list[0], np.random.default_rng(0)
    return trial, estimator.estimate_trial(trial, "ips", "control", scenario.populations, how, rng)


def _clusters(trial, scheme):
    service = trial.cohort.service
    return trial.cohort.services.county[service] if scheme == "county" else service


@pytest.mark.parametrize(
    ("scheme", "weight"), [("service", 2), ("county", 1), ("steps", 1), ("participant", 2)]
)
def test_cluster_robust_equals_statsmodels(scheme, weight):
    """Everybody, a subgroup of each factor and an interaction; both sides round at about 1e-13."""
    scenario = _scenario(scheme, "cluster_robust", weight)
    trial, got = _estimated(scenario)
    names, member = scenario.populations.names, scenario.populations.member
    period = np.arange(900) * 5 // 900 if scheme == "steps" else np.zeros(900, int)
    dummies = (period[:, None] == np.unique(period)).astype(float)
    for r in range(3):
        cluster, y = _clusters(trial, scheme)[r], trial.outcomes.y[r].astype(float)
        arm = (trial.assignment.arm[r] == 0).astype(float)
        for m in (0, 2, 5, 7):
            rows = member[m][trial.cohort.cell[r]]
            design = np.column_stack([arm[rows], dummies[rows][:, dummies[rows].any(axis=0)]])
            fit = sm.OLS(y[rows], design).fit(cov_type="cluster", cov_kwds={"groups": cluster[rows]})
            assert_allclose(got.estimate[m, r], fit.params[0], atol=1e-11)
            assert_allclose(got.standard_error[m, r], fit.bse[0], rtol=1e-9)
            assert got.degrees_of_freedom[m, r] == len(np.unique(cluster[rows])) - 1
        # An interaction subtracts the estimates; its variance has the clusters' covariance.
        m, (a, b) = len(member), scenario.populations.interactions[0]
        assert names[m].startswith("interaction:age")
        assert_allclose(got.estimate[m, r], got.estimate[a, r] - got.estimate[b, r], atol=1e-12)
        scores, levels = [], []
        for g in (a, b):
            rows = member[g][trial.cohort.cell[r]]
            x = np.column_stack([arm[rows], dummies[rows]])
            fit = sm.OLS(y[rows], x).fit()
            influence = np.linalg.pinv(x)[0] * fit.resid
            total = np.bincount(cluster[rows], influence, minlength=trial.cohort.services.size)
            n, k, u = rows.sum(), np.linalg.matrix_rank(x), len(np.unique(cluster[rows]))
            scores.append(total * np.sqrt(u / (u - 1) * (n - 1) / (n - k)))
            levels.append(u)
        assert_allclose(got.standard_error[m, r], np.sqrt(((scores[0] - scores[1]) ** 2).sum()), rtol=1e-9)
        assert got.degrees_of_freedom[m, r] == min(levels) - 1


@pytest.mark.parametrize(("scheme", "weight"), [("service", 2), ("county", 1)])
def test_cluster_means_equal_scipy(scheme, weight):
    scenario = _scenario(scheme, "cluster_means", weight)
    trial, got = _estimated(scenario)
    member, interactions = scenario.populations.member, scenario.populations.interactions
    p_value = got.p_value(2)
    for r in range(4):
        cluster, y, arm = _clusters(trial, scheme)[r], trial.outcomes.y[r], trial.assignment.arm[r]

        def means(g, cluster=cluster, y=y, r=r):
            rows = member[g][trial.cohort.cell[r]]
            return {c: y[rows & (cluster == c)].mean() for c in np.unique(cluster[rows])}

        arms = {c: arm[cluster == c][0] for c in np.unique(cluster)}
        tables = [means(0), means(4)]
        first, second = means(interactions[1][0]), means(interactions[1][1])
        tables.append({c: first[c] - second[c] for c in first.keys() & second.keys()})
        for m, table in zip((0, 4, len(member) + 1), tables, strict=True):
            groups = [[v for c, v in table.items() if arms[c] == k] for k in (0, 1)]
            expected = scipy.stats.ttest_ind(*groups)
            assert_allclose(got.estimate[m, r], np.mean(groups[0]) - np.mean(groups[1]), atol=1e-12)
            assert_allclose(got.statistic[m, r], expected.statistic, rtol=1e-9)
            assert_allclose(p_value[m, r], expected.pvalue, rtol=1e-9)


@pytest.mark.parametrize("estimator", ["cluster_robust", "cluster_means"])
def test_failures_have_a_status_and_stay_alone(estimator):
    """One trial in which everybody is treated, one in which nobody has the outcome, and one as it was."""
    scenario = _scenario("service", estimator)
    trial, before = _estimated(scenario)
    arm, y = trial.assignment.arm.copy(), trial.outcomes.y.copy()
    arm[1], y[2] = 0, False
    changed = Trial(trial.cohort, type(trial.assignment)(arm, None), type(trial.outcomes)(y), trial.arms)
    how = Randomisation(scenario.design.scheme, scenario.design.weights)
    after = scenario.analysis.estimator_list[0].estimate_trial(
        changed, "ips", "control", scenario.populations, how, np.random.default_rng(0)
    )
    assert (after.status[:, 1:3] == 1).all()
    assert np.isnan(after.estimate[:, 1:3]).all()
    assert_array_equal(after.estimate[:, 3:], before.estimate[:, 3:])
    assert (before.status == 0).all()


def test_swapping_the_arms_flips_the_sign():
    for scheme, estimator in (("service", "cluster_means"), ("steps", "cluster_robust")):
        scenario = _scenario(scheme, estimator)
        trial, here = _estimated(scenario)
        how = Randomisation(scenario.design.scheme, scenario.design.weights)
        there = scenario.analysis.estimator_list[0].estimate_trial(
            trial, "control", "ips", scenario.populations, how, np.random.default_rng(0)
        )
        assert_allclose(there.estimate, -here.estimate, atol=1e-12)
        assert_allclose(there.standard_error, here.standard_error, rtol=1e-10)


@pytest.mark.parametrize("scheme", ["service", "steps"])
def test_participants_as_clusters_would_be_wrong_where_services_differ(scheme):
    """Type I error over 640 trials at an intra-service correlation of 0.1 and no effect.

    The cluster-robust test and the t test on means are within 4 binomial standard errors of 5 per cent
    (0.016 to 0.084; false-alarm rate 1e-4) plus a point for CR1 with 47 clusters; in a cluster trial the
    plain difference rejects in a third of the trials. Would detect a variance that leaves clusters out.
    """
    plain = {"kind": "difference_in_proportions"}
    means = [{"kind": "cluster_means"}] if scheme == "service" else []
    scenario = _scenario(
        scheme,
        "cluster_robust",
        assumptions__outcome__service_icc=0.1,
        assumptions__outcome__effect=0.0,
        simulation__replicates=640,
        simulation__under_null=False,
        analysis__subgroups=[],
        analysis__interactions=[],
        analysis__estimators=[{"kind": "cluster_robust"}, plain, *means],
    )
    run = simulate(scenario)
    rates = {e.label: run.find("power", e.label).value for e in scenario.analysis.estimator_list}
    assert run.provenance["route"] == "individual"
    assert 0.016 < rates["cluster_robust"] < 0.094
    assert rates.get("cluster_means", 0.05) == pytest.approx(0.05, abs=0.034)
    if scheme == "service":
        assert rates["difference_in_proportions_unpooled"] > 0.2


def test_engine_hands_the_scheme_on():
    """Through the engine the estimates are those of the trial itself, and the wedge's periods are known."""
    scenario = _scenario("steps", "cluster_robust")
    (through_engine,) = run_block(scenario, "individual", 2)
    trial = _individuals(scenario, Streams(scenario.simulation.seed), 2, False)
    how = Randomisation(scenario.design.scheme, scenario.design.weights)
    direct = scenario.analysis.estimator_list[0].estimate_trial(
        trial, "ips", "control", scenario.populations, how, np.random.default_rng(0)
    )
    assert_array_equal(through_engine.estimate, direct.estimate)
