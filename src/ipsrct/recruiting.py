"""When a trial has its participants, its outcomes and its register, and who carries it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct._text import quantities_in
from ipsrct.characteristics import provenance
from ipsrct.errors import NotAvailableError
from ipsrct.recruitment.changes import changes
from ipsrct.recruitment.plan import Recruitment
from ipsrct.recruitment.simulation import Months, simulate_months
from ipsrct.recruitment.summary import Milestone, Value, mean, milestone
from ipsrct.scenario import Scenario
from ipsrct.trial import BoolArray

if TYPE_CHECKING:
    import pandas as pd

REPLICATES, _WHAT_IF_REPLICATES = 2_000, 500
BANDS = (0.1, 0.25, 0.5, 0.75, 0.9)
FEW = 10


@dataclass(frozen=True)
class WhatIf:
    """Months to the size with something else assumed or chosen.

    Attributes
    ----------
    key : str
        Of the recruitment table; ``as_assumed``, or ``at_once`` for all services opening at once.
    value : float or None
        What the key is changed to.
    changed : str
        Both in words.
    months : Value
    not_reached : float
    """

    key: str
    value: float | None
    changed: str
    months: Value
    not_reached: float


@dataclass(frozen=True)
class CountyPart:
    """What one county gives: participants when the size is reached, and their share."""

    county: str
    services: int
    participants: Value
    share: Value
    share_q10: float
    share_q90: float


@dataclass(frozen=True)
class RecruitmentRun(AsJson):
    """The result of :func:`recruit`.

    Attributes
    ----------
    plan : Recruitment
    milestones : tuple of Milestone
    counties : tuple of CountyPart
        The largest first.
    services_with_few : Value
        Services with fewer than ``few`` participants, of those that take part.
    few : int
    caseload : Value
        People in IPS per specialist in the month in which the size is reached.
    opening_caseload, caseload_without_trial : float
        When recruitment opens; and where it would tend to with today's starts, no trial and no limit.
    waiting : Value
        People who consented and wait for a place in the month in which the size is reached.
    referrals_needed : float
        Starts a month that would hold the target caseload while every service recruits, as a multiple of
        those assumed.
    what_if : tuple of WhatIf
    months : Months
    provenance : dict
    """

    scenario: Scenario
    plan: Recruitment
    milestones: tuple[Milestone, ...]
    counties: tuple[CountyPart, ...]
    services_with_few: Value
    few: int
    caseload: Value
    opening_caseload: float
    caseload_without_trial: float
    waiting: Value
    referrals_needed: float
    what_if: tuple[WhatIf, ...]
    months: Months
    provenance: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return months by milestone and statistic as a tidy data frame."""
        import pandas as pd

        rows = [
            (m.name, v.name, v.value, v.mc_standard_error)
            for m in self.milestones
            for v in (m.mean, m.q10, m.median, m.q90)
        ]
        return pd.DataFrame(rows, columns=["milestone", "statistic", "months", "mc_standard_error"])

    def calendar(self) -> pd.DataFrame:
        """Return participants and caseload by month and quantile as a tidy data frame."""
        import pandas as pd

        n = self.scenario.design.n_participants
        series = {
            "participants": np.minimum(self.months.cumulative, n),
            "caseload": self.months.caseload(),
        }
        rows = []
        for name, values in series.items():
            for month, row in enumerate(np.quantile(values, BANDS, axis=1).T, start=1):
                at = {"month": month, "calendar": self.plan.calendar(month), "series": name}
                rows += [{**at, "quantile": q, "value": v} for q, v in zip(BANDS, row.tolist(), strict=True)]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the replicates as plain types."""
        skipped = ("scenario", "plan", "months")
        fields = {key: getattr(self, key) for key in self.__dataclass_fields__ if key not in skipped}
        return {
            "scenario": self.scenario.name,
            "n_participants": self.scenario.design.n_participants,
            "opens": self.plan.opens,
            "caseload_target": self.plan.caseload.value,
            "caseload_limit": self.plan.caseload_limit.value,
            **{key: _plain(value) for key, value in fields.items()},
            "milestones": [_plain(m) | {"calendar": self._calendar_months(m)} for m in self.milestones],
            "calendar": [
                row | {"calendar_month": self.plan.calendar_month(row["month"])}
                for row in self.calendar().to_dict(orient="records")
            ],
            "assumptions": {path: q.model_dump() for path, q in quantities_in(self.plan, "recruitment")},
        }

    def _calendar_months(self, milestone: Milestone) -> dict[str, str | None]:
        """Return the calendar months of a milestone's quantiles; None where no trial reaches it."""
        values = (milestone.q10, milestone.median, milestone.q90)
        return {
            v.name: None if math.isnan(v.value) else self.plan.calendar_month(max(math.ceil(v.value), 1))
            for v in values
        }


def _plain(value: Any) -> Any:
    """Return dataclasses as dictionaries and what is not finite as None."""
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return _plain(asdict(value))
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def recruit(
    scenario: Scenario, *, replicates: int = REPLICATES, few: int = FEW, what_if: bool = True
) -> RecruitmentRun:
    """Simulate the recruitment of a scenario's participants.

    Parameters
    ----------
    scenario : Scenario
        With a ``[recruitment]`` table, an estimand with a month, and no lists.
    replicates : int
        Simulated trials, at least 2.
    few : int
        Services with fewer participants are counted.
    what_if : bool
        Whether to simulate also what happens if something else is assumed or chosen.

    Raises
    ------
    NotAvailableError
        If the scenario has no recruitment, no month of its estimand, or a list.
    """
    plan, follow_up = plan_of(scenario), follow_up_of(scenario)
    n, seed = scenario.design.n_participants, scenario.simulation.seed
    months = simulate_months(plan, n, scenario.ips_share, replicates=replicates, seed=seed)
    time = months.reached(n)
    done = np.isfinite(time)
    at = np.where(done, time, 0).astype(np.int64)[done], np.flatnonzero(done)
    complete = follow_up + plan.reporting_lag_months.value
    later = {"n_reached": 0.0, "last_outcome": follow_up, "register_complete": complete}
    not_taking_part = plan.services_of_county.sum() - plan.n_services
    services_with_few = (months.by_service(n)[:, done] < few).sum(axis=0) - not_taking_part
    made = provenance(scenario, ["recruitment"], [])
    made["replicates"] = replicates
    specialists = float(plan.specialists.sum())
    return RecruitmentRun(
        scenario,
        plan,
        tuple(milestone(name, time + wait) for name, wait in later.items()),
        _county_parts(months, n, done),
        mean("services_with_few", services_with_few),
        few,
        mean("caseload", months.caseload()[at]),
        float(plan.active.sum()) / specialists,
        plan.starts_per_month.value / plan.monthly_exit.value / specialists,
        mean("waiting", months.waiting[at]),
        _referrals_needed(plan, scenario.ips_share),
        tuple(_what_if(plan, n, scenario.ips_share, seed)) if what_if else (),
        months,
        made,
    )


def plan_of(scenario: Scenario) -> Recruitment:
    """Return the scenario's recruitment, or raise NotAvailableError."""
    if scenario.recruitment is None:
        raise NotAvailableError(Message('the scenario has no [recruitment]; "ips_ung" has one to start from'))
    if scenario.grid:
        paths = ", ".join(path for path, _ in scenario.grid)
        raise NotAvailableError(
            Message("recruitment needs a scenario without lists, got one at {paths}", paths=paths)
        )
    return scenario.recruitment


def follow_up_of(scenario: Scenario) -> int:
    """Return the month of the outcome, or raise NotAvailableError."""
    if scenario.analysis.estimand.month is None:
        raise NotAvailableError(
            Message('recruitment needs "analysis.estimand.month", the month of the outcome')
        )
    return scenario.analysis.estimand.month


def _county_parts(months: Months, n: int, done: BoolArray) -> tuple[CountyPart, ...]:
    counts = months.by_county(n)[:, done]
    parts = []
    for (name, county), row in zip(months.plan.counties.items(), counts, strict=True):
        low, high = np.quantile(row / n, (0.1, 0.9)) if row.size else (math.nan, math.nan)
        parts.append(
            CountyPart(
                name,
                int(county.services.value),
                mean("participants", row),
                mean("share", row / n),
                float(low),
                float(high),
            )
        )
    return tuple(sorted(parts, key=lambda part: -part.share.value))


def _referrals_needed(plan: Recruitment, ips_share: float) -> float:
    """Return the multiple of today's starts that holds the target caseload while every service recruits."""
    taking_part = plan.n_services / float(plan.services_of_county.sum())
    outside = 1 - (plan.consenting if plan.declined_enter_ips else plan.eligible)
    entering = 1 - taking_part + taking_part * (plan.consenting * ips_share + outside)
    places = float(plan.specialists.sum()) * plan.caseload.value
    return places * plan.monthly_exit.value / (entering * plan.starts_per_month.value)


def _what_if(plan: Recruitment, n: int, ips_share: float, seed: int) -> Iterator[WhatIf]:
    for key, value, label, change in changes(plan):
        changed = plan.model_copy(update=change)
        months = simulate_months(changed, n, ips_share, replicates=_WHAT_IF_REPLICATES, seed=seed)
        time = months.reached(n)
        reached = time[np.isfinite(time)]
        yield WhatIf(key, value, label, mean("mean", reached), 1 - len(reached) / len(time))
