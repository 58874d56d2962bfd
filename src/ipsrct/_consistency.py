"""What the parts of a scenario need of each other, checked as far as the document's shape allows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ipsrct._faults import as_json
from ipsrct._parts import any_kind
from ipsrct.errors import EvidenceError, Fault, RunError, listed
from ipsrct.evidence import evidence
from ipsrct.protocols import CountsEstimator
from ipsrct.recruitment.plan import Recruitment
from ipsrct.trial import SERVICE

Document = dict[str, Any]
_CHAIN = "register_chain"


def consistency_faults(document: Document) -> list[Fault]:
    """Return what is wrong between parts, as far as the document's shape allows to tell."""
    reader = _Reader(document)
    return [
        *_arm_faults(reader),
        *_service_faults(reader),
        *_factor_faults(reader),
        *_interaction_faults(reader),
        *_shift_faults(reader),
        *_estimator_faults(reader),
        *_event_faults(reader),
        *_attrition_faults(reader),
        *_evidence_faults(reader),
        *_risk_faults(reader),
        *_recruitment_faults(reader),
    ]


def _parsed(family: str, table: Document) -> Any:
    """Return a part of a scenario, or None where it is not valid by itself."""
    try:
        return TypeAdapter(any_kind(family)).validate_json(as_json(table), strict=True)
    except ValidationError:
        return None


class _Reader:
    """Reads a document whose shape has not been checked."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self.levels = self._levels()

    def _levels(self) -> dict[str, list[str]]:
        """Return the levels of each factor, from the cohort if it is valid and else as far as written."""
        cohort = _parsed("cohort", self.table("assumptions.cohort"))
        if cohort is not None:
            cells = cohort.cells()
            return dict(zip(cells.factors, map(list, cells.levels), strict=True))
        return {
            f["name"]: [v for v in _list(f.get("levels")) if isinstance(v, str)]
            for f in self.tables("assumptions.cohort.factors")
            if isinstance(f.get("name"), str)
        }

    def at(self, path: str) -> Any:
        node: Any = self._document
        for key in path.split("."):
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def tables(self, path: str) -> list[Document]:
        return [item if isinstance(item, dict) else {} for item in _list(self.at(path))]

    def table(self, path: str) -> Document:
        found = self.at(path)
        return found if isinstance(found, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _unknown(path: str, name: Any, noun: str, choices: list[str]) -> list[Fault]:
    if not isinstance(name, str) or name in choices:
        return []
    article = "an" if noun[0] in "aeiou" else "a"
    return [Fault(path, f'"{name}" is not {article} {noun}{listed(name, noun, choices)}')]


def _repeated(path: str, names: list[Any], noun: str) -> list[Fault]:
    repeated = sorted({n for n in names if isinstance(n, str) and names.count(n) > 1})
    return [Fault(path, f'each {noun} must appear once, got "{name}" more than once') for name in repeated]


def _arm_faults(reader: _Reader) -> Iterator[Fault]:
    arms = reader.tables("design.arms")
    names = [arm["name"] for arm in arms if isinstance(arm.get("name"), str)]
    controls = [arm.get("name") for arm in arms if arm.get("is_control") is True]
    yield from _repeated("design.arms", names, "arm")
    if len(arms) > 1 and len(controls) != 1:
        given = ", ".join(map(str, controls)) or "none"
        yield Fault("design.arms", f"exactly one arm must have is_control = true, got {given}")
    estimand = reader.table("analysis.estimand")
    for role in ("treatment", "control") if names else ():
        yield from _unknown(f"analysis.estimand.{role}", estimand.get(role), "arm", names)
    if len(controls) == 1:
        if estimand.get("treatment") == controls[0]:
            yield Fault("analysis.estimand.treatment", f'must not be the control arm, got "{controls[0]}"')
        if estimand.get("control") in names and estimand["control"] != controls[0]:
            yield Fault("analysis.estimand.control", f'must be the control arm "{controls[0]}"')
    weights = [arm.get("allocation_weight") for arm in arms]
    unit = sum(w for w in weights if isinstance(w, int) and w > 0)
    for i, size in enumerate(_list(reader.at("design.randomisation.block_sizes"))):
        if weights and isinstance(size, int) and unit and size % unit:
            path = f"design.randomisation.block_sizes.{i}"
            yield Fault(path, f"must be a multiple of {unit}, the sum of the allocation weights, got {size}")
    scheme = _parsed("randomisation", reader.table("design.randomisation"))
    if scheme is not None and weights and all(isinstance(w, int) and w > 0 for w in weights):
        reason = scheme.why_not_weights(tuple(weights))
        if reason:
            yield Fault("design.randomisation", reason)
    n = reader.at("design.n_participants")
    if isinstance(n, int) and 2 <= n < len(arms):
        yield Fault("design.n_participants", f"must be at least the number of arms, {len(arms)}, got {n}")


def _service_faults(reader: _Reader) -> Iterator[Fault]:
    """Check what the scheme and the outcome need of services and of the arms' order."""
    cohort = _parsed("cohort", reader.table("assumptions.cohort"))
    scheme = _parsed("randomisation", reader.table("design.randomisation"))
    arms = reader.tables("design.arms")
    weights = [arm.get("allocation_weight") for arm in arms]
    if scheme is not None and cohort is not None and weights and all(isinstance(w, int) for w in weights):
        reason = scheme.why_not_services(cohort.service_table, tuple(weights))
        if reason and not scheme.why_not_weights(tuple(weights)):
            yield Fault("design.randomisation", reason)
    if scheme is not None and scheme.control_is_last and arms and arms[-1].get("is_control") is not True:
        yield Fault(
            "design.arms", f"must list the control arm last: in a {scheme.kind} all services begin there"
        )
    outcome = _parsed("outcome", reader.table("assumptions.outcome"))
    correlated = outcome is not None and outcome.correlated_in_services
    if correlated and cohort is not None and cohort.service_table.size < 2:
        yield Fault("assumptions.outcome.service_icc", 'needs the cohort\'s "services"')


def _factor_faults(reader: _Reader) -> Iterator[Fault]:
    factors = list(reader.levels)
    all_names = [f.get("name") for f in reader.tables("assumptions.cohort.factors")]
    yield from _repeated("assumptions.cohort.factors", all_names, "factor")
    if SERVICE in factors:
        yield Fault("assumptions.cohort.factors", f'no factor may be called "{SERVICE}"; use "services"')
    services = [SERVICE] if reader.table("assumptions.cohort").get("services") else []
    lists = [("design.randomisation.factors", factors + services), ("analysis.subgroups", factors)]
    for path, choices in lists:
        given = _list(reader.at(path))
        yield from _repeated(path, given, "factor")
        for i, name in enumerate(given):
            yield from _unknown(f"{path}.{i}", name, "factor", choices)
    for e, estimator in enumerate(reader.tables("analysis.estimators")):
        given = _list(estimator.get("factors"))
        yield from _repeated(f"analysis.estimators.{e}.factors", given, "factor")
        for i, name in enumerate(given):
            yield from _unknown(f"analysis.estimators.{e}.factors.{i}", name, "factor", factors)


def _interaction_faults(reader: _Reader) -> Iterator[Fault]:
    seen = []
    for i, interaction in enumerate(reader.tables("analysis.interactions")):
        path, factor = f"analysis.interactions.{i}", interaction.get("factor")
        yield from _unknown(f"{path}.factor", factor, "factor", list(reader.levels))
        if isinstance(factor, str) and factor in reader.levels:
            for role in ("level", "reference"):
                yield from _unknown(f"{path}.{role}", interaction.get(role), "level", reader.levels[factor])
        if interaction and interaction.get("level") == interaction.get("reference"):
            yield Fault(f"{path}.reference", f'must differ from level, got "{interaction.get("level")}"')
        if interaction in seen:
            yield Fault(path, "must not repeat an earlier interaction")
        seen.append(interaction)


def _shift_faults(reader: _Reader) -> Iterator[Fault]:
    for name in ("control_risk_shift", "effect_shift"):
        path = f"assumptions.outcome.{name}"
        for factor, by_level in reader.table(path).items():
            yield from _unknown(f"{path}.{factor}", factor, "factor", list(reader.levels))
            if factor in reader.levels and isinstance(by_level, dict):
                for level in by_level:
                    yield from _unknown(f"{path}.{factor}.{level}", level, "level", reader.levels[factor])


def _attrition_faults(reader: _Reader) -> Iterator[Fault]:
    missing, path = reader.table("assumptions.attrition"), "assumptions.attrition"
    names = [arm["name"] for arm in reader.tables("design.arms") if isinstance(arm.get("name"), str)]
    for name, given in missing.items():
        yield from _unknown(f"{path}.{name}", name, "arm", names)
        value = given.get("value") if isinstance(given, dict) else given
        if value == 1:
            yield Fault(f"{path}.{name}", "must be below 1, or no outcome is ever seen")
    for i, table in enumerate(reader.tables("analysis.estimators") if missing else []):
        estimator = _parsed("estimator", table)
        if estimator is not None and not isinstance(estimator, CountsEstimator):
            yield Fault(f"analysis.estimators.{i}", "needs every outcome, and attrition leaves some unseen")


def _estimator_faults(reader: _Reader) -> Iterator[Fault]:
    labels: list[str] = []
    outcome = _parsed("outcome", reader.table("assumptions.outcome"))
    scheme = _parsed("randomisation", reader.table("design.randomisation"))
    for i, table in enumerate(reader.tables("analysis.estimators")):
        estimator = _parsed("estimator", table)
        if estimator is None:
            continue
        if estimator.needs_binary and outcome is not None and outcome.unit != "proportion":
            yield Fault(f"analysis.estimators.{i}", "needs an outcome that is yes or no")
        arms = len(_list(reader.at("design.arms")))
        if estimator.needs_two_arms and arms > 2:
            yield Fault(f"analysis.estimators.{i}", f"needs a design of two arms, got {arms}")
        if estimator.needs_whole_clusters and scheme is not None:
            reason = _why_not_clusters(estimator.unit, scheme.randomised_unit)
            if reason:
                yield Fault(f"analysis.estimators.{i}", reason)
        if estimator.label in labels:
            path = f"analysis.estimators.{i}"
            yield Fault(path, f'must not have the name of an earlier one, "{estimator.label}"; set "name"')
        labels.append(estimator.label)


def _event_faults(reader: _Reader) -> Iterator[Fault]:
    """Check that what is simulated is the estimand, where the outcome model leaves no choice of strategy."""
    outcome, path = _parsed("outcome", reader.table("assumptions.outcome")), "analysis.estimand"
    if outcome is None or outcome.event_strategy is None or not reader.table(path):
        return
    strategy, events = outcome.event_strategy, reader.tables(f"{path}.intercurrent_events")
    rule = f'"{strategy}": a {outcome.kind} follows everybody whatever happens'
    if not events:
        yield Fault(f"{path}.intercurrent_events", f"must name at least the end of IPS, with strategy {rule}")
    for i, given in enumerate(event.get("strategy") for event in events):
        if given != strategy:
            yield Fault(f"{path}.intercurrent_events.{i}.strategy", f'must be {rule}, got "{given}"')


def _why_not_clusters(unit: str | None, randomised: str) -> str:
    if randomised not in ("service", "county"):
        return f"needs every service or county in one arm, and randomisation is by {randomised}"
    if unit == "county" and randomised == "service":
        return 'needs every county in one arm, and randomisation is by service; leave "unit" out'
    return ""


def _evidence_faults(reader: _Reader) -> Iterator[Fault]:
    for topic, ids in reader.table("evidence").items():
        for i, key in enumerate(_list(ids)):
            if isinstance(key, str) and key not in evidence:
                try:
                    evidence[key]
                except EvidenceError as error:
                    yield Fault(f"evidence.{topic}.{i}", str(error))


def _risk_faults(reader: _Reader) -> Iterator[Fault]:
    """Check that every cell's risk is a probability, once both parts are valid by themselves."""
    cohort = _parsed("cohort", reader.table("assumptions.cohort"))
    outcome = _parsed("outcome", reader.table("assumptions.outcome"))
    if cohort is None or outcome is None or any(_shift_faults(reader)):
        return
    chains = [part.kind == _CHAIN for part in (cohort, outcome)]
    if any(chains) and not all(chains):
        yield Fault("assumptions", f'cohort and outcome must both be of kind "{_CHAIN}", or neither')
        return
    cells = cohort.cells()
    try:
        risks = outcome.risks(cells, (False, True))
    except RunError as error:
        yield Fault("assumptions.outcome", str(error))
        return
    if outcome.unit != "proportion":
        return
    for arm, column in (("control", 0), ("treatment", 1)):
        outside = ((risks[:, column] < 0) | (risks[:, column] > 1)).nonzero()[0]
        if outside.size:
            levels = zip(cells.factors, cells.levels, cells.level_index[outside[0]], strict=True)
            cell = ", ".join(f"{factor} {names[i]}" for factor, names, i in levels) or "all participants"
            more = f" and {outside.size - 1} more cells" if outside.size > 1 else ""
            risk = f"{risks[outside[0], column]:.4g} for {cell}{more}"
            yield Fault("assumptions.outcome", f"{arm} risk must be between 0 and 1, got {risk}")


def _recruitment_faults(reader: _Reader) -> Iterator[Fault]:
    """Check recruitment against itself, once its keys are valid by themselves."""
    try:
        plan = Recruitment.model_validate_json(as_json(reader.table("recruitment")), strict=True)
    except ValidationError:
        return
    for key, message in plan.contradictions():
        yield Fault(f"recruitment.{key}", message)
