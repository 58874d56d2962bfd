"""The simulation study: ADEMP, Monte Carlo errors, failures, reproduction, limits."""

from __future__ import annotations

import pytest

from ipsrct._language import language
from ipsrct.report.content.characteristics import characteristics
from ipsrct.report.model import Code
from ipsrct.report.text import Estimate, plain
from tests.report.content.items import blocks, changed, pointers, rows, said, tables

UNADJUSTED = "difference_in_proportions_unpooled"


@pytest.mark.parametrize(
    ("code", "headings"),
    [
        ("en", ["Aims", "Data-generating mechanisms", "Estimands", "Methods", "Performance measures"]),
        ("nb", ["Formål", "Datagenererende mekanismer", "Estimander", "Metoder", "Ytelsesmål"]),
    ],
)
def test_the_ademp_headings_in_their_order(results, code, headings):
    found = [plain(section.title, language(code)) for section in characteristics(results).sections]
    assert found[:5] == headings
    assert all(section.blocks for section in characteristics(results).sections)


def test_replicates_are_justified_by_the_target_error(results):
    assert (
        "100,000 trials were simulated. A type I error of 5.0% then has a Monte Carlo standard error (MCSE) "
        "of 0.069 percentage points, and no share has more than 0.16. The target was 0.1, which needs 47,500"
    ) in said(characteristics(results))


def test_too_few_replicates_are_a_warning(results):
    left = changed(results, characteristics__precision__replicates=40_000)
    warnings = [block for block in blocks(characteristics(left)) if getattr(block, "role", "") == "warning"]
    assert len(warnings) == 1
    assert "too few" in plain(warnings[0].text, language("en"))


@pytest.mark.parametrize(
    ("table", "labels"),
    [
        ("performance-tests", 2),
        ("performance-estimates", 2),
        ("performance-differences", 2),
        ("performance-null", 2),
    ],
)
def test_every_simulated_measure_has_its_monte_carlo_error(results, table, labels):
    cells = [cell for row in tables(characteristics(results))[table].rows for cell in row[labels:]]
    assert len(cells) >= 9
    assert all(isinstance(cell, Estimate) and cell.error.value > 0 for cell in cells)
    assert all(
        cell.error.pointer == cell.number.pointer.replace("value", "mc_standard_error") for cell in cells
    )


def test_every_characteristic_of_the_run_is_shown(results):
    shown = pointers(characteristics(results))
    rows_of_run = results["characteristics"]["characteristics"]
    left_out = {row["measure"].value for row in rows_of_run if f"{row.pointer}/value" not in shown}
    assert left_out == {"not_estimated"}  # nothing failed, which is said once
    relative = results["characteristics"]["relative_errors"]
    assert all(f"{row.pointer}/value" in shown for row in relative)


def test_no_more_digits_than_the_error_supports(results):
    found = rows(tables(characteristics(results))["performance-tests"])
    assert found[0][2:] == ["78.8 (0.13)", "5.04 (0.069)", "94.90 (0.070)"]
    estimates = rows(tables(characteristics(results))["performance-estimates"])
    assert estimates[0][2:6] == [
        "0.020 (0.0086)",
        "2.721 (0.0061)",
        "2.717 (0.000037)",
        "\N{MINUS SIGN}0.1 (0.22)",
    ]


def test_rows_belong_to_their_population_and_analysis(results):
    found = {tuple(row[:2]): row[2:] for row in rows(tables(characteristics(results))["performance-tests"])}
    power = results["characteristics"]["characteristics"].row(
        measure="power", estimator="adjusted_for_baseline_employment", population="sex:women"
    )
    shown = found["sex: women", "adjusted for baseline employment"][0]
    assert shown.startswith(f"{100 * power['value'].value:.1f} (")


def test_the_truth_that_bias_is_held_against(results):
    found = {row[0]: row[1:] for row in rows(tables(characteristics(results))["true-effects"])}
    assert found["everybody"] == ["100.0%", "7.5"]
    assert found["sex: men"] == ["47.7%", "11.7"]
    assert found["women less men"] == ["\N{EN DASH}", "\N{MINUS SIGN}8.1"]


def test_differences_are_paired_on_the_same_trials(results):
    table = tables(characteristics(results))["performance-differences"]
    assert plain(table.caption, language("en")).endswith("on the same trials")
    found = {tuple(row[:2]): row[2] for row in rows(table)}
    assert found["everybody", "adjusted for baseline employment"] == "6.36 (0.098)"


def test_type_i_error_over_the_levels_without_ips(results):
    found = rows(tables(characteristics(results))["performance-null"])
    assert [row[1] for row in found] == ["36%", "39.5%", "44%"]
    assert found[0][2] == "4.91 (0.099)"
    assert all(len(row) == 2 + len(results["scenario"]["estimators"]) for row in found)


def test_that_nothing_failed_is_said(results):
    text = said(characteristics(results))
    assert "No analysis failed in any of 100,000 simulated trials" in text
    assert "performance-failures" not in tables(characteristics(results))


@pytest.mark.parametrize(("measure", "column"), [("power", 2), ("type_i_error", 3)])
def test_failures_are_counted_for_each_analysis(results, measure, column):
    index = next(
        i
        for i, row in enumerate(results["characteristics"]["characteristics"])
        if (row["measure"].value, row["estimator"].value, row["population"].value)
        == (measure, UNADJUSTED, "sex:men")
    )
    left = changed(results, **{f"characteristics__characteristics__{index}__n_failed": 123})
    found = {tuple(row[:2]): row for row in rows(tables(characteristics(left))["performance-failures"])}
    assert found["sex: men", "difference in proportions"][column] == "123 of 100,000"
    assert found["sex: women", "difference in proportions"][column] == "0 of 100,000"
    assert len(found) == 33
    assert "No analysis failed" not in said(characteristics(left))


def test_an_analysis_without_any_estimate_shows_dashes(results):
    found = results["characteristics"]["characteristics"]
    values = {}
    for i, row in enumerate(found):
        if (row["estimator"].value, row["population"].value) == (UNADJUSTED, "all"):
            values[f"characteristics__characteristics__{i}__n_failed"] = 100_000
    left = changed(results, **values)
    for row in left.value["characteristics"]["characteristics"]:
        if (row["estimator"], row["population"]) == (UNADJUSTED, "all") and row["measure"] != "not_estimated":
            row["value"] = row["mc_standard_error"] = None
    left.value["characteristics"]["relative_errors"][0] |= {"value": None, "mc_standard_error": None}
    found = tables(characteristics(left))
    assert rows(found["performance-tests"])[0][2:] == ["\N{EN DASH}"] * 3
    assert rows(found["performance-failures"])[0][2] == "100,000 of 100,000"


def test_it_can_be_run_again(results):
    text = said(characteristics(results))
    assert "SFC64" in text
    assert "20240101" in text
    assert all(f"{key} {value.value}" in text for key, value in results["provenance"]["versions"].items())
    code = next(block for block in blocks(characteristics(results)) if isinstance(block, Code))
    assert code.text == "ipsrct simulate ips_ung --seed 20240101 --replicates 100000"


@pytest.mark.parametrize(
    "limit", ["Departures from the allocation", "Interim looks", "Many tests", "Attrition"]
)
def test_limits_are_said_in_words(results, limit):
    assert f"\n{limit}" in said(characteristics(results))


def test_one_sided_tests_are_called_so(results):
    assert "Tests are two-sided at a significance level of 5.0%" in said(characteristics(results))
    left = changed(results, scenario__sides=1)
    assert "Tests are one-sided at a significance level of 5.0%" in said(characteristics(left))


def test_attrition_is_in_the_mechanism(results):
    assert "Every outcome is seen." in said(characteristics(results))
    left = changed(results, scenario__attrition={"control": 0.2})
    assert "In the arm control, 20.0% of outcomes are never seen, at random." in said(characteristics(left))
