"""What each choice of the investigators saves in participants, months and money at a target power."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsrct._accumulator import true_values
from ipsrct._json import AsJson
from ipsrct._lever_choices import Lever, available_levers, overall, refused_levers
from ipsrct._message import Message, joined
from ipsrct._search import Answer, Searcher
from ipsrct._spending import Recruiter, Spending
from ipsrct.characteristics import provenance
from ipsrct.engine import why_no_counts
from ipsrct.recruiting import follow_up_of, plan_of
from ipsrct.recruitment.summary import mean
from ipsrct.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_WIDTH = {"counts": 0.02, "individual": 0.2}
_AS_IT_IS = Message("as it is")


@dataclass(frozen=True)
class LeverResult:
    """What a lever gives at the target power, and what it saves against the scenario as it is.

    Attributes
    ----------
    group, estimator : str
    lever : Message
    same_estimand : bool
    control, effect : float
        Level of the control arm and true effect, in ``unit``.
    unit : str
    n_total, n_low, n_high : int or None
        With its 95 per cent Monte Carlo interval; None where no size reaches the target.
    months, months_mc_standard_error : float or None
        From opening until the register is complete, as the mean of the trials that get there.
    cost : float or None
        At the mean of the months; None without a ``[cost]`` table.
    saved_participants, saved_months, saved_cost : int or float or None
        Negative where the lever needs more.
    saved_participants_low, saved_participants_high : int or None
        A 95 per cent Monte Carlo interval that takes the two sizes as independent; they share random numbers,
        so it is rather too wide. Services do not change the size, so what they save is exactly 0.
    saved_months_mc_standard_error : float or None
        On the same simulated recruitment, at the sizes found.
    rank_participants, rank_months, rank_cost : int or None
        1 saves most, over all levers.
    note : str
    """

    group: str
    lever: Message
    estimator: str
    same_estimand: bool
    control: float
    effect: float
    unit: str
    n_total: int | None
    n_low: int | None
    n_high: int | None
    months: float | None = None
    months_mc_standard_error: float | None = None
    cost: float | None = None
    saved_participants: int | None = None
    saved_participants_low: int | None = None
    saved_participants_high: int | None = None
    saved_months: float | None = None
    saved_months_mc_standard_error: float | None = None
    saved_cost: float | None = None
    rank_participants: int | None = None
    rank_months: int | None = None
    rank_cost: int | None = None
    note: str = ""


@dataclass(frozen=True)
class LeversRun(AsJson):
    """The result of :func:`levers`: the scenario as it is, then levers, most participants saved first.

    ``refused`` holds levers that the scenario cannot have, each with the reason.
    """

    scenario: Scenario
    target_power: float
    rows: tuple[LeverResult, ...]
    refused: tuple[tuple[Message, str], ...]
    provenance: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return the rows as a tidy data frame."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])

    def to_dict(self) -> dict[str, Any]:
        """Return the rows as plain types."""
        return {
            "scenario": self.scenario.name,
            "target_power": self.target_power,
            "provenance": self.provenance,
            "levers": [asdict(row) for row in self.rows],
            "refused": [{"lever": name, "reason": reason} for name, reason in self.refused],
        }


def levers(
    scenario: Scenario,
    power: float = 0.8,
    *,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> LeversRun:
    """Size the scenario again with each thing that investigators can choose done otherwise.

    The scenario's first estimator is the reference. Sizes are searched on common random numbers, and months
    come from the same simulated recruitment, so that differences are less uncertain than their parts.

    Parameters
    ----------
    scenario : Scenario
        With a ``[recruitment]`` table, and no lists.
    power : float
        Target, between the significance level and 1.
    jobs : int
        Workers; cannot change a number.
    on_progress : callable, optional
        Called with the levers done and wanted.

    Raises
    ------
    NotAvailableError
        If the scenario has no recruitment or month, or a list.
    ValueError
        If the target is not between the significance level and 1.
    """
    if not scenario.analysis.significance_level < power < 1:
        raise ValueError(f"power must be between the significance level and 1, got {power:g}")
    plan_of(scenario), follow_up_of(scenario)
    reference = overall(scenario)
    wanted = [Lever(_AS_IT_IS, _AS_IT_IS), *available_levers(reference)]
    sizes: list[LeverResult] = []
    trials: list[Scenario] = []
    for i, lever in enumerate(wanted):
        trials.append(reference.with_changes(lever.changes))
        if lever.group == "services":  # the size does not know services
            sizes.append(replace(sizes[0], group=lever.group, lever=lever.name))
        else:
            sizes.append(_sized(lever, trials[-1], power, jobs))
        if on_progress:
            on_progress(i + 1, len(wanted))
    rows = _with_savings(sizes, trials)
    made = provenance(scenario, ["counts", "individual"], [])
    return LeversRun(scenario, power, tuple(rows), refused_levers(reference), made)


def _sized(lever: Lever, trial: Scenario, power: float, jobs: int) -> LeverResult:
    answer = smallest_size(trial, power, jobs)
    outcome, cells = trial.assumptions.outcome_model, trial.assumptions.cohort_model.cells()
    means = cells.probability @ outcome.risks(cells, trial.treated)
    control = trial.arm_names.index(trial.analysis.estimand.control)
    return LeverResult(
        lever.group,
        lever.name,
        trial.analysis.estimator_list[0].label,
        lever.same_estimand,
        float(means[control]),
        float(true_values(trial)[0]),
        outcome.unit,
        answer.n_total,
        answer.n_low,
        answer.n_high,
        note=answer.note,
    )


def smallest_size(trial: Scenario, power: float, jobs: int) -> Answer:
    """Return the size that one estimator needs in the whole population, simulated even if exact is possible.

    An enumerated size would share no random numbers with the others.
    """
    route = "individual" if why_no_counts(trial) else "counts"
    searcher = Searcher(trial, {}, route=route, width=_WIDTH[route], jobs=jobs)
    return next(searcher.answers((power,)))


def _with_savings(sizes: list[LeverResult], trials: list[Scenario]) -> list[LeverResult]:
    """Add months, costs, savings against the first row, and ranks."""
    largest = max((row.n_total for row in sizes if row.n_total), default=1)
    recruiter = Recruiter(trials[0].simulation.seed, largest)
    spent = [
        recruiter.spend(trial, row.n_total) if row.n_total else None
        for row, trial in zip(sizes, trials, strict=True)
    ]
    rows: list[LeverResult] = []
    for row, spending in zip(sizes, spent, strict=True):
        if spending is not None:
            note = joined(filter(None, (row.note, spending.note)), "; ")
            row = replace(row, months=spending.months, cost=spending.cost, note=note)
            row = replace(row, months_mc_standard_error=spending.mc_standard_error)
            if rows and spent[0] is not None:
                row = replace(row, **_saved(row, spending, rows[0], spent[0]))
        rows.append(row)
    return [rows[0], *_ranked(rows[1:])]


def _saved(
    row: LeverResult, spending: Spending, first: LeverResult, first_spending: Spending
) -> dict[str, Any]:
    assert row.n_total is not None  # it has been spent
    assert first.n_total is not None
    both = np.isfinite(spending.time) & np.isfinite(first_spending.time)
    months = mean("saved", (first_spending.time - spending.time)[both])
    same_search = row.group == "services"
    margin = 0.0 if same_search else math.hypot(_half_width(row), _half_width(first))
    participants = first.n_total - row.n_total
    return {
        "saved_participants": participants,
        "saved_participants_low": math.floor(participants - margin),
        "saved_participants_high": math.ceil(participants + margin),
        "saved_months": months.value,
        "saved_months_mc_standard_error": months.mc_standard_error,
        "saved_cost": None if first.cost is None or row.cost is None else first.cost - row.cost,
    }


def _half_width(row: LeverResult) -> float:
    return 0.0 if row.n_low is None or row.n_high is None else (row.n_high - row.n_low) / 2


def _ranked(rows: list[LeverResult]) -> list[LeverResult]:
    """Return the levers with ranks, most participants saved first; those without a size have none."""
    for what in ("cost", "months", "participants"):
        key = f"saved_{what}"
        rows = sorted(rows, key=lambda row, key=key: -_or_least(getattr(row, key)))  # type: ignore[misc]
        rows = [
            row if getattr(row, key) is None else replace(row, **{f"rank_{what}": place})  # type: ignore[arg-type]
            for place, row in enumerate(rows, start=1)
        ]
    return rows


def _or_least(value: float | None) -> float:
    return -math.inf if value is None else value
