"""The expected flow of participants, from those asked to those analysed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ipsrct.cohort.cells import largest_remainders
from ipsrct.scenario import Scenario


def flow(scenario: Scenario) -> dict[str, Any]:
    """Return the planned numbers at each step of a CONSORT diagram.

    Those asked are the number randomised over the share who consent, rounded up. The arms add up to the
    number randomised; those not analysed are an arm's number times its assumed attrition, rounded to whole
    persons. ``asked`` is None where the scenario says nothing about consent.
    """
    n, weights, plan = scenario.design.n_participants, scenario.design.weights, scenario.recruitment
    attrition = scenario.assumptions.attrition
    asked = too_young = None
    if plan is not None:
        young = plan.share_under_18.value
        consenting = plan.consent.value * plan.guardian_consent.value * young if plan.minimum_age == 16 else 0
        share = plan.consent.value * (1 - young) + consenting
        asked = _whole(n / share)
        too_young = _whole(asked * young) if plan.minimum_age > 16 else 0
    arms = []
    sizes = largest_remainders(np.array(weights) / sum(weights), n).tolist()
    for name, allocated in zip(scenario.arm_names, sizes, strict=True):
        missing = round(attrition[name].value * allocated) if name in attrition else 0
        arms.append(
            {
                "arm": name,
                "allocated": allocated,
                "not_observed": missing,
                "analysed": allocated - missing,
            }
        )
    return {
        "asked": asked,
        "too_young": too_young,
        "declined": None if asked is None else asked - (too_young or 0) - n,
        "randomised": n,
        "arms": arms,
    }


def _whole(persons: float) -> int:
    """Return whole persons, rounded up; what floating point adds to a whole number is none."""
    return math.ceil(round(persons, 9))
