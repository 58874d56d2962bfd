"""A binary outcome whose risk depends on the participant's cell and arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field

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
    """

    kind: Literal["cell_risks"]
    control_risk: Proportion
    effect: Difference
    control_risk_shift: Shifts = Field(default_factory=dict)
    effect_shift: Shifts = Field(default_factory=dict)

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
        risk = self.risks(cohort.cells, treated)[cohort.cell, assignment.arm]
        return Outcomes(rng.random(risk.shape) < risk)

    def caveats(self) -> tuple[str, ...]:
        """Return nothing: what is assumed stands beside each quantity."""
        return ()

    def under_null(self) -> CellRisks:
        """Return the model with no effect in any cell."""
        none = Quantity(value=0.0, assumed="the null hypothesis")
        return self.model_copy(update={"effect": none, "effect_shift": {}})


def _shift(cells: CellTable, shifts: Shifts) -> FloatArray:
    total = np.zeros(cells.size)
    for factor, by_level in shifts.items():
        column = cells.factors.index(factor)
        values = np.array([by_level[v].value if v in by_level else 0.0 for v in cells.levels[column]])
        shift = values[cells.level_index[:, column]]
        total += shift - cells.probability @ shift
    return total
