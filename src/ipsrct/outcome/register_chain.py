"""Monthly employment from the calibrated register, under an explicit counterfactual for the control arm."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import Field, model_validator

from ipsrct._message import Message
from ipsrct._parts import Part
from ipsrct.evidence import Difference, Proportion
from ipsrct.register import trial_chain
from ipsrct.register.calibration import Variant
from ipsrct.register.endpoints import BASELINE_MONTH, Endpoint
from ipsrct.register.misreporting import TRUE_LEVELS, ErrorRates, show_panel
from ipsrct.register.panels import draw_panels
from ipsrct.register.trial_errors import ErrorsByArm
from ipsrct.trial import Assignment, CellTable, Cohort, FloatArray, Outcomes


class RegisterChain(Part):
    """An endpoint on monthly employment; needs the cohort of the same name.

    The before-after evaluation saw the treated path only, so the control path must be chosen: by name or
    by its level of employment at month 12.

    Attributes
    ----------
    endpoint : Endpoint
        What is measured; see :class:`ipsrct.register.endpoints.Endpoint`.
    counterfactual : {"persist", "revert", "decline"} or None
        The control path: hazards stay as before start, the dip before start reverts (43.9 per cent at
        month 12), or the decline before start goes on (36 per cent).
    control_level : Quantity or None
        Control employment at month 12, instead of a named path.
    effect : Quantity or None
        Risk difference in employment (at least 1 hour) at month 12; every treatment effect of the chain is
        scaled alike to give it. None leaves the treated path as it was fitted.
    without_effect : bool
        Whether the treated arm follows the control path.
    register_errors : ErrorsByArm or None
        Errors of the register after randomisation by arm, where they differ from the evaluation's, which
        the cohort states. Control level and effect are about true employment whatever the register shows.
    """

    kind: Literal["register_chain"]
    endpoint: Endpoint
    counterfactual: Literal["persist", "revert", "decline"] | None = None
    control_level: Proportion | None = None
    effect: Difference | None = None
    without_effect: bool = Field(default=False)
    register_errors: ErrorsByArm | None = None

    @model_validator(mode="after")
    def _one_control_path(self) -> RegisterChain:
        if (self.counterfactual is None) == (self.control_level is None):
            if self.control_level is None:
                raise ValueError(Message("needs either counterfactual or control_level, got neither"))
            raise ValueError(
                Message(
                    "needs either counterfactual or control_level, got both (one may come with `extends`)"
                )
            )
        if self.endpoint.last > trial_chain.LAST_MONTH:
            raise ValueError(
                Message(
                    "endpoint.last must be at most {most}, got {given}",
                    most=trial_chain.LAST_MONTH,
                    given=self.endpoint.last,
                )
            )
        return self

    @property
    def unit(self) -> str:
        """A proportion, or months."""
        return "proportion" if self.endpoint.is_binary else Message("months")

    @property
    def event_strategy(self) -> str:
        """The register follows everybody, whether or not IPS ends or another measure begins."""
        return "treatment policy"

    @property
    def correlated_in_services(self) -> bool:
        """Services have no effect."""
        return False

    def _paths(self, variant: Variant) -> tuple[trial_chain.Path, trial_chain.Path]:
        """Return the control path and the treated path."""
        level = None if self.control_level is None else self.control_level.value
        control = trial_chain.ControlPath(variant, self.counterfactual, level)
        if self.without_effect:
            return control, control
        if self.effect is None:
            return control, trial_chain.TreatedPath(variant)
        return control, trial_chain.treated_path(control, self.effect.value)

    def _errors(self, variant: Variant) -> tuple[ErrorRates, ErrorRates]:
        """Return the errors in the control arm and in the treated arm."""
        if self.register_errors is None:
            return variant.errors, variant.errors
        control, treated = (self.register_errors.rates(variant.errors, arm) for arm in (False, True))
        return control, treated

    def risks(self, cells: CellTable, treated: Sequence[bool]) -> FloatArray:
        """Return the mean of the endpoint as the register shows it by cell and arm, (C, K)."""
        return self._means(cells, treated, true=False)

    def true_risks(self, cells: CellTable, treated: Sequence[bool]) -> FloatArray:
        """Return the mean of the endpoint on true employment by cell and arm, (C, K)."""
        return self._means(cells, treated, true=True)

    def _means(self, cells: CellTable, treated: Sequence[bool], *, true: bool) -> FloatArray:
        variant = _variant_of(cells)
        arms = zip(self._paths(variant), self._errors(variant), strict=True)
        moments = [trial_chain.moments_of(path, self.endpoint, errors, true) for path, errors in arms]
        if trial_chain.BASELINE_FACTOR in cells.factors:
            control, with_ips = (m.mean.ravel() for m in moments)
        else:
            control, with_ips = ((m.mean * m.share).sum(axis=1) for m in moments)
        return np.stack([with_ips if treat else control for treat in treated], axis=1)

    def draw(
        self, cohort: Cohort, assignment: Assignment, treated: Sequence[bool], rng: np.random.Generator
    ) -> Outcomes:
        """Draw each participant's months, lay the register's errors over them and read the endpoint."""
        variant = _variant_of(cohort.cells)
        sampler = trial_chain.sampler_of(*self._paths(variant), self.endpoint.last)
        arm = np.array(treated, dtype=np.int64)[assignment.arm]
        line, state = cohort.hidden["line"].astype(np.int64), cohort.hidden["state"].astype(np.uint8)
        panel = draw_panels(sampler, line, arm, rng, TRUE_LEVELS.astype(np.uint8)[state])
        errors = self._errors(variant)
        if any(rates.any for rates in errors):
            panel = show_panel(panel, state, errors, arm, rng)
        y = self.endpoint.of_panel(panel, BASELINE_MONTH)
        return Outcomes(y > 0 if self.endpoint.is_binary else y)

    def caveats(self) -> tuple[str, ...]:
        """Return that the control path is chosen."""
        control = (
            Message('"{name}"', name=self.counterfactual)
            if self.counterfactual
            else Message("through the given level")
        )
        chosen = Message(
            "The control path, {control}, is a choice: the evaluation saw only people who got IPS, so its "
            "tables fit any path. Compare persist, revert and decline.",
            control=control,
        )
        return (chosen, *self._about_arms())

    def _about_arms(self) -> tuple[str, ...]:
        if self.register_errors is None:
            return ()
        return (
            Message(
                "The register's errors differ from the evaluation's, arm by arm, by assumption. Where the "
                "arms differ, the register shows an effect even if there is none, and the type I error "
                "includes it."
            ),
        )

    def under_null(self) -> RegisterChain:
        """Return the model in which everybody follows the control path; the register errs as before."""
        return self.model_copy(update={"without_effect": True})


def _variant_of(cells: CellTable) -> Variant:
    assert isinstance(cells.source, Variant)  # the reader has seen to it that the cohort is the chain's
    return cells.source
