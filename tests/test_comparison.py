"""Schemes and analyses on common random numbers: the same trials as elsewhere, and paired errors."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.figure import Figure
from numpy.testing import assert_array_equal

from ipsrct import compare_schemes, engine, read_scenario
from ipsrct._compared_trials import potential_outcomes
from ipsrct._parts import kinds
from ipsrct._streams import Streams
from ipsrct.comparison_commands import _items
from ipsrct.comparison_display import answer, comparison
from ipsrct.comparison_figures import draw_balance, draw_power
from ipsrct.diagnostics import diagnose
from ipsrct.diagnostics.predictability import share_correct
from ipsrct.errors import NotAvailableError
from tests.conftest import unequal
from tests.test_cli import _run

FACTORS = ["age", "sex", "social_assistance"]
SCHEMES = [
    {"kind": "complete"},
    {"kind": "stratified_permuted_block", "factors": ["sex"], "block_sizes": [6], "leftovers": "truncate"},
    {"kind": "minimisation", "factors": ["age", "sex", "service"], "probability": 0.9},
]
ESTIMATORS = [
    {"kind": "linear_probability", "factors": ["sex"]},
    {"kind": "post_stratified_difference", "factors": ["age", "social_assistance"]},
    {"kind": "difference_in_proportions", "variance": "pooled"},
]


@pytest.fixture(scope="module")
def small():
    """A small trial with services and 2:1 allocation, in which some analyses fail."""
    changes = {
        "design.arms.0.allocation_weight": 2,
        "design.randomisation.block_sizes": [6],
        "design.n_participants": 90,
        "assumptions.outcome.effect": 0.2,
    }
    return read_scenario("ips_ung_cells", changes)


@pytest.fixture(scope="module")
def compared(small):
    return compare_schemes(small, SCHEMES, ESTIMATORS, replicates=100)


@pytest.fixture(scope="module")
def from_the_engine(small):
    """What the individual route gives for each scheme: rejections and estimability, (E, 100), by null."""
    plain = {"analysis.subgroups": [], "analysis.interactions": [], "analysis.estimators": ESTIMATORS}
    found = {}
    for scheme in SCHEMES:
        scenario = small.with_changes(plain | {"design.randomisation": scheme})
        for null in (False, True):
            blocks = [engine.run_block(scenario, "individual", b, null=null) for b in (0, 1)]
            rejected = np.concatenate([[e.rejects(0.025, 2)[0] for e in block] for block in blocks], axis=1)
            done = np.concatenate([[e.status[0] == 0 for e in block] for block in blocks], axis=1)
            found[scheme["kind"], null] = rejected[:, :100], done[:, :100]
    return found


@pytest.mark.parametrize(("measure", "null"), [("power", False), ("type_i_error", True)])
def test_pairs_are_the_trials_of_the_individual_route(compared, from_the_engine, measure, null):
    """Values, paired differences and their errors, from the rejections of every single trial."""
    first, first_done = (x[0] for x in from_the_engine["complete", null])
    for scheme in compared.schemes:
        rejected, done = from_the_engine[scheme, null]
        for e, analysis in enumerate(compared.analyses):
            row = compared.find(measure, scheme, analysis)
            own = rejected[e][done[e]]
            assert row.value == pytest.approx(own.mean(), abs=1e-12)
            if 0 < own.mean() < 1:
                assert row.mc_standard_error == pytest.approx(_error_of_a_ratio(own))
            if (scheme, e) == ("complete", 0):
                assert math.isnan(row.difference)
                continue
            both = done[e] & first_done
            difference = (rejected[e] * 1.0 - first)[both]
            assert row.difference == pytest.approx(difference.mean(), abs=1e-12)
            if difference.any():
                assert row.difference_mc_standard_error == pytest.approx(_error_of_a_ratio(difference))
    failed = {a: compared.find("not_estimated", "complete", a).value for a in compared.analyses}
    assert 0.02 < failed["post_stratified_difference"] < 0.98
    assert failed["linear_probability_HC2"] == 0


def _error_of_a_ratio(values):
    """Return the standard error of a mean over those of 100 trials that could be analysed (delta method)."""
    return values.std(ddof=0) / math.sqrt(len(values)) * math.sqrt(100 / 99)


def _guessed(keys, arm, weights):
    """Return the credit of guessing by the majority of the ways to count, one participant at a time."""
    target = np.array(weights) / sum(weights)
    counts = [{} for _ in keys]
    credit = 0.0
    for i, given in enumerate(arm):
        votes = np.zeros(len(weights))
        for key, seen in zip(keys, counts, strict=True):
            n = seen.setdefault(key[i], np.zeros(len(weights)))
            behind = np.round(n.sum() * target - n, 9)
            most = behind == behind.max()
            votes += most / most.sum()
        best = np.flatnonzero(votes > votes.max() - 1e-9)
        best = [k for k in best if weights[k] == max(weights[j] for j in best)]
        credit += (given in best) / len(best)
        for key, seen in zip(keys, counts, strict=True):
            seen[key[i]][given] += 1
    return credit / len(arm)


def test_balance_and_guesses_by_hand(small, compared):
    """The first block of minimisation and of complete randomisation, trial by trial, and their difference."""
    values = {}
    for scheme in (SCHEMES[0], SCHEMES[2]):
        scenario = small.with_changes({"design.randomisation": scheme})
        trials = [engine._individuals(scenario, Streams(small.simulation.seed), b, False) for b in (0, 1)]
        own = []
        for trial in trials:
            cohort = trial.cohort
            level = cohort.cells.level_index[cohort.cell]
            for r, arm in enumerate(trial.assignment.arm):
                age, sex, assistance = (level[r, :, cohort.cells.factors.index(f)] for f in FACTORS)
                service = cohort.service[r]
                keys = [age, sex, service] if scheme["kind"] == "minimisation" else [np.zeros(90)]
                in_margins = [
                    2 * abs((arm[by == v] == 0).sum() - 2 / 3 * (by == v).sum())
                    for by in (age, sex) for v in np.unique(by)
                ]  # fmt: skip
                assert len(np.unique(assistance)) == 2  # no scheme balances it, so it is no margin here
                off = 2 * abs((arm == 0).sum() - 60)
                own.append((off, max(in_margins), _guessed(keys, arm, (2, 1))))
        values[scheme["kind"]] = np.array(own)[:100]
    difference = values["minimisation"] - values["complete"]
    measures = ("imbalance_overall", "imbalance_largest_margin", "correct_guesses_everybody")
    assert compared.margins == ("sex", "age")
    for m, measure in enumerate(measures):
        row = compared.find(measure, "minimisation")
        assert row.value == pytest.approx(values["minimisation"][:, m].mean())
        assert row.difference == pytest.approx(difference[:, m].mean())
        error = difference[:, m].std(ddof=1) / 10
        assert row.difference_mc_standard_error == pytest.approx(error)


def test_values_are_those_of_check_plan():
    scenario = read_scenario("ips_ung_cells", {"design.n_participants": 400})
    plan = diagnose(scenario, replicates=64)
    compared = compare_schemes(scenario, ["stratified_permuted_block"], replicates=64)
    for measure, (there, where, strategy) in {
        "imbalance_overall": ("imbalance_mean", "overall", ""),
        "imbalance_largest_service": ("imbalance_largest", "service", ""),
        "correct_guesses_own_service": ("correct_guesses", "own_service/stratum", "convergence"),
        "correct_guesses_everybody": ("correct_guesses", "everybody/stratum", "convergence"),
        "information_loss": ("information_loss", "factors", ""),
    }.items():
        row, expected = compared.find(measure), plan.find(there, where, strategy)
        assert row.value == pytest.approx(expected.value)
        assert row.mc_standard_error == pytest.approx(expected.mc_standard_error)


def test_majority_of_three_arms():
    rng = np.random.default_rng(4)
    arm = rng.integers(3, size=(5, 40))
    keys = [rng.integers(4, size=(5, 40)) + 100 * np.arange(5)[:, None] for _ in range(3)]
    found = share_correct(keys, arm, (2, 1, 1))
    expected = [_guessed([key[r] for key in keys], arm[r], (2, 1, 1)) for r in range(5)]
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("ips_ung", {}),
        pytest.param("ips_ung_register_errors", {}, marks=pytest.mark.long),
        ("ips_ung_cells", {"assumptions.outcome.service_icc": 0.1}),
    ],
)
def test_random_numbers_are_common(name, changes):
    """Cohorts are identical, and so are outcomes where the arm is, and only there."""
    scenario = read_scenario(name, changes | {"design.n_participants": 300})
    points = [_randomised(scenario, scheme) for scheme in SCHEMES[::2]]
    trials = [engine._individuals(point, Streams(9), 3, False) for point in points]
    one, other = trials
    assert_array_equal(one.cohort.cell, other.cohort.cell)
    assert_array_equal(one.cohort.service, other.cohort.service)
    same = one.assignment.arm == other.assignment.arm
    assert 0.4 < same.mean() < 0.6
    assert_array_equal(one.outcomes.y[same], other.outcomes.y[same])
    assert (one.outcomes.y[~same] != other.outcomes.y[~same]).mean() > 0.02
    potential = potential_outcomes(scenario, one.cohort, Streams(9), 3, null=False)
    for trial in trials:
        drawn = np.take_along_axis(potential, trial.assignment.arm[None].astype(int), axis=0)[0]
        assert_array_equal(drawn, trial.outcomes.y)


def _randomised(scenario, scheme):
    part = kinds("randomisation")[scheme["kind"]]
    design = scenario.design.model_copy(
        update={"randomisation": part.model_validate_json(json.dumps(scheme))}
    )
    return scenario.model_copy(update={"design": design})


def test_complete_randomisation_is_less_balanced_and_less_predictable_than_blocks(cells_trial):
    """Differences of many Monte Carlo standard errors: there is no false alarm to speak of."""
    result = compare_schemes(unequal(cells_trial), ["complete", "permuted_block"], replicates=128)
    for measure, sign in (("imbalance_overall", -1), ("correct_guesses_everybody", 1)):
        row = result.find(measure, "permuted_block")
        assert sign * row.difference > 8 * row.difference_mc_standard_error


def test_unadjusted_test_after_strong_strata_is_conservative(cells_trial):
    """Risks of 0.15 and 0.85 by sex: stratifying takes away half of the variance that the test allows for.

    The test then rejects if |Z| > 1.96 / 0.714, that is in 0.6 per cent of trials. The stratified
    analysis and complete randomisation hold the level: within 4.5 standard errors, a false alarm in 1e5 runs.
    """
    scenario = _strong_strata(cells_trial)
    analyses = ["difference_in_proportions", "linear_probability"]
    schemes = ["complete", "stratified_permuted_block"]
    result = compare_schemes(scenario, schemes, analyses, replicates=2048)
    unadjusted, stratified = result.analyses
    assert result.find("type_i_error", "stratified_permuted_block", unadjusted).value < 0.02
    for pair in (("complete", unadjusted), ("stratified_permuted_block", stratified)):
        assert result.find("type_i_error", *pair).value == pytest.approx(0.05, abs=4.5 * 0.0048)
    gain = result.find("power", "stratified_permuted_block", stratified)
    assert gain.difference > 5 * gain.difference_mc_standard_error


def _strong_strata(cells_trial):
    shift = {"sex": {"women": {"value": 0.7, "assumed": "strong strata"}}}
    return cells_trial.with_changes(
        {
            "design.n_participants": 300,
            "design.randomisation": {
                "kind": "stratified_permuted_block", "factors": ["sex"], "block_sizes": [6],
                "leftovers": "truncate",
            },
            "assumptions.outcome.control_risk_shift": shift,
            "assumptions.outcome.control_risk": 0.45,
            "assumptions.outcome.effect": 0.1,
            "analysis.subgroups": [], "analysis.interactions": [],
        }
    )  # fmt: skip


def test_all_lists_what_unequal_allocation_refuses(cells_trial):
    small = unequal(cells_trial).with_changes({"design.n_participants": 60})
    result = compare_schemes(small, ["all"], ["difference_in_proportions"], replicates=8)
    assert next(iter(result.schemes)) == "complete"
    assert {"minimisation", "block_urn", "rerandomisation", "cluster"} <= set(result.schemes)
    assert {"biased_coin", "d_optimal_biased_coin", "maximal_procedure", "stepped_wedge", "urn"} <= set(
        result.refused
    )
    assert set(result.schemes) & set(result.refused) == set()
    assert all(len(reason) > 10 for reason in result.refused.values())
    text = comparison(result)
    assert "\nNot valid here:\n  adjustable biased coin: this scheme is defined for equal" in text
    # Who sees a service's first participant knows its arm: that is no guess.
    assert result.find("correct_guesses_own_service", "cluster") is None
    assert result.find("correct_guesses_own_service", "block_urn") is not None


@pytest.mark.parametrize(
    ("schemes", "analyses", "message"),
    [
        (["complet", "permuted_blok"], None, '(?s)"complet" is not .*did you mean "complete".*permuted_blok'),
        ([{"kind": "urn"}, {"kind": "urn", "beta": 2}], None, '"urn" is given twice'),
        (["complete", "biased_coin", "matched_pairs"], None, "(?s)biased_coin: .*matched_pairs: "),
        ([{"kind": "big_stick", "maximum_tolerated_imbalance": 0}], None, "big_stick: maximum_tolerated"),
        ([], None, "at least one scheme"),
        (None, ["ols"], '"ols" is not an analysis.*linear_probability'),
        (["complete"], ["cluster_means"], "needs every service or county in one arm"),
    ],
)
def test_choices_that_cannot_be_compared(cells_trial, schemes, analyses, message):
    with pytest.raises(NotAvailableError, match=message):
        compare_schemes(unequal(cells_trial), schemes, analyses, replicates=1)


def test_a_grid_and_no_replicate_are_refused(cells_trial):
    with pytest.raises(NotAvailableError, match="grid"):
        compare_schemes(cells_trial.with_changes({"design.n_participants": [100, 200]}))
    with pytest.raises(NotAvailableError, match="at least 1, got 0"):
        compare_schemes(cells_trial, replicates=0)


def test_defaults_come_from_the_scenario(small):
    schemes = [
        {"kind": "rerandomisation", "name": "strict", "limit": 4.0},
        "rerandomisation",
        "stratified_by_service",
    ]
    result = compare_schemes(small, schemes, ["linear_probability"], replicates=1)
    strict, again, by_service = result.schemes.values()
    assert list(result.schemes) == ["strict", "rerandomisation", "stratified_by_service"]
    assert (strict.factors, strict.acceptance, strict.limit) == (tuple(FACTORS), None, 4)
    assert (again.factors, again.acceptance) == (tuple(FACTORS), 0.1)
    assert (by_service.factors, by_service.block_sizes) == ((*FACTORS, "service"), (6,))
    assert result.warnings["stratified_by_service"][0].startswith("There are more strata (564) than")
    assert result.warnings["rerandomisation"] == ()
    default = compare_schemes(small, replicates=1)
    assert [*default.schemes][3:] == ["stratified_by_service", "minimisation"]
    assert default.analyses == tuple(e.label for e in small.analysis.estimator_list)
    assert default.schemes["minimisation"].factors == (*FACTORS, "service")


def test_workers_and_longer_runs_change_nothing(small, compared):
    again = compare_schemes(small, SCHEMES, ESTIMATORS, replicates=100, jobs=2)
    assert again.to_json() == compared.to_json()


def test_nothing_that_is_open_has_block_sizes(compared):
    shown = comparison(compared) + compared.to_json() + compared.table().to_csv()
    assert "block_size" not in shown
    document = json.loads(compared.to_json())
    assert set(document["schemes"]["complete"]) == {"kind", "strata_factors", "warnings"}
    assert len(document["comparison"]) == len(compared.table()) == 3 * (6 + 3 * 3)
    assert document["comparison"][0]["difference"] is None


def test_the_answer_says_what_is_noise(compared):
    (blocks, minimised) = answer(compared)
    assert blocks.startswith("Balancing sex (stratified permuted block) instead of complete changes power by")
    rows = {"minimisation": {"difference": 0.031, "difference_mc_standard_error": 0.01, "value": 0.7}}
    changed = [
        replace(row, **rows[row.scheme])
        if (row.measure, row.analysis) == ("power", compared.analyses[0]) and row.scheme in rows
        else row
        for row in compared.rows
    ]
    _, clear = answer(replace(compared, rows=tuple(changed)))
    assert "+3.1 points (Monte Carlo standard error 1), to 70.0 %" in clear
    assert "may be none" in minimised or "may be none" in blocks
    backwards = replace(compared, schemes=dict(reversed(compared.schemes.items())))
    assert answer(backwards)[0].startswith("3 schemes, each less minimisation")


def test_text_fits_a_hundred_columns(compared):
    text = comparison(compared)
    assert max(map(len, text.splitlines())) <= 100
    assert text.count("stratified permuted block") >= 4


def test_figures_show_every_scheme_with_its_error(compared, tmp_path, monkeypatch):
    drawn = []
    save = Figure.savefig
    monkeypatch.setattr(Figure, "savefig", lambda self, path: (drawn.append(self), save(self, path))[1])
    for name, draw in (("balance", draw_balance), ("power", draw_power)):
        draw(compared, tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    (balance,), (power, error) = (figure.axes for figure in drawn)
    points = [float(bars.lines[0].get_xdata()[0]) for bars in balance.containers]
    rows = [compared.find("correct_guesses_everybody", label) for label in compared.schemes]
    assert points == pytest.approx([100 * row.value for row in rows])
    for axes, measure in ((power, "power"), (error, "type_i_error")):
        for bars, analysis in zip(axes.containers, compared.analyses, strict=True):
            rows = [compared.find(measure, label, analysis) for label in compared.schemes]
            assert bars.lines[0].get_xdata() == pytest.approx([100 * row.value for row in rows])
    band = error.patches[0].get_extents().transformed(error.transData.inverted())
    assert (band.x0, band.x1) == pytest.approx((5 - 4.272, 5 + 4.272), abs=0.01)


def test_lists_on_the_command_line():
    text = 'complete, {kind="urn", name="a,b"},{kind="block_urn", factors=["sex", "age"]} ,x'
    assert [*_items(text)] == [
        "complete", '{kind="urn", name="a,b"}', '{kind="block_urn", factors=["sex", "age"]}', "x",
    ]  # fmt: skip


def test_command(tmp_path):
    few = ("--replicates", "4", "--set", "design.n_participants=60")
    figure = tmp_path / "balance.svg"
    result = _run(
        "compare-schemes", "ips_ung_cells", *few, "--schemes", 'complete,{kind="urn",name="wei"}', "--json",
        "--figure-balance", str(figure), "--seed", "3",
    )  # fmt: skip
    assert result.code == 0
    document = json.loads(result.out)
    assert [*document["schemes"]] == ["complete", "wei"]
    assert document["provenance"]["seed"] == 3
    assert figure.exists()
    for wrong in (("--schemes", "complet"), ("--schemes", "{kind=}"), ("--figure-power", "power.txt")):
        assert _run("compare-schemes", "ips_ung_cells", *few, *wrong).code == 2
