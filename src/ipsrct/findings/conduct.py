"""How the trial is conducted: the randomisation plan, recruitment in calendar months, and the levers."""

from __future__ import annotations

from ipsrct._message import Message
from ipsrct.findings.loading import TARGET_POWER, Part, own
from ipsrct.recruitment.plan import County
from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE

_REFUSED_BY_SCHEME = Message("the randomisation does not allow it")


def plan(scenario: Scenario) -> Part:
    """Return the randomisation plan; the warnings of everybody stand apart from those that tell of blocks."""
    from ipsrct.diagnostics import diagnose
    from ipsrct.diagnostics.cautions import block_warnings, open_warnings

    scheme = scenario.design.scheme
    found = own(diagnose(scenario))
    return found | {
        "n_strata": _n_strata(scenario),
        "warnings": list(open_warnings(scenario, scheme)),
        "restricted_warnings": list(block_warnings(scenario, scheme)),
    }


def _n_strata(scenario: Scenario) -> int:
    factors, cells = scenario.design.scheme.strata_factors, scenario.assumptions.cohort_model.cells()
    strata = int(cells.stratum_index([name for name in factors if name != SERVICE]).max()) + 1
    return strata * (scenario.assumptions.cohort.n_services if SERVICE in factors else 1)


def recruitment(scenario: Scenario) -> Part:
    """Return the recruitment, its milestones in calendar months too.

    A milestone that is reached after 12.3 months is reached in month 13, counted from opening.
    """
    from ipsrct.recruiting import recruit

    run = recruit(scenario)
    found = own(run)
    for row in found["counties"]:
        row["name"] = _county_name(row["county"], run.plan.counties[row["county"]])
    return found | {"n_services": run.plan.n_services}


def _county_name(key: str, county: County) -> str:
    """Return the name as the published county table writes it, else the key in words."""
    published = [
        name.split(".")[1] for name in county.services.evidence if name.startswith("county_services.")
    ]
    return published[0] if published else key.replace("_", " ").capitalize()


def levers(scenario: Scenario) -> Part:
    """Return the levers; why a scheme refuses one may quote a restricted key, and is not given."""
    from ipsrct._levers import levers as run_levers

    run = run_levers(scenario, TARGET_POWER)
    found = own(run)
    for row in found["refused"]:
        row["reason"] = _open_reason(row["reason"])
    return found


def _open_reason(reason: str) -> str:
    return _REFUSED_BY_SCHEME if "design.randomisation" in reason else reason
