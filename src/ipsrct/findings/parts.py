"""The parts of the findings: each takes a scenario and returns what JSON can hold."""

from __future__ import annotations

from collections.abc import Callable

from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.findings.conduct import levers, plan, recruitment
from ipsrct.findings.flow import flow
from ipsrct.findings.headline import headline
from ipsrct.findings.identification import identification
from ipsrct.findings.loading import TARGET_POWER, Part, own
from ipsrct.findings.nuisance import EVERYBODY_ONLY, type_i_errors
from ipsrct.findings.performance import performance
from ipsrct.scenario import Scenario

POWERS = (TARGET_POWER, 0.9)


def _sizing(scenario: Scenario) -> Part:
    from ipsrct.sizing import size

    return own(size(scenario, POWERS))


def _sizing_all_observed(scenario: Scenario) -> Part:
    """Size the trial as if every outcome were seen, to show what the missing ones add."""
    from ipsrct.sizing import size

    if not scenario.assumptions.attrition:
        raise NotAvailableError(Message("every outcome is assumed to be seen"))
    observed = scenario.with_changes({"assumptions.attrition": {}} | EVERYBODY_ONLY)
    return own(size(observed, POWERS))


def _detectable(scenario: Scenario) -> Part:
    from ipsrct.detectable import minimum_detectable_effect

    return own(minimum_detectable_effect(scenario, POWERS))


def _curve(scenario: Scenario) -> Part:
    from ipsrct.curves import over_sizes, power_curve

    return own(power_curve(over_sizes(scenario)))


def _sensitivity(scenario: Scenario) -> Part:
    from ipsrct._sensitivity import sensitivity

    return own(sensitivity(scenario, TARGET_POWER))


def _assurance(scenario: Scenario) -> Part:
    from ipsrct._assurance import assurance

    return own(assurance(scenario))


PARTS: dict[str, Callable[[Scenario], Part]] = {
    "levers": levers,
    "sensitivity": _sensitivity,
    "sizing": _sizing,
    "sizing_all_observed": _sizing_all_observed,
    "characteristics": performance,
    "type_i_errors": type_i_errors,
    "plan": plan,
    "curve": _curve,
    "detectable": _detectable,
    "recruitment": recruitment,
    "assurance": _assurance,
    "identification": identification,
    "flow": flow,
    "headline": headline,
}
"""The slowest first, so that two workers finish together."""
