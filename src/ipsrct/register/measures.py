"""Other labour-market measures: a second process beside employment, given start and end of IPS.

A two-state process (in another measure or not) that the chain's recursions run as four states, the second
bit telling whether a measure has been *started* since a regime began: 0 in none, none started; 1 in none,
one started; 2 in one that was not started in the regime; 3 in one that was. Being in a measure is thus "state
at least 2", outcome 1 of the recursions. Employment and measures are independent given cell, start and end
of IPS, which is a simplification: the report says nothing of their association.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ipsrct.register.chain import forward
from ipsrct.register.design import Design, Floats
from ipsrct.register.hazards import N_STATES, Hazards, logistic
from ipsrct.register.moments import Moments, make_moments
from ipsrct.register.parameters import Parameter

IN_MEASURE = 1
"""Index of the outcome "in another measure" among the three outcomes of the recursions."""

MEASURE_PARAMETERS = (
    Parameter("initial_under_20", -4.5, 1.0, "in a measure in January 2021, under 20"),
    Parameter("initial_older", -1.9, 0.7, "in a measure in January 2021, 20 or older"),
    Parameter("initial_social_assistance", 0.3, 0.5, "in a measure in January 2021, social assistance"),
    Parameter("initial_woman", 0.0, 0.3, "in a measure in January 2021, women"),
    Parameter("entry_under_20", -5.0, 1.0, "start of a measure at relative month -20, under 20"),
    Parameter("entry_20_23", -4.0, 1.0, "start of a measure at relative month -20, 20-23"),
    Parameter("entry_24_plus", -4.0, 1.0, "start of a measure at relative month -20, 24 or older"),
    Parameter("entry_slope_under_20", 0.3, 0.5, "start of a measure before IPS, per 10 months, under 20"),
    Parameter("entry_slope_older", 0.3, 0.5, "start of a measure before IPS, per 10 months, 20 or older"),
    Parameter("entry_social_assistance", 0.2, 0.5, "start of a measure before IPS, social assistance"),
    Parameter("entry_woman", 0.0, 0.3, "start of a measure before IPS, women"),
    Parameter("entry_calendar", 0.0, 0.5, "start of a measure, per 10 months of calendar time"),
    Parameter("entry_calendar_woman", 0.0, 0.3, "the same, women"),
    Parameter("exit", -2.2, 0.7, "end of a measure, before and in IPS"),
    Parameter("exit_woman", 0.0, 0.3, "end of a measure, women"),
    Parameter("exit_at_start_under_20", -2.0, 1.0, "end of a measure on the start of IPS, under 20"),
    Parameter("exit_at_start_older", 0.0, 1.0, "end of a measure on the start of IPS, 20 or older"),
    Parameter("exit_at_start_social_assistance", 0.0, 0.5, "the same, social assistance"),
    Parameter("entry_in_ips_under_20", -3.6, 0.7, "start of a measure in IPS, under 20"),
    Parameter("entry_in_ips_20_23", -3.6, 0.7, "start of a measure in IPS, 20-23"),
    Parameter("entry_in_ips_24_plus", -3.6, 0.7, "start of a measure in IPS, 24 or older"),
    Parameter("entry_in_ips_woman", 0.0, 0.3, "start of a measure in IPS, women"),
    Parameter("entry_after_under_20", -4.0, 0.7, "start of a measure after IPS, under 20"),
    Parameter("entry_after_20_23", -3.3, 0.7, "start of a measure after IPS, 20-23"),
    Parameter("entry_after_24_plus", -3.1, 0.7, "start of a measure after IPS, 24 or older"),
    Parameter("entry_after_social_assistance", 0.0, 0.5, "start of a measure after IPS, social assistance"),
    Parameter("entry_after_woman", 0.0, 0.3, "start of a measure after IPS, women"),
    Parameter("exit_in_ips", -2.6, 0.7, "end of a measure in IPS after the start month"),
    Parameter("exit_after_under_20", -2.2, 0.7, "end of a measure after IPS, under 20"),
    Parameter("exit_after_older", -2.2, 0.7, "end of a measure after IPS, 20 or older"),
    Parameter("exit_after_social_assistance", 0.0, 0.3, "end of a measure after IPS, social assistance"),
)


def _by_age(values: Mapping[str, float], stem: str, design: Design) -> Floats:
    """Return a value for each cell, from three ages or from under 20 and older, shape (1, n_cells, 1)."""
    older = values.get(f"{stem}_older", 0.0)
    ages = [
        values[f"{stem}_under_20"],
        *(values.get(f"{stem}_{name}", older) for name in ("20_23", "24_plus")),
    ]
    return np.array(ages)[design.age][None, :, None]


def _two_state(entry: Floats, leave: Floats, counts_starts: Floats) -> Floats:
    """Return four-state transitions; where counts_starts is 1 a start sets the second bit."""
    matrix = np.zeros((*entry.shape, N_STATES, N_STATES))
    matrix[..., 0, 0] = matrix[..., 1, 1] = 1 - entry
    matrix[..., 0, 3] = entry * counts_starts
    matrix[..., 0, 2] = entry * (1 - counts_starts)
    matrix[..., 1, 3] = entry
    matrix[..., 2, 0] = matrix[..., 3, 1] = leave
    matrix[..., 2, 2] = matrix[..., 3, 3] = 1 - leave
    return matrix


def measure_hazards(values: Mapping[str, float], employment: Moments, counted_regime: int = 0) -> Hazards:
    """Return the chain of other measures.

    Parameters
    ----------
    values : mapping of str to float
        By the names of ``MEASURE_PARAMETERS``.
    employment : Moments
        Of the employment chain; gives the design and the distribution of the end of IPS.
    counted_regime : {0, 1}
        Whether starts in IPS (0) or after IPS (1) set the second bit.

    Returns
    -------
    Hazards
        Lines are cells by start months.
    """
    design = employment.design
    shape = (design.n_months, design.size.size, design.start_months.size)
    started = np.broadcast_to(design.relative_month[:, None, :] >= 0, shape).astype(np.float64)
    entries, exits = _logits(values, design)

    def lines(logit: Floats) -> Floats:
        return logistic(np.broadcast_to(logit, shape))

    transition = np.stack(
        [
            _two_state(lines(entry), lines(leave), started * (regime == counted_regime))
            for regime, (entry, leave) in enumerate(zip(entries, exits, strict=True))
        ]
    )
    social = design.social_assistance[:, None]
    initial = _by_age(values, "initial", design)[0] + values["initial_social_assistance"] * social
    initial = initial + values["initial_woman"] * design.woman[:, None]
    share = logistic(np.broadcast_to(initial, shape[1:])).reshape(-1)
    state = np.zeros((share.size, N_STATES))
    state[:, 0], state[:, 2] = 1 - share, share
    return Hazards(
        initial=state,
        transition=transition.reshape(2, design.n_months, -1, N_STATES, N_STATES),
        end=_end_hazard(employment),
        factor_weight=np.ones(1),
        design=design,
    )


def _logits(values: Mapping[str, float], design: Design) -> tuple[list[Floats], list[Floats]]:
    """Return logits of start and end of a measure by regime, each of shape (month, cell, start)."""
    r = design.relative_month[:, None, :].astype(np.float64)
    month = np.arange(1.0, design.n_months + 1)[:, None, None]
    social = design.social_assistance[None, :, None].astype(np.float64)
    woman = design.woman[None, :, None].astype(np.float64)

    def ages(stem: str) -> Floats:
        return _by_age(values, stem, design)

    calendar = (values["entry_calendar"] + values["entry_calendar_woman"] * woman) * (month - 15) / 10
    before = ages("entry") + ages("entry_slope") * (r + 20) / 10
    before = before + values["entry_social_assistance"] * social + values["entry_woman"] * woman
    inside = ages("entry_in_ips") + values["entry_in_ips_woman"] * woman
    after = ages("entry_after") + values["entry_after_woman"] * woman
    after = after + values["entry_after_social_assistance"] * social
    at_start = ages("exit_at_start") + values["exit_at_start_social_assistance"] * social
    leave = np.where(r < 0, values["exit"], np.where(r == 0, at_start, values["exit_in_ips"]))
    leave_after = ages("exit_after") + values["exit_after_social_assistance"] * social
    sex = values["exit_woman"] * woman
    return [np.where(r < 0, before, inside) + calendar, after + calendar], [leave + sex, leave_after + sex]


def _end_hazard(employment: Moments) -> Floats:
    """Return the marginal hazard of the end of IPS, shape (n_months, n_lines, 4)."""
    mass = employment.last_month
    still = np.cumsum(mass[::-1], axis=0)[::-1]
    hazard = np.divide(mass, still, out=np.zeros_like(mass), where=still > 0)
    flat = hazard.reshape(hazard.shape[0], -1, 1)
    return np.repeat(flat, N_STATES, axis=2)


def started_shares(values: Mapping[str, float], employment: Moments) -> tuple[Floats, Floats]:
    """Return the shares that start another measure during IPS, and after it among those who finished.

    Parameters
    ----------
    values : mapping of str to float
        By the names of ``MEASURE_PARAMETERS``.
    employment : Moments
        Of the employment chain.

    Returns
    -------
    during, after : ndarray, shape (8,)
        By group of ``design.GROUPS``; proportions.
    """
    design = employment.design
    frame = (design.size.size, design.start_months.size)

    def expected(flags: Floats) -> Floats:
        return np.asarray(design.membership @ (design.persons * flags.reshape(frame)).sum(1))

    last = forward(measure_hazards(values, employment, 0))[0][:, -1]
    during = expected(last[..., [1, 3]].sum((0, 2)))
    last = forward(measure_hazards(values, employment, 1))[0][:, -1]
    after = expected(last[1][:, [1, 3]].sum(1)) / expected(last[1].sum(1))
    return during / (design.membership @ design.persons.sum(1)), after


def measure_moments(values: Mapping[str, float], employment: Moments) -> Moments:
    """Return the moments of the chain of other measures; use outcome ``IN_MEASURE``."""
    return make_moments(measure_hazards(values, employment))
