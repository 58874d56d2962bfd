"""Listings as text and JSON: assumptions, kinds of parts, published numbers, reference cases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from ipsrct import _parts
from ipsrct._text import quantities, quantities_in, render, text_table
from ipsrct.errors import Fault
from ipsrct.evidence import PublishedValue, Quantity
from ipsrct.scenario import Scenario
from ipsrct.validation import CaseResult


def _every_quantity(scenario: Scenario) -> Iterator[tuple[str, Quantity]]:
    yield from quantities(scenario)
    yield from quantities_in(scenario.recruitment, "recruitment")
    yield from quantities_in(scenario.cost, "cost")


def assumptions(scenario: Scenario) -> str:
    """Return that the scenario is valid, and its assumptions with sources."""
    table = text_table("", "assumption", "value", "low", "high", "source")
    table.columns[-1].justify = "left"
    bare = 0
    for path, quantity in _every_quantity(scenario):
        bare += not quantity.is_justified
        numbers = ["-" if x is None else f"{x:g}" for x in (quantity.value, quantity.low, quantity.high)]
        table.add_row(path.removeprefix("assumptions."), *numbers, quantity.origin())
    warning = f" {bare} of its numbers have neither source nor reason." if bare else ""
    return render(f"{scenario.name} is valid.{warning}", *scenario.caveats, table)


def assumptions_json(scenario: Scenario) -> str:
    """Return the assumptions as JSON."""
    found = {path: q.model_dump() | {"origin": q.origin()} for path, q in _every_quantity(scenario)}
    document = {"scenario": scenario.name, "valid": True, "caveats": scenario.caveats, "assumptions": found}
    return json.dumps(document, indent=2, ensure_ascii=False)


def faults_json(origin: str, faults: Sequence[Fault]) -> str:
    """Return what is wrong with a scenario as JSON."""
    document = {"scenario": origin, "valid": False, "faults": [asdict(fault) for fault in faults]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _kinds() -> Iterator[tuple[str, str, str, list[str]]]:
    for family in _parts.FAMILIES:
        for kind, part in _parts.kinds(family).items():
            summary = (part.__doc__ or "").strip().splitlines()[0]
            yield family, kind, summary, [key for key in part.model_fields if key != "kind"]


def kinds_text() -> str:
    """Return the kinds of parts, by family."""
    table = text_table("", "family", "kind", "what it is", "keys")
    for column in table.columns:
        column.justify = "left"
    for family, kind, summary, keys in _kinds():
        table.add_row(family, kind, summary, ", ".join(keys))
    return render(table)


def kinds_json() -> str:
    """Return the kinds of parts as JSON."""
    names = ("family", "kind", "summary", "keys")
    rows = [dict(zip(names, row, strict=True)) for row in _kinds()]
    return json.dumps({"kinds": rows}, indent=2, ensure_ascii=False)


def evidence_text(found: Sequence[PublishedValue]) -> str:
    """Return published numbers as a table; one alone in full."""
    if len(found) == 1:
        fields = {key: value for key, value in asdict(found[0]).items() if value not in (None, "", ())}
        fields["source"] = str(found[0].source)
        return "\n".join(f"{key}: {value}" for key, value in fields.items())
    lines = []
    for v in found:
        interval = f" ({v.low:g} to {v.high:g})" if v.low is not None and v.high is not None else ""
        value = "a table" if v.rows and v.value is None else "" if v.value is None else str(v.value)
        lines.append(f"{v.id}: {value}{interval} {v.unit}; {v.title}")
    return "\n".join([*lines, "", "An id alone shows the definition and the source."])


def evidence_json(found: Sequence[PublishedValue]) -> str:
    """Return published numbers as JSON."""
    return json.dumps({"evidence": [v.to_dict() for v in found]}, indent=2, ensure_ascii=False)


def validation(results: Sequence[CaseResult]) -> str:
    """Return the counts by source and kind, and every failure."""
    table = text_table("", "kind", "source", "pass", "fail", "unsupported")
    table.columns[1].justify = "left"
    for kind, source in dict.fromkeys((r.kind, r.source) for r in results):
        status = [r.status for r in results if (r.kind, r.source) == (kind, source)]
        counts = [str(status.count(name) or "-") for name in ("pass", "fail", "unsupported")]
        table.add_row(kind, source, *counts)
    total = {name: sum(r.status == name for r in results) for name in ("pass", "fail", "unsupported")}
    failures = [
        f"FAIL {r.id} ({r.kind}): expected {r.expected}, got {r.got} {r.message}"
        for r in results
        if r.status == "fail"
    ]
    sentence = ", ".join(f"{count} {name}" for name, count in total.items())
    return render(f"{len(results)} reference cases: {sentence}.", table, *failures)


def validation_json(results: Sequence[CaseResult]) -> str:
    """Return the results as JSON."""
    return json.dumps({"cases": [asdict(r) for r in results]}, indent=2, ensure_ascii=False, default=float)


def titles(found: Mapping[str, str]) -> str:
    """Return the packaged scenarios with their titles."""
    width = max(map(len, found))
    return "\n".join(f"{name:{width}}  {title}" for name, title in found.items())


def titles_json(found: Mapping[str, str]) -> str:
    """Return the packaged scenarios as JSON."""
    return json.dumps({"scenarios": found}, indent=2, ensure_ascii=False)


def document_json(scenario: Scenario) -> str:
    """Return a scenario's document as JSON."""
    return json.dumps(scenario.document, indent=2, ensure_ascii=False)
