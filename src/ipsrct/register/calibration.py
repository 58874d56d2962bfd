"""Least squares of the chain's exact moments on the published numbers.

``python -m ipsrct.register.calibration`` refits the default from three starts and rewrites the shipped
parameters.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from ipsrct.errors import RunError
from ipsrct.register.anchors import ANCHORS, COUNTS, anchor_values, count_values
from ipsrct.register.design import GROUPS, N_MONTHS, START_DISTRIBUTIONS, Floats
from ipsrct.register.fitting import fit, jacobian, prior_of, starting_points
from ipsrct.register.hazards import HETEROGENEITY, Hazards, make_hazards
from ipsrct.register.misreporting import NO_ERRORS, ErrorRates, with_errors
from ipsrct.register.moments import Moments, make_moments
from ipsrct.register.parameters import NAMES, PARAMETERS, to_mapping, to_vector
from ipsrct.register.phases import CODINGS
from ipsrct.register.published import OUTCOMES, Coefficient, published_coefficients
from ipsrct.register.regressions import expected_model_1, expected_model_2

COEFFICIENT_TOLERANCE = 0.3
"""Standard deviation of a coefficient in the fit, in published standard errors."""
JACOBIAN = "jacobian.npy"
WIDTH_TOLERANCE = 0.025
"""Standard deviation in the fit of the log ratio of classic to published standard error."""


@dataclass(frozen=True)
class Variant:
    """A choice that the published numbers do not make.

    Attributes
    ----------
    coding : {"step", "level"}
        Coding of Model 1.
    start_distribution : str
        A key of ``design.START_DISTRIBUTIONS``.
    heterogeneity : float
        Scale of the person factor.
    errors : ErrorRates
        Errors of the register; none by default.
    """

    coding: str = "step"
    start_distribution: str = "stepped"
    heterogeneity: float = HETEROGENEITY
    errors: ErrorRates = NO_ERRORS

    def __post_init__(self) -> None:
        choices = {"coding": CODINGS, "start_distribution": tuple(START_DISTRIBUTIONS)}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise ValueError(f"{name}: must be one of {', '.join(known)}, got {getattr(self, name)}")
        if not 0 <= self.heterogeneity < np.inf:
            raise ValueError(f"heterogeneity: must be at least 0, got {self.heterogeneity}")

    def hazards(
        self, values: Mapping[str, float], n_months: int = N_MONTHS, control_drift: float | None = None
    ) -> Hazards:
        """Return the chain of true employment; arguments as for ``hazards.make_hazards``."""
        return make_hazards(values, self.start_distribution, self.heterogeneity, n_months, control_drift)

    def shown(self, values: Mapping[str, float]) -> Hazards:
        """Return the chain that the register shows."""
        true = self.hazards(values)
        return with_errors(true, self.errors) if self.errors.any else true


def employment_coefficients() -> list[Coefficient]:
    """Return the 36 published employment coefficients."""
    return [row for row in published_coefficients() if row.process == "employment"]


def expected_coefficients(moments: Moments, coding: str = "step") -> tuple[Floats, Floats]:
    """Return the expected coefficients and classic standard errors of the 36 published ones, in their order.

    Parameters
    ----------
    moments : Moments
        The chain's moments.
    coding : {"step", "level"}
        Coding of Model 1.

    Returns
    -------
    coefficient, classic_standard_error : ndarray, shape (36,)
        Proportions.
    """
    models = {"1": expected_model_1(moments, coding), "2": expected_model_2(moments)}
    pairs = []
    for row in employment_coefficients():
        model = models[row.model[0]]
        index = (row.phase if row.model == "1" else GROUPS.index(row.group), OUTCOMES.index(row.outcome))
        pairs.append((model.coefficient[index], model.classic_standard_error[index]))
    coefficient, standard_error = np.array(pairs).T
    return coefficient, standard_error


def moments_of(vector: Floats, variant: Variant) -> Moments:
    """Return the moments of a parameter vector in the order of ``parameters.PARAMETERS``."""
    return make_moments(variant.shown(to_mapping(vector)))


def residuals(scaled: Floats, variant: Variant) -> Floats:
    """Return every difference from a published number or prior, in its tolerance.

    Parameters
    ----------
    scaled : ndarray, shape (n_parameters,)
        Parameters minus prior centre, in prior spreads.
    variant : Variant
        Coding, starts and heterogeneity.

    Returns
    -------
    ndarray, shape (36 + 36 + n_anchors + n_counts + n_parameters,)
    """
    centre, spread = prior_of(PARAMETERS)
    moments = moments_of(centre + spread * scaled, variant)
    coefficient, standard_error = expected_coefficients(moments, variant.coding)
    rows = employment_coefficients()
    published = np.array([row.estimate for row in rows])
    published_error = np.array([row.standard_error for row in rows])
    target = np.array([anchor.target for anchor in ANCHORS])
    anchor_tolerance = np.array([anchor.tolerance for anchor in ANCHORS])
    counted = np.array([count.published for count in COUNTS])
    count_tolerance = np.array([count.tolerance for count in COUNTS])
    return np.concatenate(
        [
            (coefficient - published) / (COEFFICIENT_TOLERANCE * published_error),
            np.log(standard_error / published_error) / WIDTH_TOLERANCE,
            (anchor_values(moments) - target) / anchor_tolerance,
            (count_values(moments) / counted - 1) / count_tolerance,
            scaled,
        ]
    )


@dataclass(frozen=True)
class Calibration:
    """A fitted chain.

    Attributes
    ----------
    parameters : dict of str to float
        By the names of ``parameters.PARAMETERS``.
    variant : Variant
        What was assumed.
    cost : float
        Half the sum of squared residuals, priors included.
    gradient_norm : float
        Largest absolute element of the cost's gradient in scaled parameters.
    converged : bool
        Whether the optimiser met one of its tolerances before its limit of steps.
    costs : tuple of float
        Final cost from each start.
    provenance : dict of str to str
        Versions and evidence.
    """

    parameters: dict[str, float]
    variant: Variant
    cost: float
    gradient_norm: float
    converged: bool
    costs: tuple[float, ...]
    provenance: dict[str, Any]

    @property
    def moments(self) -> Moments:
        """The moments of the fitted chain."""
        return moments_of(to_vector(self.parameters), self.variant)


def calibrate(
    variant: Variant | None = None,
    n_starts: int = 3,
    n_jobs: int = 2,
    max_steps: int = 80,
    near: Mapping[str, float] | None = None,
) -> Calibration:
    """Fit the chain from several starts and keep the best.

    Parameters
    ----------
    variant : Variant, optional
        What to assume; the default reading if left out.
    n_starts, n_jobs, max_steps : int
        Starting points, processes, and limit of steps of each start.
    near : mapping of str to float, optional
        Parameters about which to start, such as those of a similar variant; the priors' centres if left out.

    Returns
    -------
    Calibration
        With ``converged`` False if the best fit ran into its limit of steps.
    """
    variant = variant or Variant()
    centre, spread = prior_of(PARAMETERS)
    origin = np.zeros(len(NAMES)) if near is None else (to_vector(near) - centre) / spread
    fits = fit(partial(residuals, variant=variant), starting_points(origin, n_starts), n_jobs, max_steps)
    best = fits[0]
    return Calibration(
        parameters=to_mapping(centre + spread * best.scaled),
        variant=variant,
        cost=best.cost,
        gradient_norm=best.gradient_norm,
        converged=best.converged,
        costs=tuple(one.cost for one in fits),
        provenance=_provenance(),
    )


def versions() -> dict[str, str]:
    """Return the versions that a fit depends on."""
    import scipy

    return {"numpy": np.__version__, "scipy": scipy.__version__, "python": platform.python_version()}


def _provenance() -> dict[str, Any]:
    return {
        "source": "AFI report 2024:01, Table 3, appendix 2 tables 1 and 2, Table 6, Figures 1 to 4",
        "coefficient_ids": [row.id for row in employment_coefficients()],
        "anchor_ids": sorted({anchor.evidence for anchor in ANCHORS}),
        "coefficient_tolerance": COEFFICIENT_TOLERANCE,
        "width_tolerance": WIDTH_TOLERANCE,
        "versions": versions(),
    }


def write_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration as JSON."""
    path.write_text(json.dumps(asdict(calibration), indent=2) + "\n", encoding="utf-8")


def read_calibration(text: str) -> Calibration:
    """Read a calibration from the JSON of ``write_calibration``; RunError if it is malformed."""
    try:
        fields: dict[str, Any] = dict(json.loads(text))
        choices = fields.pop("variant")
        variant = Variant(**{**choices, "errors": ErrorRates(**choices["errors"])})
        numbers = {**fields["parameters"], "cost": fields["cost"], "gradient_norm": fields["gradient_norm"]}
        for name, value in (*numbers.items(), *(("costs", cost) for cost in fields["costs"])):
            if type(value) not in (int, float) or not np.isfinite(value):
                raise ValueError(f"{name}: must be a number, got {value}")
        to_vector(fields["parameters"])
        return Calibration(**{**fields, "variant": variant, "costs": tuple(fields["costs"])})
    except (ValueError, TypeError, KeyError) as error:
        raise RunError(f"the calibration cannot be read: {error}") from error


def check_calibration(calibration: Calibration) -> None:
    """Raise RunError if the cost is not that of the parameters, as after a change by hand."""
    centre, spread = prior_of(PARAMETERS)
    scaled = (to_vector(calibration.parameters) - centre) / spread
    with np.errstate(all="ignore"):
        cost = float((residuals(scaled, calibration.variant) ** 2).sum() / 2)
    if not np.isclose(calibration.cost, cost, rtol=1e-3):
        raise RunError(
            f"the calibration cannot be read: its parameters have a cost of {cost:.4f}, not of "
            f"{calibration.cost:.4f}; it is not what `register calibrate` wrote"
        )


@cache
def default_calibration() -> Calibration:
    """Return the shipped calibration of the default reading."""
    source = files("ipsrct.register") / "data" / "calibration.json"
    return read_calibration(source.read_text(encoding="utf-8"))


def main() -> None:
    """Refit the default and rewrite the shipped parameters."""
    calibration = calibrate()
    if not calibration.converged:
        raise RunError(f"the calibration did not converge: gradient norm {calibration.gradient_norm:.2g}")
    folder = Path(__file__).parent / "data"
    write_calibration(calibration, folder / "calibration.json")
    centre, spread = prior_of(PARAMETERS)
    scaled = (to_vector(calibration.parameters) - centre) / spread
    np.save(folder / JACOBIAN, jacobian(partial(residuals, variant=calibration.variant), scaled))


if __name__ == "__main__":
    main()
