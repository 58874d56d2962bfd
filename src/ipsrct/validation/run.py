"""Recompute published reference cases and compare."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ipsrct.validation import (
    interval_kinds,
    other_kinds,
    pass_rows,
    randomisation_kinds,
    two_proportion_kinds,
)
from ipsrct.validation.cases import Case
from ipsrct.validation.comparison import Quantities, disagreements, select
from ipsrct.validation.inputs import Inputs, UnsupportedInputError

KINDS: Mapping[str, Callable[[Inputs], Quantities]] = {
    "assurance": other_kinds.assurance,
    "breslow_day": other_kinds.breslow_day,
    "ci_difference": interval_kinds.ci_difference,
    "ci_ratio": interval_kinds.ci_ratio,
    "ci_width_sizing": interval_kinds.ci_width,
    "cluster_design_effect": other_kinds.cluster_design_effect,
    "cluster_power": other_kinds.cluster_power,
    "farrington_manning_sample_size": two_proportion_kinds.farrington_manning_sample_size,
    "fisher_exact_power": two_proportion_kinds.fisher_exact_power,
    "icc_from_variance_components": other_kinds.icc_from_variance_components,
    "mantel_haenszel": other_kinds.mantel_haenszel,
    "mcnemar_sample_size": other_kinds.mcnemar_sample_size,
    "minimisation_worked_example": randomisation_kinds.minimisation_worked_example,
    "normal_power": other_kinds.normal_power,
    "odds_ratio_sample_size": two_proportion_kinds.odds_ratio_sample_size,
    "pass15_confidence_interval": pass_rows.pass15_confidence_interval,
    "pass15_inequality": pass_rows.pass15_inequality,
    "pass15_noninferiority": pass_rows.pass15_noninferiority,
    "pass15_superiority": pass_rows.pass15_superiority,
    "published_trial": other_kinds.published_trial,
    "randomisation_imbalance_enumeration": other_kinds.randomisation_imbalance,
    "two_proportion_equivalence": two_proportion_kinds.two_proportion_equivalence,
    "two_proportion_noninferiority": two_proportion_kinds.two_proportion_noninferiority,
    "two_proportion_power_fixed_n": two_proportion_kinds.two_proportion_power,
    "two_proportion_sample_size": two_proportion_kinds.two_proportion_sample_size,
}
"""The calculation of each kind of case."""


@dataclass(frozen=True)
class CaseResult:
    """What became of a case.

    Attributes
    ----------
    id, kind, source : str
        As in the case.
    status : {"pass", "fail", "unsupported"}
        Whether the computed value agrees; "unsupported" if the kind or an input is not understood.
    expected : object
        The published value.
    got : object
        The computed counterpart in built-in types; None if there is none.
    message : str
        Why a case did not pass; empty if it did.
    """

    id: str
    kind: str
    source: str
    status: Literal["pass", "fail", "unsupported"]
    expected: Any
    got: Any
    message: str


def run_cases(cases: Iterable[Case]) -> list[CaseResult]:
    """Recompute the cases and compare each with its published value.

    Parameters
    ----------
    cases : iterable of Case
        Cases as from :func:`ipsrct.validation.read_cases`.

    Returns
    -------
    list of CaseResult
        One result for each case, in their order. No case stops the others.
    """
    return [_run(case) for case in cases]


def _run(case: Case) -> CaseResult:
    got = None
    try:
        got = _compute(case)
        faults = disagreements(got, case.expected, case)
        status: Literal["pass", "fail", "unsupported"] = "fail" if faults else "pass"
        message = "; ".join(faults)
    except UnsupportedInputError as error:
        status, message = "unsupported", str(error)
    except Exception as error:  # a fault in one calculation is that case's result
        status, message = "fail", f"{type(error).__name__}: {error}"
    return CaseResult(case.id, case.kind, case.source, status, case.expected, got, message)


def _compute(case: Case) -> Any:
    if case.kind not in KINDS:
        raise UnsupportedInputError(f"kind {case.kind!r} is not supported")
    inputs = Inputs(case)
    quantities = KINDS[case.kind](inputs)
    if inputs.unread():
        raise UnsupportedInputError(f"input {', '.join(inputs.unread())} is not understood for this kind")
    return select(quantities, case.expected)
