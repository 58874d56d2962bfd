"""The exceptions that ipsrct raises on purpose.

::

    IpsrctError
    ├── ScenarioError      a scenario file has faults (all of them, in ``faults``)
    │   └── ListFileError  so has an allocation list, or a file that goes with one
    ├── EvidenceError      an evidence id does not exist or holds no usable number
    ├── NotAvailableError  a route or part cannot do what was asked of it
    └── RunError           a run failed after its input had been accepted
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ipsrct._message import Message


class IpsrctError(Exception):
    """The base of every exception that ipsrct raises on purpose."""


class EvidenceError(IpsrctError):
    """An evidence id does not exist, or its entry holds no usable number."""


class NotAvailableError(IpsrctError):
    """A route or a part cannot do what was asked of it; the message says why."""


class RunError(IpsrctError):
    """A run failed after its input had been accepted."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in a scenario.

    Attributes
    ----------
    path : str
        Dotted path of the key, e.g. ``design.randomisation.block_sizes.0``.
    message : str
        The rule, the value and, where there are any, the choices.
    """

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ScenarioError(IpsrctError):
    """A scenario is invalid.

    Parameters
    ----------
    faults : sequence of Fault
        Every fault that was found, in the order of the file.
    origin : str
        The name or path of the scenario.
    """

    def __init__(self, faults: Sequence[Fault], origin: str = "scenario") -> None:
        self.faults = tuple(faults)
        self.origin = origin
        super().__init__(faults, origin)

    @property
    def heading(self) -> str:
        """The origin, and how many faults there are."""
        if len(self.faults) == 1:
            return Message("{origin}: 1 fault", origin=self.origin)
        return Message("{origin}: {n} faults", origin=self.origin, n=len(self.faults))

    def __str__(self) -> str:
        return "\n".join([self.heading, *(f"  {fault}" for fault in self.faults)])


class ListFileError(ScenarioError):
    """An allocation list, or a file that goes with one, is invalid; every fault is in ``faults``."""


def suggestion(name: str, choices: Iterable[str]) -> str:
    """Return ``; did you mean "..."?`` for the nearest choice, or an empty string."""
    near = difflib.get_close_matches(str(name), list(choices), n=1, cutoff=0.6)
    return Message('; did you mean "{near}"?', near=near[0]) if near else ""


def listed(name: str, nouns: str, choices: Iterable[str]) -> str:
    """Return the nearest choice, if one is near, and all choices, which ``nouns`` names."""
    choices = list(choices)
    near = suggestion(name, choices)
    all_choices = ", ".join(choices) or Message("none")
    if near:
        return Message("{near} {nouns}: {choices}", near=near, nouns=nouns, choices=all_choices)
    return Message("; {nouns}: {choices}", nouns=nouns, choices=all_choices)
