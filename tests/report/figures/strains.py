"""Results that strain a figure: no subgroups, a dozen, another unit, numbers that are not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Document = dict[str, Any]


def _rows(document: Document) -> dict[str, list[Document]]:
    """Return the lists that have a row for each population."""
    return {
        "populations": document["scenario"]["populations"],
        "points": document["curve"]["points"],
        "characteristics": document["characteristics"]["characteristics"],
        "intervals": document["characteristics"]["expected_intervals"],
        "effects": document["detectable"]["effects"],
    }


def alone(document: Document) -> None:
    """Leave everybody only."""
    for rows in _rows(document).values():
        rows[:] = [row for row in rows if row.get("population", row.get("name")) == "all"]


def dozen(document: Document) -> None:
    """Leave everybody and twelve subgroups of one factor, alike but for their power at each size."""
    levels = [f"county_number_{i}" for i in range(1, 13)]
    for name, rows in _rows(document).items():
        key = "name" if name == "populations" else "population"
        everybody = [row for row in rows if row[key] == "all"]
        pattern = [row for row in rows if row[key] == "sex:women"]
        copies = [
            row | {key: f"county:{level}", "factor": "county", "level": level, "power": 0.04 + 0.02 * i}
            for row in pattern
            for i, level in enumerate(levels)
        ]
        rows[:] = everybody + copies


def months(document: Document) -> None:
    """Measure the outcome in months, with ten times as large effects."""
    document["scenario"] |= {"unit": "months", "is_share": False}
    for row in document["characteristics"]["expected_intervals"]:
        row |= {key: 10 * row[key] for key in ("effect", "low", "high", "mc_standard_error")}
    for row in document["detectable"]["effects"]:
        row |= {key: 10 * row[key] for key in ("effect", "assumed_effect", "mc_standard_error")}


def missing(document: Document) -> None:
    """Let no size reach any target, nothing be detected, and one subgroup never be estimated."""
    gone = dict.fromkeys(("n_total", "n_low", "n_high"))
    for row in document["sizing"]["answers"] + document["assurance"]["answers"]:
        row |= gone
    for row in document["sensitivity"]["rows"]:
        if row["end"] == "low":
            row |= gone | {"power": None, "mc_standard_error": None}
    for row in document["detectable"]["effects"]:
        row |= dict.fromkeys(("effect", "low", "high", "mc_standard_error"))
    for row in document["characteristics"]["expected_intervals"]:
        if row["population"] == "sex:men":
            row |= dict.fromkeys(("low", "high", "mc_standard_error"))
    for row in document["characteristics"]["characteristics"]:
        if row["population"] == "sex:men" and row["measure"] == "power":
            row |= {"value": None, "mc_standard_error": None}


def beyond(document: Document) -> None:
    """Let the sizes lie far beyond the curve, each with a wide Monte Carlo interval."""
    for row in document["sizing"]["answers"] + document["assurance"]["answers"]:
        row |= {"n_total": 123_456, "n_low": 100_000, "n_high": 150_000}
    for row in document["sensitivity"]["rows"]:
        n = row["n_total"]
        row |= {"n_low": 0.9 * n, "n_high": 1.1 * n, "mc_standard_error": 0.01}


def many_assumptions(document: Document) -> None:
    """Give nine assumptions a range."""
    rows = document["sensitivity"]["rows"]
    for i in range(7):
        path = f"assumptions.outcome.register_errors.control.late_start_{i}"
        rows += [row | {"assumption": path} for row in rows[1:3]]


STRAINS: dict[Callable[[Document], None], tuple[str, ...]] = {
    alone: ("power_curve", "forest"),
    dozen: ("power_curve", "forest"),
    months: ("forest", "assurance"),
    missing: ("power_curve", "forest", "tornado", "assurance"),
    beyond: ("power_curve", "tornado", "assurance"),
    many_assumptions: ("tornado",),
}
"""What is changed, and the figures that show it."""
