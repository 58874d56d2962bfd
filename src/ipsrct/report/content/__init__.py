"""The sections of a report, in their order: each makes a section from the results and computes nothing."""

from __future__ import annotations

from collections.abc import Callable

from ipsrct.report.content.answer import answer
from ipsrct.report.content.flow import flow
from ipsrct.report.content.glossary import glossary
from ipsrct.report.content.levers import levers
from ipsrct.report.content.provenance import provenance
from ipsrct.report.content.randomisation import randomisation
from ipsrct.report.content.recruitment import recruitment
from ipsrct.report.content.subgroups import subgroups
from ipsrct.report.model import Section
from ipsrct.report.results import Node

SECTIONS: tuple[Callable[[Node], Section], ...] = (
    answer,
    randomisation,
    recruitment,
    flow,
    subgroups,
    levers,
    glossary,
    provenance,
)
