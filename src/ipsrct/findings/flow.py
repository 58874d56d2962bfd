"""The expected flow of participants, from those asked to those analysed."""

from __future__ import annotations

import math
from typing import Any

from ipsrct.scenario import Scenario


def flow(scenario: Scenario) -> dict[str, Any]:
    """Return the planned numbers at each step of a CONSORT diagram.

    Those asked are the number randomised over the share who consent, rounded up; those not analysed are an
    arm's planned number times its assumed attrition, rounded to whole persons. ``asked`` is None where the
    scenario says nothing about consent.
    """
    n, weights, plan = scenario.design.n_participants, scenario.design.weights, scenario.recruitment
    attrition = scenario.assumptions.attrition
    asked = too_young = None
    if plan is not None:
        young = plan.share_under_18.value
        consenting = plan.consent.value * plan.guardian_consent.value * young if plan.minimum_age == 16 else 0
        share = plan.consent.value * (1 - young) + consenting
        asked = math.ceil(n / share)
        too_young = math.ceil(asked * young) if plan.minimum_age > 16 else 0
    arms = []
    for arm, weight in zip(scenario.design.arms, weights, strict=True):
        allocated = n * weight / sum(weights)
        missing = attrition[arm.name].value * allocated if arm.name in attrition else 0.0
        arms.append(
            {
                "arm": arm.name,
                "allocated": round(allocated),
                "not_observed": round(missing),
                "analysed": round(allocated) - round(missing),
            }
        )
    return {
        "asked": asked,
        "too_young": too_young,
        "declined": None if asked is None else asked - (too_young or 0) - n,
        "randomised": n,
        "arms": arms,
    }
