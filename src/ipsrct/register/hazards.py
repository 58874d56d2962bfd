"""From named parameters to monthly transition matrices.

States of employment: 0 none, 1 at least one hour a week, 2 more than four, 3 more than ten. Two regimes: 0
before the end of IPS (so before start, and in IPS), 1 after it. A *line* is a combination of cell, start
month and value of the person factor; lines form one flat axis in that order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from ipsrct.register.design import N_MONTHS, Design, Floats, Integers, make_design

N_STATES = 4
HETEROGENEITY = 0.8
N_FACTOR_VALUES = 5


@dataclass(frozen=True)
class Hazards:
    """Monthly probabilities of the chain; four states, or more where the register errs (``misreporting``).

    Attributes
    ----------
    initial : ndarray, shape (n_lines, 4)
        Distribution of the state in the first month.
    transition : ndarray, shape (2, n_months, n_lines, 4, 4)
        Probability of moving between states into a month, by regime; month 0 is not used.
    end : ndarray, shape (n_months, n_lines, 4)
        Probability that a month in IPS is the last, given its state; 0 before start.
    factor_weight : ndarray, shape (n_factor_values,)
        Probabilities of the values of the person factor.
    design : Design
        Cells, start months and window.
    levels : ndarray of int, shape (n_states,)
        Hours level, 0 to 3, that the register shows in each state.
    """

    initial: Floats
    transition: Floats
    end: Floats
    factor_weight: Floats
    design: Design
    levels: Integers = field(default_factory=lambda: np.arange(N_STATES))

    @cached_property
    def thresholds(self) -> Floats:
        """Whether each state counts as employed under each outcome (1, 4 and 10 hours), (3, n_states)."""
        return (self.levels >= np.arange(1, N_STATES)[:, None]).astype(np.float64)

    @property
    def started(self) -> npt.NDArray[np.bool_]:
        """Whether a month is the start month or later, shape (n_months, n_lines)."""
        by_cell = np.tile(self.design.relative_month >= 0, (1, self.design.size.size))
        return np.repeat(by_cell, self.factor_weight.size, axis=1)


def person_factor(n_values: int = N_FACTOR_VALUES) -> tuple[Floats, Floats]:
    """Return values and probabilities of the person factor: a normal distribution in Gauss-Hermite points."""
    values, weights = np.polynomial.hermite_e.hermegauss(n_values)
    return values, weights / weights.sum()


def logistic(logit: Floats) -> Floats:
    """Return the logistic function."""
    return 1.0 / (1.0 + np.exp(-logit))


@dataclass(frozen=True)
class _Frame:
    """Covariates broadcastable to (month, cell, start): relative and calendar time, and groups."""

    r: Floats
    month: Floats
    age: tuple[Floats, Floats, Floats]
    woman: Floats
    social: Floats

    @classmethod
    def of(cls, design: Design) -> _Frame:
        def by_cell(values: np.ndarray) -> Floats:
            return values.astype(np.float64)[None, :, None]

        return cls(
            r=design.relative_month[:, None, :].astype(np.float64),
            month=np.arange(1.0, design.n_months + 1)[:, None, None],
            age=(by_cell(design.age == 0), by_cell(design.age == 1), by_cell(design.age == 2)),
            woman=by_cell(design.woman),
            social=by_cell(design.social_assistance),
        )

    def by_age(self, values: Mapping[str, float], stem: str) -> Floats:
        names = ("under_20", "20_23", "24_plus")
        return sum(
            (values.get(f"{stem}_{n}", 0.0) * a for n, a in zip(names, self.age, strict=True)), np.zeros(1)
        )

    @property
    def older(self) -> Floats:
        return self.age[1] + self.age[2]

    @property
    def ramp(self) -> Floats:
        return np.minimum(self.r + 20, 20) / 20

    @property
    def treated(self) -> Floats:
        return (self.r >= 0).astype(np.float64)


def untreated_entry(values: Mapping[str, float], f: _Frame) -> Floats:
    """Return the logit of job entry without treatment, shape (month, cell, start)."""
    return (
        f.by_age(values, "entry")
        + values["entry_woman"] * f.woman
        + values["entry_social_assistance"] * f.social
        + values["entry_dip_older"] * f.older * f.ramp
        + values["entry_settling"] * np.clip((f.r + 6) / 5, 0, 1)
        + values["entry_covid"] * (f.month <= 5)
    )


def treatment_on_entry(values: Mapping[str, float], f: _Frame) -> Floats:
    """Return the effect of IPS on the logit of job entry while in IPS, shape (month, cell, start)."""
    phases = ((0, 3, "0_2"), (3, 6, "3_5"), (6, 9, "6_8"), (9, 10_000, "9_on"))
    common = sum(
        values[f"effect_months_{name}"] * ((f.r >= low) & (f.r < high)) for low, high, name in phases
    )
    offset = (
        f.by_age(values, "effect")
        + values["effect_woman"] * f.woman
        + values["effect_social_assistance"] * f.social
    )
    late = values["effect_social_assistance_late"] * f.social * (f.r >= 9)
    return np.asarray(common + offset * (f.r >= 3) + late)


def treatment_on_rise(values: Mapping[str, float], f: _Frame) -> Floats:
    """Return the effect of IPS on the logit of a rise of hours, shape (month, cell, start)."""
    effect = values["hours_up_effect"] + values["hours_up_woman"] * f.woman
    return np.asarray(effect * np.clip(f.r / 9, 0, 1))


def exit_logit(values: Mapping[str, float], f: _Frame, treated: bool) -> Floats:
    """Return the logit of job exit, shape (month, cell, start)."""
    logit = (
        f.by_age(values, "exit")
        + values["exit_social_assistance"] * f.social
        + values["exit_dip"] * f.older * f.ramp
    )
    if treated:
        logit = logit + values["exit_effect_late"] * (f.r >= 9)
    return np.asarray(logit)


def _end_probability(values: Mapping[str, float], f: _Frame) -> Floats:
    """Return the probability that a month in IPS is the last, shape (month, cell, start, 4)."""
    logit = (
        values["end_level"]
        + values["end_duration"] * (f.r - 8) / 8
        + f.by_age(values, "end")
        + values["end_social_assistance"] * f.social
    )
    employed = values["end_employed"] * (np.arange(N_STATES) > 0)
    return logistic(logit[..., None] + employed) * f.treated[..., None]


def _initial(values: Mapping[str, float], design: Design, f: _Frame, factor: Floats, hours: Floats) -> Floats:
    earlier = (17 - design.start_months)[None, :] / 10
    young, older = f.age[0][0], f.older[0]
    logit = (
        values["initial_under_20"] * young
        + (values["initial_older"] + values["initial_start_older"] * earlier) * older
    )
    employed = logistic(logit[..., None] + 1.5 * factor).reshape(-1, 1)
    return np.concatenate([1 - employed, employed * hours], axis=1)


def _transition(entry: Floats, leave: Floats, up: Floats, down: float, hours: Floats) -> Floats:
    """Return transition matrices from the probabilities of entry, exit and moves of hours, (..., 4, 4)."""
    matrix = np.zeros((*entry.shape, N_STATES, N_STATES))
    stay = 1 - leave
    rise, level = stay * up, stay * (1 - up)
    matrix[..., 0, 0] = 1 - entry
    matrix[..., 0, 1:] = entry[..., None] * hours
    matrix[..., 1:, 0] = leave[..., None]
    matrix[..., 1, 1] = level
    matrix[..., 1, 2] = rise
    matrix[..., 2, 1] = level * down
    matrix[..., 2, 2] = level * (1 - down)
    matrix[..., 2, 3] = rise
    matrix[..., 3, 2] = stay * down
    matrix[..., 3, 3] = stay * (1 - down)
    return matrix


def make_hazards(
    values: Mapping[str, float],
    start_distribution: str = "stepped",
    heterogeneity: float = HETEROGENEITY,
    n_months: int = N_MONTHS,
    control_drift: float | None = None,
) -> Hazards:
    """Return the monthly probabilities of the chain.

    Parameters
    ----------
    values : mapping of str to float
        A value for each of ``parameters.NAMES``.
    start_distribution : str
        A key of ``design.START_DISTRIBUTIONS``.
    heterogeneity : float
        Effect of one standard deviation of the person factor on the logit of entry; half as much, with
        opposite sign, on exit.
    n_months : int
        Length of the window in months.
    control_drift : float or None
        None for the treated path. A number removes every treatment effect and adds that drift to the logit of
        entry from the start month on.

    Returns
    -------
    Hazards
    """
    design = make_design(start_distribution, values["start_tilt_under_20"], n_months)
    f = _Frame.of(design)
    points, weight = person_factor()
    factor = heterogeneity * points
    hours = np.exp([values["hours_low"], values["hours_middle"], 0.0])
    hours = hours / hours.sum()
    frame = (n_months, design.size.size, design.start_months.size, factor.size)
    shape = (n_months, -1)

    def lines(logit: Floats, slope: float) -> Floats:
        return logistic(np.broadcast_to(logit[..., None] + slope * factor, frame)).reshape(shape)

    leave = lines(exit_logit(values, f, control_drift is None), -0.5)
    down = float(logistic(np.array(values["hours_down"])))
    base, rise_base = untreated_entry(values, f), np.full((1, 1, 1), values["hours_up"])
    if control_drift is None:
        effect, rise = treatment_on_entry(values, f), treatment_on_rise(values, f)
        factors = (1.0, values["effect_after_ips"])
    else:
        effect, rise, factors = control_drift * f.treated, np.zeros((1, 1, 1)), (1.0, 1.0)
    entry = np.stack([lines(base + times * effect, 1.0) for times in factors])
    up = np.stack([lines(rise_base + times * rise, 0.0) for times in factors])
    end = np.broadcast_to(_end_probability(values, f)[:, :, :, None], (*frame, N_STATES))
    return Hazards(
        initial=_initial(values, design, f, factor, hours),
        transition=_transition(entry, leave, up, down, hours),
        end=end.reshape(n_months, -1, N_STATES),
        factor_weight=weight,
        design=design,
    )
