"""What a scenario says, as plain data: the design, the estimand, the assumptions and their sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ipsrct._message import Message, joined
from ipsrct._text import quantities, quantities_in
from ipsrct.evidence import evidence
from ipsrct.findings.covariates import load
from ipsrct.findings.secrecy import open_scheme
from ipsrct.scenario import Scenario

_WHOLE = {"section article": Message("the article")}
"""Places that are a whole document, as they are cited."""


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
            {"label": e.label, "strata_factors": list(e.strata_factors), **_keys(e), **load(scenario, e)}
            for e in analysis.estimator_list
        ],
        "subgroups": list(analysis.subgroups),
        "populations": _populations(scenario),
        "allocation_reason": design.allocation_reason,
        "target_difference": design.target_difference,
        "counterfactual": getattr(outcome, "counterfactual", None),
        "correlated_in_services": outcome.correlated_in_services,
        "attrition": {arm: q.value for arm, q in scenario.assumptions.attrition.items()},
        "counties": _counties(scenario),
        "prior": _prior(scenario),
        "replicates": scenario.simulation.replicates,
        "seed": scenario.simulation.seed,
    }


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
    for name in ("recruitment", "cost", "prior"):
        found += quantities_in(getattr(scenario, name), name)
    return [{"path": path, **quantity.model_dump(mode="json")} for path, quantity in found]


def sources(document: Any) -> dict[str, Any]:
    """Return every published value that the findings cite, by its id.

    ``source`` numbers the documents in the order in which they are cited, and has the place without the line
    of the transcription. ``series`` is the id with an asterisk for the county: what a column of a published
    table of counties is called.
    """
    found = {name: evidence[name].to_dict() for name in dict.fromkeys(_cited(document))}
    numbers: dict[str, int] = {}
    for name, row in found.items():
        source = row["source"]
        source["number"] = numbers.setdefault(source["document"], len(numbers) + 1)
        source["cited_place"] = _without_line(source["place"])
        match name.split("."):
            case table, _, column if table.startswith("county_"):
                row["series"] = f"{table}.*.{column}"
            case _:
                row["series"] = name
    return found


def _without_line(place: str) -> str:
    """Return a place without the line of the transcription, and without a section that the rest names."""
    parts = list(place.values.values()) if isinstance(place, Message) and place.values else place.split(", ")
    kept = [part for part in parts if isinstance(part, str) and part and not part.startswith("line ")]
    named = {f"section {' '.join(part.split()[:2])}" for part in kept}
    return joined(_WHOLE.get(part, part) for part in kept if part not in named)


def _counties(scenario: Scenario) -> dict[str, str]:
    """Return the counties' published names, where their numbers come from a table of counties."""
    names = {}
    for path, quantity in quantities_in(scenario.recruitment, "recruitment"):
        match path.split("."), [name.split(".") for name in quantity.evidence]:
            case (_, "counties", key, _), [(table, county, _), *_] if table.startswith("county_"):
                names[key] = county
    return names


def _prior(scenario: Scenario) -> list[dict[str, Any]]:
    """Return the prior's components; weights add up to 1."""
    total = sum(component.weight for component in scenario.prior)
    return [
        {
            "name": component.name,
            "weight": component.weight / total,
            "effect_standard_deviation": component.effect_standard_deviation,
            "control_standard_deviation": component.control_standard_deviation,
        }
        for component in scenario.prior
    ]


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
