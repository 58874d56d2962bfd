"""The parts of a scenario, found by name.

``kind = "permuted_block"`` in ``[design.randomisation]`` is the class ``PermutedBlock`` in the file
``randomisation/permuted_block.py``. A new part is one new file; nothing else is edited.
"""

from __future__ import annotations

from functools import cache, reduce
from importlib import import_module
from operator import or_
from pkgutil import iter_modules
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

FAMILIES = ("cohort", "randomisation", "outcome", "estimator")


class Part(BaseModel):
    """The base of the parts: its fields are the keys of the scenario's table."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


@cache
def kinds(family: str) -> dict[str, type[Part]]:
    """Return the parts of a family by kind, sorted."""
    package = import_module(f"ipsrct.{family}")
    names = sorted(m.name for m in iter_modules(package.__path__) if not m.name.startswith("_"))
    return {name: _part_class(family, name) for name in names}


def _part_class(family: str, kind: str) -> type[Part]:
    class_name = "".join(word.capitalize() for word in kind.split("_"))
    found: type[Part] = getattr(import_module(f"ipsrct.{family}.{kind}"), class_name)
    return found


def any_kind(family: str) -> Any:
    """Return the type of a scenario field that holds a part of this family, told apart by ``kind``."""
    return Annotated[reduce(or_, kinds(family).values()), Field(discriminator="kind")]
