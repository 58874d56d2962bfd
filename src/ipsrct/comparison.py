"""Schemes of randomisation, and analyses after them, on common random numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import isnan
from typing import TYPE_CHECKING

from ipsrct._compared import Choice, compared_scenarios
from ipsrct._compared_trials import SIZE, Seen, run_block
from ipsrct._message import Message
from ipsrct._version import __version__
from ipsrct.diagnostics._tally import Diagnostic, Key, Tally
from ipsrct.diagnostics.cautions import plan_warnings
from ipsrct.engine import in_order
from ipsrct.errors import NotAvailableError
from ipsrct.protocols import RandomisationScheme
from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE

if TYPE_CHECKING:
    import pandas as pd

REPLICATES = 8192
"""A power near 80 per cent then has a Monte Carlo standard error of 0.45 points, a difference one of 0.6."""
_DIFFERENCE = "_difference"


@dataclass(frozen=True)
class ComparisonRow:
    """One value of a comparison.

    Attributes
    ----------
    scheme : str
        The scheme's label.
    analysis : str
        The label of the analysis; empty where the value is about the randomisation alone.
    measure : str
        See :func:`compare_schemes`.
    value, mc_standard_error : float
    difference, difference_mc_standard_error : float
        From the first scheme, with the first analysis, in the same trials; NaN in its own row.
    n_replicates : int
    """

    scheme: str
    analysis: str
    measure: str
    value: float
    mc_standard_error: float
    difference: float
    difference_mc_standard_error: float
    n_replicates: int


@dataclass(frozen=True)
class SchemeComparison:
    """The result of :func:`compare_schemes`.

    Attributes
    ----------
    scenario : Scenario
    schemes : dict of str to RandomisationScheme
        By label; all differences are from the first.
    analyses : tuple of str
        Labels; all differences are from the first.
    margins : tuple of str
        The factors whose levels are margins: those that any of the schemes balances.
    refused : dict of str to str
        Schemes that are not valid for the scenario, and why.
    warnings : dict of str to tuple of str
        By scheme's label.
    rows : tuple of ComparisonRow
    n_replicates, seed : int
    """

    scenario: Scenario
    schemes: Mapping[str, RandomisationScheme]
    analyses: tuple[str, ...]
    margins: tuple[str, ...]
    refused: Mapping[str, str]
    warnings: Mapping[str, tuple[str, ...]]
    rows: tuple[ComparisonRow, ...]
    n_replicates: int
    seed: int

    def table(self) -> pd.DataFrame:
        """Return the rows as a tidy data frame."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])

    def to_json(self) -> str:
        """Return everything but the schemes' keys, block sizes among them, as JSON."""
        rows = [
            {key: None if isinstance(value, float) and isnan(value) else value for key, value in row.items()}
            for row in map(asdict, self.rows)
        ]
        described = {
            label: {
                "kind": scheme.kind,
                "strata_factors": list(scheme.strata_factors),
                "warnings": list(self.warnings[label]),
            }
            for label, scheme in self.schemes.items()
        }
        document = {
            "scenario": self.scenario.name,
            "schemes": described,
            "analyses": list(self.analyses),
            "margins": list(self.margins),
            "refused": dict(self.refused),
            "provenance": {
                "seed": self.seed,
                "replicates": self.n_replicates,
                "route": "individual",
                "ipsrct": __version__,
            },
            "comparison": rows,
        }
        return json.dumps(document, indent=2, ensure_ascii=False)

    def find(self, measure: str, scheme: str = "", analysis: str = "") -> ComparisonRow | None:
        """Return a row, of the first scheme if none is named; None where there is none."""
        wanted = (scheme or next(iter(self.schemes)), analysis, measure)
        return next((row for row in self.rows if (row.scheme, row.analysis, row.measure) == wanted), None)


def compare_schemes(
    scenario: Scenario,
    schemes: Sequence[Choice] | None = None,
    analyses: Sequence[Choice] | None = None,
    *,
    replicates: int = REPLICATES,
    jobs: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> SchemeComparison:
    """Compare schemes of randomisation, each with some analyses, in the same trials.

    Trials are drawn participant by participant. All schemes get the same cohorts, and a participant has one
    outcome in each arm, drawn before the arm; so each scheme's trials are those that
    :func:`ipsrct.simulate` draws by the individual route with the same seed.

    Parameters
    ----------
    scenario : Scenario
    schemes : sequence of str or mapping, optional
        Kinds, ``stratified_by_service``, ``all``, or tables as in a scenario, with ``name`` where a kind is
        given twice. Keys that are required and not given come from the scenario. If left out: complete,
        permuted blocks, stratified (by service too), minimisation, and the scenario's own.
    analyses : sequence of str or mapping, optional
        Names of the scenario's estimators, kinds, or tables as in a scenario; the scenario's if left out.
    replicates : int
        Simulated trials, at least 1.
    jobs : int
        Workers; cannot change a number.
    on_progress : callable, optional
        Called with the replicates done and wanted.

    Returns
    -------
    SchemeComparison
        With ``power``, ``type_i_error`` (shares of the trials that could be analysed) and ``not_estimated``
        by scheme and analysis; and by scheme ``imbalance_overall``, ``imbalance_largest_margin`` and
        ``imbalance_largest_service`` (mean over trials, the latter two of the worst level or service;
        participants, see :func:`ipsrct.diagnostics.imbalance.observe`), ``correct_guesses_own_service`` and
        ``correct_guesses_everybody`` (shares; a caseworker who guesses the arm that is behind among those
        whom she sees, counted in the scheme's strata; with several margins, by their majority), and
        ``information_loss`` (participants, in a model with the main effects of the cohort's factors).

    Raises
    ------
    NotAvailableError
        If a scheme or an analysis that was named is not valid, with every reason, or the scenario has a grid.
    """
    if scenario.grid:
        raise NotAvailableError(Message("a comparison takes one design at a time, not a grid"))
    if replicates < 1:
        raise NotAvailableError(Message("replicates must be at least 1, got {given}", given=replicates))
    scenarios, refused = compared_scenarios(scenario, schemes, analyses)
    first, *_ = scenarios.values()
    labels = tuple(estimator.label for estimator in first.analysis.estimator_list)
    margins = _margins(scenarios)
    calls = [(scenarios, margins, block) for block in range(-(-replicates // SIZE))]
    tallies = {label: Tally() for label in scenarios}
    for block, seen in enumerate(in_order(run_block, calls, jobs)):
        done = min((block + 1) * SIZE, replicates)
        _add(tallies, seen, labels[0], done - block * SIZE)
        if on_progress:
            on_progress(done, replicates)
    rows = [row for label, tally in tallies.items() for row in _rows(list(tally.rows(label)))]
    chosen = {label: point.design.scheme for label, point in scenarios.items()}
    warnings = {label: _warnings(point) for label, point in scenarios.items()}
    seed = scenario.simulation.seed
    return SchemeComparison(
        scenario, chosen, labels, margins, refused, warnings, tuple(rows), replicates, seed
    )


def _margins(scenarios: Mapping[str, Scenario]) -> tuple[str, ...]:
    """Return the factors that any scheme balances; the cohort's if none does."""
    balanced = [name for point in scenarios.values() for name in point.design.scheme.strata_factors]
    first, *_ = scenarios.values()
    found = dict.fromkeys(name for name in balanced if name != SERVICE)
    return tuple(found or first.assumptions.cohort_model.cells().factors)


def _warnings(scenario: Scenario) -> tuple[str, ...]:
    """Return what is wrong with the strata, if the scheme balances within them."""
    scheme = scenario.design.randomisation
    return plan_warnings(scenario, scheme) if scheme.strata_factors in scheme.balanced_within else ()


def _add(tallies: Mapping[str, Tally], seen: Mapping[str, Seen], first_analysis: str, kept: int) -> None:
    """Add a block's first trials, and in each the difference from the first scheme and analysis."""
    first, *_ = seen.values()
    for label, own in seen.items():
        for (measure, analysis), (x, per) in own.items():
            is_share = analysis != ""
            key = Key(measure, "overall", 0, "", analysis)
            tallies[label].add(key, x[:kept], per[:kept], is_share=is_share)
            x0, per0 = first[measure, first_analysis if analysis else ""]
            both = per * per0
            if x is not x0:
                difference = key._replace(measure=measure + _DIFFERENCE)
                tallies[label].add(difference, ((x - x0) * both)[:kept], both[:kept], is_share=is_share)


def _rows(found: Sequence[Diagnostic]) -> list[ComparisonRow]:
    """Return a scheme's values with their differences."""
    of = {(row.measure, row.estimator): row for row in found}
    rows = []
    for (measure, analysis), row in of.items():
        if measure.endswith(_DIFFERENCE):
            continue
        paired = of.get((measure + _DIFFERENCE, analysis))
        difference = (paired.value, paired.mc_standard_error) if paired else (float("nan"),) * 2
        value = row.value, row.mc_standard_error
        rows.append(ComparisonRow(row.scheme, analysis, measure, *value, *difference, row.n_replicates))
    return rows
