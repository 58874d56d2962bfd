"""Published numbers with their sources, and the quantities that scenarios build on them."""

from ipsrct.evidence.published import Evidence, PublishedValue, Source, evidence
from ipsrct.evidence.quantity import Difference, Proportion, Quantity, Size

__all__ = ["Difference", "Evidence", "Proportion", "PublishedValue", "Quantity", "Size", "Source", "evidence"]
