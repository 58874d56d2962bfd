"""What the before-after evidence leaves open: three control paths and the effects that go with them."""

from __future__ import annotations

from dataclasses import asdict
from itertools import accumulate
from typing import Any

from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.register.anchors import ANCHORS
from ipsrct.register.calibration import Calibration, default_calibration
from ipsrct.register.clusters import cluster_errors_model_2
from ipsrct.register.counterfactual import (
    CONTROL_LEVELS,
    FOLLOW_UP_MONTH,
    Counterfactual,
    make_counterfactual,
)
from ipsrct.register.published import OUTCOMES, published_coefficients
from ipsrct.register.regressions import expected_model_1, expected_model_2
from ipsrct.register.reproduction import FittedCoefficient
from ipsrct.register.summary import honest_interval, inflation
from ipsrct.register.width_test import width_test
from ipsrct.scenario import Scenario


def identification(scenario: Scenario) -> dict[str, Any]:
    """Return the treated path and three control paths, and what the evaluation's model shows of them.

    Employment of at least 1 hour a week, proportions, month by month; the treated path is the same in all
    three. Whatever Model 1 shows is its expected difference from the months before start, by phase.

    Raises
    ------
    NotAvailableError
        If the scenario's outcome does not come from the register's chain.
    """
    if scenario.assumptions.outcome.kind != "register_chain":
        raise NotAvailableError(Message("the scenario's outcome does not come from the register's chain"))
    fitted = default_calibration()
    found = [make_counterfactual(fitted.parameters, name, fitted.variant) for name in CONTROL_LEVELS]
    month = found[0].relative_months.tolist().index(FOLLOW_UP_MONTH)
    return {
        "months": found[0].relative_months.tolist(),
        "follow_up_month": FOLLOW_UP_MONTH,
        "paths": [_path(one, month) for one in found],
        "treated_at_follow_up": float(found[0].treated[month, 0]),
        "published_levels": [
            {"month": anchor.terms[0][1], **{k: v for k, v in asdict(anchor).items() if k != "terms"}}
            for anchor in ANCHORS
            if len(anchor.terms) == 1 and anchor.terms[0][0] == "all"
        ],
        "model_1": _model_1(fitted),
        "model_2": _model_2(fitted),
    }


def _path(one: Counterfactual, month: int) -> dict[str, Any]:
    return {
        "name": one.name,
        "control": one.control[:, 0].tolist(),
        "treated": one.treated[:, 0].tolist(),
        "effect": one.effect[:, 0].tolist(),
        "control_at_follow_up": float(one.control[month, 0]),
        "effect_at_follow_up": float(one.effect[month, 0]),
        "shown_without_effect": one.shown_without_effect[:, 0].tolist(),
    }


def _model_1(fitted: Calibration) -> dict[str, Any]:
    """Return the published steps, added up, what the chain gives, and what tells steps from levels."""
    rows = [r for r in published_coefficients() if (r.model, r.outcome) == ("1", "employment_1h")]
    steps = [row.estimate for row in rows]
    as_steps, as_levels = width_test("step"), width_test("level")
    return {
        "evidence": [row.id for row in rows],
        "published": steps,
        "published_added_up": list(accumulate(steps)),
        "fitted_added_up": expected_model_1(fitted.moments, "level").coefficient[:, 0].tolist(),
        "n_widths": as_steps.n_widths,
        "widths_hit_as_steps": as_steps.n_hits,
        "widths_hit_as_levels": as_levels.n_hits,
    }


def _model_2(fitted: Calibration) -> dict[str, Any]:
    """Return Model 2's estimate for everybody with its printed interval and with one by person."""
    published = next(r for r in published_coefficients() if r.model == "2" and r.outcome == OUTCOMES[0])
    hazards, moments = fitted.variant.shown(fitted.parameters), fitted.moments
    expected = expected_model_2(moments)
    everybody = (0, 0)  # group and outcome
    row = FittedCoefficient(
        published,
        float(expected.coefficient[everybody]),
        float(expected.classic_standard_error[everybody]),
        float(cluster_errors_model_2(hazards, moments)[everybody]),
    )
    low, high = honest_interval(row)
    return {
        "evidence": published.id,
        "published": published.estimate,
        "low": published.ci_low,
        "high": published.ci_high,
        "inflation": inflation(row),
        "low_by_person": low,
        "high_by_person": high,
    }
