"""Diagnostics of a randomisation plan, for any scheme, on common cohorts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from math import isnan
from typing import TYPE_CHECKING, Any

from ipsrct._json import AsJson
from ipsrct._streams import Streams
from ipsrct._version import __version__
from ipsrct.diagnostics import bias, imbalance, information, predictability
from ipsrct.diagnostics._tally import Diagnostic, Key, Tally, exact_row
from ipsrct.diagnostics.cautions import plan_warnings
from ipsrct.diagnostics.leftovers import scenario_leftovers
from ipsrct.engine import BLOCK_SIZE
from ipsrct.errors import NotAvailableError
from ipsrct.protocols import Randomisation, RandomisationScheme
from ipsrct.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

REPLICATES = 2048
# Counts and participants that one block may hold, so that memory does not grow with the trial.
_MOST_NUMBERS = 4_000_000
_RESTRICTED = (
    "participants_in_incomplete_blocks",
    "stratum_imbalance_expected",
    "imbalance_mean_square_expected",
)


@dataclass(frozen=True)
class Diagnostics(AsJson):
    """The result of :func:`diagnose`.

    Attributes
    ----------
    scenario : Scenario
    schemes : dict of str to RandomisationScheme
        By label.
    rows : tuple of Diagnostic
    warnings : dict of str to tuple of str
        By scheme's label.
    n_replicates, seed : int
    restricted : bool
        Whether it holds what only those may see who keep the block sizes.
    """

    scenario: Scenario
    schemes: Mapping[str, RandomisationScheme]
    rows: tuple[Diagnostic, ...]
    warnings: Mapping[str, tuple[str, ...]]
    n_replicates: int
    seed: int
    restricted: bool = True

    def open_edition(self) -> Diagnostics:
        """Return what everybody may see: without block sizes, and what gives them away at once."""
        rows = tuple(
            row
            for row in self.rows
            if row.strategy != predictability.BLOCK_AWARE and row.measure not in _RESTRICTED
        )
        return Diagnostics(
            self.scenario, self.schemes, rows, self.warnings, self.n_replicates, self.seed, False
        )

    def table(self) -> pd.DataFrame:
        """Return the rows as a tidy data frame."""
        import pandas as pd

        return pd.DataFrame([asdict(row) for row in self.rows])

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain types; the schemes' keys, block sizes among them, only if restricted."""
        rows = [
            asdict(row) | {name: _or_none(getattr(row, name)) for name in ("value", "mc_standard_error")}
            for row in self.rows
        ]
        return {
            "scenario": self.scenario.name,
            "restricted": self.restricted,
            "schemes": {label: self.described(label) for label in self.schemes},
            "provenance": {"seed": self.seed, "replicates": self.n_replicates, "ipsrct": __version__},
            "diagnostics": rows,
        }

    def described(self, label: str) -> dict[str, Any]:
        """Return what may be said of a scheme, and its warnings."""
        scheme = self.schemes[label]
        described = {"kind": scheme.kind, "strata_factors": list(scheme.strata_factors)}
        if self.restricted and hasattr(scheme, "model_dump"):
            described["keys"] = scheme.model_dump(mode="json")
        return described | {"warnings": list(self.warnings[label])}

    def find(
        self,
        measure: str,
        where: str = "overall",
        strategy: str = "",
        *,
        scheme: str = "",
        estimator: str = "",
    ) -> Diagnostic:
        """Return a value after the last participant, of the first scheme if none is named.

        Raises
        ------
        KeyError
            If there is none.
        """
        wanted = (scheme or next(iter(self.schemes)), measure, where, strategy, estimator)
        for row in reversed(self.rows):
            if (row.scheme, row.measure, row.where, row.strategy, row.estimator) == wanted:
                return row
        raise KeyError(wanted)


def _or_none(value: float) -> float | None:
    return None if isnan(value) else value


def diagnose(
    scenario: Scenario,
    *,
    replicates: int = REPLICATES,
    schemes: Mapping[str, RandomisationScheme] | None = None,
    biases: Sequence[bias.Bias] = (),
) -> Diagnostics:
    """Simulate a scenario's randomisation and say how balanced and how predictable it is.

    All schemes see the same cohorts, so that their differences are paired.

    Parameters
    ----------
    scenario : Scenario
    replicates : int
        Simulated trials, at least 1.
    schemes : dict of str to RandomisationScheme, optional
        By label; the scenario's own if left out.
    biases : sequence of Bias
        What to add to risks, under the null hypothesis; see :mod:`ipsrct.diagnostics.bias`.

    Returns
    -------
    Diagnostics
        With the measures

        - ``imbalance_mean`` and ``imbalance_largest`` (participants) over the course of recruitment,
          ``imbalance_q50`` to ``imbalance_q99``, and overall ``imbalance_mean_square`` and
          ``imbalance_largest_on_the_way`` (:func:`ipsrct.diagnostics.imbalance.observe`);
        - ``blocks_incomplete`` (share), ``participants_in_incomplete_blocks``,
          ``stratum_imbalance_expected`` and ``imbalance_mean_square_expected``, exact, where lists of
          permuted blocks simply end (:class:`ipsrct.diagnostics.Leftovers`);
        - ``correct_guesses``, ``guesses_made``, ``known_with_certainty`` (shares), by view and strategy
          (:mod:`ipsrct.diagnostics.predictability`);
        - ``information_loss`` (participants; :mod:`ipsrct.diagnostics.information`);
        - ``type_i_error``, ``type_i_error_difference``, ``bias``, ``bias_difference``, ``not_estimated`` and
          ``conditional_bias`` (mean absolute difference that a bias makes between the arms) by bias.

    Raises
    ------
    NotAvailableError
        If a scheme cannot give the allocation, or a bias cannot be simulated; all reasons at once.
    """
    if replicates < 1:
        raise NotAvailableError(f"replicates must be at least 1, got {replicates}")
    schemes = schemes or {scenario.design.scheme.kind: scenario.design.scheme}
    reasons = {label: s.why_not_weights(scenario.design.weights) for label, s in schemes.items()}
    refused = [f"{label}: {reason}" for label, reason in reasons.items() if reason]
    if refused:
        raise NotAvailableError("; ".join(refused))
    bias.check(scenario, biases)
    tallies = {label: (scheme, Tally()) for label, scheme in schemes.items()}
    size = _block_size(scenario)
    for block in range(-(-replicates // size)):
        _add_block(scenario, tallies, biases, block, min(size, replicates - block * size))
    rows = [
        row
        for label, (scheme, tally) in tallies.items()
        for row in (*tally.rows(label), *_exact_rows(scenario, label, scheme))
    ]
    warnings = {label: plan_warnings(scenario, scheme) for label, scheme in schemes.items()}
    return Diagnostics(scenario, schemes, tuple(rows), warnings, replicates, scenario.simulation.seed)


def _block_size(scenario: Scenario) -> int:
    """Return the trials of one block: the individual route's, fewer where a trial is very large."""
    cohort, arms = scenario.assumptions.cohort, len(scenario.design.arms)
    units: int = cohort.cells().size * cohort.n_services
    largest = arms * max(scenario.design.n_participants, units)
    return max(1, min(BLOCK_SIZE["individual"], _MOST_NUMBERS // largest))


def _add_block(
    scenario: Scenario,
    tallies: Mapping[str, tuple[RandomisationScheme, Tally]],
    biases: Sequence[bias.Bias],
    block: int,
    kept: int,
) -> None:
    """Draw one block whole and add its first ``kept`` trials, so that a longer run begins with the same."""
    streams, design, estimand = Streams(scenario.simulation.seed), scenario.design, scenario.analysis.estimand
    rng = streams.rng("individual/cohort", block)
    drawn = scenario.assumptions.cohort_model.draw(design.n_participants, _block_size(scenario), rng)
    hidden = {name: values[:kept] for name, values in drawn.hidden.items()}
    cohort = replace(drawn, cell=drawn.cell[:kept], service=drawn.service[:kept], hidden=hidden)
    index = scenario.arm_names.index
    pair = index(estimand.treatment), index(estimand.control)
    for scheme, tally in tallies.values():
        rng = streams.rng("individual/randomisation", block)
        arm = scheme.assign(drawn, design.weights, rng).arm[:kept]
        strata = tuple(scheme.strata_factors)
        imbalance.observe(tally, cohort, arm, design.weights, strata)
        predictability.observe(tally, cohort, arm, design.weights, scheme)
        information.observe(tally, cohort, arm, design.weights, pair, strata)
        if biases:
            randomisation = Randomisation(scheme, design.weights)
            recruited = bias.Recruited(cohort, arm, randomisation, scenario.treated)
            bias.observe(tally, scenario, recruited, biases, streams, block)


def _exact_rows(scenario: Scenario, label: str, scheme: RandomisationScheme) -> Iterator[Diagnostic]:
    """Yield what the tables of blocks say without simulation."""
    sizes, n = predictability.block_sizes(scheme), scenario.design.n_participants
    if not sizes:
        return
    found = scenario_leftovers(scenario, tuple(scheme.strata_factors), sizes)
    values = {
        "blocks_incomplete": found.share_incomplete,
        "participants_in_incomplete_blocks": found.participants_in_incomplete_blocks,
        "stratum_imbalance_expected": found.stratum_imbalance,
        "imbalance_mean_square_expected": found.imbalance_mean_square,
    }
    for measure, value in values.items():
        yield exact_row(label, Key(measure, "overall", n), value)
