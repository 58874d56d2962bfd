"""What a scenario says, as plain data: the design, the estimand, the assumptions and their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ipsrct._text import quantities, quantities_in
from ipsrct.evidence import evidence
from ipsrct.scenario import Scenario


def facts(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario's choices as plain data, without what only the keepers of the list may see."""
    design, analysis = scenario.design, scenario.analysis
    n, total = design.n_participants, sum(design.weights)
    arms = [arm.model_dump() | {"n_planned": n * arm.allocation_weight / total} for arm in design.arms]
    outcome = scenario.assumptions.outcome_model
    return {
        "name": scenario.name,
        "title": scenario.title,
        "description": " ".join(scenario.description.split()),
        "caveats": list(scenario.caveats),
        "n_participants": n,
        "arms": arms,
        "randomisation": open_scheme(design.scheme),
        "significance_level": analysis.significance_level,
        "sides": analysis.sides,
        "confidence_level": 1 - 2 * analysis.tail,
        "unit": outcome.unit,
        "is_share": outcome.unit == "proportion",
        "estimand": analysis.estimand.model_dump(mode="json"),
        "estimators": [
            {"label": e.label, "strata_factors": list(e.strata_factors), **_keys(e)}
            for e in analysis.estimator_list
        ],
        "subgroups": list(analysis.subgroups),
        "populations": _populations(scenario),
        "attrition": {arm: q.value for arm, q in scenario.assumptions.attrition.items()},
        "replicates": scenario.simulation.replicates,
        "seed": scenario.simulation.seed,
    }


def open_scheme(scheme: Any) -> dict[str, Any]:
    """Return what everybody may know of a scheme: its kind and its factors."""
    return {"kind": scheme.kind, "factors": list(scheme.strata_factors), "unit": scheme.randomised_unit}


def _keys(part: Any) -> dict[str, Any]:
    return part.model_dump(mode="json") if hasattr(part, "model_dump") else {}


def _populations(scenario: Scenario) -> list[dict[str, Any]]:
    """Return everybody, the subgroups with their shares, then the interactions."""
    cells, populations = scenario.assumptions.cohort_model.cells(), scenario.populations
    rows: list[dict[str, Any]] = []
    for name, member in zip(populations.names, populations.member, strict=False):
        factor, _, level = name.partition(":")
        share = float(cells.probability[member].sum())
        kind = "subgroup" if level else "all"
        rows.append({"name": name, "kind": kind, "factor": factor, "level": level, "share": share})
    n_groups = len(populations.member)
    for name, interaction in zip(populations.names[n_groups:], scenario.analysis.interactions, strict=True):
        rows.append({"name": name, "kind": "interaction", **interaction.model_dump()})
    return rows


def assumptions(scenario: Scenario) -> list[dict[str, Any]]:
    """Return every number that nature decides, with its range, its evidence and its reason."""
    found = [*quantities(scenario)]
    found += [*quantities_in(scenario.recruitment, "recruitment"), *quantities_in(scenario.cost, "cost")]
    return [{"path": path, **quantity.model_dump(mode="json")} for path, quantity in found]


def sources(document: Any) -> dict[str, Any]:
    """Return every published value that the findings cite, by its id."""
    return {name: evidence[name].to_dict() for name in dict.fromkeys(_cited(document))}


def _cited(node: Any, *, is_evidence: bool = False) -> Iterator[str]:
    """Yield the ids that stand anywhere under a key ``evidence``."""
    if isinstance(node, str):
        if is_evidence:
            yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from _cited(value, is_evidence=is_evidence or key == "evidence")
    elif isinstance(node, (list, tuple)):
        for value in node:
            yield from _cited(value, is_evidence=is_evidence)
