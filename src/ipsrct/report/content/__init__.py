"""The sections of a report, in their order: each makes a section from the results and computes nothing."""

from __future__ import annotations

from collections.abc import Callable

from ipsrct.report.content.answer import answer
from ipsrct.report.content.assumptions import assumptions
from ipsrct.report.content.characteristics import characteristics
from ipsrct.report.content.checklists import checklists
from ipsrct.report.content.estimand import estimand
from ipsrct.report.content.identification import identification
from ipsrct.report.content.protocol import protocol
from ipsrct.report.content.sensitivity import sensitivity
from ipsrct.report.content.sizes import sizes
from ipsrct.report.model import Section
from ipsrct.report.results import Node

SECTIONS: tuple[Callable[[Node], Section], ...] = (
    answer,
    protocol,
    assumptions,
    identification,
    estimand,
    sizes,
    sensitivity,
    characteristics,
    checklists,
)
