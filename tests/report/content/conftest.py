"""Stored findings with something changed; small trials whose findings are computed when first asked for."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import pytest

from ipsrct import Scenario, read_scenario
from ipsrct.findings import find
from ipsrct.report.results import Node

UNPOOLED = {"kind": "difference_in_proportions", "variance": "unpooled"}
UNPOOLED_LABEL = "difference_in_proportions_unpooled"
_PARTS = (
    "headline",
    "sizing",
    "sizing_all_observed",
    "sensitivity",
    "characteristics",
    "detectable",
    "identification",
)
_TIMED = (*_PARTS, "recruitment")
_FEW: dict[str, Any] = {
    "analysis.subgroups": [],
    "analysis.interactions": [],
    "analysis.estimators": [UNPOOLED],
    "simulation.replicates": 4096,
}
_SMALL = _FEW | {
    "assumptions.cohort.factors": [],
    "design.n_participants": 150,
    "design.randomisation": {"kind": "permuted_block", "block_sizes": [6]},
    "assumptions.outcome.effect": {
        "value": 0.25,
        "low": 0.15,
        "high": 0.35,
        "assumed": "large, so that the trial is small",
    },
}
_ATTRITION = {"ips": 0.2, "control": {"value": 0.3, "assumed": "as elsewhere"}}
_THREE_ARMS = [
    {"name": "ips", "allocation_weight": 2},
    {"name": "ips_light", "allocation_weight": 1},
    {"name": "control", "allocation_weight": 3, "is_control": True},
]
_MONTHS = {"kind": "months_employed", "last": 12}
_TRIALS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "small": ("ips_ung_cells", _SMALL, _TIMED),
    "attrition": ("ips_ung_cells", _SMALL | {"assumptions.attrition": _ATTRITION}, _PARTS),
    "two_to_one": ("ips_ung_cells", _SMALL | {"design.arms.0.allocation_weight": 2}, _TIMED),
    "three_arms": (
        "ips_ung_cells",
        _SMALL | {"design.arms": _THREE_ARMS, "analysis.estimators": [{"kind": "linear_probability"}]},
        ("headline", "sizing", "characteristics"),
    ),
    "months": (
        "ips_ung",
        _FEW
        | {
            "assumptions.outcome.endpoint": _MONTHS,
            "assumptions.outcome.effect": {"value": 0.2, "low": 0.15, "high": 0.25, "assumed": "large"},
            "design.n_participants": 200,
        },
        ("headline",),
    ),
    "no_effect": ("ips_ung_cells", _SMALL | {"assumptions.outcome.effect": 0.0}, _TIMED),
    "other_side": (
        "ips_ung_cells",
        _SMALL
        | {
            "assumptions.outcome.effect": -0.1,
            "analysis.sides": 1,
            "analysis.significance_level": 0.025,
            "design.target_difference": "important",
        },
        _PARTS,
    ),
    "seed": ("seed", {"simulation.replicates": 4096}, _PARTS),
    "bergen": (
        "refugees_bergen",
        {
            "simulation.replicates": 4096,
            "assumptions.cohort": {
                "kind": "cells",
                "factors": [{"name": "age", "levels": ["young", "old"], "sizes": [30, 36]}],
            },
            "analysis.estimators": [UNPOOLED, {"kind": "linear_probability", "factors": ["age"]}],
        },
        _PARTS,
    ),
    "persist": ("ips_ung_persist", _FEW, ("headline",)),
}
TRIALS = tuple(_TRIALS)


@cache
def trial(name: str) -> Scenario:
    source, changes, _ = _TRIALS[name]
    return read_scenario(source, changes)


@cache
def _results(name: str) -> Node:
    document = find(trial(name), parts=_TRIALS[name][2]).open_edition().document
    if (
        name == "months"
    ):  # a search by individuals takes its time, and what is tested here is what is said of it
        document["sizing"] = {"answers": [_needed(0.8, 210), _needed(0.9, 282)]}
        power = {"measure": "power", "estimator": UNPOOLED_LABEL, "population": "all", "value": 0.77}
        document["characteristics"] = {"characteristics": [power | {"mc_standard_error": 0.012}]}
    return Node(document)


def _needed(target: float, n: int) -> dict[str, Any]:
    return {
        "target_power": target,
        "estimator": UNPOOLED_LABEL,
        "population": "all",
        "method": "individual",
        "n_total": n,
        "n_per_arm": {"ips": n // 2, "control": n // 2},
        "n_low": n - 8,
        "n_high": n + 8,
        "power": target + 0.001,
        "mc_standard_error": 0.004,
        "n_replicates": 2048,
        "note": "",
    }


@pytest.fixture(scope="session")
def of_trial(results: Node) -> Callable[[str], Node]:
    """The open results of a small trial by name; of the stored ``ips_ung`` too."""
    return lambda name: results if name == "ips_ung" else _results(name)


@pytest.fixture
def changed(results) -> Callable[[Mapping[str, Any]], Node]:
    """Return results with dotted paths replaced; None takes a key out."""

    def change(values: Mapping[str, Any]) -> Node:
        document = copy.deepcopy(results.value)
        for path, value in values.items():
            *parents, last = (int(key) if key.isdigit() else key for key in path.split("."))
            place: Any = document
            for key in parents:
                place = place[key]
            if value is None:
                del place[last]
            else:
                place[last] = value
        return Node(document)

    return change
