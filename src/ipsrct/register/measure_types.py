"""Types of other measures: drawn for a register's spells, expected by the model, counted in a register.

A spell is an unbroken run of months in a measure; it keeps the type with which it began. It begins during IPS
in a month from the start to the last of IPS, and after IPS in any later month. Only the first spell that
begins in a period is counted, as Tables 5 and 7 count everybody once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from ipsrct.register.design import GROUPS, Floats, Integers, make_design
from ipsrct.register.measure_tables import (
    ANY,
    NO_MEASURE,
    PERIODS,
    UNKNOWN,
    PublishedShare,
    measure_types,
    published_shares,
    type_counts,
)
from ipsrct.register.measures import started_shares
from ipsrct.register.moments import Moments

if TYPE_CHECKING:
    from ipsrct.register.draw import Register

Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.uint8]


def _begins(in_measure: Flags, start_month: Integers, last_month: Integers) -> tuple[Flags, list[Flags]]:
    """Return where spells begin at all, and where by period; each of shape (N, T)."""
    month = np.arange(1, in_measure.shape[1] + 1)
    begins = in_measure.copy()
    begins[:, 1:] &= ~in_measure[:, :-1]
    after = month > last_month[:, None]
    during = (month >= start_month[:, None]) & ~after
    return begins, [begins & during, begins & after]


def draw_types(
    in_measure: Flags, start_month: Integers, last_month: Integers, rng: np.random.Generator
) -> Codes:
    """Draw the type of every spell by the published shares of its period.

    Parameters
    ----------
    in_measure : ndarray of bool, shape (N, T)
        Whether in another measure.
    start_month, last_month : ndarray of int, shape (N,)
        First and last month in IPS, counted from 1.
    rng : numpy.random.Generator
        One uniform number is used for each person and month.

    Returns
    -------
    ndarray of uint8, shape (N, T)
        Codes into ``measure_tables.measure_types()``; spells begun before IPS are of unknown type.
    """
    uniform = rng.random(in_measure.shape)
    begins, by_period = _begins(in_measure, start_month, last_month)
    code = np.full(in_measure.shape, UNKNOWN, dtype=np.uint8)
    for period, begun in zip(PERIODS, by_period, strict=True):
        counts = type_counts(period)
        codes = np.array([measure_types().index(word) for word in counts], dtype=np.uint8)
        cumulative = np.cumsum(list(counts.values())) / sum(counts.values())
        code[begun] = codes[np.searchsorted(cumulative[:-1], uniform[begun], side="right")]
    first_month = np.maximum.accumulate(np.where(begins, np.arange(in_measure.shape[1]), 0), axis=1)
    return np.where(in_measure, np.take_along_axis(code, first_month, axis=1), np.uint8(NO_MEASURE))


def expected_shares(values: Mapping[str, float], employment: Moments) -> Floats:
    """Return what the model expects of every published share.

    Parameters
    ----------
    values : mapping of str to float
        By the names of ``measures.MEASURE_PARAMETERS``.
    employment : Moments
        Of the employment chain.

    Returns
    -------
    ndarray, shape (n_shares,)
        In the order of ``measure_tables.published_shares()``; proportions of everybody during IPS, of those
        who have finished after it. Exact: the share that starts any measure times the type's share of starts.
    """
    started = dict(zip(PERIODS, started_shares(values, employment), strict=True))
    found = []
    for row in published_shares():
        counts = type_counts(row.period)
        share = sum(counts[word] for word in row.types) / sum(counts.values())
        found.append(started[row.period][GROUPS.index(row.group)] * share)
    return np.array(found)


def first_types(measure_type: Codes, start_month: Integers, last_month: Integers) -> dict[str, Codes]:
    """Return the type of the first spell begun in each period, by person.

    Parameters
    ----------
    measure_type : ndarray of uint8, shape (N, T)
        From ``draw_types``, or read from a file.
    start_month, last_month : ndarray of int, shape (N,)
        First and last month in IPS, counted from 1.

    Returns
    -------
    dict of str to ndarray of uint8, shape (N,)
        By period; ``NO_MEASURE`` for those who begin none.
    """
    _, by_period = _begins(measure_type != NO_MEASURE, start_month, last_month)
    persons = np.arange(len(measure_type))
    return {
        period: np.where(begun.any(1), measure_type[persons, begun.argmax(1)], np.uint8(NO_MEASURE))
        for period, begun in zip(PERIODS, by_period, strict=True)
    }


def codes_of(measure: str, types: tuple[str, ...]) -> list[int]:
    """Return the codes that a row of the tables covers: all but none for ``any``, also those not printed."""
    words = measure_types()
    return [i for i, word in enumerate(words) if word in types or (measure == ANY and i != NO_MEASURE)]


@dataclass(frozen=True)
class CountedShare:
    """A row of Tables 4 to 7 as one register shows it.

    Attributes
    ----------
    period, group, measure : str
        As in ``measure_tables.PublishedShare``.
    started, persons : int
        Persons who started it, of participants (during IPS) or of those who have finished (after).
    published : PublishedShare or None
        The printed row; None for a type that the period's table does not have.
    """

    period: str
    group: str
    measure: str
    started: int
    persons: int
    published: PublishedShare | None

    @property
    def share(self) -> float:
        """Proportion of persons who started it; NaN where there are none."""
        return self.started / self.persons if self.persons else float("nan")


def counted_shares(register: Register) -> list[CountedShare]:
    """Return Tables 4 to 7 of one register.

    Parameters
    ----------
    register : Register
        The register.

    Returns
    -------
    list of CountedShare
        In the order of ``measure_tables.published_shares()``; then types that a period's table does not have.
        Empty for a register without measures.
    """
    if register.measure_type is None:
        return []
    first = first_types(register.measure_type, register.start_month, register.last_month)
    finished = register.last_month < register.state.shape[1]
    everybody = dict(zip(PERIODS, (np.ones_like(finished), finished), strict=True))
    membership = make_design().membership[:, register.cell] > 0

    def count(period: str, group: str, measure: str, row: PublishedShare | None) -> CountedShare:
        own = everybody[period] & membership[GROUPS.index(group)]
        codes = codes_of(measure, row.types if row else (measure,))
        started = int(np.isin(first[period][own], codes).sum())
        return CountedShare(period, group, measure, started, int(own.sum()), row)

    found = [count(row.period, row.group, row.measure, row) for row in published_shares()]
    for period in PERIODS:
        words = {measure_types()[code] for code in np.unique(first[period]) if code != NO_MEASURE}
        found += [count(period, "all", word, None) for word in sorted(words - set(type_counts(period)))]
    return found
