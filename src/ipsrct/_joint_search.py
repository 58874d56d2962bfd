"""The size at which several populations reject together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
from scipy.special import ndtr, ndtri

from ipsrct._exact_search import round_up
from ipsrct._message import Message, joined
from ipsrct._search import Answer, more_than
from ipsrct._simulated_power import CONFIDENCE_95, density
from ipsrct.engine import BLOCK_SIZE, SimulatedRoute, in_order, run_block, why_no_counts
from ipsrct.errors import NotAvailableError, listed
from ipsrct.scenario import Scenario
from ipsrct.trial import FloatArray

PREFIX = "joint:"
_REPLICATES = {"counts": 20_480, "individual": 1_024}
_LARGEST = 1_000_000
_ROUNDS = 8
_SETTLED = 0.02


@dataclass(frozen=True)
class Joint:
    """Populations that must all reject.

    Attributes
    ----------
    name : str
        ``joint:`` and the populations' names.
    members : tuple of int
    """

    name: str
    members: tuple[int, ...]

    @classmethod
    def of(cls, scenario: Scenario, populations: Sequence[str]) -> Joint:
        """Return the joint target of populations by name.

        Raises
        ------
        NotAvailableError
            If there are fewer than two, or one is not in the analysis.
        """
        names = scenario.populations.names
        unknown = [name for name in populations if name not in names]
        if unknown:
            raise NotAvailableError(
                Message(
                    '"{name}" is not a population here{choices}',
                    name=unknown[0],
                    choices=listed(unknown[0], Message("populations"), names),
                )
            )
        if len(set(populations)) < 2:
            raise NotAvailableError(
                Message("a joint target needs two populations, got {given}", given=", ".join(populations))
            )
        return cls(PREFIX + "+".join(populations), tuple(names.index(name) for name in populations))


def joint_answers(
    scenario: Scenario, joint: Joint, targets: Sequence[float], found: Sequence[Answer], jobs: int
) -> Iterator[Answer]:
    """Yield the size for each target and estimator at which all members reject with the target power.

    Parameters
    ----------
    scenario : Scenario
        One point of a grid.
    joint : Joint
    targets : sequence of float
    found : sequence of Answer
        The members' own sizes, which are lower limits.
    jobs : int
    """
    route: SimulatedRoute = "individual" if why_no_counts(scenario) else "counts"
    names = {scenario.populations.names[m] for m in joint.members}
    known: dict[int, FloatArray] = {}
    for target in targets:
        for e, estimator in enumerate(scenario.analysis.estimator_list):
            own = [a for a in found if (a.estimator, a.target_power) == (estimator.label, target)]
            own = [a for a in own if a.population in names and a.method != "formula"]
            blank = replace(own[0], population=joint.name, method=route, n_per_arm={}, n_replicates=0)
            blank = replace(blank, n_total=None, n_low=None, n_high=None, power=None, mc_standard_error=None)
            missing = [a for a in own if a.n_total is None]
            if missing:
                yield replace(blank, note=joined((missing[0].population, missing[0].note), ": "))
            else:
                lowest = max(cast(int, a.n_total) for a in own)
                yield _search(scenario, joint, e, replace(blank, note=""), lowest, known, route, jobs)


def _search(
    scenario: Scenario,
    joint: Joint,
    e: int,
    blank: Answer,
    n: int,
    known: dict[int, FloatArray],
    route: SimulatedRoute,
    jobs: int,
) -> Answer:
    """Follow the probit of joint power, taken as linear in the square root of n, to the target."""
    unit, wanted = sum(scenario.design.weights), float(ndtri(blank.target_power))
    slope = (wanted - float(ndtri(scenario.analysis.tail))) / math.sqrt(n)
    points: list[tuple[float, float]] = []
    for _ in range(_ROUNDS):
        if n > _LARGEST:
            return replace(blank, note=more_than(_LARGEST))
        if n not in known:
            known[n] = _joint_power(scenario.resized(n), joint, route, jobs)
        trials = _REPLICATES[route]
        power = min(max(float(known[n][e]), 0.5 / trials), 1 - 0.5 / trials)
        probit = float(ndtri(power))
        if points and math.sqrt(n) != points[-1][0] and probit != points[-1][1]:
            secant = (probit - points[-1][1]) / (math.sqrt(n) - points[-1][0])
            slope = secant if secant > 0 else slope
        points.append((math.sqrt(n), probit))
        root = math.sqrt(n) + (wanted - probit) / slope
        crossing = round_up(max(root, 0.0) ** 2, unit)
        if abs(crossing - n) <= _SETTLED * n:
            break
        n = crossing
    error = math.sqrt(power * (1 - power) / trials)
    margin = CONFIDENCE_95 * error / density(probit) / slope
    at_crossing = probit + slope * (math.sqrt(crossing) - math.sqrt(n))
    weights: dict[str, Any] = dict(zip(scenario.arm_names, scenario.design.weights, strict=True))
    return replace(
        blank,
        n_total=crossing,
        n_per_arm={name: crossing * weight // unit for name, weight in weights.items()},
        n_low=round_up(max(root - margin, 0.0) ** 2, unit),
        n_high=round_up((root + margin) ** 2, unit),
        power=float(ndtr(at_crossing)),
        mc_standard_error=error,
        n_replicates=trials,
    )


def _joint_power(scenario: Scenario, joint: Joint, route: SimulatedRoute, jobs: int) -> FloatArray:
    """Return the share of simulated trials in which all members reject, by estimator, (E,)."""
    blocks = range(-(-_REPLICATES[route] // BLOCK_SIZE[route]))
    calls = [(scenario, joint, route, block) for block in blocks]
    return np.asarray(sum(in_order(_rejecting, calls, jobs)) / _REPLICATES[route], dtype=np.float64)


def _rejecting(scenario: Scenario, joint: Joint, route: SimulatedRoute, block: int) -> FloatArray:
    tail, sides = scenario.analysis.tail, scenario.analysis.sides
    kept = min(BLOCK_SIZE[route], _REPLICATES[route] - block * BLOCK_SIZE[route])
    return np.array(
        [
            found.head(kept).rejects(tail, sides)[list(joint.members)].all(axis=0).sum()
            for found in run_block(scenario, route, block)
        ],
        dtype=np.float64,
    )
