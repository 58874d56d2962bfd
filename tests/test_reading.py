"""Scenario files: found, extended, overridden, expanded to a grid, and refused without a crash."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ipsrct import Scenario, ScenarioError, packaged_scenarios, read_scenario, simulate
from ipsrct._reading import grid_points, parse_change

PACKAGED = [
    "ips_molde",
    "ips_norway",
    "ips_ung",
    "ips_ung_cells",
    "ips_ung_decline",
    "ips_ung_level_reading",
    "ips_ung_persist",
    "ips_ung_register_errors",
    "ips_ung_revert",
    "ips_ung_subgroup_effects",
    "refugees_bergen",
    "seed",
]
CONTROL_RISK = "assumptions.outcome.control_risk"


def _extended(folder: Path, text: str, parent: str = "ips_ung_cells") -> Scenario:
    path = folder / "child.toml"
    path.write_text(f'extends = "{parent}"\n{text}', encoding="utf-8")
    return read_scenario(path)


# --- packaged scenarios


def test_packaged_scenarios_are_listed() -> None:
    assert list(packaged_scenarios()) == PACKAGED


@pytest.mark.parametrize("name", PACKAGED)
def test_packaged_scenario_is_valid_and_bears_its_file_name(name: str) -> None:
    assert read_scenario(name).name == name


def test_ips_ung_is_the_recommended_trial(cells_trial: Scenario) -> None:
    cells = cells_trial.assumptions.cohort.cells()
    assert (cells_trial.design.n_participants, cells.size, cells_trial.assumptions.cohort.n_services) == (
        1320,
        12,
        47,
    )
    assert len(cells_trial.assumptions.cohort.services) == 12
    by_level = [284 / 1320, 510 / 1320, 526 / 1320, 624 / 1320, 696 / 1320, 977 / 1308, 331 / 1308]
    shares = [
        cells.probability[cells.level_index[:, column] == level].sum()
        for column, levels in enumerate(cells.levels)
        for level in range(len(levels))
    ]
    assert shares == pytest.approx(by_level, abs=1e-12)
    control, effect = cells_trial.assumptions.outcome.control_risk, cells_trial.assumptions.outcome.effect
    assert (control.value, control.low, control.high) == (0.395, 0.36, 0.44)
    assert (effect.value, effect.low, effect.high) == (0.075, 0.035, 0.13)
    assert cells_trial.arm_names == ("ips", "control")
    assert cells_trial.design.weights == (1, 1)
    assert cells_trial.treated == (True, False)


@pytest.mark.parametrize(
    ("name", "n", "control", "treated"),
    [
        ("seed", 96, 4 / 50, 24 / 50),  # published as 8 % and 48 %
        ("ips_norway", 410, 0.271, 0.366),
        ("refugees_bergen", 66, 0.25, 0.41),
        ("ips_molde", 1320, 0.407, 0.482),
    ],
)
def test_comparators_have_the_published_sizes_and_risks(
    name: str, n: int, control: float, treated: float
) -> None:
    scenario = read_scenario(name)
    outcome = scenario.assumptions.outcome
    assert scenario.design.n_participants == n
    assert outcome.control_risk.value == pytest.approx(control, abs=1e-12)
    assert outcome.control_risk.value + outcome.effect.value == pytest.approx(treated, abs=1e-12)


def test_seed_has_the_published_arm_sizes() -> None:
    scenario = read_scenario("seed")
    arms = zip(scenario.arm_names, scenario.design.weights, strict=True)
    assert {name: 96 * weight // 48 for name, weight in arms} == {"ips": 50, "control": 46}


def test_subgroup_variant_keeps_the_average_effect() -> None:
    scenario = read_scenario("ips_ung_subgroup_effects")
    cells = scenario.assumptions.cohort.cells()
    risks = scenario.assumptions.outcome.risks(cells, scenario.treated)
    effects = risks[:, 0] - risks[:, 1]
    assert cells.probability @ effects == pytest.approx(0.075, abs=1e-12)
    assert effects.max() - effects.min() > 0.05


# --- extensions


def test_extension_changes_one_key_of_a_table(tmp_path: Path, cells_trial: Scenario) -> None:
    scenario = _extended(tmp_path, "[design]\nn_participants = 66")
    assert scenario.design == cells_trial.design.model_copy(update={"n_participants": 66})
    assert scenario.analysis == cells_trial.analysis


def test_extension_replaces_a_list_as_a_whole(tmp_path: Path) -> None:
    assert _extended(tmp_path, '[analysis]\nsubgroups = ["sex"]').analysis.subgroups == ("sex",)


def test_extension_that_names_its_kind_drops_the_old_keys(tmp_path: Path) -> None:
    kind = '[design.randomisation]\nkind = "stratified_permuted_block"\nblock_sizes = [2, 4]\n'
    randomisation = _extended(tmp_path, kind + 'factors = ["sex"]').document["design"]["randomisation"]
    assert "leftovers" not in randomisation
    with pytest.raises(ScenarioError, match=r"factors: is required"):
        _extended(tmp_path, kind)


def test_extension_by_another_kind_drops_the_old_keys(tmp_path: Path) -> None:
    text = '[design.randomisation]\nkind = "complete"'
    assert _extended(tmp_path, text).document["design"]["randomisation"] == {"kind": "complete"}


def test_extension_with_a_value_drops_the_old_range_and_sources(tmp_path: Path) -> None:
    text = '[assumptions.outcome.control_risk]\nvalue = 0.3\nassumed = "another country"'
    found = _extended(tmp_path, text).assumptions.outcome.control_risk
    assert (found.value, found.low, found.high, found.evidence) == (0.3, None, None, ())


def test_extension_with_a_low_keeps_the_value(tmp_path: Path) -> None:
    found = _extended(tmp_path, "[assumptions.outcome.control_risk]\nlow = 0.3")
    control = found.assumptions.outcome.control_risk
    assert (control.value, control.low, control.high) == (0.395, 0.3, 0.44)


def test_extension_with_evidence_takes_the_published_value(tmp_path: Path) -> None:
    text = '[assumptions.outcome.control_risk]\nevidence = ["reme.proportion_month_12.control"]'
    assert _extended(tmp_path, text).assumptions.outcome.control_risk.value == 0.271


def test_extension_of_an_extension_in_another_folder(tmp_path: Path, cells_trial: Scenario) -> None:
    (tmp_path / "inner").mkdir()
    _extended(tmp_path / "inner", "[design]\nn_participants = 500\n[simulation]\nseed = 5")
    scenario = _extended(tmp_path, "[simulation]\nseed = 7", "inner/child.toml")
    assert (scenario.design.n_participants, scenario.simulation.seed) == (500, 7)
    assert scenario.analysis == cells_trial.analysis


def test_extension_is_looked_up_beside_the_file_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "base.toml").write_text('extends = "ips_ung_cells"\n[design]\nn_participants = 50')
    (tmp_path / "base.toml").write_text('extends = "ips_ung_cells"\n[design]\nn_participants = 70')
    (tmp_path / "files" / "child.toml").write_text('extends = "base.toml"\n[simulation]\nseed = 1')
    monkeypatch.chdir(tmp_path)
    assert read_scenario("files/child.toml").design.n_participants == 50


# --- overrides


def test_override_by_path(cells_trial: Scenario) -> None:
    scenario = read_scenario("ips_ung_cells", {"design.n_participants": 1000, "design.arms.0.name": "ips"})
    assert scenario.design == cells_trial.design.model_copy(update={"n_participants": 1000})
    assert scenario.document["design"]["n_participants"] == 1000


def test_override_adds_an_optional_table() -> None:
    scenario = read_scenario("ips_ung_cells", {"assumptions.outcome.effect_shift.sex.men": 0.02})
    assert scenario.assumptions.outcome.effect_shift["sex"]["men"].value == 0.02


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("design.n_participants=1500", "design.n_participants", 1500),
        (" a.b = [1, 2.5] ", "a.b", [1, 2.5]),
        ('a=["x", "y"]', "a", ["x", "y"]),
        ("a=true", "a", True),
        ("a={ value = 0.3, assumed = 'x' }", "a", {"value": 0.3, "assumed": "x"}),
        ("a=@evidence.pop_men", "a", "@evidence.pop_men"),
        ("a=two words", "a", "two words"),
        ("a=x=y", "a", "x=y"),
    ],
)
def test_override_text_is_toml_or_a_string(text: str, path: str, value: object) -> None:
    assert parse_change(text) == (path, value)


def test_with_changes_makes_a_checked_copy(cells_trial: Scenario) -> None:
    before = json.dumps(cells_trial.document)
    changed = cells_trial.with_changes({"design.n_participants": 900, f"{CONTROL_RISK}.value": 0.4})
    assert (changed.design.n_participants, changed.assumptions.outcome.control_risk.value) == (900, 0.4)
    assert (cells_trial.design.n_participants, json.dumps(cells_trial.document)) == (1320, before)
    with pytest.raises(ScenarioError) as caught:
        cells_trial.with_changes({"design.n_participants": 1, "analysis.sides": 3})
    assert {fault.path for fault in caught.value.faults} == {"design.n_participants", "analysis.sides"}


def test_with_changes_keeps_earlier_changes(cells_trial: Scenario) -> None:
    twice = cells_trial.with_changes({"simulation.seed": 4}).with_changes({"simulation.replicates": 10})
    assert (twice.simulation.seed, twice.simulation.replicates) == (4, 10)


# --- grids


def test_lists_of_numbers_expand_to_their_product(cells_trial: Scenario) -> None:
    sizes, effects = [1000, 1320], [0.05, 0.075, 0.1]
    grid = cells_trial.with_changes(
        {"design.n_participants": sizes, "assumptions.outcome.effect.value": effects}
    )
    points = grid_points(grid)
    wanted = [(n, effect) for n in sizes for effect in effects]
    assert [tuple(at.values()) for at, _ in points] == wanted
    assert all(list(at) == ["design.n_participants", "assumptions.outcome.effect.value"] for at, _ in points)
    found = [(p.design.n_participants, p.assumptions.outcome.effect.value) for _, p in points]
    assert found == wanted
    assert all(not point.grid for _, point in points)


def test_list_of_one_number_is_a_grid_of_one_point(cells_trial: Scenario) -> None:
    (only,) = grid_points(cells_trial.with_changes({CONTROL_RISK: [0.3]}))
    assert only[0] == {CONTROL_RISK: 0.3}
    assert only[1].assumptions.outcome.control_risk.value == 0.3


def test_scenario_without_a_grid_is_one_point(cells_trial: Scenario) -> None:
    assert grid_points(cells_trial) == [({}, cells_trial)]


def test_lists_that_belong_there_make_no_grid(cells_trial: Scenario) -> None:
    assert cells_trial.with_changes({"design.randomisation.block_sizes": [2, 4]}).grid == ()


@pytest.mark.parametrize("value", [[], [True, 2], [1000, "x"], [[1000]]])
def test_list_of_anything_but_numbers_is_a_fault(cells_trial: Scenario, value: list[Any]) -> None:
    with pytest.raises(ScenarioError, match=r"design\.n_participants: "):
        cells_trial.with_changes({"design.n_participants": value})


def test_lists_of_words_and_tables_expand_too() -> None:
    """A choice by name, a part and an endpoint: each point is a scenario of its own."""
    endpoints = [{"kind": "employed", "last": 6}, {"kind": "employed", "last": 12, "hours": 4}]
    schemes = [{"kind": "complete"}, {"kind": "big_stick", "maximum_tolerated_imbalance": 3}]
    changes = {"assumptions.outcome.counterfactual": ["persist", "revert"],
               "assumptions.outcome.endpoint": endpoints, "design.randomisation": schemes}  # fmt: skip
    points = grid_points(read_scenario("ips_ung_persist", changes))
    assert len(points) == 8
    assert {p.assumptions.outcome.counterfactual for _, p in points} == {"persist", "revert"}
    assert {
        (p.assumptions.outcome.endpoint.last, p.assumptions.outcome.endpoint.hours) for _, p in points
    } == {
        (6, 1),
        (12, 4),
    }
    assert {p.design.randomisation.kind for _, p in points} == {"complete", "big_stick"}
    for at, point in points:
        assert at["assumptions.outcome.counterfactual"] == point.assumptions.outcome.counterfactual


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ("assumptions.outcome.counterfactual", ["persist", "revrt"], "revert"),
        ("assumptions.outcome.counterfactual", ["persist", 1], "must be"),
        ("design.randomisation", [{"kind": "complete"}, {"kind": "complet"}], "is not a kind"),
    ],
)
def test_a_list_with_a_bad_word_or_table_names_it(path: str, value: list[Any], fault: str) -> None:
    with pytest.raises(ScenarioError, match=fault):
        read_scenario("ips_ung_persist", {path: value})


def test_results_carry_the_coordinates_of_the_grid() -> None:
    scenario = read_scenario("seed", {"design.n_participants": [48, 96], CONTROL_RISK: [0.08, 0.2]})
    run = simulate(scenario)
    power = [
        row
        for row in run.characteristics
        if (row.measure, row.estimator) == ("power", "difference_in_proportions_pooled")
    ]
    at = [(row.at["design.n_participants"], row.at[CONTROL_RISK]) for row in power]
    assert at == [(48, 0.08), (48, 0.2), (96, 0.08), (96, 0.2)]
    values = dict(zip(at, (row.value for row in power), strict=True))
    assert values[96, 0.08] > values[48, 0.08] + 0.01
    assert values[96, 0.08] > values[96, 0.2] + 0.01  # the same difference is harder to see nearer one half
    table = run.table()
    assert set(table["design.n_participants"]) == {48, 96}
    assert set(table[CONTROL_RISK]) == {0.08, 0.2}


# --- digest


def test_digest_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    first = _extended(tmp_path, "[simulation]\nseed = 1\nreplicates = 5\n[design]\nn_participants = 90")
    second = _extended(tmp_path, "[design]\nn_participants = 90\n[simulation]\nreplicates = 5\nseed = 1")
    assert first.sha256 == second.sha256


def test_digest_changes_with_any_value(cells_trial: Scenario) -> None:
    changes: list[dict[str, object]] = [
        {},
        {"simulation.seed": 1},
        {"title": "Another"},
        {f"{CONTROL_RISK}.assumed": "no"},
        {"design.n_participants": [1000, 1320]},
    ]
    assert len({cells_trial.with_changes(change).sha256 for change in changes}) == len(changes)


def test_digest_is_the_same_in_another_process(cells_trial: Scenario) -> None:
    code = "import ipsrct; print(ipsrct.read_scenario('ips_ung_cells').sha256)"
    environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.strip() == cells_trial.sha256


# --- anything else is refused, never a crash


def _paths(node: Any, prefix: str = "") -> Iterator[str]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield f"{prefix}{key}"
        yield from _paths(value, f"{prefix}{key}.")


_DOCUMENT = read_scenario("ips_ung_subgroup_effects").document
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=6)
    | st.sampled_from(
        ["@evidence.pop_men", "@evidence.", "@evidence.fig1_month0", "ips", "age", "men", "complete"]
    )
)
_KEYS = st.text(max_size=4) | st.sampled_from(
    [
        "value",
        "low",
        "high",
        "evidence",
        "assumed",
        "kind",
        "name",
        "factors",
        "levels",
        "sizes",
        "age",
        "men",
    ]
)
_GARBAGE = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)


def _accepted_or_refused(name: str, changes: dict[str, object]) -> None:
    try:
        digest, faults = read_scenario(name, changes).sha256, ()
    except ScenarioError as error:
        digest, faults = "", error.faults
    assert bool(digest) != bool(faults)
    assert all(fault.path and fault.message for fault in faults)


@settings(max_examples=300)
@given(path=st.sampled_from(sorted(_paths(_DOCUMENT))), garbage=_GARBAGE)
@example(path=CONTROL_RISK, garbage={"evidence": 3})
@example(path=CONTROL_RISK, garbage={"evidence": [{}]})
@example(path=CONTROL_RISK, garbage={"value": 10**400, "evidence": ["pop_men"]})
@example(path="assumptions.cohort.factors.1.sizes", garbage=[1e308, 1e308])
@example(path="assumptions.cohort.factors.1.sizes", garbage=[math.inf, 1])
@example(path="assumptions.cohort.factors.1.name", garbage={"age": 1})
@example(path="design.arms.0.name", garbage=["control"])
def test_garbage_anywhere_is_accepted_or_a_scenario_error(path: str, garbage: object) -> None:
    _accepted_or_refused("ips_ung_subgroup_effects", {path: garbage})


@settings(max_examples=100)
@given(path=st.text(max_size=8) | st.lists(_KEYS, min_size=1, max_size=4).map(".".join), garbage=_SCALARS)
@example(path="design.arms.²", garbage=1)
@example(path="", garbage=1)
@example(path="design..n", garbage=1)
def test_override_at_any_path_is_accepted_or_a_scenario_error(path: str, garbage: object) -> None:
    _accepted_or_refused("seed", {path: garbage})
