"""Published numbers with their sources, and the quantities that scenarios build on them.

The module itself can be indexed, so that ``ipsrct.evidence["fig1_month0"]`` works whether or not something
has imported the module before.
"""

import sys
from collections.abc import Iterator
from types import ModuleType

from ipsrct.evidence.published import Evidence, county_names, evidence
from ipsrct.evidence.quantity import Amount, Difference, Proportion, Quantity, Size
from ipsrct.evidence.value import PublishedValue, Source

__all__ = [
    "Amount",
    "Difference",
    "Evidence",
    "Proportion",
    "PublishedValue",
    "Quantity",
    "Size",
    "Source",
    "county_names",
    "evidence",
    "search",
]

search = evidence.search


class _Indexed(ModuleType):
    def __getitem__(self, key: str) -> PublishedValue:
        return evidence[key]

    def __contains__(self, key: object) -> bool:
        return key in evidence

    def __iter__(self) -> Iterator[str]:
        return iter(evidence)

    def __len__(self) -> int:
        return len(evidence)


sys.modules[__name__].__class__ = _Indexed
