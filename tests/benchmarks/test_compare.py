"""What compare.py takes for a fault, and its exit codes."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from tests.benchmarks._load import BENCHMARKS, load

compare = load("compare")
BASELINE = {
    "jobs": [
        {"job": "j1_counts", "peer": "numpy_binomial", "ratio": 0.5},
        {"job": "j1_counts", "peer": "rpact", "ratio": 30.0},
    ],
    "memory": [{"job": "j1", "ratio": 1.0}],
    "not_measured": [],
}


def exit_code(tmp_path, current, *options: str) -> int:
    paths = [tmp_path / "baseline.json", tmp_path / "current.json"]
    for path, report in zip(paths, (BASELINE, current), strict=True):
        path.write_text(json.dumps(report), encoding="utf-8")
    return compare.main([*map(str, paths), *options])


def changed(ratio: float, row: int = 0) -> dict:
    report = deepcopy(BASELINE)
    report["jobs"][row]["ratio"] = ratio
    return report


@pytest.mark.parametrize(
    ("ratio", "options", "expected"),
    [
        (0.5, (), 0),
        (0.26, (), 0),
        (0.24, (), 1),
        (5.0, (), 0),
        (0.41, ("--tolerance", "0.2"), 0),
        (0.39, ("--tolerance", "0.2"), 1),
    ],
)
def test_a_ratio_may_lose_the_tolerance(tmp_path, capsys, ratio, options, expected):
    assert exit_code(tmp_path, changed(ratio), *options) == expected
    assert ("FELL" in capsys.readouterr().out) == bool(expected)


def test_a_missing_job_is_a_fault(tmp_path, capsys):
    current = deepcopy(BASELINE)
    del current["jobs"][1]
    assert exit_code(tmp_path, current) == 1
    assert "MISSING" in capsys.readouterr().out


def test_a_peer_that_is_not_installed_is_no_fault(tmp_path, capsys):
    current = deepcopy(BASELINE)
    del current["jobs"][1]
    current["not_measured"] = [{"job": "j1_counts", "peer": "rpact", "reason": "Rscript was not found"}]
    assert exit_code(tmp_path, current) == 0
    assert "not measured: Rscript was not found" in capsys.readouterr().out


def test_memory_that_grows_is_a_fault(tmp_path):
    current = deepcopy(BASELINE)
    current["memory"][0]["ratio"] = 0.3
    assert exit_code(tmp_path, current) == 1


def test_tolerance_must_be_a_share(tmp_path):
    with pytest.raises(SystemExit, match="2"):
        exit_code(tmp_path, BASELINE, "--tolerance", "1.5")


def test_stored_baseline_passes_against_itself():
    path = str(BENCHMARKS / "baseline.json")
    assert compare.main([path, path]) == 0
