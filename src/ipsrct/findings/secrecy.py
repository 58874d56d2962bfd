"""What of a randomisation scheme everybody may know, and what only the keepers of the allocation list may."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE

OPEN_KEYS = ("kind", "factors", "leftovers", "unit", "steps", "pairs_by")
"""Keys of a scheme that do not help to guess an allocation; every other key is restricted."""
_OPEN_MEASURES = ("imbalance_mean", "imbalance_q95")
"""All others, and what is known of single lists, let a reader of the literature work out the block sizes.
The expected imbalance tells something too, but a plan must state it; the loss of information is its
square."""


def open_scheme(scheme: Any) -> dict[str, Any]:
    """Return what everybody may know of a scheme: its kind, its factors and what has an arm of its own."""
    return {"kind": scheme.kind, "factors": list(scheme.strata_factors), "unit": scheme.randomised_unit}


def restricted_keys(scheme: Any) -> list[str]:
    """Return the names of the restricted keys that this kind of scheme has, given or not."""
    return [key for key in type(scheme).model_fields if key not in OPEN_KEYS]


def open_document(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario as everybody may see it: without the restricted keys of its scheme."""
    design = scenario.document["design"]
    shown = {key: value for key, value in design["randomisation"].items() if key in OPEN_KEYS}
    return scenario.document | {"design": design | {"randomisation": shown}}


def gives_away(row: dict[str, Any], single: set[str]) -> bool:
    """Return whether a row of a plan's diagnostics helps to work out a restricted key.

    Parameters
    ----------
    row : dict
    single : set of str
        From :func:`single_lists`.
    """
    return row["measure"] not in _OPEN_MEASURES or row["where"] == "stratum" or row["where"] in single


def single_lists(scenario: Scenario) -> set[str]:
    """Return the places of the plan's diagnostics at which a single list shows, if the lists have a secret.

    A list's imbalance follows from the size of its blocks or the strength of its coin. With one list in all
    that is the overall imbalance; with one factor it is that of each of its levels.
    """
    scheme = scenario.design.scheme
    return set(_single(scenario)) if restricted_keys(scheme) else set()


def _single(scenario: Scenario) -> Iterator[str]:
    cells, factors = scenario.assumptions.cohort_model.cells(), scenario.design.scheme.strata_factors
    by_service = SERVICE in factors and scenario.assumptions.cohort.n_services > 1
    stratum = cells.stratum_index([name for name in factors if name != SERVICE])
    if np.ptp(stratum) == 0:
        yield from (SERVICE,) if by_service else ("overall", "factors")
    if by_service:
        return
    for f, (factor, levels) in enumerate(zip(cells.factors, cells.levels, strict=True)):
        for k, level in enumerate(levels):
            if factor in factors and np.ptp(stratum[cells.level_index[:, f] == k]) == 0:
                yield from (f"{factor}:{level}", "factors")
