"""A binary outcome whose risk depends on the participant's cell and arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field, model_validator
from scipy.special import betaincinv

from ipsrct._message import Message
from ipsrct._parts import Part
from ipsrct.evidence import Difference, Proportion, Quantity
from ipsrct.trial import Assignment, CellTable, Cohort, FloatArray, Outcomes

Shifts = dict[str, dict[str, Difference]]


class CellRisks(Part):
    """Risks that are a population mean plus shifts by factor level.

    The shifts of a factor say how its levels differ from each other; they are centred with the
    population's shares, so that ``control_risk`` and ``effect`` stay the population's averages and each
    level's average is the mean plus its centred shift.

    Attributes
    ----------
    control_risk : Quantity
        The population's probability of the outcome without the intervention, 0 to 1.
    effect : Quantity
        The population's average risk difference, -1 to 1.
    control_risk_shift, effect_shift : dict of str to dict of str to Quantity
        Shifts by factor and level; levels that are left out shift by 0 before centring.
    service_icc : Quantity or None
        The intra-service correlation of outcomes on the proportion scale, 0 to below 1. A service's risk
        is a quantile, the same for all its cells and arms, of the beta distribution whose mean is the
        population's risk and whose variance is that risk's p (1 - p) times the correlation (the
        beta-binomial model; Ridout, Demetrio and Firth, Biometrics 1999;55:137-148). Only participants
        drawn one by one have services.
    """

    kind: Literal["cell_risks"]
    control_risk: Proportion
    effect: Difference
    control_risk_shift: Shifts = Field(default_factory=dict)
    effect_shift: Shifts = Field(default_factory=dict)
    service_icc: Proportion | None = None

    @model_validator(mode="after")
    def _not_all_alike(self) -> CellRisks:
        if self._icc >= 1:
            raise ValueError(Message("service_icc must be below 1, got {given}", given=f"{self._icc:g}"))
        return self

    @property
    def _icc(self) -> float:
        return self.service_icc.value if self.service_icc else 0.0

    @property
    def event_strategy(self) -> None:
        """None: the risks are those of whatever estimand they are assumed for."""

    @property
    def correlated_in_services(self) -> bool:
        """Whether services differ in their risks."""
        return self._icc > 0

    @property
    def unit(self) -> str:
        """The outcome is binary."""
        return "proportion"

    def risks(self, cells: CellTable, treated: Sequence[bool]) -> FloatArray:
        """Return the outcome's probability by cell and arm, (C, K)."""
        control = self.control_risk.value + _shift(cells, self.control_risk_shift)
        effect = self.effect.value + _shift(cells, self.effect_shift)
        return np.stack([control + effect if treat else control for treat in treated], axis=1)

    def draw(
        self, cohort: Cohort, assignment: Assignment, treated: Sequence[bool], rng: np.random.Generator
    ) -> Outcomes:
        """Draw each participant's outcome."""
        risks = self.risks(cohort.cells, treated)
        if self.correlated_in_services:
            risk = _in_services(risks, self._icc, cohort, assignment, rng)
        else:
            risk = risks[cohort.cell, assignment.arm]
        return Outcomes(rng.random(risk.shape) < risk)

    def caveats(self) -> tuple[str, ...]:
        """Return nothing: what is assumed stands beside each quantity."""
        return ()

    def under_null(self) -> CellRisks:
        """Return the model with no effect in any cell."""
        none = Quantity(value=0.0, assumed="the null hypothesis")
        return self.model_copy(update={"effect": none, "effect_shift": {}})


def _in_services(
    risks: FloatArray, icc: float, cohort: Cohort, assignment: Assignment, rng: np.random.Generator
) -> FloatArray:
    """Return participants' risks, (R, N), in services that draw a quantile each."""
    quantile = rng.random((len(cohort.cell), cohort.n_services))
    distinct, which = np.unique(risks, return_inverse=True)
    p = distinct[:, None, None]
    strength = (1 - icc) / icc
    with np.errstate(invalid="ignore"):
        drawn = np.asarray(betaincinv(p * strength, (1 - p) * strength, quantile))
    drawn = np.where((p > 0) & (p < 1), drawn, p)  # a certain outcome is certain everywhere
    replicate = np.arange(len(cohort.cell))[:, None]
    own = which.reshape(risks.shape)[cohort.cell, assignment.arm]
    return np.asarray(drawn[own, replicate, cohort.service])


def _shift(cells: CellTable, shifts: Shifts) -> FloatArray:
    total = np.zeros(cells.size)
    for factor, by_level in shifts.items():
        column = cells.factors.index(factor)
        values = np.array([by_level[v].value if v in by_level else 0.0 for v in cells.levels[column]])
        shift = values[cells.level_index[:, column]]
        total += shift - cells.probability @ shift
    return total
