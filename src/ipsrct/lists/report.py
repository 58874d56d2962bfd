"""An audit in words and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

from ipsrct._text import render, text_table
from ipsrct.lists.audit import FALSE_ALARM, Audit

_MOST_ROWS = 24


def audit_json(origin: str, found: Audit) -> str:
    """Return an audit as JSON."""
    document = {"list": origin, "verdict": verdict(found), **asdict(found)}
    return json.dumps(document, indent=2, ensure_ascii=False)


def audit_text(origin: str, found: Audit) -> str:
    """Return an audit for people, the answer first."""
    table = text_table("", "list", "allocations", *found.counts)
    for label, counts in list(found.strata.items())[:_MOST_ROWS]:
        table.add_row(label, f"{sum(counts.values()):,}", *(f"{n:,}" for n in counts.values()))
    more = len(found.strata) - _MOST_ROWS
    total = sum(found.counts.values())
    faults = [f"FAULT {fault}" for fault in found.faults] or ["No faults were found."]
    lists = "1 list" if len(found.strata) == 1 else f"{len(found.strata):,} lists"
    head = f"{origin}: {total:,} allocations in {lists}. {verdict(found)}"
    tail = [f"... and {more:,} more lists; --json has them all."] if more > 0 else []
    return render(head, "", *faults, "", *_details(found), table, *tail)


def verdict(found: Audit) -> str:
    """Return what fits the list and what does not, and no more than it shows."""
    blocks = found.blocks
    sizes = " or ".join(map(str, blocks.sizes))
    if blocks.convincing:
        lists = f"{blocks.whole_lists:,} of {len(found.strata):,} lists are whole blocks"
        rivals = "; ".join(" or ".join(map(str, rival)) for rival in blocks.rivals)
        also = f" It cannot tell these sizes from {rivals}." if rivals else ""
        return (
            f"Permuted blocks of {sizes} fit: {lists}, the last one perhaps cut. Complete randomisation "
            f"does not: it fits as well with a probability of at most {max(blocks.chance, 1e-300):.1g}.{also}"
        )
    if found.runs.p_value <= FALSE_ALARM or found.counts_p_value <= FALSE_ALARM:
        return (
            "Neither complete randomisation nor permuted blocks of the sizes tried fit; other schemes, "
            "such as a biased coin or minimisation, were not tried."
        )
    if blocks.whole_lists == len(found.strata):
        return (
            f"Permuted blocks of {sizes} and complete randomisation both fit: the lists are too short to "
            "tell them apart."
        )
    return (
        "Complete randomisation is not contradicted, and no permuted blocks of the sizes tried fit. Other "
        "schemes may fit too."
    )


def _details(found: Audit) -> Iterator[str]:
    ratio = ":".join(map(str, found.weights))
    counts = " : ".join(f"{n:,}" for n in found.counts.values())
    yield (
        f"Allocation {ratio} ({found.weights_origin}) to {', '.join(found.counts)}: {counts}, "
        f"p = {found.counts_p_value:.2g} under complete randomisation."
    )
    fits = ", ".join(f"{size}: {n:,}" for size, n in found.blocks.fitting.items())
    yield f"Lists that are whole blocks of one size, by size: {fits}."
    runs = found.runs
    kind = "exact" if runs.exact else "asymptotic"
    more = "more" if runs.observed > runs.expected else "fewer"
    yield (
        f"Runs: {runs.observed:,}, {more} than the {runs.expected:,.1f} (SD "
        f"{runs.standard_deviation:,.1f}) of complete randomisation, p = {max(runs.p_value, 1e-300):.2g} "
        f"({kind}). Longest run: {found.longest_run}; complete randomisation has one as long with a "
        f"probability of {found.longest_run_probability:.3g}."
    )
    yield (
        "False alarms: a list from complete randomisation is said to be of blocks in less than "
        f"{FALSE_ALARM:g} of cases. Rows swapped within a block, and any change that leaves whole blocks, "
        "cannot be seen."
    )
    if found.unused_columns:
        yield f"Columns not used: {', '.join(found.unused_columns)}; --strata names those that form strata."
    yield "This report names block sizes: keep it where the lists are kept."
