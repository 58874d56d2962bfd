"""Counts and curve levels that the register must carry: published ranges and the tolerance of the fit.

Levels are read from prose about figures that were not available as images. ``low`` and ``high`` are what the
words allow; ``target`` and ``tolerance`` say where in that range the calibration aims and how hard. Trends
that the text puts in words ("even", "stops") have no published number: their ranges are choices, marked so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipsrct.register.design import GROUPS, Floats
from ipsrct.register.measure_tables import ANY, published_shares
from ipsrct.register.moments import Moments, curve, person_months_outside, persons_finished
from ipsrct.register.published import published_coefficients

RELATIVE_MONTHS = list(range(-20, 21))


@dataclass(frozen=True)
class Anchor:
    """A linear combination of curve points and the range that it should lie in.

    Attributes
    ----------
    name : str
        What it is, in words.
    evidence : str
        Evidence id.
    terms : tuple of (group, relative month, weight)
        The combination of expected employment (at least 1 hour).
    target, tolerance : float
        Aim of the calibration and its standard deviation, proportions.
    low, high : float
        Range, proportions.
    worded : bool
        Whether the range is a reading of words without a number.
    """

    name: str
    evidence: str
    terms: tuple[tuple[str, int, float], ...]
    target: float
    tolerance: float
    low: float
    high: float
    worded: bool = False


def level(group: str, month: int, evidence: str, numbers: tuple[float, float, float, float]) -> Anchor:
    """Return an anchor on one group's level; numbers are target, tolerance, low, high."""
    return Anchor(f"{group} at {month:+d}", evidence, ((group, month, 1.0),), *numbers)


def change(
    group: str, first: int, last: int, evidence: str, numbers: tuple[float, float, float, float]
) -> Anchor:
    """Return an anchor on one group's change between two months; numbers as for ``level``."""
    terms = ((group, last, 1.0), (group, first, -1.0))
    return Anchor(f"{group}, change from {first:+d} to {last:+d}", evidence, terms, *numbers, worded=True)


def bend(group: str, months: tuple[int, int, int], evidence: str, tolerance: float) -> Anchor:
    """Return an anchor that asks for a straight line through three months, within 3 percentage points."""
    first, middle, last = months
    share = (middle - first) / (last - first)
    terms = ((group, middle, 1.0), (group, first, share - 1), (group, last, -share))
    name = f"{group} at {middle:+d} against the line from {first:+d} to {last:+d}"
    return Anchor(name, evidence, terms, 0.0, tolerance, -0.03, 0.03, worded=True)


def gap(
    groups: tuple[str, str],
    month: int,
    evidence: str,
    numbers: tuple[float, float, float, float],
    worded: bool,
) -> Anchor:
    """Return an anchor on the first group's level minus the second's; numbers as for ``level``."""
    terms = ((groups[0], month, 1.0), (groups[1], month, -1.0))
    return Anchor(f"{groups[0]} minus {groups[1]} at {month:+d}", evidence, terms, *numbers, worded=worded)


_OLDER = ("20_23", "24_plus")
_BY_SOCIAL = ("no_social_assistance", "social_assistance")

ANCHORS = (
    *(level("all", r, "fig1_pre_level", (0.366, 0.006, 0.34, 0.38)) for r in (-19, -16, -13, -10, -7)),
    *(level("all", r, "fig1_pre_level", (0.373, 0.003, 0.34, 0.38)) for r in (-20, -4)),
    level("all", -2, "fig1_pre_level", (0.377, 0.0008, 0.34, 0.38)),
    level("all", -1, "fig1_month0", (0.3835, 0.001, 0.38, 0.40)),
    level("all", 6, "fig1_month6", (0.48, 0.002, 0.475, 0.485)),
    change("all", 6, 12, "fig1_timing", (0.005, 0.003, -0.02, 0.02)),
    change("all", 6, 18, "fig1_timing", (0.005, 0.006, -0.03, 0.03)),
    *(level(group, -20, "fig2_older_m20", (0.48, 0.005, 0.47, 0.50)) for group in _OLDER),
    *(
        level(group, r, "fig2_older_pre_start", (0.395, 0.008, 0.38, 0.42))
        for group in _OLDER
        for r in (-3, -1)
    ),
    *(bend(group, (-20, -11, -2), "fig2_older_pre_start", 0.015) for group in _OLDER),
    *(level(group, 6, "fig2_older_m6", (0.485, 0.006, 0.47, 0.50)) for group in _OLDER),
    level("under_20", -20, "fig2_under20_m20", (0.10, 0.002, 0.095, 0.105)),
    bend("under_20", (-20, -10, 0), "fig2_under20_trend", 0.012),
    bend("under_20", (-20, 0, 6), "fig2_under20_trend", 0.008),
    *(change("under_20", 6, r, "fig2_under20_trend", (0.0, 0.006, -0.015, 0.015)) for r in (8, 10, 12, 15)),
    *(level(group, -1, "fig3_pre_level_both", (0.385, 0.002, 0.38, 0.40)) for group in _BY_SOCIAL),
    *(gap(_BY_SOCIAL, r, "fig3_pre_level_both", (0.0, 0.01, -0.03, 0.03), True) for r in (-15, -8)),
    gap(_BY_SOCIAL, 20, "fig3_gap_m20", (0.16, 0.002, 0.155, 0.165), False),
    change("women", -18, -2, "fig4_women_trend", (0.025, 0.015, 0.0, 0.06)),
    *(change("women", 6, r, "fig4_women_trend", (0.0, 0.005, -0.02, 0.02)) for r in (9, 12)),
    change("men", -18, -2, "fig4_men_trend", (0.0, 0.015, -0.03, 0.02)),
    change("men", -1, 6, "fig4_men_trend", (0.11, 0.02, 0.06, 0.16)),
)


def anchor_values(moments: Moments, anchors: tuple[Anchor, ...] = ANCHORS, outcome: int = 0) -> Floats:
    """Return the expected value of every anchor.

    Parameters
    ----------
    moments : Moments
        Gives the curves.
    anchors : tuple of Anchor
        What to evaluate; the employment anchors if left out.
    outcome : int
        Index of the outcome.

    Returns
    -------
    ndarray, shape (n_anchors,)
    """
    used = {term[0] for anchor in anchors for term in anchor.terms}
    curves = {group: curve(moments, group, RELATIVE_MONTHS, outcome) for group in GROUPS if group in used}
    return np.array(
        [
            sum(weight * curves[group][month + 20] for group, month, weight in anchor.terms)
            for anchor in anchors
        ]
    )


@dataclass(frozen=True)
class Count:
    """A published count by group.

    Attributes
    ----------
    name : str
        ``person_months_outside_ips`` or ``persons_finished``.
    group : str
        One of ``design.GROUPS``.
    published : float
        The printed number.
    tolerance : float
        Relative standard deviation in the fit.
    evidence, source : str
        Evidence id, and where it is printed.
    """

    name: str
    group: str
    published: float
    tolerance: float
    evidence: str
    source: str


def _counts() -> tuple[Count, ...]:
    person_months = [
        Count(
            "person_months_outside_ips",
            row.group,
            row.n_observations,
            0.0005 if row.group == "all" else 0.002,
            row.id,
            row.table,
        )
        for row in published_coefficients()
        if row.outcome == "employment_1h" and row.model != "1"
    ]
    finished = [
        Count(
            "persons_finished",
            row.group,
            row.persons,
            0.0005 if row.group == "all" else 0.02,
            row.evidence,
            row.source,
        )
        for row in published_shares()
        if row.period == "after_ips" and row.measure == ANY
    ]
    return (*person_months, *finished)


COUNTS = _counts()
"""Groups of finished persons are printed for 1,320 persons, 12 of them outside the regressions."""


def count_values(moments: Moments) -> Floats:
    """Return the expected value of every count, shape (n_counts,)."""
    by_name = {
        "person_months_outside_ips": person_months_outside(moments),
        "persons_finished": persons_finished(moments),
    }
    return np.array([by_name[count.name][GROUPS.index(count.group)] for count in COUNTS])
