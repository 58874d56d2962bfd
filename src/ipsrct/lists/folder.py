"""The folder that a list is handed over in: what is open, what holds allocations, what holds block sizes."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from textwrap import fill

import numpy as np

from ipsrct._version import __version__
from ipsrct.lists.cautions import cautions, unfilled_blocks
from ipsrct.lists.formats import (
    block_rows,
    code_rows,
    csv_bytes,
    excel_bytes,
    list_header,
    list_rows,
    redcap_header,
    redcap_rows,
)
from ipsrct.lists.generation import DrawnList, draw_lists
from ipsrct.lists.plan import ListPlan
from ipsrct.lists.seed_file import ListSeed
from ipsrct.trial import SERVICE

_WIDTH = 100
_CODE_HEADER = ("field", "code", "meaning")
_README = """\
Allocation lists: {name}

{text}

Who may see what

README.txt, metadata.json, codes.csv   open: no allocations
lists/                                 the unblinded statistician and whoever sets up the randomisation
                                       system; nobody who recruits, treats or assesses participants
restricted/                            the unblinded statistician alone: blocks, with which allocations can
                                       be foreseen

The scenario file states what restricted/ holds, and so does any list to a patient reader: keep both apart
from the trial's staff. The list seed is in none of these files; with it and the scenario anybody can make the
lists again.

lists/allocation_list.csv, .xlsx       one row an allocation, to be used in the order of sequence_number
                                       within its stratum, none skipped, none used twice
lists/redcap_production.csv            REDCap's allocation table for production, in raw codes (codes.csv)
lists/redcap_development.csv           another list, to test the project with before it moves to production
{services}
The scenario, the seed, ipsrct {version} and numpy {numpy} give these files again, byte for byte.
"""


def folder_files(plan: ListPlan, seed: ListSeed, sites: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Return every file of the folder by its path, the same bytes for the same seed, plan and version.

    Parameters
    ----------
    plan : ListPlan
    seed : ListSeed
    sites : dict of str to str, optional
        REDCap's id of each service's data access group; without it services are a field of their own.
    """
    production = draw_lists(plan, seed, "production")
    development = draw_lists(plan, seed, "development")
    files = _open_files(plan, sites)
    people = (list_header(plan), list(list_rows(plan, production)))
    codes = (_CODE_HEADER, list(code_rows(plan, sites)))
    files["lists/allocation_list.csv"] = csv_bytes(*people)
    files["lists/allocation_list.xlsx"] = excel_bytes({"allocation list": people, "codes": codes})
    header = redcap_header(plan, sites)
    files["lists/redcap_production.csv"] = csv_bytes(
        header, redcap_rows(plan, production, "production", sites)
    )
    files["lists/redcap_development.csv"] = csv_bytes(
        header, redcap_rows(plan, development, "development", sites)
    )
    files |= _service_files(plan, production)
    files |= _restricted_files(plan, production)
    sums = [f"{hashlib.sha256(data).hexdigest()}  {path}\n" for path, data in sorted(files.items())]
    files["restricted/SHA256SUMS"] = "".join(sums).encode()
    return files


def _paragraphs(plan: ListPlan) -> list[str]:
    """Return the method in words, without what would let allocations be foreseen, the rule and warnings."""
    design = plan.scenario.design
    ratio = ":".join(map(str, design.weights))
    by = f" within {len(plan.strata):,} strata formed by {', '.join(plan.factors)}" if plan.factors else ""
    method = (
        f"{design.n_participants:,} participants, allocated {ratio} to "
        f"{', '.join(plan.scenario.arm_names)} by {plan.scheme.kind.replace('_', ' ')} randomisation{by}."
    )
    warnings = [f"Warning: {text}" for text in cautions(plan)]
    return [fill(text, _WIDTH) for text in (method, plan.rule, *warnings)]


def summary(plan: ListPlan, out: Path, written: bool) -> str:
    """Return what was written, for people; nothing that depends on the lists."""
    done = f"Wrote {out}" if written else f"{out} holds exactly these lists already"
    lists = "1 list" if len(plan.strata) == 1 else f"{len(plan.strata):,} lists"
    return "\n".join([f"{done}: {lists}.", *_paragraphs(plan), "README.txt says who may see which file."])


def summary_json(plan: ListPlan, out: Path, written: bool) -> str:
    """Return what was written as JSON."""
    document = {"out": str(out), "written": written, **_metadata(plan)}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _metadata(plan: ListPlan) -> dict[str, object]:
    design = plan.scenario.design
    return {
        "scenario": plan.scenario.name,
        "ipsrct_version": __version__,
        "numpy_version": np.__version__,
        "n_participants": design.n_participants,
        "allocation_weights": {arm.name: arm.allocation_weight for arm in design.arms},
        "randomisation": plan.scheme.kind,
        "strata_factors": {name: list(levels) for name, levels in plan.levels.items()},
        "n_lists": len(plan.strata),
        "length_rule": plan.rule,
        "warnings": list(cautions(plan)),
    }


def _open_files(plan: ListPlan, sites: Mapping[str, str] | None) -> dict[str, bytes]:
    """Return the files without allocations; the lists' lengths would give block sizes away."""
    by_service = "lists/services/                        the same list, one file a service\n"
    readme = _README.format(
        name=plan.scenario.name,
        text="\n\n".join(_paragraphs(plan)),
        services=by_service if SERVICE in plan.factors else "",
        version=__version__,
        numpy=np.__version__,
    )
    return {
        "README.txt": readme.encode(),
        "metadata.json": json_bytes(_metadata(plan)),
        "codes.csv": csv_bytes(_CODE_HEADER, code_rows(plan, sites)),
    }


def _service_files(plan: ListPlan, production: list[DrawnList]) -> dict[str, bytes]:
    if SERVICE not in plan.factors:
        return {}
    place = plan.factors.index(SERVICE)
    files = {}
    for code, service in enumerate(plan.levels[SERVICE], 1):
        own = [drawn for drawn in production if drawn.stratum.levels[place] == service]
        name = f"{code:0{len(str(len(plan.levels[SERVICE])))}d}_{re.sub(r'[^a-z0-9]+', '_', service.lower())}"
        files[f"lists/services/{name}.csv"] = csv_bytes(list_header(plan), list_rows(plan, own))
    return files


def _restricted_files(plan: ListPlan, production: list[DrawnList]) -> dict[str, bytes]:
    block_sizes = getattr(plan.scheme, "block_sizes", None)
    metadata = {
        "scenario_sha256": plan.scenario.sha256,
        "randomisation": plan.scenario.document["design"]["randomisation"],
        "unfilled_blocks": asdict(unfilled_blocks(plan, block_sizes)) if block_sizes else None,
        "lists": [
            {
                **dict(zip(plan.factors, drawn.stratum.levels, strict=True)),
                "assumed_share": drawn.stratum.share,
                "planned_maximum": drawn.stratum.planned_maximum,
                "length": len(drawn.arm),
            }
            for drawn in production
        ],
    }
    files = {"restricted/metadata.json": json_bytes(metadata)}
    if all(drawn.block_end is not None for drawn in production):
        header = [*list_header(plan), "block_number", "block_size"]
        files["restricted/blocks.csv"] = csv_bytes(header, block_rows(plan, production))
    return files


def json_bytes(document: object) -> bytes:
    """Return a document as indented JSON in UTF-8."""
    return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
