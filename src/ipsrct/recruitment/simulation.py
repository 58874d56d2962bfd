"""Recruitment month by month, all simulated trials at once.

Axes: M months, C counties, S services, R replicates; the replicate is last.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct._hypergeometric import spread
from ipsrct._streams import Streams
from ipsrct.recruitment.plan import Recruitment
from ipsrct.trial import FloatArray, IntArray

LONGEST = 180
"""Months after which a trial that has not reached its size is given up, and counted."""


@dataclass(frozen=True)
class Months:
    """Simulated recruitment, by month from opening.

    Attributes
    ----------
    plan : Recruitment
    enrolled : int array (M, C, R)
        Participants randomised.
    occupied : int array (M, C, R)
        People in IPS at the end of the month, of the trial and not.
    waiting : int array (M, R)
        People who consented and wait for a place.
    exposure : float array (M, S, R)
        Starts expected at each service while it recruits.
    seed : int
    """

    plan: Recruitment
    enrolled: IntArray
    occupied: IntArray
    waiting: IntArray
    exposure: FloatArray
    seed: int

    @property
    def cumulative(self) -> IntArray:
        """Participants so far, over all counties, (M, R)."""
        return np.asarray(self.enrolled.sum(axis=1).cumsum(axis=0))

    def reached(self, n: int) -> FloatArray:
        """Return the time at which participant ``n`` was randomised, in months from opening, (R,).

        Within its month the time is that of an order statistic of uniform arrivals. Infinite where ``n``
        was not reached.
        """
        month, before, within = self._last_month(n)
        rng = Streams(self.seed).rng("recruitment/moment", 0)
        never = month == len(self.enrolled)
        needed = np.where(never, 1, n - before)
        moment = rng.beta(needed, np.where(never, 1, within - needed + 1))
        return np.where(never, np.inf, month + moment)

    def _last_month(self, n: int) -> tuple[IntArray, IntArray, IntArray]:
        """Return the month of participant n, the participants before it, and those in it, each (R,)."""
        cumulative = self.cumulative
        month = (cumulative < n).sum(axis=0)
        padded = np.vstack([np.zeros_like(cumulative[:1]), cumulative, cumulative[-1:]])
        replicate = np.arange(cumulative.shape[1])
        before = padded[month, replicate]
        return month, before, padded[month + 1, replicate] - before

    def by_county(self, n: int) -> IntArray:
        """Return participants by county when participant ``n`` was randomised, (C, R)."""
        month, before, _ = self._last_month(n)
        rng = Streams(self.seed).rng("recruitment/counties", 0)
        index = np.minimum(month, len(self.enrolled) - 1)
        in_month = self.enrolled[index, :, np.arange(len(month))].T.astype(np.int64)
        whole = np.arange(len(self.enrolled))[:, None] < month
        earlier = np.einsum("mcr,mr->cr", self.enrolled, whole, dtype=np.int64, casting="unsafe")
        taken = np.where(month == len(self.enrolled), 0, n - before)
        in_month = np.where(month == len(self.enrolled), 0, in_month)
        arms = np.stack([taken, in_month.sum(axis=0) - taken])
        return np.asarray(earlier + spread(arms, in_month, rng)[:, 0])

    def by_service(self, n: int) -> IntArray:
        """Return participants by service when participant ``n`` was randomised, (S, R).

        A county's participants fall on its services in proportion to the starts expected at each while it
        recruited.
        """
        month, _, _ = self._last_month(n)
        counts = self.by_county(n)
        counted = np.arange(len(self.exposure))[:, None] <= month
        weight = np.einsum("msr,mr->sr", self.exposure, counted)
        rng = Streams(self.seed).rng("recruitment/services", 0)
        parts, start = [], 0
        for c, size in enumerate(self.plan.services_of_county):
            own = weight[start : start + size].T
            total = own.sum(axis=1, keepdims=True)
            share = np.divide(own, total, out=np.full_like(own, 1 / size), where=total > 0)
            parts.append(rng.multinomial(counts[c], share).T)
            start += size
        return np.concatenate(parts)

    def caseload(self) -> FloatArray:
        """Return people in IPS per specialist, over all counties, by month, (M, R)."""
        return np.asarray(self.occupied.sum(axis=1) / self.plan.specialists.sum())


def simulate_months(plan: Recruitment, n: int, ips_share: float, *, replicates: int, seed: int) -> Months:
    """Simulate recruitment until every trial has ``n`` participants, or for ``LONGEST`` months.

    People who would start IPS come as a Poisson process. Those who consent at a service that recruits are
    randomised, ``ips_share`` of them to IPS; the others start IPS as now, if the plan says so. Each month
    people leave IPS first, then the new ones come.

    Parameters
    ----------
    plan : Recruitment
    n : int
        Participants.
    ips_share : float
        Share of participants allocated to IPS.
    replicates, seed : int

    Returns
    -------
    Months
    """
    streams = Streams(seed)
    rates = _service_rates(plan, replicates, streams)
    opening = _opening_months(plan, replicates, streams)
    limit = (plan.specialists * plan.caseload_limit.value)[:, None]
    occupied = np.repeat(plan.active[:, None], replicates, axis=1)
    waiting, outside = np.zeros_like(occupied), np.zeros_like(occupied)
    months: list[tuple[IntArray, IntArray, IntArray, FloatArray]] = []
    total = np.zeros(replicates, dtype=np.int64)
    while total.min() < n and len(months) < LONGEST:
        month = len(months)
        rng = streams.rng("recruitment/months", month)
        all_starts = rates * plan.season(month)
        exposure = all_starts * _ramp(plan, month - opening)
        waiting, outside = _arrivals(plan, all_starts, exposure, waiting, outside, rng)
        occupied = occupied - rng.binomial(occupied, plan.exits[:, None])
        enrolled, entering = _admitted(waiting, outside, limit - occupied, ips_share)
        waiting, outside = waiting - enrolled, outside - entering
        occupied = occupied + rng.binomial(enrolled, ips_share) + entering
        months.append((enrolled.astype(np.int32), occupied.astype(np.int32), waiting.sum(axis=0), exposure))
        total += enrolled.sum(axis=0)
    enrolled_by, occupied_by, waiting_by, exposure_by = zip(*months, strict=True)
    return Months(
        plan, np.stack(enrolled_by), np.stack(occupied_by), np.stack(waiting_by), np.stack(exposure_by), seed
    )


def _service_rates(plan: Recruitment, replicates: int, streams: Streams) -> FloatArray:
    """Return the mean monthly starts of each service, (S, R): gamma-distributed counties and services."""
    rng = streams.rng("recruitment/rates", 0)
    expected = plan.starts_per_month.value * plan.county_share
    county = expected[:, None] * _gamma(rng, plan.county_variation.value, (len(expected), replicates))
    sizes = plan.services_of_county
    weight = _gamma(rng, plan.service_variation.value, (int(sizes.sum()), replicates))
    of_county = np.add.reduceat(weight, np.cumsum(sizes) - sizes, axis=0)
    return weight * np.repeat(county / of_county, sizes, axis=0)


def _gamma(rng: np.random.Generator, variation: float, shape: tuple[int, int]) -> FloatArray:
    """Draw from the gamma distribution of mean 1 and this coefficient of variation."""
    if not variation:
        return np.ones(shape)
    return rng.gamma(variation**-2, variation**2, shape)


def _opening_months(plan: Recruitment, replicates: int, streams: Streams) -> FloatArray:
    """Return the month in which each service opens, (S, R); infinite for one that does not take part."""
    n_services = int(plan.services_of_county.sum())
    order = streams.rng("recruitment/openings", 0).random((n_services, replicates)).argsort(axis=0)
    rank = order.argsort(axis=0)
    month = np.floor(rank / plan.services_opening_per_month.value)
    return np.where(rank < plan.n_services, month, np.inf)


def _ramp(plan: Recruitment, age: FloatArray) -> FloatArray:
    """Return the share of its full rate that a service of this age in months recruits at."""
    steps = (age + 1) / (plan.ramp_up_months.value + 1)
    return np.clip(np.where(age < 0, 0.0, steps), 0.0, 1.0)


def _arrivals(
    plan: Recruitment,
    all_starts: FloatArray,
    exposure: FloatArray,
    waiting: IntArray,
    outside: IntArray,
    rng: np.random.Generator,
) -> tuple[IntArray, IntArray]:
    """Add a month's arrivals to those who wait to be randomised and to start IPS outside the trial."""
    sizes = plan.services_of_county
    first = np.cumsum(sizes) - sizes
    everybody = np.add.reduceat(all_starts, first, axis=0)
    reachable = np.add.reduceat(exposure, first, axis=0)
    kept_out = plan.consenting if plan.declined_enter_ips else plan.eligible
    return (
        waiting + rng.poisson(reachable * plan.consenting),
        outside + rng.poisson(np.maximum(everybody - reachable * kept_out, 0.0)),
    )


def _admitted(
    waiting: IntArray, outside: IntArray, free: FloatArray, ips_share: float
) -> tuple[IntArray, IntArray]:
    """Return how many are randomised and how many enter IPS outside the trial, (C, R), by the free places."""
    wanted = waiting * ips_share + outside
    fits = wanted <= free
    part = np.clip(free / np.maximum(wanted, 1e-12), 0.0, 1.0)
    return (
        np.where(fits, waiting, np.floor(waiting * part)).astype(np.int64),
        np.where(fits, outside, np.floor(outside * part)).astype(np.int64),
    )
