"""Which figures there are, and which parts of the findings each is made of."""

from __future__ import annotations

from importlib import import_module

from ipsrct.errors import NotAvailableError
from ipsrct.report.model import Figure
from ipsrct.report.results import Node

NEEDS: dict[str, tuple[str, ...]] = {
    "counterfactuals": ("identification",),
    "power_curve": ("curve",),
    "tornado": ("sensitivity",),
    "assurance": ("assurance",),
    "forest": ("characteristics", "detectable", "headline"),
    "recruitment": ("recruitment",),
    "flow": ("flow",),
    "imbalance": ("plan",),
    "levers": ("levers",),
}
"""In the order of the report."""
USES: dict[str, tuple[str, ...]] = {"power_curve": ("sizing",)}
"""What is marked besides, where it is there."""


def made(name: str, results: Node) -> Figure:
    """Return the figure of a name.

    Raises
    ------
    NotAvailableError
        If the results lack a part that the scenario cannot have, or that not everybody may see.
    """
    for part in NEEDS[name]:
        if part not in results:
            raise NotAvailableError(results["not_available"][part].value)
    figure: Figure = import_module(f"ipsrct.report.figures.{name}").figure(results)
    return figure
