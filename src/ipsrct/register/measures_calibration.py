"""Fit of the process of other labour-market measures to Table 8, Figures 5 to 8 and Tables 4 and 6.

``python -m ipsrct.register.measures_calibration`` refits it and rewrites the shipped parameters.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from ipsrct.errors import RunError
from ipsrct.register.anchors import anchor_values, bend, change, gap, level
from ipsrct.register.calibration import default_calibration, versions
from ipsrct.register.design import GROUPS, Floats
from ipsrct.register.fitting import fit, prior_of, starting_points
from ipsrct.register.measure_tables import ANY, PERIODS, published_shares
from ipsrct.register.measures import IN_MEASURE, MEASURE_PARAMETERS, measure_moments, started_shares
from ipsrct.register.moments import Moments
from ipsrct.register.published import Coefficient, published_coefficients
from ipsrct.register.regressions import Expected, expected_model_2

COEFFICIENT_TOLERANCE = 0.2
"""Standard deviation of a coefficient in the fit, in published standard errors."""
WIDTH_TOLERANCE = 0.05
"""Standard deviation in the fit of the log ratio of classic to published standard error."""
_NAMES = tuple(parameter.name for parameter in MEASURE_PARAMETERS)
_OLDER = ("20_23", "24_plus")

MEASURE_ANCHORS = (
    level("all", -20, "fig5_m20", (0.095, 0.003, 0.08, 0.10)),
    level("all", -1, "fig5_pre_start", (0.16, 0.002, 0.155, 0.165)),
    level("all", 0, "fig5_start_month", (0.092, 0.003, 0.08, 0.10)),
    level("all", 20, "fig5_end", (0.25, 0.002, 0.245, 0.255)),
    bend("all", (-20, -10, -1), "fig5_pre_start", 0.006),
    bend("all", (0, 10, 20), "fig5_end", 0.01),
    *(level(group, -20, "fig6_older_m20", (0.13, 0.006, 0.12, 0.16)) for group in _OLDER),
    level("under_20", -20, "fig6_under20_m20", (0.01, 0.003, 0.0, 0.02)),
    change("24_plus", -20, -1, "fig6_pre_trend", (0.07, 0.015, 0.02, 0.15)),
    change("under_20", -1, 0, "fig6_post_under20", (0.0, 0.004, -0.02, 0.02)),
    change("under_20", 0, 10, "fig6_post_under20", (0.06, 0.03, 0.0, 0.2)),
    gap(("social_assistance", "no_social_assistance"), -10, "fig7_pre", (0.03, 0.015, 0.0, 0.12), True),
    gap(("social_assistance", "no_social_assistance"), -1, "fig7_pre", (0.02, 0.01, 0.0, 0.12), True),
    gap(("social_assistance", "no_social_assistance"), 6, "fig7_post", (0.0, 0.01, -0.03, 0.03), True),
    *(gap(("men", "women"), r, "fig8_pre", (0.012, 0.004, 0.0, 0.03), True) for r in (-16, -10)),
    *(gap(("men", "women"), r, "fig8_pre", (0.006, 0.003, 0.0, 0.015), True) for r in (-6, -3, -1)),
    *(gap(("men", "women"), r, "fig8_post", (0.0, 0.008, -0.03, 0.03), True) for r in (6, 12, 18)),
)

_SHARE_TOLERANCE = {"all": 0.002}
_SUBGROUP_SHARE_TOLERANCE = 0.01


def measure_coefficients() -> list[Coefficient]:
    """Return the 8 published coefficients of Table 8."""
    return [row for row in published_coefficients() if row.process == "measures"]


def expected_measures(moments: Moments) -> tuple[Floats, Floats]:
    """Return expected coefficients and classic standard errors of Table 8, each of shape (8,)."""
    model: Expected = expected_model_2(moments)
    index = [GROUPS.index(row.group) for row in measure_coefficients()]
    return model.coefficient[index, IN_MEASURE], model.classic_standard_error[index, IN_MEASURE]


def _share_residuals(during: Floats, after: Floats) -> Floats:
    """Return differences from Tables 4 and 6, in tolerances, shape (12,)."""
    expected = dict(zip(PERIODS, (during, after), strict=True))
    return np.array(
        [
            (expected[row.period][GROUPS.index(row.group)] - row.share)
            / _SHARE_TOLERANCE.get(row.group, _SUBGROUP_SHARE_TOLERANCE)
            for row in published_shares()
            if row.measure == ANY
        ]
    )


def residuals(scaled: Floats, employment: Moments) -> Floats:
    """Return every difference from a published number or prior, in its tolerance.

    Parameters
    ----------
    scaled : ndarray, shape (n_parameters,)
        Parameters minus prior centre, in prior spreads.
    employment : Moments
        Of the employment chain.

    Returns
    -------
    ndarray
        8 coefficients, 8 standard errors, anchors, 12 shares, priors.
    """
    centre, spread = prior_of(MEASURE_PARAMETERS)
    values = dict(zip(_NAMES, (centre + spread * scaled).tolist(), strict=True))
    moments = measure_moments(values, employment)
    coefficient, standard_error = expected_measures(moments)
    rows = measure_coefficients()
    published_error = np.array([row.standard_error for row in rows])
    target = np.array([anchor.target for anchor in MEASURE_ANCHORS])
    tolerance = np.array([anchor.tolerance for anchor in MEASURE_ANCHORS])
    return np.concatenate(
        [
            (coefficient - np.array([row.estimate for row in rows]))
            / (COEFFICIENT_TOLERANCE * published_error),
            np.log(standard_error / published_error) / WIDTH_TOLERANCE,
            (anchor_values(moments, MEASURE_ANCHORS, IN_MEASURE) - target) / tolerance,
            _share_residuals(*started_shares(values, employment)),
            scaled,
        ]
    )


@dataclass(frozen=True)
class MeasuresCalibration:
    """A fitted process of other measures; fields as in ``calibration.Calibration``."""

    parameters: dict[str, float]
    cost: float
    gradient_norm: float
    converged: bool
    costs: tuple[float, ...]
    provenance: dict[str, Any]


def calibrate_measures(employment: Moments, n_starts: int = 3, n_jobs: int = 2) -> MeasuresCalibration:
    """Fit the process from several starts and keep the best.

    Parameters
    ----------
    employment : Moments
        Of the employment chain, which gives the ends of IPS.
    n_starts, n_jobs : int
        Starting points and processes.

    Returns
    -------
    MeasuresCalibration
        With ``converged`` False if the best fit ran into its limit of steps.
    """
    starts = starting_points(np.zeros(len(_NAMES)), n_starts)
    fits = fit(partial(residuals, employment=employment), starts, n_jobs)
    centre, spread = prior_of(MEASURE_PARAMETERS)
    best = fits[0]
    return MeasuresCalibration(
        parameters=dict(zip(_NAMES, (centre + spread * best.scaled).tolist(), strict=True)),
        cost=best.cost,
        gradient_norm=best.gradient_norm,
        converged=best.converged,
        costs=tuple(one.cost for one in fits),
        provenance={
            "source": "AFI report 2024:01, Table 8, Figures 5 to 8, Tables 4 and 6",
            "coefficient_ids": [row.id for row in measure_coefficients()],
            "anchor_ids": sorted({anchor.evidence for anchor in MEASURE_ANCHORS}),
            "versions": versions(),
        },
    )


@cache
def default_measures() -> MeasuresCalibration:
    """Return the shipped calibration of other measures."""
    source = files("ipsrct.register") / "data" / "measures.json"
    fields = json.loads(source.read_text(encoding="utf-8"))
    return MeasuresCalibration(**{**fields, "costs": tuple(fields["costs"])})


def main() -> None:
    """Refit the process and rewrite the shipped parameters."""
    result = calibrate_measures(default_calibration().moments)
    if not result.converged:
        raise RunError(f"the calibration did not converge: gradient norm {result.gradient_norm:.2g}")
    path = Path(__file__).parent / "data" / "measures.json"
    path.write_text(json.dumps(asdict(result), indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
