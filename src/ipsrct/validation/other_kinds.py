"""Kinds of case about other designs: one mean, pairs, clusters, strata, sequences and published trials."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ipsrct import proportions
from ipsrct.validation.comparison import Quantities
from ipsrct.validation.inputs import Inputs, UnsupportedInputError, plain
from ipsrct.validation.two_proportion_kinds import z_options


def normal_power(inputs: Inputs) -> Quantities:
    """Power of the z test of one mean with a known variance."""
    return {"power": _normal(inputs, analysis_prior_n=0.0, design_prior_n=math.inf)}


def assurance(inputs: Inputs) -> Quantities:
    """Assurance of a mean with conjugate normal priors, or of two proportions with beta priors."""
    if "alpha_1" in inputs:
        return {"assurance": _beta_binomial(inputs)}
    priors = {"analysis_prior_n": inputs.number("n_a"), "design_prior_n": inputs.number("n_d")}
    return {"assurance": _normal(inputs, **priors)}


def _beta_binomial(inputs: Inputs) -> float:
    priors = [(inputs.number(f"alpha_{i}"), inputs.number(f"beta_{i}")) for i in (1, 2)]
    designs = [inputs.number(f"p{i}") if f"p{i}" in inputs else priors[i - 1] for i in (1, 2)]
    common = int(inputs.number("n")) if "n" in inputs else None
    sizes = [common or int(inputs.number(f"n{i}")) for i in (1, 2)]
    level = "sig_level" if "sig_level" in inputs else "alpha"
    return proportions.beta_binomial_assurance(
        sizes[0],
        sizes[1],
        designs[0],
        designs[1],
        analysis_1=priors[0],
        analysis_2=priors[1],
        alpha=inputs.number(level, default=0.05),
        alternative=inputs.direction() or "two_sided",
    )


def _normal(inputs: Inputs, *, analysis_prior_n: float, design_prior_n: float) -> Any:
    difference = inputs.number("theta1") - inputs.number("theta0")
    return proportions.normal_assurance(
        inputs.number("n"),
        -difference if inputs.direction() == "less" else difference,
        inputs.number("sigma2"),
        alpha=inputs.number("alpha", default=0.05),
        sides=inputs.sides(1),
        analysis_prior_n=analysis_prior_n,
        design_prior_n=design_prior_n,
    )


def mcnemar_sample_size(inputs: Inputs) -> Quantities:
    """Pairs for McNemar's test."""
    pairs = proportions.mcnemar_sample_size(
        inputs.number("p10"),
        inputs.number("p01"),
        power=inputs.number("power") if "power" in inputs else 1 - inputs.number("beta"),
        alpha=inputs.number("alpha", default=0.05),
        sides=inputs.sides(),
    )
    return {"n": np.ceil(pairs - 1e-9) if inputs.whole_numbers else pairs}


def _design_effect(inputs: Inputs) -> Any:
    return proportions.design_effect(
        inputs.number("cluster_size"), inputs.number("icc"), inputs.number("cv", default=0.0)
    )


def cluster_design_effect(inputs: Inputs) -> Quantities:
    """Inflation by clustering, and the size of a group and its clusters after it."""
    inflation = _design_effect(inputs)
    named = {"inflation": inflation, "design_effect": inflation, "deff": inflation}
    if "n_per_group" in inputs:
        rounded: Callable[[Any], Any] = np.ceil if inputs.whole_numbers else np.asarray
        inflated = inputs.number("n_per_group") * inflation
        named |= {"n_per_group": rounded(inflated), "n_per_group_inflated": rounded(inflated)}
        named |= {"clusters_per_group": rounded(inflated / inputs.number("cluster_size"))}
    return named


def cluster_power(inputs: Inputs) -> Quantities:
    """Power of the z test of two proportions in a cluster-randomised trial, by the effective sample size."""
    effective = inputs.number("clusters_per_arm") * inputs.number("cluster_size") / _design_effect(inputs)
    risks = inputs.number("p1"), inputs.number("p2")
    options = z_options(inputs, variance="unpooled")
    power = proportions.z_test_power(*risks, effective, effective, direction=inputs.direction(), **options)
    return {"power": power}


def icc_from_variance_components(inputs: Inputs) -> Quantities:
    """Intra-cluster correlation: the share of the variance that lies between clusters."""
    between, within = inputs.number("s2_between"), inputs.number("s2_within")
    icc = between / (between + within)
    if "cluster_size" not in inputs:
        return {"icc": icc}
    effect = proportions.design_effect(inputs.number("cluster_size"), icc)
    return {"icc": icc, "design_effect": effect, "deff": effect}


def _strata(inputs: Inputs) -> Any:
    """Make the stratified table."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    tables = inputs["tables"]
    shape = np.shape(tables)
    if len(shape) != 3 or shape[1:] != (2, 2):
        raise UnsupportedInputError(f"tables must be a list of 2 by 2 tables, got shape {shape}")
    return StratifiedTable([np.asarray(table, dtype=np.float64) for table in tables])


def mantel_haenszel(inputs: Inputs) -> Quantities:
    """Mantel-Haenszel odds and risk ratio, the former's limits (Robins, Breslow and Greenland), and the test.

    A stratum with an empty margin has no odds ratio of its own, which is no fault.
    """
    confidence = inputs.number("conf", "conf_level", default=0.95)
    with np.errstate(divide="ignore", invalid="ignore"):
        table = _strata(inputs)
        low, high = table.oddsratio_pooled_confint(alpha=1 - confidence)
        test = table.test_null_odds(correction=inputs.flag("continuity_correction", default=False))
        return {
            "or_mh": table.oddsratio_pooled,
            "rr_mh": table.riskratio_pooled,
            "cmh_stat": test.statistic,
            "cmh_p": test.pvalue,
            "or_ci_low": low,
            "or_ci_high": high,
            "log_or_se": table.logodds_pooled_se,
        }


def breslow_day(inputs: Inputs) -> Quantities:
    """Breslow and Day's test of a common odds ratio, without and with Tarone's correction."""
    with np.errstate(divide="ignore", invalid="ignore"):
        table = _strata(inputs)
        plainly, tarone = table.test_equal_odds(adjust=False), table.test_equal_odds(adjust=True)
    return {
        "bd": plainly.statistic,
        "p": plainly.pvalue,
        "bd_tarone": tarone.statistic,
        "p_tarone": tarone.pvalue,
    }


def _all_sequences(n: int) -> Iterator[tuple[int, ...]]:
    return itertools.product((1, -1), repeat=n)


def _balanced_sequences(n: int) -> Iterator[tuple[int, ...]]:
    return (sequence for sequence in _all_sequences(n) if sum(sequence) == 0)


def _blocked_sequences(n: int, block_size: int) -> Iterator[tuple[int, ...]]:
    if n % block_size or block_size % 2:
        raise UnsupportedInputError(f"N = {n} does not fall into blocks of {block_size} for two equal arms")
    blocks = itertools.product(list(_balanced_sequences(block_size)), repeat=n // block_size)
    return (tuple(itertools.chain.from_iterable(sequence)) for sequence in blocks)


def randomisation_imbalance(inputs: Inputs) -> Quantities:
    """Imbalances of every sequence that a procedure can give, +1 and -1 standing for the two arms."""
    n, procedure = int(inputs.number("N", "n")), plain(inputs["procedure"])
    if n > 16:
        raise UnsupportedInputError(f"sequences are enumerated up to N = 16, got {n}")
    procedures: Mapping[str, Callable[[int], Iterator[tuple[int, ...]]]] = {
        "complete": _all_sequences,
        "random_allocation": _balanced_sequences,
        "permuted_block": lambda size: _blocked_sequences(
            size, int(inputs.number("block_size", "block_length"))
        ),
    }
    found = next((make for name, make in procedures.items() if procedure.startswith(name)), None)
    if found is None:
        raise UnsupportedInputError(f"procedure {procedure!r} is not known; choices: {', '.join(procedures)}")
    paths = np.cumsum(list(found(n)), axis=1)
    return {
        "final_imbalance_sorted": np.sort(paths[:, -1]),
        "max_abs_path_sorted": np.sort(np.abs(paths).max(axis=1)),
    }


def published_trial(inputs: Inputs) -> Quantities:
    """Risk differences between the arms of a published trial.

    The risks are p1 and p2, or one ``p_<arm>`` for each arm.
    """
    inputs.set_aside("n_total", "n1", "n2", "assumed_split")
    if "p1" in inputs:
        difference = inputs.number("p1") - inputs.number("p2")
        return {"risk_difference": difference, "rd": difference}
    arms = [key for key in inputs if key.startswith("p_")]
    if len(arms) < 2:
        raise UnsupportedInputError(
            "the risks of at least two arms are needed: p1 and p2, or p_<arm> for each"
        )
    return {
        f"rd_{a.removeprefix('p_')}_vs_{b.removeprefix('p_')}": inputs.number(a) - inputs.number(b)
        for a, b in itertools.permutations(arms, 2)
    }
