"""What the investigators of a trial can choose otherwise, as changes of its scenario."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ipsrct._message import Message, joined
from ipsrct.errors import ScenarioError
from ipsrct.recruiting import plan_of
from ipsrct.scenario import Scenario

_BASELINE = "employed_before"


@dataclass(frozen=True)
class Lever:
    """One thing done otherwise.

    Attributes
    ----------
    group : str
        ``endpoint``, ``adjustment``, ``allocation``, ``strata`` or ``services``.
    name : Message
    changes : dict
        Paths and values for the scenario.
    same_estimand : bool
        Whether the effect is still the scenario's.
    """

    group: str
    name: Message
    changes: dict[str, Any] = field(default_factory=dict)
    same_estimand: bool = True


def overall(scenario: Scenario) -> Scenario:
    """Return the scenario with its first estimator, for the whole population only."""
    first = scenario.document["analysis"]["estimators"][0]
    return scenario.with_changes(
        {"analysis.subgroups": [], "analysis.interactions": [], "analysis.estimators": [first]}
    )


def available_levers(reference: Scenario) -> list[Lever]:
    """Return the levers that the scenario's parts allow and that change something."""
    return [lever for lever in _candidates(reference) if _changes_something(lever, reference)]


def refused_levers(reference: Scenario) -> tuple[tuple[Message, str], ...]:
    """Return the levers that the scenario cannot have, each with the reason."""
    found = ((lever.name, _fault(lever, reference)) for lever in _candidates(reference))
    return tuple((name, fault) for name, fault in found if fault)


def _candidates(reference: Scenario) -> list[Lever]:
    found = [*_endpoints(reference), *_adjustments(reference), *allocations(reference)]
    return [*found, *_strata(reference), *services(reference)]


def _fault(lever: Lever, reference: Scenario) -> str:
    try:
        reference.with_changes(lever.changes)
    except ScenarioError as error:
        return joined((joined((fault.path, fault.message), ": ") for fault in error.faults), "; ")
    return ""


def _changes_something(lever: Lever, reference: Scenario) -> bool:
    if _fault(lever, reference):
        return False
    changed = reference.with_changes(lever.changes)
    return (
        any(
            getattr(changed, part) != getattr(reference, part)
            for part in ("design", "assumptions", "recruitment")
        )
        or changed.analysis.estimators != reference.analysis.estimators
    )


def _endpoints(reference: Scenario) -> list[Lever]:
    if reference.assumptions.outcome_model.kind != "register_chain":
        return []
    found = [
        (Message("employed in month {month}", month=month), {"kind": "employed", "last": month})
        for month in (6, 12, 18)
    ]
    found += [
        (
            Message("month 12, more than {hours} hours a week", hours=hours),
            {"kind": "employed", "last": 12, "hours": hours},
        )
        for hours in (4, 10)
    ]
    found += [
        (Message("any job in months 1 to 12"), {"kind": "employed_at_least", "months": 1, "last": 12}),
        (Message("months employed in 1 to 12"), {"kind": "months_employed", "last": 12}),
    ]
    levers = []
    for name, endpoint in found:
        changes: dict[str, Any] = {
            "assumptions.outcome.endpoint": endpoint,
            "analysis.estimand.month": endpoint["last"],
            "analysis.estimand.variable": str(name),
        }
        if endpoint["kind"] == "months_employed":
            changes["analysis.estimators"] = [{"kind": "linear_probability"}]
        levers.append(Lever(Message("endpoint"), name, changes, same_estimand=False))
    return levers


def _adjustments(reference: Scenario) -> list[Lever]:
    factors = [f for f in reference.assumptions.cohort_model.cells().factors if f != _BASELINE]
    choices = {
        Message("unadjusted"): [],
        Message("adjusted for {factors}", factors=_listed(factors)): factors,
        Message("adjusted for employment before as well"): [*factors, _BASELINE],
    }
    group, kind = Message("adjustment"), "linear_probability"
    return [
        Lever(group, name, {"analysis.estimators": [{"kind": kind, "factors": used}]})
        for name, used in choices.items()
    ]


def allocations(reference: Scenario) -> list[Lever]:
    """Return two participants with the intervention for one without."""
    weights = [2 if treat else 1 for treat in reference.treated]
    changes: dict[str, Any] = {f"design.arms.{i}.allocation_weight": w for i, w in enumerate(weights)}
    if hasattr(reference.design.randomisation, "block_sizes"):
        changes["design.randomisation.block_sizes"] = [2 * sum(weights)]
    if hasattr(reference.design.randomisation, "block_size"):
        changes["design.randomisation.block_size"] = 2 * sum(weights)
    return [Lever(Message("allocation"), Message("allocation 2:1"), changes)]


def _strata(reference: Scenario) -> list[Lever]:
    factors = [f for f in reference.assumptions.cohort_model.cells().factors if f != _BASELINE]
    sizes = list(getattr(reference.design.randomisation, "block_sizes", [])) or [
        2 * sum(reference.design.weights)
    ]
    stratified = {"kind": "stratified_permuted_block", "block_sizes": sizes, "leftovers": "truncate"}
    schemes: dict[Message, dict[str, Any]] = {
        Message("no strata, complete randomisation"): {"kind": "complete"},
        Message("strata by {factors}", factors=_listed(factors)): {**stratified, "factors": factors},
        Message("strata by employment before as well"): {**stratified, "factors": [*factors, _BASELINE]},
    }
    group = Message("strata")
    return [Lever(group, name, {"design.randomisation": scheme}) for name, scheme in schemes.items()]


def services(reference: Scenario) -> list[Lever]:
    """Return three quarters, a half and a quarter of the services."""
    plan = plan_of(reference)
    found = sorted({round(plan.n_services * part) for part in (0.25, 0.5, 0.75)} - {0}, reverse=True)
    group, total = Message("services"), plan.n_services
    return [
        Lever(
            group,
            Message("{part} of {total} services", part=part, total=total),
            {"recruitment.services_taking_part": part},
        )
        for part in found
    ]


def _listed(factors: list[str]) -> Message:
    return joined(factor.replace("_", " ") for factor in factors)
