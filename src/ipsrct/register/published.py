"""The published coefficients that the register must carry, read from the shipped evidence."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from ipsrct.register.design import GROUPS

OUTCOMES = ("employment_1h", "employment_4h", "employment_10h")
_MODEL_GROUPS = dict(zip(("2", "2a", "2b", "2c", "2d", "2e", "2f", "2g"), GROUPS, strict=True))


@dataclass(frozen=True)
class Coefficient:
    """One published fixed-effects coefficient; proportions, not percentage points.

    Attributes
    ----------
    id : str
        Row identifier in ``effects.csv``.
    process : {"employment", "measures"}
        Which register process it describes.
    outcome : str
        ``employment_1h``, ``employment_4h``, ``employment_10h`` or ``other_measure``.
    model : str
        ``1`` or ``2`` to ``2g``, as in Table 3.
    group : str
        One of ``design.GROUPS``.
    phase : int
        0 to 3 for the phases of Model 1, 0 for Model 2.
    estimate, ci_low, ci_high, standard_error : float
        As printed, the standard error being the recommended one; limits are NaN where none are printed.
    n_observations : int
        Printed person-months.
    table : str
        Where it is printed.
    """

    id: str
    process: str
    outcome: str
    model: str
    group: str
    phase: int
    estimate: float
    ci_low: float
    ci_high: float
    standard_error: float
    n_observations: int
    table: str


def _number(text: str) -> float:
    return float(text) / 100 if text else float("nan")


def _coefficient(row: dict[str, str], phase: int) -> Coefficient:
    return Coefficient(
        id=row["row_id"],
        process="measures" if row["outcome"] == "other_measure" else "employment",
        outcome=row["outcome"],
        model=row["model"],
        group=_MODEL_GROUPS.get(row["model"], "all"),
        phase=phase,
        estimate=_number(row["estimate_pp"]),
        ci_low=_number(row["ci_low_pp"]),
        ci_high=_number(row["ci_high_pp"]),
        standard_error=_number(row["se_recommended"]),
        n_observations=int(row["n_observations"]),
        table=row["source_table"],
    )


@cache
def published_coefficients() -> tuple[Coefficient, ...]:
    """Return the 44 coefficients of Table 3, appendix 2 and Table 8, in the order of ``effects.csv``."""
    source = files("ipsrct.evidence") / "data" / "effects.csv"
    rows = list(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))
    phase_of: dict[str, int] = {}
    coefficients = []
    for row in rows:
        phase = 0
        if row["model"] == "1":
            phase = phase_of.get(row["outcome"], 0)
            phase_of[row["outcome"]] = phase + 1
        coefficients.append(_coefficient(row, phase))
    return tuple(coefficients)
