"""The re-randomisation test of no effect on anybody."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from ipsrct.estimator._block_reference import exact_p_values
from ipsrct.estimator._named import Named
from ipsrct.estimator._rerandomised import Places, rerandomised
from ipsrct.estimator._strata import StratumCounts, collapse, strata_cells
from ipsrct.estimator.linear_probability import LinearProbability
from ipsrct.protocols import ListedScheme, Randomisation
from ipsrct.trial import (
    ESTIMATED,
    SERVICE,
    BoolArray,
    Estimates,
    FloatArray,
    IntArray,
    Populations,
    Trial,
)

# Differences closer than this part of the largest outcome are taken for ties, which count against the test.
_TIE = 1e-12


class RerandomisationTest(Named):
    """The difference in means, tested by randomising the same participants again as the trial was.

    Under the null hypothesis that the arm changes nobody's outcome, the trial's assignment and B others
    from the same scheme are exchangeable; with b of the others at least as extreme, (1 + b) / (1 + B) is a
    valid p-value in any sample: Phipson and Smyth, Statistical Applications in Genetics and Molecular
    Biology 2010;9:39; Rosenberger and Lachin, Randomization in Clinical Trials, 2nd edition 2016, chapter
    6. Where every block is filled, the p-value of a population made of whole strata is exact instead.
    Estimate, standard error and interval are those of ``linear_probability`` with HC2; the test has none
    of its own. An interaction is tested against no effect on anybody too.

    Attributes
    ----------
    factors : tuple of str
        The difference is weighted within their strata by n1 n0 / n (Mantel-Haenszel); none means one
        stratum.
    n_rerandomisations : int
        B. With B + 1 a multiple of 1 / significance level the test is not conservative.
    p_value : {"automatic", "monte_carlo"}
        ``automatic``: exact where it can be.
    name : str or None
        For results; made from the other keys if left out.
    """

    kind: Literal["rerandomisation_test"]
    factors: tuple[str, ...] = ()
    n_rerandomisations: Annotated[int, Field(ge=1, le=20_000)] = 999
    p_value: Literal["automatic", "monte_carlo"] = "automatic"

    @property
    def default_label(self) -> str:
        """The name in results, unless it has one of its own."""
        return self.kind + ("" if self.factors else "_unadjusted")

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors within whose strata arms are compared."""
        return self.factors

    @property
    def needs_two_arms(self) -> bool:
        """In a third arm, outcomes in the arms compared are unknown even under the null hypothesis."""
        return True

    def estimate_trial(
        self,
        trial: Trial,
        treatment: str,
        control: str,
        populations: Populations,
        randomisation: Randomisation,
        rng: np.random.Generator,
    ) -> Estimates:
        """Estimate the difference in every population and test it."""
        fit = LinearProbability(kind="linear_probability", factors=self.factors, variance="HC2")
        estimates = fit.estimate_counts(trial.counts, treatment, control, populations)
        p = np.full((2, *estimates.estimate.shape), np.nan)
        strata = collapse(trial.counts, treatment, control, populations, self.factors)
        arm = trial.arms.index(treatment)
        exact = self._exact(trial, arm, populations, randomisation, strata, p)
        if not exact.all():
            found = self._monte_carlo(trial, arm, populations, randomisation, strata, rng)
            p[:, ~exact] = found[:, ~exact]
        p[:, estimates.status != ESTIMATED] = np.nan
        return replace(estimates, reference_p=p)

    def _monte_carlo(
        self,
        trial: Trial,
        arm: int,
        populations: Populations,
        randomisation: Randomisation,
        strata: StratumCounts,
        rng: np.random.Generator,
    ) -> FloatArray:
        """Return Monte Carlo p-values, (2, M, R)."""
        atom, members = _atoms(strata_cells(trial.cohort.cells, populations, self.factors))
        n1, x1 = rerandomised(trial, arm, atom, randomisation, self.n_rerandomisations, rng)
        n = strata.n_treatment + strata.n_control
        mean = (strata.events_treatment + strata.events_control) / np.maximum(n, 1.0)
        again = _differences(n1, x1, n, mean, members, strata.of_group)
        itself = np.eye(len(n), dtype=np.bool_)
        n1, x1 = strata.n_treatment[..., None], strata.events_treatment[..., None]
        observed = _differences(n1, x1, n, mean, itself, strata.of_group)
        minuend, subtrahend = populations.interactions.T
        tie = _TIE * max(1.0, float(np.abs(trial.outcomes.y).max(initial=0)))
        p = np.empty((2, len(populations.names), len(trial.outcomes.y)))
        pairs = [(g, None) for g in range(len(again))] + list(zip(minuend, subtrahend, strict=True))
        for m, (g, h) in enumerate(pairs):
            t, t0 = again[g], observed[g]
            if h is not None:
                t, t0 = t - again[h], t0 - observed[h]
            p[0, m] = np.count_nonzero(t >= t0 - tie, axis=1)
            p[1, m] = np.count_nonzero(np.abs(t) >= np.abs(t0) - tie, axis=1)
        return (1 + p) / (1 + self.n_rerandomisations)

    def _exact(
        self,
        trial: Trial,
        arm: int,
        populations: Populations,
        randomisation: Randomisation,
        strata: StratumCounts,
        p: FloatArray,
    ) -> BoolArray:
        """Fill in exact p-values where there are some, and return for which populations, (M,)."""
        found = np.zeros(len(populations.names), dtype=np.bool_)
        scheme, weights = randomisation.scheme, randomisation.weights
        binary = trial.outcomes.y.dtype == np.bool_
        if self.p_value != "automatic" or not binary or not isinstance(scheme, ListedScheme):
            return found
        whole = _groups_of_whole_strata(trial, populations, scheme.strata_factors, self.factors)
        if scheme.whole_block_size is None or not whole.any():
            return found
        places = Places.of(trial, scheme.strata_factors, scheme.whole_block_size)
        if (places.size % scheme.whole_block_size).any():
            return found
        events = places.y.reshape(len(places.y), -1, scheme.whole_block_size).sum(axis=-1).astype(np.intp)
        first = places.cell.reshape(*events.shape, scheme.whole_block_size)[..., 0]
        treated = weights[arm] * (scheme.whole_block_size // sum(weights))
        for g in np.flatnonzero(whole):
            own = events * np.append(populations.member[g], False)[first]
            observed = strata.events_treatment[strata.of_group[g]].sum(axis=0).astype(np.intp)
            p[:, g] = exact_p_values(own, scheme.whole_block_size, treated, observed)
            found[g] = True
        return found


def _atoms(strata: tuple[IntArray, ...]) -> tuple[IntArray, BoolArray]:
    """Return the class of each cell, (C,), and the classes of each stratum, (Q, A); all cells have one."""
    n_cells = 1 + max(int(cells.max()) for cells in strata)
    member = np.zeros((len(strata), n_cells), dtype=np.bool_)
    for q, cells in enumerate(strata):
        member[q, cells] = True
    classes, atom = np.unique(member, axis=1, return_inverse=True)
    return atom.reshape(-1), classes


def _differences(
    n1: FloatArray,
    x1: FloatArray,
    n: FloatArray,
    mean: FloatArray,
    members: BoolArray,
    of_group: tuple[IntArray, ...],
) -> FloatArray:
    """Return the groups' weighted differences, (G, R, B), from the treated arm's counts (A, R, B).

    With n1 treated of n and the stratum's mean, sum(x1 - mean n1) / sum(n1 n0 / n), which is 0 where no
    stratum has both arms.
    """
    shape = (len(of_group), *n1.shape[1:])
    excess, weight = np.zeros(shape), np.zeros(shape)
    for q, atoms in enumerate(members):
        own_n, own_x = (_sum(values, atoms) for values in (n1, x1))
        own_x -= mean[q, :, None] * own_n
        own_n *= 1 - own_n / np.maximum(n[q, :, None], 1.0)
        for g, rows in enumerate(of_group):
            if q in rows:
                excess[g] += own_x
                weight[g] += own_n
    return np.divide(excess, weight, out=np.zeros(shape), where=weight > 0)


def _sum(values: FloatArray, atoms: BoolArray) -> FloatArray:
    """Return the sum of some rows as a new array of 64 bits; one row is not worth a reduction."""
    first, *others = np.flatnonzero(atoms)
    total = values[first].astype(np.float64)
    for a in others:
        total += values[a]
    return np.asarray(total)


def _groups_of_whole_strata(
    trial: Trial, populations: Populations, scheme_factors: tuple[str, ...], factors: tuple[str, ...]
) -> BoolArray:
    """Return which groups, and their strata in the analysis, consist of whole strata of the scheme, (M,)."""
    cells = trial.cohort.cells
    stratum = cells.stratum_index([name for name in scheme_factors if name != SERVICE])
    whole = np.zeros(len(populations.names), dtype=np.bool_)
    if not set(factors) <= set(scheme_factors):
        return whole
    for g, member in enumerate(populations.member):
        whole[g] = not set(stratum[member]) & set(stratum[~member])
    return whole
