"""The findings as one document, with what only the keepers of the allocation list may see kept apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ipsrct._message import Message
from ipsrct.characteristics import provenance
from ipsrct.errors import NotAvailableError
from ipsrct.findings.durations import durations, found_sizes
from ipsrct.findings.facts import assumptions, facts, sources
from ipsrct.findings.loading import Part
from ipsrct.findings.parts import PARTS
from ipsrct.findings.secrecy import gives_away, open_document, restricted_keys, single_lists
from ipsrct.findings.texts import texts
from ipsrct.scenario import Scenario

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Findings:
    """Everything that a report shows.

    Attributes
    ----------
    document : dict
        What JSON can hold. ``restricted`` holds what only the keepers of the allocation list may see, and
        ``texts`` how each English text that was made from values is made, so that it can be said in another
        language.
    """

    document: dict[str, Any]

    def open_edition(self) -> Findings:
        """Return the findings without what only the keepers of the allocation list may see."""
        return Findings({key: value for key, value in self.document.items() if key != "restricted"})

    def made_by(self, command: str) -> Findings:
        """Return the findings with the command that makes the report, which may hold nothing restricted."""
        told = self.document.get("provenance", {}) | {"command": command}
        return Findings(self.document | {"provenance": told})

    def to_json(self) -> str:
        """Return the findings as JSON."""
        return json.dumps(self.document, indent=2, ensure_ascii=False)


def find(
    scenario: Scenario,
    parts: Sequence[str] | None = None,
    *,
    jobs: int = 1,
    on_progress: Progress | None = None,
) -> Findings:
    """Compute what a report shows.

    Parameters
    ----------
    scenario : Scenario
        Without a grid.
    parts : sequence of str, optional
        Names of :data:`PARTS`; all if None. A part that the scenario cannot have is named with the reason
        in ``not_available``.
    jobs : int
        Processes; cannot change a number.
    on_progress : callable, optional
        Called with the parts done and wanted.

    Raises
    ------
    NotAvailableError
        If the scenario has a grid.
    """
    if scenario.grid:
        paths = ", ".join(path for path, _ in scenario.grid)
        raise NotAvailableError(
            Message("a report takes one design at a time, not a list at {paths}", paths=paths)
        )
    names = [name for name in PARTS if parts is None or name in parts]
    found = _computed(scenario, names, jobs, on_progress)
    document: dict[str, Any] = {
        "scenario": facts(scenario),
        "assumptions": assumptions(scenario),
        "sources": {},
    }
    parts_provenance = {}
    for name in sorted(names):
        part = found[name]
        if isinstance(part, str):
            document.setdefault("not_available", {})[name] = part
            continue
        made = part.pop("provenance", None)
        if made is not None:
            parts_provenance[name] = {k: made[k] for k in ("route", "replicates") if k in made}
        document[name] = part
    if "sizing" in document and "recruitment" in document:
        label = scenario.analysis.estimator_list[0].label
        document["durations"] = durations(scenario, found_sizes(document["sizing"], label))
    document["provenance"] = _provenance(scenario) | {"parts": parts_provenance}
    restricted = _restricted(scenario, document.get("plan"))
    document["sources"] = sources(document)
    document["texts"] = texts(document)
    document["restricted"] = restricted | {"texts": texts(restricted)}
    return Findings(json.loads(json.dumps(document)))


def _computed(
    scenario: Scenario, names: list[str], jobs: int, on_progress: Progress | None
) -> dict[str, Part | str]:
    """Return each part, or why the scenario cannot have it."""
    from joblib import Parallel, delayed

    workers = Parallel(n_jobs=min(jobs, len(names)), return_as="generator_unordered", pre_dispatch="all")
    found: dict[str, Part | str] = {}
    if on_progress:
        on_progress(0, len(names))
    for name, part in workers(delayed(_part)(scenario, name) for name in names):
        found[name] = part
        if on_progress:
            on_progress(len(found), len(names))
    return found


def _part(scenario: Scenario, name: str) -> tuple[str, Part | str]:
    try:
        return name, PARTS[name](scenario)
    except NotAvailableError as error:
        return name, error.args[0]


def _provenance(scenario: Scenario) -> dict[str, Any]:
    """Return versions, seed and the scenario as everybody may see it, with the digest of just that."""
    shown = open_document(scenario)
    text = json.dumps(shown, sort_keys=True, ensure_ascii=False)
    made = provenance(scenario, [], [])
    return {
        "scenario": shown,
        "scenario_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "scheme_is_restricted": bool(restricted_keys(scenario.design.scheme)),
        "seed": made["seed"],
        "generator": made["generator"],
        "versions": made["versions"],
    }


def _restricted(scenario: Scenario, plan: Part | None) -> dict[str, Any]:
    """Take out of the plan what gives the block sizes away, and add the whole scenario and its digest."""
    hidden: dict[str, Any] = {"scenario": scenario.document, "scenario_sha256": scenario.sha256}
    if plan is not None:
        hidden |= {"schemes": plan.pop("schemes"), "warnings": plan.pop("restricted_warnings")}
        plan.pop("restricted")
        single = single_lists(scenario)
        hidden["diagnostics"] = [row for row in plan["diagnostics"] if gives_away(row, single)]
        plan["diagnostics"] = [row for row in plan["diagnostics"] if not gives_away(row, single)]
    return hidden
