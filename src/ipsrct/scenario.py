"""Scenarios: what would be done, what is assumed, and what would be reported."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from ipsrct._parts import any_kind
from ipsrct.evidence import Difference, Proportion
from ipsrct.protocols import CohortModel, Estimator, OutcomeModel, RandomisationScheme
from ipsrct.recruitment.cost import Cost
from ipsrct.recruitment.plan import Recruitment
from ipsrct.trial import Populations

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Arm(_Table):
    """A trial arm.

    Attributes
    ----------
    name : str
    allocation_weight : int
        Participants in this arm for each other arm's weight; 1 and 1 is 1:1.
    is_control : bool
    """

    name: Name
    allocation_weight: int = Field(ge=1)
    is_control: bool = False


class IntercurrentEvent(_Table):
    """An event after randomisation that affects the outcome's meaning, and how it is handled (ICH E9(R1))."""

    event: str
    strategy: Literal[
        "treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum"
    ]


class Estimand(_Table):
    """The effect to be estimated (ICH E9(R1)); it is estimated in every population of the analysis."""

    name: Name
    variable: str
    month: int | None = Field(default=None, ge=0)
    measure: Literal["risk_difference"] = "risk_difference"
    treatment: str
    control: str
    intercurrent_events: tuple[IntercurrentEvent, ...] = ()


class Interaction(_Table):
    """The effect in one level of a factor less the effect in another."""

    factor: str
    level: str
    reference: str


class Design(_Table):
    """What the investigators choose.

    Attributes
    ----------
    n_participants : int
    arms : tuple of Arm
    randomisation : a part of ``randomisation/``
    allocation_reason : str
        Why the arms are not equally large, for the protocol.
    target_difference : str or None
        What the assumed effect is (DELTA2; Cook and others, BMJ 2018;363:k3750): one that can be expected,
        the smallest one that matters, or both.
    """

    n_participants: int = Field(ge=2, le=10_000_000)
    arms: tuple[Arm, ...] = Field(min_length=2)
    randomisation: any_kind("randomisation")  # type: ignore[valid-type]
    allocation_reason: str = ""
    target_difference: Literal["realistic", "important", "realistic and important"] | None = None

    @property
    def weights(self) -> tuple[int, ...]:
        """Allocation weights of the arms."""
        return tuple(arm.allocation_weight for arm in self.arms)

    @property
    def scheme(self) -> RandomisationScheme:
        """The randomisation, as its protocol."""
        scheme: RandomisationScheme = self.randomisation
        return scheme


class Assumptions(_Table):
    """What nature decides.

    Attributes
    ----------
    attrition : dict of str to Quantity
        The share of an arm's participants, by the arm's name, whose outcome is never seen, completely at
        random. They are randomised and not analysed; none if left out.
    """

    cohort: any_kind("cohort")  # type: ignore[valid-type]
    outcome: any_kind("outcome")  # type: ignore[valid-type]
    attrition: dict[str, Proportion] = Field(default_factory=dict)

    @property
    def cohort_model(self) -> CohortModel:
        """The cohort, as its protocol."""
        model: CohortModel = self.cohort
        return model

    @property
    def outcome_model(self) -> OutcomeModel:
        """The outcome, as its protocol."""
        model: OutcomeModel = self.outcome
        return model


class Analysis(_Table):
    """What is reported."""

    significance_level: float = Field(default=0.05, gt=0, lt=1)
    sides: Literal[1, 2] = 2
    estimand: Estimand
    subgroups: tuple[str, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    estimators: tuple[any_kind("estimator"), ...] = Field(min_length=1)  # type: ignore[valid-type]

    @property
    def tail(self) -> float:
        """The probability above the critical value; intervals leave as much on either side."""
        return self.significance_level / self.sides

    @property
    def estimator_list(self) -> tuple[Estimator, ...]:
        """The estimators, as their protocol."""
        return self.estimators


class PriorComponent(_Table):
    """One opinion on effect and control level, as independent normal distributions.

    Attributes
    ----------
    weight : float
        Relative; weights need not add up to anything.
    effect, control_level : Quantity
        Means; the range is not used.
    effect_standard_deviation, control_standard_deviation : float
        0 is certainty.
    """

    name: Name
    weight: float = Field(gt=0, le=1e6)
    effect: Difference
    effect_standard_deviation: float = Field(default=0.0, ge=0, le=1)
    control_level: Proportion
    control_standard_deviation: float = Field(default=0.0, ge=0, le=1)


class Simulation(_Table):
    """How much is simulated, and from which seed."""

    replicates: int = Field(default=100_000, ge=1)
    seed: int = Field(ge=0)
    under_null: bool = True


class Scenario(_Table):
    """A trial as it would be run, what is assumed, and what would be reported.

    Read one with :func:`ipsrct.read_scenario`.
    """

    name: Name
    title: str
    description: str = ""
    design: Design
    assumptions: Assumptions
    analysis: Analysis
    simulation: Simulation
    prior: tuple[PriorComponent, ...] = ()
    recruitment: Recruitment | None = None
    cost: Cost | None = None
    evidence: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    _document: dict[str, Any] = PrivateAttr(default_factory=dict)
    _grid: tuple[tuple[str, tuple[Any, ...]], ...] = PrivateAttr(default=())
    # The reader that made the scenario reads its changed document too, without being imported here.
    _read: Callable[[dict[str, Any], Mapping[str, object], str], Scenario] | None = PrivateAttr(default=None)

    @property
    def grid(self) -> tuple[tuple[str, tuple[Any, ...]], ...]:
        """The paths that were given a list, and their values."""
        return self._grid

    @property
    def document(self) -> dict[str, Any]:
        """The scenario as plain types, with extensions and overrides applied."""
        return self._document

    @property
    def sha256(self) -> str:
        """The digest of the document in canonical JSON."""
        text = json.dumps(self._document, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def treated(self) -> tuple[bool, ...]:
        """Which arms receive the intervention."""
        return tuple(not arm.is_control for arm in self.design.arms)

    @property
    def ips_share(self) -> float:
        """The share of participants allocated to the intervention."""
        weights = self.design.weights
        return sum(w for w, treat in zip(weights, self.treated, strict=True) if treat) / sum(weights)

    @cached_property
    def populations(self) -> Populations:
        """Everybody, the subgroups and the interactions of the analysis."""
        return _populations(self)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know of the randomisation, the cohort and the outcome model."""
        cohort, design = self.assumptions.cohort_model, self.design
        of_scheme = design.scheme.caveats(design.n_participants, cohort.cells(), cohort.service_table)
        return of_scheme + cohort.caveats() + self.assumptions.outcome_model.caveats()

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms."""
        return tuple(arm.name for arm in self.design.arms)

    def resized(self, n_participants: int, replicates: int | None = None) -> Scenario:
        """Return the scenario with another size and no null run, for a search; its document stays."""
        simulation = {"under_null": False} | ({"replicates": replicates} if replicates else {})
        return self.model_copy(
            update={
                "design": self.design.model_copy(update={"n_participants": n_participants}),
                "simulation": self.simulation.model_copy(update=simulation),
            }
        )

    def with_changes(self, changes: Mapping[str, object]) -> Scenario:
        """Return the scenario with dotted paths set to other values, checked anew."""
        assert self._read is not None, "a scenario is made by read_scenario"
        return self._read(self._document, changes, self.name)


def _populations(scenario: Scenario) -> Populations:
    import numpy as np

    cells = scenario.assumptions.cohort_model.cells()
    names, member = ["all"], [np.ones(cells.size, dtype=np.bool_)]

    def group(factor: str, level: str) -> int:
        name = f"{factor}:{level}"
        if name not in names:
            column = cells.factors.index(factor)
            names.append(name)
            member.append(cells.level_index[:, column] == cells.levels[column].index(level))
        return names.index(name)

    for factor in scenario.analysis.subgroups:
        for level in cells.levels[cells.factors.index(factor)]:
            group(factor, level)
    interactions = scenario.analysis.interactions
    pairs = [(group(i.factor, i.level), group(i.factor, i.reference)) for i in interactions]
    labels = [*names, *(f"{i.factor}: {i.level} - {i.reference}" for i in interactions)]
    names += [f"interaction:{i.factor}:{i.level}-{i.reference}" for i in interactions]
    return Populations(
        tuple(names), tuple(labels), np.stack(member), np.array(pairs, dtype=np.intp).reshape(-1, 2)
    )
