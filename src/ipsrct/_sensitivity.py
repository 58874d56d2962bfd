"""How power and sample size change over the ranges of the assumptions, one at a time and jointly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from ipsrct._json import AsJson
from ipsrct._message import Message
from ipsrct._search import Searcher
from ipsrct._text import quantities
from ipsrct.characteristics import provenance
from ipsrct.engine import in_order
from ipsrct.errors import NotAvailableError
from ipsrct.evidence import Quantity
from ipsrct.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

_MOST_JOINT = 5


@dataclass(frozen=True)
class SensitivityRow:
    """Power and size with one or all assumptions at an end of their ranges.

    Attributes
    ----------
    assumption : str
        The path of the quantity; ``joint`` where all are at an end together.
    end : str
        ``low``, ``value``, ``high``; for joint rows one end a quantity, separated by commas.
    value : float or None
        The assumption's value; None for joint rows.
    power, mc_standard_error : float or None
        At the planned size; the error is 0 where power was enumerated. None without an effect to detect.
    n_total, n_low, n_high : int or None
        The size for the target power; None where no size reaches it, with the reason in ``note``.
    origin : str
        Evidence ids or the reason for the range.
    method : str
        How the size was found: ``exact`` or the simulated route.
    note : str
    """

    assumption: str
    end: str
    value: float | None
    power: float | None
    mc_standard_error: float | None
    n_total: int | None
    n_low: int | None
    n_high: int | None
    origin: str
    method: str
    note: str = ""


@dataclass(frozen=True)
class SensitivityRun(AsJson):
    """The result of :func:`sensitivity`: the values, then the ends of each range, then joint ends."""

    scenario: Scenario
    target_power: float
    rows: tuple[SensitivityRow, ...]
    provenance: dict[str, Any]

    def table(self) -> pd.DataFrame:
        """Return the rows as a data frame."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])

    def to_dict(self) -> dict[str, Any]:
        """Return the rows as plain types."""
        return {
            "scenario": self.scenario.name,
            "target_power": self.target_power,
            "provenance": self.provenance,
            "most_important": self.most_important(),
            "rows": [asdict(row) for row in self.rows],
        }

    def most_important(self) -> str | None:
        """Return the assumption over whose range power changes most."""
        ends: dict[str, list[float]] = {}
        for row in self.rows:
            if row.end in ("low", "high") and row.power is not None:
                ends.setdefault(row.assumption, []).append(row.power)
        spread = {name: abs(found[1] - found[0]) for name, found in ends.items() if len(found) == 2}
        return max(spread, key=lambda name: spread[name], default=None)


def sensitivity(
    scenario: Scenario,
    power: float = 0.8,
    *,
    estimator: str | None = None,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> SensitivityRun:
    """Vary every assumption that has a range, one at a time and all together at their ends.

    Parameters
    ----------
    scenario : Scenario
        Without lists.
    power : float
        Target of the sizes.
    estimator : str, optional
        The name of the estimator in results; the scenario's first if None.
    jobs : int
        Workers; cannot change a number.
    on_progress : callable, optional
        Called with the points done and wanted.

    Raises
    ------
    NotAvailableError
        If the scenario has a list, no assumption has a range, or no estimator has the name.
    """
    if scenario.grid:
        raise NotAvailableError(Message("sensitivity needs a scenario without lists: it makes its own"))
    trial = _headline(scenario, estimator)
    ranges = ranges_of(trial)
    if not ranges:
        raise NotAvailableError(Message('no assumption has a range: give one with "low" and "high"'))
    points = _points({path: (q.low, q.high) for path, q in ranges.items()})
    calls = [(trial, power, point, ranges.get(point[0])) for point in points]
    rows = []
    for row in in_order(_row, calls, jobs):
        rows.append(row)
        if on_progress:
            on_progress(len(rows), len(points))
    routes = sorted({row.method for row in rows if row.method})
    return SensitivityRun(scenario, power, tuple(rows), provenance(scenario, routes, []))


def ranges_of(scenario: Scenario) -> dict[str, Quantity]:
    """Return the assumptions that have a range, by path."""
    return {path: q for path, q in quantities(scenario) if q.low is not None and q.high is not None}


def _headline(scenario: Scenario, estimator: str | None) -> Scenario:
    """Return the scenario with one estimator, for the whole population only."""
    labels = [e.label for e in scenario.analysis.estimator_list]
    if estimator is not None and estimator not in labels:
        raise NotAvailableError(
            Message(
                '"{name}" is not an estimator here; choices: {choices}',
                name=estimator,
                choices=", ".join(labels),
            )
        )
    chosen = labels.index(estimator) if estimator else 0
    document = scenario.document["analysis"]["estimators"][chosen]
    return scenario.with_changes(
        {"analysis.subgroups": [], "analysis.interactions": [], "analysis.estimators": [document]}
    )


_Point = tuple[str, str, dict[str, Any]]


def _points(ranges: dict[str, tuple[Any, Any]]) -> list[_Point]:
    """Return what to set at each point: nothing, one quantity at an end, all quantities at ends."""
    points: list[_Point] = [("all", "value", {})]
    for path, ends in ranges.items():
        points += [(path, name, {path: value}) for name, value in zip(("low", "high"), ends, strict=True)]
    if 1 < len(ranges) <= _MOST_JOINT:
        for chosen in product((0, 1), repeat=len(ranges)):
            changes = {path: ends[i] for (path, ends), i in zip(ranges.items(), chosen, strict=True)}
            points.append(("joint", ", ".join(("low", "high")[i] for i in chosen), changes))
    return points


def _row(trial: Scenario, target: float, point: _Point, quantity: Quantity | None) -> SensitivityRow:
    assumption, end, changes = point
    searcher = Searcher(trial.with_changes(changes), {})
    answer = next(a for a in searcher.answers((target,)) if a.method != "formula")
    found = searcher.power_at(trial.design.n_participants) if answer.n_total else None
    return SensitivityRow(
        assumption,
        end,
        next(iter(changes.values())) if quantity else None,
        found[0] if found else None,
        found[1] if found else None,
        answer.n_total,
        answer.n_low,
        answer.n_high,
        quantity.origin() if quantity else "",
        answer.method,
        answer.note,
    )
