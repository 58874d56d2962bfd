"""Results of ``ipsrct register`` as JSON, in percentage points; computes nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from ipsrct._version import __version__
from ipsrct.register import summary
from ipsrct.register.calibration import Calibration
from ipsrct.register.counterfactual import Counterfactual
from ipsrct.register.draw import Register
from ipsrct.register.measure_tables import NOTES, PublishedShare
from ipsrct.register.measure_types import CountedShare, counted_shares
from ipsrct.register.published import OUTCOMES, published_coefficients
from ipsrct.register.records import SELECTED_COLUMN, statement
from ipsrct.register.reproduction import Estimates, FittedCoefficient
from ipsrct.register.summary import Reproduction
from ipsrct.register.variants import VariantPaths
from ipsrct.register.width_test import WidthTest

PHASES = ("months 0-3", "months 4-6", "months 7-9", "months 10+")
"""Phases after start as the report prints them."""
SHOWN_MONTHS = (6, 12, 24)
_UNITS = "percentage points"


def _points(value: float) -> float | None:
    """Return a proportion in percentage points without the noise of the multiplication; None for NaN."""
    return None if math.isnan(value) else round(100 * float(value), 10)


def _dump(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, allow_nan=False, ensure_ascii=False)


def _provenance(fit: Calibration) -> dict[str, Any]:
    return {
        "ipsrct": __version__,
        "cost": fit.cost,
        "gradient_norm": fit.gradient_norm,
        "converged": fit.converged,
        "variant": asdict(fit.variant),
        **fit.provenance,
    }


def _coefficient(row: FittedCoefficient) -> dict[str, Any]:
    own = row.published
    return {
        "process": own.process,
        "table": own.table,
        "model": own.model,
        "outcome": own.outcome,
        "published": _points(own.estimate),
        "ci_low": _points(own.ci_low),
        "ci_high": _points(own.ci_high),
        "standard_error": _points(own.standard_error),
        "expected": _points(row.expected),
        "classic_se": _points(row.classic_standard_error),
        "cluster_se": _points(row.cluster_standard_error),
        "population": own.group,
        "phase": PHASES[own.phase] if own.model == "1" else "after IPS",
        "row_id": own.id,
    }


def _started(row: PublishedShare | CountedShare) -> dict[str, Any]:
    return {
        "name": f"started_measure_{row.period}",
        "group": row.group,
        "measure": row.measure,
        "n_started": row.started,
        "n_persons": row.persons,
    }


def _share(row: PublishedShare, expected: float) -> dict[str, Any]:
    return _started(row) | {
        "published": _points(row.share),
        "standard_error": _points(row.standard_error),
        "expected": _points(expected),
        "difference": _points(expected - row.share),
        "evidence": row.evidence,
        "source": row.source,
        "units": "per cent",
    }


def _fit_rows(result: Reproduction) -> dict[str, Any]:
    counts = [
        {key: getattr(count, key) for key in ("name", "group", "published", "evidence", "source")}
        | {"expected": value, "difference": value - count.published, "units": "number"}
        for count, value in result.counts
    ]
    curves = [
        {
            "process": process,
            "name": anchor.name,
            "evidence": anchor.evidence,
            "low": _points(anchor.low),
            "high": _points(anchor.high),
            "expected": _points(value),
            "range_read_from_words": anchor.worded,
        }
        for process, anchor, value in result.anchors
    ]
    return {
        "coefficients": [_coefficient(row) for row in result.coefficients],
        "counts": counts + [_share(*pair) for pair in result.shares],
        "curves": curves,
        "notes": {"started_measure": NOTES},
        "units": {"coefficients": _UNITS, "curves": "per cent, and percentage points for changes and gaps"},
        "provenance": _provenance(result.calibration),
    }


def reproduction(result: Reproduction) -> str:
    """Return every coefficient, count and curve anchor as JSON."""
    return _dump(_fit_rows(result))


def calibration(result: Reproduction) -> str:
    """Return a new fit, its convergence and its fit table as JSON."""
    fit = result.calibration
    convergence = {
        "converged": fit.converged,
        "starts_agree": summary.starts_agree(fit),
        "cost": fit.cost,
        "costs": list(fit.costs),
        "gradient_norm": fit.gradient_norm,
    }
    return _dump(convergence | {"parameters": fit.parameters} | _fit_rows(result))


def _by_month(one: Counterfactual, k: int) -> dict[str, list[float | None]]:
    months = [one.relative_months.tolist().index(month) for month in SHOWN_MONTHS]
    paths = {name: getattr(one, name)[months, k] for name in ("control", "treated", "effect")}
    return {name: [_points(value) for value in values] for name, values in paths.items()}


def _variant(row: VariantPaths) -> dict[str, Any]:
    paths = [
        {"counterfactual": one.name, "months": SHOWN_MONTHS} | _by_month(one, 0)
        for one in row.counterfactuals
    ]
    return {
        "start_months": row.calibration.variant.start_distribution,
        "heterogeneity": row.calibration.variant.heterogeneity,
        "cost": row.calibration.cost,
        "converged": row.calibration.converged,
        "outcome": OUTCOMES[0],
        "counterfactuals": paths,
        "correlation_of_baseline_and_month_12": row.baseline_correlation,
    }


def identification(
    found: Sequence[Counterfactual], fit: Calibration, variants: Sequence[VariantPaths] = ()
) -> str:
    """Return control path, effect and what Model 1 would show without effect, by control path and outcome."""
    rows = []
    for one in found:
        for k, outcome in enumerate(OUTCOMES):
            shown = [_points(value) for value in one.shown_without_effect[:, k]]
            rows.append(
                {
                    "counterfactual": one.name,
                    "outcome": outcome,
                    "entry_drift": one.drift,
                    "months": SHOWN_MONTHS,
                }
                | _by_month(one, k)
                | {"phases": PHASES, "model_1_without_effect": shown}
            )
    units = {"control": "per cent", "treated": "per cent", "effect": _UNITS, "model_1_without_effect": _UNITS}
    extra = {"variants": [_variant(row) for row in variants]} if variants else {}
    return _dump({"counterfactuals": rows, **extra, "units": units, "provenance": _provenance(fit)})


def widths(results: Sequence[WidthTest], as_stated: bool) -> str:
    """Return printed and implied widths of both codings as JSON."""
    rows = [
        {
            "coding": one.coding,
            "n_hits": one.n_hits,
            "n_widths": one.n_widths,
            "residual_sd": dict(zip(OUTCOMES, map(_points, one.residual_sd), strict=True)),
            "published": {
                k: [_points(w) for w in row] for k, row in zip(OUTCOMES, one.published, strict=True)
            },
            "implied": {k: [_points(w) for w in row] for k, row in zip(OUTCOMES, one.implied, strict=True)},
        }
        for one in results
    ]
    return _dump({"codings": rows, "phases": PHASES, "as_stated": as_stated, "units": _UNITS})


def estimate_rows(estimates: Estimates) -> list[dict[str, Any]]:
    """Return a register's own coefficients beside the published ones, in percentage points."""
    own = published_coefficients()[: estimates.coefficient.size]
    columns = (estimates.coefficient, estimates.classic_standard_error, estimates.cluster_standard_error)
    return [
        {
            "process": row.process,
            "model": row.model,
            "outcome": row.outcome,
            "population": row.group,
            "phase": PHASES[row.phase] if row.model == "1" else "after IPS",
            "coefficient": _points(value),
            "classic_se": _points(classic),
            "cluster_se": _points(cluster),
            "published": _points(row.estimate),
        }
        for row, value, classic, cluster in zip(own, *columns, strict=True)
    ]


def _share_rows(found: Register) -> list[dict[str, Any]]:
    """Return Tables 4 to 7 of a register beside the published ones, in per cent; none without measures."""
    return [
        _started(row)
        | {
            "share": _points(row.share),
            "published": None if row.published is None else _points(row.published.share),
            "source": None if row.published is None else row.published.source,
        }
        for row in counted_shares(found)
    ]


def _about(found: Register, file: str) -> dict[str, Any]:
    numbers = {"n_persons": found.state.shape[0], "n_months": found.state.shape[1]}
    return {
        "file": file,
        **numbers,
        "n_finished": found.n_finished,
        "person_months_outside_ips": found.n_outside,
    }


def written(drawn: Register, estimates: Estimates, file: str) -> str:
    """Return what was written, with the register's own coefficients, as JSON."""
    document = (
        _about(drawn, file) | statement(drawn) | {"coefficients": estimate_rows(estimates), "units": _UNITS}
    )
    return _dump(document)


def evaluation(found: Register, estimates: Estimates, file: str, coding: str) -> str:
    """Return the coefficients of one register as JSON."""
    labels = {SELECTED_COLUMN: found.selected, "origin": found.origin}
    rows = {"coefficients": estimate_rows(estimates), "coding": coding, "units": _UNITS}
    rows |= {"counts": _share_rows(found)}
    return _dump(_about(found, file) | labels | rows)
