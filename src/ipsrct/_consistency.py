"""What the parts of a scenario need of each other, checked as far as the document's shape allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ipsrct._faults import as_json
from ipsrct._message import Message, _, said_by
from ipsrct._outcome_consistency import event_faults, risk_faults
from ipsrct._unchecked import Document, Reader, as_list, parsed
from ipsrct.errors import EvidenceError, Fault, listed
from ipsrct.evidence import evidence
from ipsrct.protocols import CountsEstimator
from ipsrct.recruitment.plan import Recruitment
from ipsrct.trial import SERVICE

_UNKNOWN = {
    "arm": (_('"{name}" is not an arm{choices}'), _("arms")),
    "factor": (_('"{name}" is not a factor{choices}'), _("factors")),
    "level": (_('"{name}" is not a level{choices}'), _("levels")),
}
_REPEATED = {
    "arm": _('each arm must appear once, got "{name}" more than once'),
    "factor": _('each factor must appear once, got "{name}" more than once'),
}
_UNITS = (_("participant"), _("service in a period"))


def consistency_faults(document: Document) -> list[Fault]:
    """Return what is wrong between parts, as far as the document's shape allows to tell."""
    reader = Reader(document)
    return [
        *_arm_faults(reader),
        *_service_faults(reader),
        *_factor_faults(reader),
        *_interaction_faults(reader),
        *_shift_faults(reader),
        *_estimator_faults(reader),
        *event_faults(reader),
        *_attrition_faults(reader),
        *_evidence_faults(reader),
        *([] if any(_shift_faults(reader)) else risk_faults(reader)),
        *_recruitment_faults(reader),
    ]


def _unknown(path: str, name: Any, noun: str, choices: list[str]) -> list[Fault]:
    if not isinstance(name, str) or name in choices:
        return []
    template, nouns = _UNKNOWN[noun]
    return [Fault(path, Message(template, name=name, choices=listed(name, Message(nouns), choices)))]


def _repeated(path: str, names: list[Any], noun: str) -> list[Fault]:
    repeated = sorted({n for n in names if isinstance(n, str) and names.count(n) > 1})
    return [Fault(path, Message(_REPEATED[noun], name=name)) for name in repeated]


def _arm_faults(reader: Reader) -> Iterator[Fault]:
    arms = reader.tables("design.arms")
    names = [arm["name"] for arm in arms if isinstance(arm.get("name"), str)]
    controls = [arm.get("name") for arm in arms if arm.get("is_control") is True]
    yield from _repeated("design.arms", names, "arm")
    if len(arms) > 1 and len(controls) != 1:
        given = ", ".join(map(str, controls)) or Message("none")
        message = Message("exactly one arm must have is_control = true, got {given}", given=given)
        yield Fault("design.arms", message)
    estimand = reader.table("analysis.estimand")
    for role in ("treatment", "control") if names else ():
        yield from _unknown(f"analysis.estimand.{role}", estimand.get(role), "arm", names)
    if len(controls) == 1:
        if estimand.get("treatment") == controls[0]:
            message = Message('must not be the control arm, got "{given}"', given=controls[0])
            yield Fault("analysis.estimand.treatment", message)
        if estimand.get("control") in names and estimand["control"] != controls[0]:
            message = Message('must be the control arm "{control}"', control=controls[0])
            yield Fault("analysis.estimand.control", message)
    yield from _weight_faults(reader)


def _weight_faults(reader: Reader) -> Iterator[Fault]:
    arms = reader.tables("design.arms")
    weights = [arm.get("allocation_weight") for arm in arms]
    unit = sum(w for w in weights if isinstance(w, int) and w > 0)
    for i, size in enumerate(as_list(reader.at("design.randomisation.block_sizes"))):
        if weights and isinstance(size, int) and unit and size % unit:
            message = Message(
                "must be a multiple of {unit}, the sum of the allocation weights, got {size}",
                unit=unit,
                size=size,
            )
            yield Fault(f"design.randomisation.block_sizes.{i}", message)
    scheme = parsed("randomisation", reader.table("design.randomisation"))
    if scheme is not None and weights and all(isinstance(w, int) and w > 0 for w in weights):
        reason = scheme.why_not_weights(tuple(weights))
        if reason:
            yield Fault("design.randomisation", reason)
    n = reader.at("design.n_participants")
    if isinstance(n, int) and 2 <= n < len(arms):
        message = Message("must be at least the number of arms, {arms}, got {n}", arms=len(arms), n=n)
        yield Fault("design.n_participants", message)


def _service_faults(reader: Reader) -> Iterator[Fault]:
    """Check what the scheme and the outcome need of services and of the arms' order."""
    cohort = parsed("cohort", reader.table("assumptions.cohort"))
    scheme = parsed("randomisation", reader.table("design.randomisation"))
    arms = reader.tables("design.arms")
    weights = [arm.get("allocation_weight") for arm in arms]
    if scheme is not None and cohort is not None and weights and all(isinstance(w, int) for w in weights):
        reason = scheme.why_not_services(cohort.service_table, tuple(weights))
        if reason and not scheme.why_not_weights(tuple(weights)):
            yield Fault("design.randomisation", reason)
    if scheme is not None and scheme.control_is_last and arms and arms[-1].get("is_control") is not True:
        message = Message(
            "must list the control arm last: in a {kind} all services begin there", kind=scheme.kind
        )
        yield Fault("design.arms", message)
    outcome = parsed("outcome", reader.table("assumptions.outcome"))
    correlated = outcome is not None and outcome.correlated_in_services
    if correlated and cohort is not None and cohort.service_table.size < 2:
        yield Fault("assumptions.outcome.service_icc", Message('needs the cohort\'s "services"'))


def _factor_faults(reader: Reader) -> Iterator[Fault]:
    factors = list(reader.levels)
    all_names = [f.get("name") for f in reader.tables("assumptions.cohort.factors")]
    yield from _repeated("assumptions.cohort.factors", all_names, "factor")
    if SERVICE in factors:
        message = Message('no factor may be called "{name}"; use "services"', name=SERVICE)
        yield Fault("assumptions.cohort.factors", message)
    services = [SERVICE] if reader.table("assumptions.cohort").get("services") else []
    lists = [("design.randomisation.factors", factors + services), ("analysis.subgroups", factors)]
    for path, choices in lists:
        given = as_list(reader.at(path))
        yield from _repeated(path, given, "factor")
        for i, name in enumerate(given):
            yield from _unknown(f"{path}.{i}", name, "factor", choices)
    for e, estimator in enumerate(reader.tables("analysis.estimators")):
        given = as_list(estimator.get("factors"))
        yield from _repeated(f"analysis.estimators.{e}.factors", given, "factor")
        for i, name in enumerate(given):
            yield from _unknown(f"analysis.estimators.{e}.factors.{i}", name, "factor", factors)


def _interaction_faults(reader: Reader) -> Iterator[Fault]:
    seen = []
    for i, interaction in enumerate(reader.tables("analysis.interactions")):
        path, factor = f"analysis.interactions.{i}", interaction.get("factor")
        yield from _unknown(f"{path}.factor", factor, "factor", list(reader.levels))
        if isinstance(factor, str) and factor in reader.levels:
            for role in ("level", "reference"):
                yield from _unknown(f"{path}.{role}", interaction.get(role), "level", reader.levels[factor])
        if interaction and interaction.get("level") == interaction.get("reference"):
            message = Message('must differ from level, got "{level}"', level=interaction.get("level"))
            yield Fault(f"{path}.reference", message)
        if interaction in seen:
            yield Fault(path, Message("must not repeat an earlier interaction"))
        seen.append(interaction)


def _shift_faults(reader: Reader) -> Iterator[Fault]:
    for name in ("control_risk_shift", "effect_shift"):
        path = f"assumptions.outcome.{name}"
        for factor, by_level in reader.table(path).items():
            yield from _unknown(f"{path}.{factor}", factor, "factor", list(reader.levels))
            if factor in reader.levels and isinstance(by_level, dict):
                for level in by_level:
                    yield from _unknown(f"{path}.{factor}.{level}", level, "level", reader.levels[factor])


def _attrition_faults(reader: Reader) -> Iterator[Fault]:
    missing, path = reader.table("assumptions.attrition"), "assumptions.attrition"
    names = [arm["name"] for arm in reader.tables("design.arms") if isinstance(arm.get("name"), str)]
    for name, given in missing.items():
        yield from _unknown(f"{path}.{name}", name, "arm", names)
        value = given.get("value") if isinstance(given, dict) else given
        if value == 1:
            yield Fault(f"{path}.{name}", Message("must be below 1, or no outcome is ever seen"))
    for i, table in enumerate(reader.tables("analysis.estimators") if missing else []):
        estimator = parsed("estimator", table)
        if estimator is not None and not isinstance(estimator, CountsEstimator):
            message = Message("needs every outcome, and attrition leaves some unseen")
            yield Fault(f"analysis.estimators.{i}", message)


def _estimator_faults(reader: Reader) -> Iterator[Fault]:
    labels: list[str] = []
    outcome = parsed("outcome", reader.table("assumptions.outcome"))
    scheme = parsed("randomisation", reader.table("design.randomisation"))
    for i, table in enumerate(reader.tables("analysis.estimators")):
        estimator = parsed("estimator", table)
        if estimator is None:
            continue
        path = f"analysis.estimators.{i}"
        if estimator.needs_binary and outcome is not None and outcome.unit != "proportion":
            yield Fault(path, Message("needs an outcome that is yes or no"))
        arms = len(as_list(reader.at("design.arms")))
        if estimator.needs_two_arms and arms > 2:
            yield Fault(path, Message("needs a design of two arms, got {arms}", arms=arms))
        if estimator.needs_whole_clusters and scheme is not None:
            reason = _why_not_clusters(estimator.unit, scheme.randomised_unit)
            if reason:
                yield Fault(path, reason)
        if estimator.label in labels:
            message = Message(
                'must not have the name of an earlier one, "{name}"; set "name"', name=estimator.label
            )
            yield Fault(path, message)
        labels.append(estimator.label)


def _why_not_clusters(unit: str | None, randomised: str) -> str:
    if randomised not in ("service", "county"):
        return Message(
            "needs every service or county in one arm, and randomisation is by {unit}",
            unit=Message(randomised) if randomised in _UNITS else randomised,
        )
    if unit == "county" and randomised == "service":
        return Message('needs every county in one arm, and randomisation is by service; leave "unit" out')
    return ""


def _evidence_faults(reader: Reader) -> Iterator[Fault]:
    for topic, ids in reader.table("evidence").items():
        for i, key in enumerate(as_list(ids)):
            if isinstance(key, str) and key not in evidence:
                try:
                    evidence[key]
                except EvidenceError as error:
                    yield Fault(f"evidence.{topic}.{i}", said_by(error))


def _recruitment_faults(reader: Reader) -> Iterator[Fault]:
    """Check recruitment against itself, once its keys are valid by themselves."""
    try:
        plan = Recruitment.model_validate_json(as_json(reader.table("recruitment")), strict=True)
    except ValidationError:
        return
    for key, message in plan.contradictions():
        yield Fault(f"recruitment.{key}", message)
