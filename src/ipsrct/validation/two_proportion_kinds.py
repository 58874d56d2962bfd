"""Kinds of case about the power and the size of trials with two proportions.

Arm 1 of a case is the treatment arm here, arm 2 the control arm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Literal

from ipsrct import proportions
from ipsrct.proportions.power import Variance
from ipsrct.proportions.sample_size import ZTestOptions
from ipsrct.validation.comparison import Quantities
from ipsrct.validation.inputs import Inputs, UnsupportedInputError

Risks = tuple[float, float]

_VARIANCES: Mapping[str, Variance] = {
    "pooled": "pooled",
    "unpooled": "unpooled",
    "restricted": "restricted",
    "farrington_manning": "restricted",
}

_Z_TESTS: Mapping[str, Variance | None] = {
    "z": None,
    "z_test": None,
    "z_pooled": "pooled",
    "chi2": "pooled",
    "chisq": "pooled",
    "chi_square": "pooled",
    "chi_squared": "pooled",
    "pearson": "pooled",
    "pearson_chi2": "pooled",
    "pearson_chi_square": "pooled",
    "pearson_chi_squared": "pooled",
    "score": "pooled",
    "z_unpooled": "unpooled",
    "wald": "unpooled",
    "farrington_manning": "restricted",
}

_LIKELIHOOD_RATIO = ("likelihood_ratio", "lr", "lrchi2")

_FISHER = ("fisher", "fisher_exact", "fishers_exact", "fisher_s_exact", "exact")


def _test_name(inputs: Inputs) -> str:
    names = {
        **dict.fromkeys(_Z_TESTS, "z"),
        **dict.fromkeys(_LIKELIHOOD_RATIO, "likelihood ratio"),
        **dict.fromkeys(_FISHER, "fisher"),
    }
    return inputs.choice("test", choices=names, default="z")


def z_options(inputs: Inputs, *, sides: Literal[1, 2] = 2, variance: Variance = "pooled") -> ZTestOptions:
    """Read the options of a z test; ``sides`` and ``variance`` are what a silent case means."""
    by_test = inputs.choice("test", choices=_Z_TESTS, default="z")
    stated = inputs.choice("variance", choices=_VARIANCES, default=by_test or variance)
    if by_test and stated != by_test:
        raise UnsupportedInputError(f"test {inputs['test']!r} and variance {stated!r} contradict each other")
    return {
        "alpha": inputs.number("alpha", default=0.05),
        "sides": inputs.sides(sides),
        "variance": stated,
        "null_difference": inputs.number("margin", "delta0", default=0.0),
        "continuity_correction": inputs.flag("continuity_correction", default=False),
        "both_tails": inputs.both_tails(),
    }


def _treatment_per_control(inputs: Inputs) -> float:
    """Read the allocation; a bare ratio is arm 2 / arm 1 (Stata, gsDesign), kappa arm 1 / arm 2 (Chow)."""
    upright = ("allocation_n1_over_n2", "n1_over_n2", "kappa")
    if any(key in inputs for key in upright):
        return inputs.number(*upright)
    return 1 / inputs.number("ratio", "nratio", "allocation_n2_over_n1", "n2_over_n1", default=1.0)


def sizes(inputs: Inputs) -> tuple[float, float]:
    """Read the participants of both arms, from both, from one and the allocation, or from their sum."""
    if "n1" in inputs and "n2" in inputs:
        inputs.set_aside("ratio", "n_total")
        return inputs.number("n1"), inputs.number("n2")
    per_control = _treatment_per_control(inputs)
    if "n_total" in inputs:
        total = inputs.number("n_total")
        return total * per_control / (1 + per_control), total / (1 + per_control)
    first = inputs.number("n1", "n_per_group", "n")
    return first, first / per_control


def _target_power(inputs: Inputs) -> float:
    return inputs.number("power") if "power" in inputs else 1 - inputs.number("beta")


def _is_sizing(inputs: Inputs) -> bool:
    return "power" in inputs or "beta" in inputs


def _size_quantities(inputs: Inputs, size: proportions.SampleSize) -> Quantities:
    """Name a size in the ways that cases ask for it; a bare number is the first arm's."""
    if not math.isfinite(size.total):
        raise UnsupportedInputError(
            "no sample size is enough: the assumed effect is the null, or outside the margin"
        )
    if inputs.whole_numbers:
        size = size.rounded_up()
    named: dict[str, object] = {"n1": size.treatment, "n2": size.control}
    named |= {"total_n": size.total, "n_total": size.total, "n": size.total}
    if abs(size.treatment - size.control) < 1e-9:
        named |= {"n_per_group": size.treatment, "n_per_arm": size.treatment}
    return named


def _risks(inputs: Inputs) -> Risks:
    """Read both risks, in the order in which the case takes their difference."""
    first, second = inputs.number("p1"), inputs.number("p2")
    convention = str(inputs["sign_convention"]) if "sign_convention" in inputs else "p1-p2"
    orders = set(re.findall(r"p([12])\s*-\s*p([12])", convention))
    if orders == {("1", "2")}:
        return first, second
    if orders == {("2", "1")}:
        return second, first
    raise UnsupportedInputError(f"sign_convention {convention!r} does not say p1-p2 or p2-p1")


def _z_power(inputs: Inputs, risks: Risks, options: ZTestOptions) -> Quantities:
    power = proportions.z_test_power(*risks, *sizes(inputs), direction=inputs.direction(), **options)
    return {"power": power}


def _z_size(inputs: Inputs, risks: Risks, options: ZTestOptions) -> Quantities:
    distance = risks[0] - risks[1] - options["null_difference"]
    if inputs.direction() is not None and (inputs.direction() == "greater") != (distance > 0):
        raise UnsupportedInputError("the assumed effect is not on the side of the alternative")
    size = proportions.z_test_sample_size(
        *risks, power=_target_power(inputs), treatment_per_control=_treatment_per_control(inputs), **options
    )
    return _size_quantities(inputs, size)


def two_proportion_power(inputs: Inputs) -> Quantities:
    """Power at given sizes of the z, likelihood-ratio or Fisher's exact test."""
    inputs.set_aside("power")
    test = _test_name(inputs)
    if test == "fisher":
        return fisher_exact_power(inputs)
    if test == "z":
        return _z_power(inputs, _risks(inputs), z_options(inputs))
    power = proportions.likelihood_ratio_power(
        *_risks(inputs),
        *sizes(inputs),
        alpha=inputs.number("alpha", default=0.05),
        sides=inputs.sides(),
        both_tails=inputs.both_tails(),
    )
    return {"power": power}


def two_proportion_sample_size(inputs: Inputs) -> Quantities:
    """Size for a target power of the z or likelihood-ratio test."""
    test = _test_name(inputs)
    if test == "fisher":
        raise UnsupportedInputError("of Fisher's exact test only the power is computed, not the size")
    if test == "z":
        return _z_size(inputs, _risks(inputs), z_options(inputs))
    size = proportions.likelihood_ratio_sample_size(
        *_risks(inputs),
        power=_target_power(inputs),
        alpha=inputs.number("alpha", default=0.05),
        sides=inputs.sides(),
        treatment_per_control=_treatment_per_control(inputs),
        both_tails=inputs.both_tails(),
    )
    return _size_quantities(inputs, size)


def two_proportion_noninferiority(inputs: Inputs) -> Quantities:
    """Size, or at given sizes power, of a one-sided test against a margin; unpooled unless stated."""
    if "margin" not in inputs and "delta0" not in inputs:
        raise UnsupportedInputError("margin is missing")
    options = z_options(inputs, sides=1, variance="unpooled")
    return (_z_size if _is_sizing(inputs) else _z_power)(inputs, _risks(inputs), options)


def two_proportion_equivalence(inputs: Inputs) -> Quantities:
    """Size, or at given sizes power, of two one-sided tests with the unpooled variance."""
    inputs.choice("variance", choices={"unpooled": "unpooled"}, default="unpooled")
    inputs.choice("sided", choices={"1": "one", "one_sided": "one"}, default="1")
    risks, margin = _risks(inputs), abs(inputs.number("margin", "delta"))
    alpha = inputs.number("alpha", default=0.05)
    if not _is_sizing(inputs):
        return {"power": proportions.equivalence_power(*risks, *sizes(inputs), margin=margin, alpha=alpha)}
    per_control = _treatment_per_control(inputs)
    size = proportions.equivalence_sample_size(
        *risks, margin=margin, power=_target_power(inputs), alpha=alpha, treatment_per_control=per_control
    )
    return _size_quantities(inputs, size)


def farrington_manning_sample_size(inputs: Inputs) -> Quantities:
    """Size of the score test against a null risk difference, or a null log risk ratio."""
    scales = {"difference": "difference", "risk_difference": "difference", "rd": "difference"}
    scales |= {"rr": "ratio", "ratio": "ratio", "risk_ratio": "ratio"}
    if inputs.choice("scale", choices=scales, default="difference") == "difference":
        options = z_options(inputs, sides=1, variance="restricted")
        options["both_tails"] = False
        return _z_size(inputs, _risks(inputs), options)
    size = proportions.risk_ratio_sample_size(
        inputs.number("p1"),
        inputs.number("p2"),
        power=_target_power(inputs),
        alpha=inputs.number("alpha", default=0.05),
        sides=inputs.sides(1),
        treatment_per_control=_treatment_per_control(inputs),
        null_risk_ratio=math.exp(inputs.number("delta0", default=0.0)),
    )
    return _size_quantities(inputs, size)


def odds_ratio_sample_size(inputs: Inputs) -> Quantities:
    """Size of a test of the log odds ratio.

    With a ``scale`` ("or": restricted null variance; "lnor": unpooled) as in gsDesign; without one, the
    unpooled variance of Chow, Shao and Wang, whose margin is on the log scale.
    """
    variances: Mapping[str, Literal["restricted", "unpooled"]] = {
        "or": "restricted",
        "odds_ratio": "restricted",
        "lnor": "unpooled",
        "log_odds_ratio": "unpooled",
    }
    risks, alpha = (inputs.number("p1"), inputs.number("p2")), inputs.number("alpha", default=0.05)
    power, per_control = _target_power(inputs), _treatment_per_control(inputs)
    hypotheses = {"equality": "z", "superiority": "z", "noninferiority": "z", "equivalence": "equivalence"}
    if inputs.choice("hypothesis", choices=hypotheses, default="equality") == "equivalence":
        size = proportions.odds_ratio_equivalence_sample_size(
            *risks,
            margin=inputs.number("margin"),
            power=power,
            alpha=alpha,
            treatment_per_control=per_control,
        )
        return _size_quantities(inputs, size)
    size = proportions.odds_ratio_sample_size(
        *risks,
        power=power,
        alpha=alpha,
        sides=inputs.sides(),
        treatment_per_control=per_control,
        null_log_odds_ratio=inputs.number("delta0", "margin", default=0.0),
        variance=inputs.choice("scale", choices=variances, default="log odds ratio"),
    )
    return _size_quantities(inputs, size)


def fisher_exact_power(inputs: Inputs) -> Quantities:
    """Power of Fisher's exact test; if one-sided, on the side of the effect unless the case names another."""
    inputs.choice("test", choices=dict.fromkeys(_FISHER, "fisher"), default="fisher")
    treatment, control = _risks(inputs)
    alternative: Literal["two-sided", "greater", "less"] = "two-sided"
    if inputs.sides() == 1:
        alternative = inputs.direction() or ("greater" if treatment > control else "less")
    n_treatment, n_control = sizes(inputs)
    if n_treatment % 1 or n_control % 1 or min(n_treatment, n_control) < 1:
        raise UnsupportedInputError(f"n1 and n2 must be whole, got {n_treatment} and {n_control}")
    power = proportions.fisher_power(
        treatment,
        control,
        int(n_treatment),
        int(n_control),
        alpha=inputs.number("alpha", default=0.05),
        alternative=alternative,
    )
    return {"power": power}
