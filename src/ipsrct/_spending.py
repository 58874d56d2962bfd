"""The months and the money that a trial of any size takes, on one simulated recruitment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct._message import Message
from ipsrct.recruiting import follow_up_of, plan_of
from ipsrct.recruitment.simulation import LONGEST, Months, simulate_months
from ipsrct.recruitment.summary import mean
from ipsrct.scenario import Scenario
from ipsrct.trial import FloatArray

_REPLICATES = 500


@dataclass(frozen=True)
class Spending:
    """What a trial of some size takes.

    Attributes
    ----------
    time : float array (R,)
        Months from opening until the register is complete; infinite where the size is not reached.
    months, mc_standard_error : float
        Mean over the recruitments that reach it; NaN with fewer than two.
    cost : float or None
        At the mean of the months; None without a ``[cost]`` table.
    note : str
        How many do not reach it.
    """

    time: FloatArray
    months: float
    mc_standard_error: float
    cost: float | None
    note: str


class Recruiter:
    """Simulated recruitment, shared by trials of every size.

    Parameters
    ----------
    seed : int
    largest : int
        Participants up to which recruitment is simulated.
    """

    def __init__(self, seed: int, largest: int) -> None:
        self._seed, self._largest = seed, largest
        self._known: dict[tuple[int, float], Months] = {}

    def spend(self, trial: Scenario, n: int) -> Spending:
        """Return what a trial of ``n`` participants takes."""
        plan = plan_of(trial)
        key = plan.n_services, trial.ips_share
        if key not in self._known:
            self._known[key] = simulate_months(
                plan, self._largest, trial.ips_share, replicates=_REPLICATES, seed=self._seed
            )
        time = self._known[key].reached(n) + follow_up_of(trial) + plan.reporting_lag_months.value
        reached = time[np.isfinite(time)]
        months = mean("months", reached) if len(reached) > 1 else mean("months", np.array([]))
        missing = 1 - len(reached) / len(time)
        note = (
            Message(
                "{missing:.1%} of recruitments do not reach the size in {longest} months",
                missing=missing,
                longest=LONGEST,
            )
            if missing
            else ""
        )
        cost = _cost(trial, n, months.value)
        return Spending(time, months.value, months.mc_standard_error, cost, note)


def _cost(trial: Scenario, n: int, months: float) -> float | None:
    if trial.cost is None:
        return None
    plan = plan_of(trial)
    return trial.cost.total(
        n,
        ips_share=trial.ips_share,
        n_services=plan.n_services,
        months=months,
        monthly_exit=plan.monthly_exit.value,
    )
