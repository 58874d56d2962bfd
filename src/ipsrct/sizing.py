"""How many participants a target power needs, for every population and estimator."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ipsrct._joint_search import Joint, joint_answers
from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct._reading import grid_points
from ipsrct._search import Answer, Searcher
from ipsrct.characteristics import provenance
from ipsrct.errors import NotAvailableError
from ipsrct.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class SizingRun(AsJson):
    """The result of :func:`size`."""

    scenario: Scenario
    answers: tuple[Answer, ...]
    provenance: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return the answers as a data frame with a column for each arm."""
        import pandas as pd

        rows = [asdict(answer) for answer in self.answers]
        for row in rows:
            row |= {f"n_{arm}": n for arm, n in row.pop("n_per_arm").items()}
        table = pd.DataFrame([row.pop("at") | row for row in rows])
        whole = [name for name in table.columns if str(name).startswith("n_")]
        return table.astype(dict.fromkeys(whole, "Int64"))

    def binding(self) -> dict[tuple[str, float], Answer]:
        """Return the answer that needs most, or that no size reaches, for each estimator and target."""
        found: dict[tuple[str, float], Answer] = {}
        for answer in self.answers:
            if answer.method == "formula":
                continue
            before = found.setdefault((answer.estimator, answer.target_power), answer)
            if before.n_total is not None and (answer.n_total is None or answer.n_total > before.n_total):
                found[answer.estimator, answer.target_power] = answer
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return the answers as plain types, and which of them binds."""
        rows = [{k: v for k, v in asdict(a).items() if k != "at" or v} for a in self.answers]
        binding = [
            {"estimator": label, "target_power": target, "population": a.population, "n_total": a.n_total}
            for (label, target), a in self.binding().items()
        ]
        return {
            "scenario": self.scenario.name,
            "provenance": self.provenance,
            "answers": rows,
            "binding": binding,
        }


def size(
    scenario: Scenario,
    power: Sequence[float] = (0.8, 0.9),
    *,
    joint: Sequence[Sequence[str]] = (),
    route: str | None = None,
    width: float | None = None,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> SizingRun:
    """Find the sample sizes that reach target powers.

    Unadjusted estimates of the whole population are sized exactly where the exact route is valid, beside
    the usual formula; everything else by simulation at sizes near the answers, with the probit of power
    taken as linear in the square root of n. All sizes share their random numbers.

    Parameters
    ----------
    scenario : Scenario
    power : sequence of float
        Targets, each between the significance level and 1.
    joint : sequence of sequence of str
        Populations by name that must all reject; each such target gets a size of its own.
    route : {"counts", "individual"}, optional
        Simulate everything by this route, also what could be enumerated.
    width : float, optional
        Width of the 95 per cent Monte Carlo interval for n, relative to n, at which the simulation stops;
        0.04 by counts and 0.1 by individuals if None.
    jobs : int
        Workers.
    on_progress : callable, optional
        Called with the answers found and about how many are wanted.

    Raises
    ------
    NotAvailableError
        If the scenario has a grid of numbers of participants, randomises services whose outcomes are
        correlated, or the route is not valid for it; or a joint target is not made of two populations of
        the analysis.
    ValueError
        If a target is not between the significance level and 1, or the width is not positive.
    """
    _check(scenario, power, width)
    points, together = grid_points(scenario), [Joint.of(scenario, members) for members in joint]
    answers: list[Answer] = []
    wanted = len(points) * len(power) * len(scenario.populations.names) * len(scenario.analysis.estimators)
    n_simulated = 0
    for at, point in points:
        searcher = Searcher(point, at, route=route, width=width, jobs=jobs)
        for answer in searcher.answers(tuple(power)):
            answers.append(answer)
            if on_progress:
                on_progress(min(len(answers), wanted), wanted)
        n_simulated += searcher.n_simulated
        own = [a for a in answers if a.at == at]
        for members in together:
            answers += joint_answers(point, members, power, own, jobs)
    made = provenance(scenario, sorted({a.method for a in answers}), [])
    made["replicates"] = n_simulated
    return SizingRun(scenario, _in_order(scenario, answers), made)


def _check(scenario: Scenario, power: Sequence[float], width: float | None) -> None:
    for target in power:
        if not scenario.analysis.significance_level < target < 1:
            raise ValueError(f"power must be between the significance level and 1, got {target:g}")
    if width is not None and width <= 0:
        raise ValueError(f"width must be positive, got {width:g}")
    if any(path == "design.n_participants" for path, _ in scenario.grid):
        raise NotAvailableError(
            Message("design.n_participants must be one number here: it is what is looked for")
        )
    for _, point in grid_points(scenario):
        in_services = point.assumptions.outcome_model.correlated_in_services
        if in_services and point.design.scheme.randomised_unit != "participant":
            raise NotAvailableError(
                Message(
                    "services are randomised and their outcomes are correlated: their number sets a ceiling "
                    "to the power that participants cannot lift; simulate a grid of services instead"
                )
            )


def _in_order(scenario: Scenario, answers: list[Answer]) -> tuple[Answer, ...]:
    """Return answers by grid point as they came, then population, estimator and target."""
    names = dict.fromkeys([*scenario.populations.names, *(a.population for a in answers)])
    populations = {label: i for i, label in enumerate(names)}
    labels = {e.label: i for i, e in enumerate(scenario.analysis.estimator_list)}
    points = {json.dumps(a.at): i for i, a in enumerate(reversed(answers))}
    return tuple(
        sorted(
            answers,
            key=lambda a: (
                -points[json.dumps(a.at)],
                populations[a.population],
                labels[a.estimator],
                a.target_power,
            ),
        )
    )
