"""Every public case, and what is made of inputs that change an answer, do not, or are not understood."""

import dataclasses
import json
import math

import pytest

from ipsrct.validation import KINDS, Case, read_cases, run_cases

PUBLIC = read_cases()

# Kinds whose calculation is not two proportions' or needs data that are not at hand.
NOT_SUPPORTED = {
    "covariate_adjusted_g_computation",
    "group_sequential_binary_power",
    "group_sequential_binary_sample_size",
    "gs_boundary",
    "gs_boundary_lan_demets",
    "gs_conditional_power",
    "gs_expected_sample_size",
    "gs_power_prior_POS",
    "stratified_mh_ate",
}


# Expects the difference at 18 months too, whose risks its inputs do not hold.
INPUTS_TOO_FEW = {"published_trial-125"}


def _result(kind, inputs, expected=0.5, tolerance=None, source="a book"):
    case = Case("x", kind, source, inputs, expected, tolerance or {"abs": 1e-9})
    return run_cases([case])[0]


def _got(kind, inputs, expected=0.5, **keywords):
    result = _result(kind, inputs, expected, **keywords)
    assert result.status != "unsupported", result.message
    return result.got


@pytest.mark.parametrize("case", PUBLIC, ids=[f"{case.kind}-{case.id}" for case in PUBLIC])
def test_public_case(case):
    (result,) = run_cases([case])
    if case.kind in NOT_SUPPORTED - KINDS.keys():
        assert (result.status, result.got) == ("unsupported", None)
        assert case.kind in result.message
    elif case.id in INPUTS_TOO_FEW:
        assert (result.status, "risk_difference_18m" in result.message) == ("unsupported", True)
    else:
        assert (result.status, result.message) == ("pass", "")


@pytest.mark.parametrize(
    "case",
    [case for case in PUBLIC if case.kind in KINDS and case.id not in INPUTS_TOO_FEW],
    ids=lambda case: case.id,
)
def test_public_case_with_another_value_fails(case):
    def moved(value):
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item) for item in value]
        return value * 1.01 + (1 if case.whole_numbers else 0.01)

    (result,) = run_cases([dataclasses.replace(case, expected=moved(case.expected))])
    assert result.status == "fail"
    assert "expected" in result.message


def test_results_can_be_written_as_json():
    results = run_cases([case for case in PUBLIC if not case.kind.startswith("pass15")])
    text = json.dumps([dataclasses.asdict(result) for result in results])
    assert "NaN" not in text


def test_an_input_that_nobody_reads_is_not_ignored():
    inputs = {"p1": 0.5, "p2": 0.3, "n1": 50, "n2": 90, "dropout": 0.2}
    result = _result("two_proportion_power_fixed_n", inputs)
    assert (result.status, "dropout" in result.message) == ("unsupported", True)


@pytest.mark.parametrize(
    ("kind", "inputs", "word"),
    [
        (
            "two_proportion_power_fixed_n",
            {"p1": 0.5, "p2": 0.3, "n1": 50, "n2": 90, "variance": "jackknife"},
            "pooled",
        ),
        ("two_proportion_power_fixed_n", {"p1": 0.5, "n1": 50, "n2": 90}, "p2"),
        ("two_proportion_power_fixed_n", {"p1": [0.5], "p2": 0.3, "n1": 50, "n2": 90}, "number"),
        (
            "two_proportion_power_fixed_n",
            {"p1": 0.5, "p2": 0.3, "n1": 50, "n2": 90, "sided": 2, "alternative": "less"},
            "contradictory",
        ),
        (
            "two_proportion_power_fixed_n",
            {"p1": 0.5, "p2": 0.3, "n1": 50, "n2": 90, "test": "pearson", "variance": "unpooled"},
            "contradict",
        ),
        (
            "two_proportion_noninferiority",
            {"p1": 0.5, "p2": 0.3, "margin": 0.1, "power": 0.8, "sign_convention": "upside down"},
            "sign_convention",
        ),
        (
            "two_proportion_noninferiority",
            {"p1": 0.5, "p2": 0.3, "margin": 0.1, "power": 0.8, "alternative": "less"},
            "side of the alternative",
        ),
        ("two_proportion_sample_size", {"p1": 0.5, "p2": 0.5, "power": 0.8}, "no sample size"),
        ("fisher_exact_power", {"p1": 0.5, "p2": 0.5, "n1": 10.5, "n2": 20}, "whole"),
        ("ci_difference", {"x1": 5, "n1": 10, "x2": 5, "n2": 20, "method": "bootstrap"}, "wald"),
        (
            "ci_difference",
            {"x1": 5, "n1": 10, "x2": 5, "n2": 20, "method": "mee", "continuity_correction": True},
            "continuity",
        ),
        ("randomisation_imbalance_enumeration", {"N": 4, "procedure": "coin of two sides"}, "complete"),
        ("mantel_haenszel", {"tables": [[1, 2], [3, 4]]}, "2 by 2"),
        ("normal_curve", {}, "not supported"),
    ],
)
def test_what_is_not_understood_is_said(kind, inputs, word):
    result = _result(kind, inputs)
    assert (result.status, result.got) == ("unsupported", None)
    assert word in result.message


def test_an_expected_quantity_that_is_not_computed_is_not_a_pass():
    inputs = {"p1": 0.4, "p2": 0.3}
    assert _result("published_trial", inputs, {"risk_difference": 0.1}).status == "pass"
    result = _result("published_trial", inputs, {"risk_difference": 0.1, "hazard_ratio": 1.2})
    assert (result.status, "hazard_ratio" in result.message) == ("unsupported", True)


def test_a_fault_inside_a_calculation_fails_this_case_only():
    broken = Case("bad", "breslow_day", "", {"tables": [[["a", 2], [3, 4]]]}, {"bd": 1}, {"abs": 1})
    good = Case(
        "good", "icc_from_variance_components", "", {"s2_within": 3, "s2_between": 1}, 0.25, {"abs": 0}
    )
    results = run_cases([broken, good])
    assert [result.status for result in results] == ["fail", "pass"]
    assert "ValueError" in results[0].message


POWER = {"p1": 0.2, "p2": 0.35, "n1": 60, "n2": 150, "alpha": 0.2}


def test_tails_follow_the_program_unless_stated():
    kind = "two_proportion_power_fixed_n"
    both = _got(kind, POWER, source="PASS 15 output")
    one = _got(kind, POWER, source="R stats::power.prop.test help example")
    assert 1e-6 < both - one < 1e-2
    assert _got(kind, POWER, source="Stata 16") == both
    assert _got(kind, POWER | {"both_tails": False}, source="PASS 15 output") == one
    assert _got(kind, POWER | {"strict": True}, source="R stats::power.prop.test") == both


def test_every_input_of_the_power_changes_it():
    kind = "two_proportion_power_fixed_n"
    changes = [
        {"sided": 1},
        {"variance": "unpooled"},
        {"continuity_correction": True},
        {"margin": 0.02},
        {"alpha": 0.1},
        {"p1": 0.35, "p2": 0.2},
        {"test": "likelihood ratio"},
        {"test": "fisher"},
        {"alternative": "greater"},
        {"alternative": "less", "margin": 0.05},
    ]
    values = [_got(kind, POWER | change) for change in [{}, *changes]]
    assert len({round(value, 9) for value in values}) == len(values)


def test_sizes_from_one_arm_and_the_allocation():
    kind = "two_proportion_power_fixed_n"
    silent = {key: value for key, value in POWER.items() if key != "n2"}
    for allocation in ({"ratio": 2.5}, {"kappa": 0.4}, {"allocation_n1_over_n2": 0.4}):
        assert _got(kind, silent | allocation) == pytest.approx(_got(kind, POWER), abs=1e-12)
    total = {key: value for key, value in POWER.items() if key not in ("n1", "n2")}
    assert _got(kind, total | {"n_total": 210, "ratio": 2.5}) == pytest.approx(_got(kind, POWER), abs=1e-12)


def test_bare_ratio_of_a_size_is_second_arm_over_first():
    inputs = {"p1": 0.2, "p2": 0.35, "power": 0.8, "ratio": 2}
    asked = {"n1": 1, "n2": 1, "total_n": 1}
    size = _got("two_proportion_sample_size", inputs, asked)
    assert size["n2"] == pytest.approx(2 * size["n1"])
    whole = _got("two_proportion_sample_size", inputs, asked, tolerance={"abs": 0})
    assert whole == {
        "n1": math.ceil(size["n1"]),
        "n2": math.ceil(size["n2"]),
        "total_n": whole["n1"] + whole["n2"],
    }


def test_noninferiority_swaps_with_its_sign_convention():
    inputs = {"p1": 0.6, "p2": 0.58, "margin": -0.05, "power": 0.8, "alpha": 0.025}
    stated = inputs | {"sign_convention": "epsilon = p2 - p1"}
    swapped = inputs | {"p1": 0.58, "p2": 0.6}
    sizes = [_got("two_proportion_noninferiority", case) for case in (inputs, stated, swapped)]
    assert sizes[1] == sizes[2]
    assert sizes[1] / sizes[0] == pytest.approx((0.07 / 0.03) ** 2)


def test_noninferiority_power_and_size_agree():
    inputs = {"p1": 0.7, "p2": 0.65, "margin": -0.1, "alpha": 0.025, "variance": "pooled"}
    size = _got("two_proportion_noninferiority", inputs | {"beta": 0.2, "ratio": 0.5}, {"n1": 1, "n2": 1})
    assert _got("two_proportion_noninferiority", inputs | size) == pytest.approx(0.8, abs=1e-9)


# Chow, Shao and Wang 2008, section 4.6: odds ratios of 0.40 and 0.25, and of 0.25 and 0.25, by hand.
@pytest.mark.parametrize(
    ("change", "n"),
    [
        ({}, 156),
        ({"sided": 1, "margin": 0.2}, 242),
        ({"p1": 0.25, "hypothesis": "equivalence", "margin": 0.5}, 366),
    ],
)
def test_odds_ratio_sizes_of_the_book(change, n):
    inputs = {"p1": 0.4, "p2": 0.25, "power": 0.8, "alpha": 0.05} | change
    result = _result("odds_ratio_sample_size", inputs, {"n_per_group": n}, tolerance={"abs": 0})
    assert (result.status, result.message) == ("pass", "")


@pytest.mark.parametrize("name", ["newcombe", "Newcombe (hybrid score)", "wilson", "newcombe_hybrid_score"])
@pytest.mark.parametrize("corrected", [False, True])
def test_names_of_one_method(name, corrected):
    inputs = {"x1": 5, "n1": 10, "x2": 5, "n2": 20}
    plain = _got("ci_difference", inputs | {"method": name, "continuity_correction": corrected}, [0, 0])
    canonical = "newcombe_continuity_corrected" if corrected else "newcombe"
    assert plain == _got("ci_difference", inputs | {"method": canonical}, [0, 0])


def test_one_sided_distances_are_of_one_sided_limits():
    inputs = {"p1": 0.3, "p2": 0.6, "n1": 50, "n2": 90, "method": "mee"}
    low, high = _got("ci_difference", inputs | {"sided": 1}, [0, 0])
    assert _got("ci_width_sizing", inputs | {"interval_type": "lower"}) == pytest.approx(
        -0.3 - low, abs=1e-12
    )
    assert _got("ci_width_sizing", inputs | {"interval_type": "upper"}) == pytest.approx(
        high + 0.3, abs=1e-12
    )
    assert _got("ci_width_sizing", inputs) > high - low


def test_superiority_margin_may_be_written_as_a_risk():
    row = next(case for case in PUBLIC if case.kind == "pass15_superiority")
    without = {key: value for key, value in row.inputs.items() if key != "margin"}
    assert run_cases([dataclasses.replace(row, inputs=without)])[0].status == "pass"
    contradictory = {**row.inputs, "margin": row.inputs["margin"] + 0.01}
    assert run_cases([dataclasses.replace(row, inputs=contradictory)])[0].status == "unsupported"


def test_blocks_and_random_allocation_by_hand():
    asked = {"final_imbalance_sorted": [0] * 4, "max_abs_path_sorted": [1] * 4}
    blocks = {"N": 4, "procedure": "permuted block, all sequences", "block_size": 2}
    assert _result("randomisation_imbalance_enumeration", blocks, asked, {"exact": True}).status == "pass"
    rule = {"N": 4, "procedure": "random allocation rule"}
    expected = {"final_imbalance_sorted": [0] * 6, "max_abs_path_sorted": [1, 1, 1, 1, 2, 2]}
    assert _result("randomisation_imbalance_enumeration", rule, expected, {"exact": True}).status == "pass"


def test_absolute_and_relative_tolerance_add_up():
    inputs = {"s2_within": 3, "s2_between": 1}
    kind = "icc_from_variance_components"
    assert _result(kind, inputs, 0.26, {"abs": 0.006, "rel": 0.02}).status == "pass"
    assert _result(kind, inputs, 0.26, {"abs": 0.006}).status == "fail"
    assert _result(kind, inputs, 0.26, {"rel": 0.02}).status == "fail"
    assert _result(kind, inputs, 0.25, {"exact": True}).status == "pass"


def test_a_list_of_another_length_fails():
    inputs = {"x1": 5, "n1": 10, "x2": 5, "n2": 20, "method": "wald"}
    assert _result("ci_difference", inputs, [0.1, 0.2, 0.3], {"abs": 9}).status == "fail"
    assert _result("ci_difference", inputs, [0.1, 0.2], {"abs": 9}).status == "pass"
