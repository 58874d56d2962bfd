"""What a trial sees of its effect when the register errs, perhaps differently by arm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ipsrct.register.calibration import Variant
from ipsrct.register.counterfactual import LONG_WINDOW, employment_path, make_counterfactual
from ipsrct.register.design import Floats, Integers
from ipsrct.register.misreporting import ErrorRates, with_errors


@dataclass(frozen=True)
class ShownEffect:
    """A trial's effect in truth and in the register, by month since start; proportions.

    Attributes
    ----------
    relative_months : ndarray of int, shape (M,)
        Months since start.
    true_control, true_treated : ndarray, shape (M, 3)
        True employment by arm, for 1, 4 and 10 hours.
    shown_control, shown_treated : ndarray, shape (M, 3)
        Employment by arm as the register shows it.
    """

    relative_months: Integers
    true_control: Floats
    true_treated: Floats
    shown_control: Floats
    shown_treated: Floats

    @property
    def true_effect(self) -> Floats:
        """Treated minus control in truth, shape (M, 3)."""
        return self.true_treated - self.true_control

    @property
    def shown_effect(self) -> Floats:
        """Treated minus control in the register, shape (M, 3)."""
        return self.shown_treated - self.shown_control

    @property
    def sample_size_factor(self) -> Floats:
        """Participants needed for the same power, relative to an error-free register, shape (M, 3).

        For the unadjusted risk difference with equal arms: the ratio of variance to squared effect.
        """
        shown = self.shown_control * (1 - self.shown_control) + self.shown_treated * (1 - self.shown_treated)
        true = self.true_control * (1 - self.true_control) + self.true_treated * (1 - self.true_treated)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(shown / true * (self.true_effect / self.shown_effect) ** 2)


def make_shown_effect(
    values: Mapping[str, float],
    choice: str | float,
    treated_errors: ErrorRates,
    control_errors: ErrorRates,
    variant: Variant | None = None,
) -> ShownEffect:
    """Return a trial's effect in truth and as a register with errors shows it.

    Parameters
    ----------
    values : mapping of str to float
        Parameters of true employment: of a calibration whose variant has the treated arm's errors, so that
        the shown before-after table stays the published one.
    choice : str or float
        Control path of true employment, see ``counterfactual.make_counterfactual``.
    treated_errors, control_errors : ErrorRates
        Errors in each arm.
    variant : Variant, optional
        Start distribution and heterogeneity.

    Returns
    -------
    ShownEffect
    """
    variant = variant or Variant()
    truth = make_counterfactual(values, choice, variant)

    def shown(drift: float | None, errors: ErrorRates) -> Floats:
        hazards = with_errors(variant.hazards(values, LONG_WINDOW, drift), errors)
        return employment_path(hazards, truth.relative_months)

    return ShownEffect(
        relative_months=truth.relative_months,
        true_control=truth.control,
        true_treated=truth.treated,
        shown_control=shown(truth.drift, control_errors),
        shown_treated=shown(None, treated_errors),
    )
