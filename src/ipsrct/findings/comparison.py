"""Several scenarios side by side: their findings, and what differs between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.findings.document import Findings, Progress, find
from ipsrct.scenario import Scenario

MOST = 4
PARTS = (
    "sizing", "characteristics", "curve", "detectable", "recruitment", "assurance", "headline",
)  # fmt: skip
_NOT_COMPARED = ("name", "title", "description", "evidence")


def compare(scenarios: Sequence[Scenario], *, jobs: int = 1, on_progress: Progress | None = None) -> Findings:
    """Compute what a comparison shows: the findings of each scenario, and every key that differs.

    Parameters
    ----------
    scenarios : sequence of Scenario
        Two to four, with different names and without a grid.
    jobs : int
    on_progress : callable, optional
        Called with the parts done and wanted.

    Raises
    ------
    NotAvailableError
        If there are too few or too many, or two share a name, or one has a grid.
    """
    names = [scenario.name for scenario in scenarios]
    if not 2 <= len(names) <= MOST:
        raise NotAvailableError(
            Message("a comparison takes two to {most} scenarios, got {n}", most=MOST, n=len(names))
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise NotAvailableError(
            Message('scenarios in a comparison need different names, got "{name}" twice', name=repeated[0])
        )
    found: dict[str, Any] = {}
    restricted: dict[str, Any] = {}
    for i, scenario in enumerate(scenarios):
        document = find(
            scenario, PARTS, jobs=jobs, on_progress=_of_several(on_progress, i, len(names))
        ).document
        restricted[scenario.name] = document.pop("restricted")
        found[scenario.name] = document
    shown = {name: document["provenance"]["scenario"] for name, document in found.items()}
    return Findings(
        {
            "scenarios": found,
            "differences": list(differences(shown)),
            "provenance": {},
            "restricted": restricted,
        }
    )


def _of_several(on_progress: Progress | None, i: int, n: int) -> Progress | None:
    """Return a display of one scenario's progress as part of that of all, or None without one."""
    if on_progress is None:
        return None
    return lambda done, wanted: on_progress(i * wanted + done, n * wanted)


def differences(documents: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield each key whose value is not the same in every scenario.

    Parameters
    ----------
    documents : dict of str to dict
        Scenarios as plain types, by name.

    Yields
    ------
    dict
        ``path``, and ``values`` by scenario; a scenario that does not have the key is left out of them.
    """
    flat = {
        name: {
            path: value for path, value in _leaves(document, "") if path.split(".")[0] not in _NOT_COMPARED
        }
        for name, document in documents.items()
    }
    for path in dict.fromkeys(path for leaves in flat.values() for path in leaves):
        values = {name: leaves[path] for name, leaves in flat.items() if path in leaves}
        if len(values) < len(flat) or any(value != next(iter(values.values())) for value in values.values()):
            yield {"path": path, "values": values}


def _leaves(node: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the numbers, words and lists of a document with their dotted paths; no sources or reasons."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key not in ("evidence", "assumed") or not path:
                yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(node, list) and any(isinstance(item, dict) for item in node):
        for i, item in enumerate(node):
            yield from _leaves(item, f"{path}.{i}")
    else:
        yield path, ", ".join(map(str, node)) if isinstance(node, list) else node
