"""The parts of the findings: each takes a scenario and returns what JSON can hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.findings.flow import flow
from ipsrct.findings.headline import headline
from ipsrct.findings.identification import identification
from ipsrct.findings.nuisance import EVERYBODY_ONLY, type_i_errors
from ipsrct.scenario import Scenario

Part = dict[str, Any]
POWERS = (0.8, 0.9)


def _own(run: AsJson) -> Part:
    """Return what a run says, without what stands once in the document."""
    return {key: value for key, value in run.to_dict().items() if key not in ("scenario", "assumptions")}


def _characteristics(scenario: Scenario) -> Part:
    from ipsrct.characteristics import simulate

    return _own(simulate(scenario))


def _sizing(scenario: Scenario) -> Part:
    from ipsrct.sizing import size

    return _own(size(scenario, POWERS))


def _sizing_all_observed(scenario: Scenario) -> Part:
    """Size the trial as if every outcome were seen, to show what the missing ones add."""
    from ipsrct.sizing import size

    if not scenario.assumptions.attrition:
        raise NotAvailableError(Message("every outcome is assumed to be seen"))
    observed = scenario.with_changes({"assumptions.attrition": {}} | EVERYBODY_ONLY)
    return _own(size(observed, POWERS))


def _detectable(scenario: Scenario) -> Part:
    from ipsrct.detectable import minimum_detectable_effect

    return _own(minimum_detectable_effect(scenario, POWERS))


def _curve(scenario: Scenario) -> Part:
    from ipsrct.curves import over_sizes, power_curve

    return _own(power_curve(over_sizes(scenario)))


def _sensitivity(scenario: Scenario) -> Part:
    from ipsrct._sensitivity import sensitivity

    return _own(sensitivity(scenario, POWERS[0]))


def _assurance(scenario: Scenario) -> Part:
    from ipsrct._assurance import assurance

    return _own(assurance(scenario))


def _plan(scenario: Scenario) -> Part:
    from ipsrct.diagnostics import diagnose

    return _own(diagnose(scenario))


def _recruitment(scenario: Scenario) -> Part:
    from ipsrct.recruiting import recruit

    return _own(recruit(scenario))


def _levers(scenario: Scenario) -> Part:
    from ipsrct._levers import levers

    return _own(levers(scenario, POWERS[0]))


PARTS: dict[str, Callable[[Scenario], Part]] = {
    "levers": _levers,
    "sensitivity": _sensitivity,
    "sizing": _sizing,
    "sizing_all_observed": _sizing_all_observed,
    "characteristics": _characteristics,
    "type_i_errors": type_i_errors,
    "plan": _plan,
    "curve": _curve,
    "detectable": _detectable,
    "recruitment": _recruitment,
    "assurance": _assurance,
    "identification": identification,
    "flow": flow,
    "headline": headline,
}
"""The slowest first, so that two workers finish together."""
