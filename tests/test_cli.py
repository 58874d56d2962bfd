"""The command: exit codes, what goes to stdout and to stderr, and the documented JSON."""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from jsonschema import Draft202012Validator

import ipsrct
from ipsrct import characteristics, engine, packaged_scenarios, read_scenario, verification
from ipsrct.cli import main
from ipsrct.evidence import evidence
from ipsrct.validation import read_cases

CHARACTERISTIC_KEYS = {
    "measure",
    "estimator",
    "estimand",
    "population",
    "value",
    "mc_standard_error",
    "n_replicates",
    "n_failed",
}
ANSWER_KEYS = {
    "target_power",
    "estimator",
    "population",
    "n_total",
    "n_per_arm",
    "n_low",
    "n_high",
    "power",
    "mc_standard_error",
}
HEAVY = {"joblib", "matplotlib", "numpy", "pandas", "pydantic", "rich", "scipy", "statsmodels"}
POPULATIONS = {
    "all",
    "age:under_20",
    "age:20_to_23",
    "age:24_plus",
    "sex:men",
    "sex:women",
    "social_assistance:no_history",
    "social_assistance:history",
    "interaction:age:24_plus-under_20",
    "interaction:sex:women-men",
    "interaction:social_assistance:history-no_history",
}
ONLY_OVERALL = (
    *("--set", "analysis.subgroups=[]", "--set", "analysis.interactions=[]"),
    *("--set", 'analysis.estimators=[{ kind = "difference_in_proportions" }]'),
)
SIMULATE = ("simulate", "ips_ung", "--replicates", "200", "--json")


class Done(NamedTuple):
    code: int | str | None
    out: str
    err: str


def _run(*arguments: str) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stop:
        main(list(arguments))
    return Done(stop.value.code, out.getvalue(), err.getvalue())


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


@cache
def _json(*arguments: str) -> dict[str, Any]:
    done = _run(*arguments)
    assert (done.code, done.err) == (0, "")
    document = json.loads(done.out, parse_constant=_refuse)
    assert isinstance(document, dict)
    return document


def _process(
    *arguments: str, code: str = "from ipsrct.cli import main; main()"
) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=environment
    )


# --- help and usage


@pytest.mark.parametrize(
    "arguments", [["--help"], ["-h"], ["--version"], ["simulate", "--help"], ["size", "-h"]]
)
def test_help_is_on_stdout(arguments: list[str]) -> None:
    done = _run(*arguments)
    assert (done.code, done.err) == (0, "")
    assert "ipsrct" in done.out


def test_help_names_every_command() -> None:
    commands = ["simulate", "size", "check", "kinds", "schema", "evidence", "verify", "example", "validate"]
    lines = [
        line.split()[0] for line in _run("--help").out.splitlines() if line.startswith("  ") and line.split()
    ]
    assert set(commands) <= set(lines)


@pytest.mark.parametrize("arguments", [["--help"], ["simulate", "--help"], ["size", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys\nfrom ipsrct.cli import main\n"
        f"try:\n    main({arguments})\nexcept SystemExit:\n    print('modules:', *sys.modules)"
    )
    done = _process(code=code)
    modules = set(done.stdout.split("modules:")[1].split())
    assert "click" in modules
    assert not modules & HEAVY


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulat", "ips_ung"],
        ["simulate"],
        ["simulate", "ips_ung", "--replicates", "0"],
        ["simulate", "ips_ung", "--replicates", "many"],
        ["simulate", "ips_ung", "--seed", "-1"],
        ["simulate", "ips_ung", "--jobs", "0"],
        ["simulate", "ips_ung", "--backend", "cloud"],
        ["simulate", "ips_ung", "--route", "count"],
        ["simulate", "ips_ung", "--sed", "1"],
        ["size", "ips_ung", "--power", "1.2"],
        ["size", "ips_ung", "--power", "0"],
        ["size", "ips_ung", "--power", "nan"],
        ["size", "ips_ung", "--power", "0.05"],
        ["size", "ips_ung", "--power", "high"],
        ["validate", "--cases", "no_such_file.json"],
        ["example", "ips_ugn"],
    ],
)
def test_wrong_usage_exits_with_2_and_a_message_on_stderr(arguments: list[str]) -> None:
    done = _run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert "Error: " in done.err
    assert "Traceback" not in done.err


def test_unknown_route_lists_the_routes() -> None:
    done = _run("simulate", "ips_ung", "--route", "count", "--json")
    assert (done.code, done.out) == (2, "")
    assert '"count" is not a route; did you mean "counts"? routes: exact, counts, individual' in done.err


@pytest.mark.parametrize("route", ["exact", "counts"])
def test_route_that_is_not_valid_says_why(route: str) -> None:
    changes = 'design.randomisation.factors=["service"]'
    done = _run("simulate", "ips_ung", "--route", route, "--set", changes, "--replicates", "10")
    assert (done.code, done.out) == (2, "")
    assert f"the {route} route is not valid here: " in done.err


def test_unknown_example_lists_the_scenarios() -> None:
    assert all(name in _run("example", "ips_ugn").err for name in packaged_scenarios())


# --- simulate


def test_simulate_has_exactly_the_documented_keys() -> None:
    found = _json(*SIMULATE)
    assert found["scenario"] == "ips_ung"
    assert {"scenario", "provenance", "characteristics"} <= set(found)
    assert all(set(row) == CHARACTERISTIC_KEYS for row in found["characteristics"])


def test_simulate_covers_every_population_and_measure() -> None:
    rows = _json(*SIMULATE)["characteristics"]
    for estimator in ("difference_in_proportions_unpooled", "linear_probability_HC2"):
        own = [row for row in rows if row["estimator"] == estimator]
        measures = {row["measure"] for row in own}
        assert measures >= {
            "power",
            "type_i_error",
            "bias",
            "coverage",
            "empirical_standard_error",
            "mean_standard_error",
            "interval_width",
        }
        for measure in measures:
            assert {row["population"] for row in own if row["measure"] == measure} == POPULATIONS


def test_every_simulated_number_has_a_monte_carlo_error_above_zero() -> None:
    rows = _json(*SIMULATE)["characteristics"]
    assert {row["n_replicates"] for row in rows} == {200}
    without = [row for row in rows if not row["mc_standard_error"] or row["mc_standard_error"] <= 0]
    assert without == []


def test_exact_numbers_have_no_monte_carlo_error() -> None:
    rows = _json("simulate", "seed", "--json")["characteristics"]
    assert rows
    assert {(row["mc_standard_error"], row["n_replicates"], row["n_failed"]) for row in rows} == {(0, 0, 0)}


def test_single_replicate_is_valid_json() -> None:
    rows = _json("simulate", "seed", "--route", "counts", "--replicates", "1", "--json")["characteristics"]
    spread = next(row for row in rows if row["measure"] == "empirical_standard_error")
    assert (spread["value"], spread["mc_standard_error"]) == (None, None)


def test_simulate_agrees_with_python() -> None:
    scenario = read_scenario("ips_ung", {"simulation.replicates": 200})
    run = ipsrct.simulate(scenario)
    rows = _json(*SIMULATE)["characteristics"]
    assert json.loads(run.to_json())["characteristics"] == rows
    power = next(
        row for row in rows if (row["measure"], row["population"]) == ("power", "interaction:sex:women-men")
    )
    found = run.find("power", "difference_in_proportions_unpooled", "interaction:sex:women-men")
    assert (found.value, found.mc_standard_error) == (power["value"], power["mc_standard_error"])


def test_seed_and_set_reach_the_simulation() -> None:
    first = _json(*SIMULATE)
    other = _json(*SIMULATE, "--seed", "5")
    assert other["provenance"]["seed"] == 5
    assert other["characteristics"] != first["characteristics"]
    smaller = _json(*SIMULATE, "--set", "design.n_participants=100")
    assert smaller["provenance"]["scenario"]["design"]["n_participants"] == 100
    assert smaller["provenance"]["scenario_sha256"] != first["provenance"]["scenario_sha256"]


def test_provenance_repeats_the_run() -> None:
    first = _json(*SIMULATE, "--seed", "5")["provenance"]
    assert {"scenario_sha256", "seed", "route", "replicates", "versions", "block_size"} <= set(first)
    again = _json(*SIMULATE[:3], str(first["replicates"]), "--json", "--seed", str(first["seed"]))
    assert again["provenance"] == first
    assert first["route"] == "counts"
    assert first["versions"]["ipsrct"] == ipsrct.__version__


def test_workers_do_not_change_the_json() -> None:
    one, two = (
        _json("simulate", "ips_ung", "--replicates", "9000", "--jobs", jobs, "--json")["characteristics"]
        for jobs in ("1", "2")
    )
    assert one == two


def test_grid_rows_carry_their_coordinates() -> None:
    found = _json("simulate", "seed", "--set", "design.n_participants=[48,96]", "--json")
    at = [row["at"] for row in found["characteristics"] if row["measure"] == "power"]
    assert at == [{"design.n_participants": n} for n in (48, 48, 96, 96)]


def test_answer_comes_first_and_names_its_assumption() -> None:
    done = _run("simulate", "ips_ung_cells", "--route", "exact")
    assert (done.code, done.err) == (0, "")
    sentence = " ".join(done.out.split("\n\n")[0].split())
    assert sentence.startswith("With 1,320 participants (planned 660 in ips, 660 in control) the power to")
    # The normal approximation with 660 a group and 39.5 % against 47.0 % is 78.7 %.
    assert "39.5 % against 47.0 %, two-sided 5 %) is 78." in sentence
    assert "is assumed, in a range of 0.035 to 0.13" in " ".join(done.out.split())


def test_interrupted_run_reports_what_is_done_and_exits_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    run_block = engine.run_block

    def interrupted(scenario: Any, route: Any, block: int, *, null: bool = False) -> Any:
        if block == 1:
            raise KeyboardInterrupt
        return run_block(scenario, route, block, null=null)

    monkeypatch.setattr(engine, "run_block", interrupted)
    done = _run("simulate", "ips_ung", "--replicates", "10000", "--json")
    assert done.code == 130
    assert "Stopped by the user" in done.err
    found = json.loads(done.out, parse_constant=_refuse)
    assert found["interrupted"] is True
    assert {row["n_replicates"] for row in found["characteristics"]} == {4096}


@pytest.mark.parametrize("command", ["simulate", "size", "verify"])
def test_run_interrupted_at_once_exits_with_130(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine, "run_block", interrupted)
    done = _run(command, "ips_ung")
    assert done.code == 130
    assert "Stopped" in done.err
    assert "Traceback" not in done.err


# --- size


def test_size_has_the_documented_keys() -> None:
    found = _json("size", "ips_ung", *ONLY_OVERALL, "--brief", "--json")
    assert {"provenance", "answers"} <= set(found)
    assert found["answers"]
    for answer in found["answers"]:
        assert set(answer) >= ANSWER_KEYS
        assert set(answer["n_per_arm"]) == {"ips", "control"}
        assert sum(answer["n_per_arm"].values()) == answer["n_total"]
        assert answer["n_low"] <= answer["n_total"] <= answer["n_high"]


def test_size_by_formula_is_the_textbook_one() -> None:
    # Unpooled two-sample formula, 39.5 % against 47.0 %, two-sided 5 %: 682 and 912 an arm.
    answers = _json("size", "ips_ung_cells", *ONLY_OVERALL, "--brief", "--json")["answers"]
    formula = {a["target_power"]: a["n_per_arm"] for a in answers if a["method"] == "formula"}
    assert formula == {0.8: {"ips": 682, "control": 682}, 0.9: {"ips": 912, "control": 912}}


def test_size_keeps_unequal_allocation() -> None:
    answers = _json("size", "seed", "--power", "0.9", "--json")["answers"]
    assert {a["target_power"] for a in answers} == {0.9}
    assert all(a["n_per_arm"]["ips"] * 23 == a["n_per_arm"]["control"] * 25 for a in answers)


def test_size_goes_on_with_sensitivity_and_calendar() -> None:
    """The same numbers as the commands of their own give, in text and JSON."""
    changes = (*ONLY_OVERALL, "--power", "0.8")
    found = _json("size", "ips_ung_cells", *changes, "--json")
    alone = _json("sensitivity", "ips_ung_cells", "--json")
    assert found["sensitivity"]["rows"] == alone["rows"]
    n = next(a["n_total"] for a in found["answers"] if a["method"] == "exact")
    recruited = _json("recruit", "ips_ung_cells", "--set", f"design.n_participants={n}", "--json")
    assert found["calendar"]["milestones"] == recruited["milestones"]
    text = _run("size", "ips_ung_cells", *changes).out
    assert text.index("n for 80%") < text.index("On what it depends") < text.index("Calendar")
    assert f"{n:,} participants are reached in month" in text
    assert "Calendar" not in _run("size", "ips_ung_cells", *changes, "--brief").out


def test_no_effect_is_not_shown_as_less_than_none() -> None:
    """The chain meets an effect of 0 up to rounding, on either side of it."""
    done = _run("simulate", "ips_ung", "--set", "assumptions.outcome.effect=0", "--replicates", "10")
    assert "power to detect 0.0 percentage points (39.5 % against 39.5" in done.out


def test_size_answers_in_a_sentence_first() -> None:
    done = _run("size", "seed", "--power", "0.9")
    assert (done.code, done.err) == (0, "")
    assert " participants (" in done.out.splitlines()[0]
    assert "give 90% power" in done.out.splitlines()[0]


# --- verify


def test_verify_compares_the_routes() -> None:
    found = _json("verify", "ips_ung_cells", "--replicates", "500", "--json")
    assert found["agrees"] is True
    assert found["largest_difference_in_mcse"] < 4
    pairs = {(c["first_route"], c["second_route"]) for c in found["comparisons"]}
    assert pairs == {("exact", "counts"), ("exact", "individual"), ("counts", "individual")}


def test_verify_raises_no_false_alarm_where_no_replicate_tells_two_estimators_apart() -> None:
    assert _json("verify", "seed", "--replicates", "300", "--json")["agrees"] is True


@pytest.mark.parametrize("replicates", ["1", "2"])
def test_verify_of_very_few_replicates_is_valid_json(replicates: str) -> None:
    done = _run("verify", "seed", "--replicates", replicates, "--json")
    assert done.err == ""
    assert "agrees" in json.loads(done.out, parse_constant=_refuse)


def test_verify_exits_with_1_where_routes_disagree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "LIMIT", 0.0)
    done = _run("verify", "ips_ung", "--replicates", "300")
    assert done.code == 1
    assert "DISAGREE" in done.out


# --- check, kinds, schema, evidence, validate, example


def test_check_lists_every_assumption_with_its_origin() -> None:
    found = _json("check", "ips_ung_cells", "--json")
    assert (found["scenario"], found["valid"]) == ("ips_ung_cells", True)
    assumptions = found["assumptions"]
    first = [path.split(".")[0] for path in assumptions]
    assert first.count("assumptions") == 7 + 12 + 2  # factor levels, counties, control risk and effect
    assert first.count("recruitment") == 13 + 12 * 5
    assert first.count("cost") == 4
    assert len(first) == 21 + 73 + 4
    assert all(entry["origin"] for entry in assumptions.values())
    assert "line 709" in assumptions["assumptions.cohort.factors.0.sizes.0"]["origin"]
    assert assumptions["assumptions.outcome.effect"]["origin"].startswith("assumed: ")


def test_check_counts_numbers_without_a_reason() -> None:
    assert " have neither source nor reason" not in _run("check", "ips_ung_cells").out
    done = _run("check", "ips_ung_cells", "--set", "assumptions.outcome.control_risk=0.3")
    assert done.code == 0
    assert "1 of its numbers have neither source nor reason" in done.out


def test_kinds_lists_each_kind_with_its_keys() -> None:
    rows = {(row["family"], row["kind"]): row for row in _json("kinds", "--json")["kinds"]}
    assert rows["randomisation", "stratified_permuted_block"]["keys"] == [
        "block_sizes",
        "factors",
        "leftovers",
    ]
    assert {"cohort", "randomisation", "outcome", "estimator"} == {family for family, _ in rows}
    assert all(row["summary"] for row in rows.values())
    text = _run("kinds").out
    assert all(kind in text for _, kind in rows)


def test_schema_is_a_json_schema() -> None:
    Draft202012Validator.check_schema(_json("schema"))


def test_evidence_by_words() -> None:
    found = _json("evidence", "--json", "oslo", "services")["evidence"]
    assert "county_services.Oslo.services" in {value["id"] for value in found}


def test_evidence_by_id_is_one_value_in_full() -> None:
    (found,) = _json("evidence", "pop_women", "--json")["evidence"]
    assert (found["value"], found["source"]["place"]) == (696, "section 3.1.3, Table 4, line 709")
    text = _run("evidence", "pop_women").out
    assert "value: 696" in text
    assert "line 709" in text


def test_evidence_without_words_lists_everything() -> None:
    assert [v["id"] for v in _json("evidence", "--json")["evidence"]] == list(evidence)


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_evidence_without_a_match_exits_with_1(as_json: list[str]) -> None:
    done = _run("evidence", "zebra", *as_json)
    assert (done.code, done.out) == (1, "")
    assert "zebra" in done.err


def test_validate_passes_the_packaged_cases() -> None:
    cases = _json("validate", "--json")["cases"]
    assert len(cases) >= 284
    assert all({"id", "kind", "status", "expected", "got"} <= set(case) for case in cases)
    assert {case["status"] for case in cases} <= {"pass", "unsupported"}


def test_validate_exits_with_1_where_a_case_fails(tmp_path: Path) -> None:
    real = next(case for case in read_cases() if case.kind == "assurance")
    case = {"id": real.id, "kind": real.kind, "source": real.source, "inputs": dict(real.inputs)}
    path = tmp_path / "cases.json"
    for expected, code, status in ((real.expected, 0, "pass"), (real.expected + 0.01, 1, "fail")):
        path.write_text(json.dumps([case | {"expected": expected, "tolerance": {"abs": 1e-6}}]))
        done = _run("validate", "--cases", str(path), "--json")
        assert (done.code, done.err) == (code, "")
        (found,) = json.loads(done.out)["cases"]
        assert (found["id"], found["status"], found["expected"]) == (real.id, status, expected)
        assert found["got"] == pytest.approx(real.expected, abs=1e-6)


@pytest.mark.parametrize("content", [b"{", b'{"a": 1}', b"\xff\xfe", b"3", b'[3, "x"]', b'{"cases": [{}]}'])
def test_validate_of_a_file_without_cases_exits_with_1(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cases.json"
    path.write_bytes(content)
    done = _run("validate", "--cases", str(path), "--json")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("Error: ")


@pytest.mark.parametrize("name", packaged_scenarios())
def test_example_prints_the_file_as_it_is(name: str) -> None:
    done = _run("example", name)
    assert (done.code, done.err) == (0, "")
    assert done.out == packaged_scenarios()[name].read_text(encoding="utf-8")


def test_saved_example_is_a_valid_scenario(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(_run("example").out, encoding="utf-8")
    assert read_scenario(path) == read_scenario("ips_ung")


def test_example_list_names_each_with_its_title() -> None:
    lines = _run("example", "--list").out.splitlines()
    assert [line.split()[0] for line in lines] == list(packaged_scenarios())
    assert all(read_scenario(line.split()[0]).title in line for line in lines)


@pytest.mark.parametrize(
    "arguments",
    [
        ["kinds"],
        ["schema"],
        ["evidence", "pop_women"],
        ["check", "seed"],
        ["example", "seed"],
        ["example", "--list"],
        ["validate"],
    ],
    ids=" ".join,
)
def test_every_command_takes_json(arguments: list[str]) -> None:
    assert _json(*arguments, "--json")


# --- failures


def test_failed_run_exits_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any, **__: Any) -> Any:
        raise ipsrct.RunError("the worker died")

    monkeypatch.setattr(characteristics, "simulate", failing)
    done = _run("simulate", "seed", "--json")
    assert done == (1, "", "Error: the worker died\n")


def test_process_exits_with_the_code_and_keeps_stdout_clean() -> None:
    done = _process("simulate", "ips_ung", "--set", "design.n_participants=-1", "--json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "design.n_participants: must be at least 2, got -1" in done.stderr
    assert "Traceback" not in done.stderr


def test_process_prints_no_progress_where_stderr_is_no_terminal() -> None:
    done = _process("simulate", "seed", "--route", "individual", "--replicates", "70", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    power = next(
        row["value"] for row in json.loads(done.stdout)["characteristics"] if row["measure"] == "power"
    )
    assert math.isclose(power, 1, abs_tol=0.05)  # true power 0.998: 4 of 70 failures once in 100,000 seeds
