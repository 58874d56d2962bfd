"""What the before-after evidence leaves open: three control paths and the effects that go with them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.register.anchors import ANCHORS
from ipsrct.register.calibration import default_calibration
from ipsrct.register.counterfactual import CONTROL_LEVELS, FOLLOW_UP_MONTH, make_counterfactual
from ipsrct.scenario import Scenario


def identification(scenario: Scenario) -> dict[str, Any]:
    """Return the treated path and three control paths month by month, at least 1 hour a week.

    Proportions; the treated path is the same in all three.

    Raises
    ------
    NotAvailableError
        If the scenario's outcome does not come from the register's chain.
    """
    if scenario.assumptions.outcome.kind != "register_chain":
        raise NotAvailableError(Message("the scenario's outcome does not come from the register's chain"))
    fitted = default_calibration()
    paths = []
    for name in CONTROL_LEVELS:
        found = make_counterfactual(fitted.parameters, name, fitted.variant)
        month = found.relative_months.tolist().index(FOLLOW_UP_MONTH)
        paths.append(
            {
                "name": name,
                "control": found.control[:, 0].tolist(),
                "treated": found.treated[:, 0].tolist(),
                "effect": found.effect[:, 0].tolist(),
                "control_at_follow_up": float(found.control[month, 0]),
                "effect_at_follow_up": float(found.effect[month, 0]),
                "shown_without_effect": found.shown_without_effect[:, 0].tolist(),
            }
        )
    return {
        "months": found.relative_months.tolist(),
        "follow_up_month": FOLLOW_UP_MONTH,
        "paths": paths,
        "treated_at_follow_up": float(found.treated[month, 0]),
        "published_levels": [
            {"month": anchor.terms[0][1], **{k: v for k, v in asdict(anchor).items() if k != "terms"}}
            for anchor in ANCHORS
            if len(anchor.terms) == 1 and anchor.terms[0][0] == "all"
        ],
    }
