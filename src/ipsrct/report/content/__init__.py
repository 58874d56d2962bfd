"""The sections of a report, in their order: each makes a section from the results and computes nothing."""

from __future__ import annotations

from collections.abc import Callable

from ipsrct.report.content.answer import answer
from ipsrct.report.content.checklists import checklists
from ipsrct.report.content.estimand import estimand
from ipsrct.report.content.protocol import protocol
from ipsrct.report.model import Section
from ipsrct.report.results import Node

SECTIONS: tuple[Callable[[Node], Section], ...] = (answer, protocol, estimand, checklists)
