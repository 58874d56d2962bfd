"""Which lists a trial needs, and how long each must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

import numpy as np

from ipsrct._message import Message
from ipsrct.errors import NotAvailableError
from ipsrct.protocols import ListedScheme
from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE, FloatArray, IntArray

RUN_OUT_PROBABILITY = 1e-6
WHOLE_PLAN_ROWS = 20_000
_MOST_ROWS = 1_000_000


@dataclass(frozen=True)
class Stratum:
    """One list's stratum.

    Attributes
    ----------
    levels : tuple of str
        One for each factor.
    codes : tuple of int
        The position of each level among its factor's levels, from 1.
    share : float
        The assumed probability that a participant belongs to the stratum.
    planned_maximum : int
        The most participants that the list must serve.
    """

    levels: tuple[str, ...]
    codes: tuple[int, ...]
    share: float
    planned_maximum: int

    @property
    def label(self) -> str:
        """The levels in words."""
        return ", ".join(self.levels) or "all participants"


@dataclass(frozen=True)
class ListPlan:
    """The lists of one trial.

    Attributes
    ----------
    scenario : Scenario
    scheme : ListedScheme
    levels : dict of str to tuple of str
        The levels of each factor that forms strata, ``service`` among them where it does.
    strata : tuple of Stratum
        The cross-classification; the last factor varies fastest.
    rule : str
        How the lists' lengths were chosen.
    """

    scenario: Scenario
    scheme: ListedScheme
    levels: Mapping[str, tuple[str, ...]]
    strata: tuple[Stratum, ...]
    rule: str

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors that form strata."""
        return tuple(self.levels)


def make_plan(scenario: Scenario, minimum_length: int = 1) -> ListPlan:
    """Return the strata of a scenario's randomisation and the length that each list must have.

    Parameters
    ----------
    scenario : Scenario
    minimum_length : int
        No list is planned for fewer participants.

    Raises
    ------
    NotAvailableError
        If the scheme cannot be a list, the scenario is a grid, or the lists would be too long to be of use.
    """
    scheme = _listable(scenario)
    levels, share = _strata(scenario, scheme.strata_factors)
    n = scenario.design.n_participants
    maximum, rule = _lengths(share, n)
    maximum = np.maximum(maximum, minimum_length)
    if maximum.sum() > _MOST_ROWS:
        raise NotAvailableError(
            Message(
                "{lists:,} lists would have {rows:,} rows; {most:,} are the most. Use fewer factors, or a "
                "central system",
                lists=len(share),
                rows=int(maximum.sum()),
                most=_MOST_ROWS,
            )
        )
    if minimum_length > 1:
        rule += f" No list is planned for fewer than {minimum_length:,}."
    names = product(*levels.values())
    codes = product(*(range(1, len(found) + 1) for found in levels.values()))
    rows = zip(names, codes, share.tolist(), maximum.tolist(), strict=True)
    return ListPlan(scenario, scheme, levels, tuple(Stratum(*row) for row in rows), rule)


def _listable(scenario: Scenario) -> ListedScheme:
    scheme = scenario.design.scheme
    if scenario.grid:
        paths = ", ".join(path for path, _ in scenario.grid)
        raise NotAvailableError(
            Message("a list is for one design, and the scenario is a grid over {paths}", paths=paths)
        )
    if not isinstance(scheme, ListedScheme):
        raise NotAvailableError(
            Message(
                "randomisation {kind} needs to know each participant when he or she is randomised: a central "
                "system must run it, it cannot be a list",
                kind=scheme.kind,
            )
        )
    if reason := scheme.why_no_list():
        raise NotAvailableError(
            Message("randomisation {kind} cannot be a list: {reason}", kind=scheme.kind, reason=reason)
        )
    return scheme


def _strata(scenario: Scenario, factors: tuple[str, ...]) -> tuple[dict[str, tuple[str, ...]], FloatArray]:
    """Return the levels of each factor and the share of each stratum, (S,)."""
    cohort = scenario.assumptions.cohort_model
    cells, services = cohort.cells(), cohort.service_table.names
    known = dict(zip(cells.factors, cells.levels, strict=True)) | {SERVICE: services}
    levels = {name: known[name] for name in factors}
    if prod(map(len, levels.values())) > _MOST_ROWS:
        raise NotAvailableError(
            Message("the factors form more than {most:,} strata; use fewer", most=_MOST_ROWS)
        )
    kept = [name for name in factors if name != SERVICE]
    share = cells.probability.reshape([len(known[name]) for name in cells.factors])
    share = share.sum(axis=tuple(i for i, name in enumerate(cells.factors) if name not in kept))
    order = [name for name in cells.factors if name in kept]
    share = share.transpose([order.index(name) for name in kept])
    if SERVICE in factors:
        share = np.expand_dims(share, factors.index(SERVICE))
        share = np.repeat(share / len(services), len(services), axis=factors.index(SERVICE))
    return levels, np.minimum(share.ravel(), 1.0)


def _lengths(share: FloatArray, n: int) -> tuple[IntArray, str]:
    """Return the most participants planned for in each stratum, (S,), and the rule in words."""
    if n * len(share) <= WHOLE_PLAN_ROWS:
        return np.full(len(share), n), (
            f"Each list serves all {n:,} planned participants, so none can run out before the trial is full."
        )
    from scipy.stats import binom

    tail = RUN_OUT_PROBABILITY / len(share)
    return np.maximum(binom.isf(tail, n, share), 1).astype(np.int64), (
        "Each list serves the number of participants that its stratum exceeds with a probability of "
        f"{RUN_OUT_PROBABILITY:g} / {len(share):,} (binomial, {n:,} planned participants), so that any "
        f"list runs out with a probability of at most {RUN_OUT_PROBABILITY:g}, if the scenario's shares of "
        "the strata are right. They are assumed, and services are assumed to be of equal size: watch the "
        "lists' use, and set a longer minimum length where a stratum may be larger."
    )
