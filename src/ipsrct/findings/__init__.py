"""Everything that a report shows, computed once and laid out as one JSON document."""

from ipsrct.findings.document import Findings, find
from ipsrct.findings.parts import PARTS

__all__ = ["PARTS", "Findings", "find"]
