"""The cheapest design that has a power, and which designs no other beats in cost, duration and power."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from ipsrct._lever_choices import allocations, services
from ipsrct._message import Message
from ipsrct._search import Answer, Searcher
from ipsrct._spending import Recruiter
from ipsrct.characteristics import provenance
from ipsrct.engine import why_no_counts
from ipsrct.errors import NotAvailableError
from ipsrct.recruiting import follow_up_of, plan_of
from ipsrct.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_POWERS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_WIDTH = {"counts": 0.04, "individual": 0.2}


@dataclass(frozen=True)
class Design:
    """A design that has a power, and what it takes.

    Attributes
    ----------
    power : float
    allocation, estimator : str
    services, n_total : int
    n_low, n_high : int or None
        95 per cent Monte Carlo interval for ``n_total``.
    months, months_mc_standard_error : float
        From opening until the register is complete.
    cost : float
    is_efficient : bool
        Whether no other design has at least its power, at most its cost and at most its months.
    """

    power: float
    allocation: str
    estimator: str
    services: int
    n_total: int
    n_low: int | None
    n_high: int | None
    months: float
    months_mc_standard_error: float
    cost: float
    is_efficient: bool = False


@dataclass(frozen=True)
class Frontier:
    """The result of :func:`frontier`: every design, by power and then cost.

    ``left_out`` says which have no size, or one that some simulated recruitments do not reach.
    """

    scenario: Scenario
    target_power: float
    designs: tuple[Design, ...]
    left_out: tuple[str, ...]
    provenance: dict[str, Any]

    def cheapest(self) -> Design | None:
        """Return the cheapest design at the target power, or None where no size reaches it."""
        own = [design for design in self.designs if design.power == self.target_power]
        return min(own, key=lambda design: design.cost, default=None)

    def table(self) -> pd.DataFrame:
        """Return the designs as a tidy data frame."""
        import pandas as pd

        return pd.DataFrame([asdict(design) for design in self.designs])

    def to_json(self) -> str:
        """Return the designs as JSON."""
        cheapest = self.cheapest()
        document = {
            "scenario": self.scenario.name,
            "target_power": self.target_power,
            "currency": self.scenario.cost.currency if self.scenario.cost else None,
            "provenance": self.provenance,
            "cheapest": asdict(cheapest) if cheapest else None,
            "left_out": self.left_out,
            "designs": [asdict(design) for design in self.designs],
        }
        return json.dumps(document, indent=2, ensure_ascii=False)


def frontier(
    scenario: Scenario,
    power: float = 0.8,
    *,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Frontier:
    """Size and cost the scenario at several powers, allocations, estimators and numbers of services.

    Parameters
    ----------
    scenario : Scenario
        With ``[recruitment]`` and ``[cost]`` tables, and no lists.
    power : float
        Target of the cheapest design, between the significance level and 1.
    jobs : int
        Workers; cannot change a number.
    on_progress : callable, optional
        Called with the allocations done and wanted.

    Raises
    ------
    NotAvailableError
        If the scenario has no recruitment, cost or month, or a list.
    ValueError
        If the target is not between the significance level and 1.
    """
    if not scenario.analysis.significance_level < power < 1:
        raise ValueError(f"power must be between the significance level and 1, got {power:g}")
    if scenario.cost is None:
        raise NotAvailableError(Message('the scenario has no [cost]; "ips_ung" has one to start from'))
    plan_of(scenario), follow_up_of(scenario)
    whole = scenario.with_changes({"analysis.subgroups": [], "analysis.interactions": []})
    powers = tuple(sorted({*_POWERS, power} - {p for p in _POWERS if p <= whole.analysis.significance_level}))
    trials = [whole] + [whole.with_changes(lever.changes) for lever in allocations(whole)]
    found: list[tuple[Scenario, list[Answer]]] = []
    for i, trial in enumerate(trials):
        route = "individual" if why_no_counts(trial) else "counts"
        searcher = Searcher(trial, {}, route=route, width=_WIDTH[route], jobs=jobs)
        found.append((trial, list(searcher.answers(powers))))
        if on_progress:
            on_progress(i + 1, len(trials))
    made = list(_designs(found))
    designs = sorted((d for d in made if isinstance(d, Design)), key=lambda d: (d.power, d.cost))
    left_out = tuple(d for d in made if isinstance(d, str))
    return Frontier(scenario, power, tuple(_marked(designs)), left_out, provenance(scenario, ["counts"], []))


def _designs(found: list[tuple[Scenario, list[Answer]]]) -> Iterator[Design | str]:
    """Yield every design, or in words why there is none."""
    largest = max((a.n_total or 0 for _, answers in found for a in answers), default=0)
    for trial, answers in found:
        recruiter = Recruiter(trial.simulation.seed, largest)
        fewer = [{}, *(lever.changes for lever in services(trial))]
        for changed in map(trial.with_changes, fewer):
            ratio, n_services = ":".join(map(str, changed.design.weights)), plan_of(changed).n_services
            for answer in answers:
                which = f"{answer.target_power:g}, {ratio}, {n_services} services, {answer.estimator}"
                if answer.n_total is None:
                    yield f"{which}: {answer.note}"
                    continue
                spent = recruiter.spend(changed, answer.n_total)
                if spent.note or spent.cost is None:
                    yield f"{which}: {spent.note}"
                    continue
                yield Design(
                    answer.target_power,
                    ratio,
                    answer.estimator,
                    n_services,
                    answer.n_total,
                    answer.n_low,
                    answer.n_high,
                    spent.months,
                    spent.mc_standard_error,
                    spent.cost,
                )


def _marked(designs: list[Design]) -> list[Design]:
    """Return the designs with those marked that no other beats."""
    return [replace(d, is_efficient=not any(_beats(other, d) for other in designs)) for d in designs]


def _beats(one: Design, other: Design) -> bool:
    mine = (-one.power, one.cost, one.months)
    theirs = (-other.power, other.cost, other.months)
    return mine != theirs and all(a <= b for a, b in zip(mine, theirs, strict=True))
