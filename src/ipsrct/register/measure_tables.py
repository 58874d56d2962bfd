"""Tables 4 to 7 of the evaluation: who starts another measure during and after IPS, and of which type.

Read from the shipped evidence. Tables 5 and 7 count every person once: their groups of types add up to the
persons of Tables 4 and 6.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from ipsrct.evidence import evidence

PERIODS = ("during_ips", "after_ips")
"""Periods in which the report counts starts: while in IPS, and after it among those who have finished."""
ANY = "any"
"""The row of a table that counts a start of whatever type."""
NO_MEASURE, UNKNOWN = 0, 1
"""Codes in none, and in one of a type that nobody published: those begun before IPS."""
_IDS = (
    ("table_4_measure_during", "table_5_types_during"),
    ("table_6_measure_after", "table_7_types_after"),
)
_TABLES = (("Table 4", "Table 5"), ("Table 6", "Table 7"))

NOTES = (
    "The groups of types of Tables 5 and 7 add up to the 300 and 156 persons of Tables 4 and 6, so everybody "
    "is counted once. The report does not say which start counts; assumed: the first of the period.",
    "Types are printed for everybody only. Assumed: the same shares at every age, of both sexes, with and "
    "without social assistance, and at every start of the period. Nothing is printed on the types of "
    "measures begun before IPS: they are unknown.",
    "Table 5 has no rows for follow-up and assessment; they may stand among its 18 other measures.",
    "Printed per cent are whole numbers: in Table 7 the items of training and education print as 4 beside 3 "
    "for their group, those of follow-up as 7 beside 8. The counts agree, and are what is used here.",
    "Table 7's first row repeats the heading of Table 5 (during IPS); its count is that of Table 6.",
    "The prose gives 300 of 1,320 as one in five, as nearly one in four and as one in four.",
    "The tables count 1,320 participants; the regressions and this model have 1,308 (12 fewer aged 24+).",
    "11 of Table 7 started individual job support (IPS) again, although the measures are those other than "
    "IPS. Subsidised jobs stand in the employment register too; this model does not link the two.",
)
"""What the printed tables leave open or contradict, and what is assumed."""


@dataclass(frozen=True)
class PublishedShare:
    """A published share of persons who start another measure.

    Attributes
    ----------
    period : {"during_ips", "after_ips"}
        When it was started.
    group : str
        One of ``design.GROUPS``.
    measure : str
        ``any``, a group of types, or a type.
    started, persons : int
        Printed persons who started it, and printed participants (during) or finished participants (after).
    types : tuple of str
        The types that it covers, of ``measure_types()``; all types for ``any``.
    evidence, source : str
        Evidence id, and table.
    """

    period: str
    group: str
    measure: str
    started: int
    persons: int
    types: tuple[str, ...]
    evidence: str
    source: str

    @property
    def share(self) -> float:
        """The published share, from the counts; a proportion."""
        return self.started / self.persons

    @property
    def standard_error(self) -> float:
        """Binomial standard error of the published share, for ``persons`` independent persons."""
        return float((self.share * (1 - self.share) / self.persons) ** 0.5)


def _word(name: str) -> str:
    """Return a printed name as a word of the register, without abbreviations in brackets."""
    return re.sub(r"\W+", "_", re.sub(r" \(.*\)", "", name)).lower()


def _type_rows(evidence_id: str) -> list[tuple[str, int, tuple[str, ...]]]:
    """Return word, count and types of each row below the total; a group without items is a type itself."""
    rows = [row for row in evidence[evidence_id].rows if row["level"] != "total"]
    edges = [i for i, row in enumerate(rows) if row["level"] == "group"]
    found = []
    for first, end in pairwise([*edges, len(rows)]):
        words = [_word(row["measure"]) for row in rows[first:end]]
        found.append((words[0], rows[first]["n"], tuple(words[1:] or words)))
        found += [(w, row["n"], (w,)) for w, row in zip(words[1:], rows[first + 1 : end], strict=True)]
    return found


@cache
def published_shares() -> tuple[PublishedShare, ...]:
    """Return every row of Tables 4 to 7, in the order of the tables; the totals of 5 and 7 are in 4 and 6."""
    shares = []
    for period, (starts_id, types_id), (starts, types) in zip(PERIODS, _IDS, _TABLES, strict=True):
        by_type = _type_rows(types_id)
        every = tuple(dict.fromkeys(word for _, _, words in by_type for word in words))
        groups = evidence[starts_id].rows
        shares += [
            PublishedShare(
                period,
                row["group"].removeprefix("age_"),
                ANY,
                row["started_measure"],
                row["participants"],
                every,
                starts_id,
                starts,
            )
            for row in groups
        ]
        persons = groups[0]["participants"]
        shares += [
            PublishedShare(period, "all", word, n, persons, words, types_id, types)
            for word, n, words in by_type
        ]
    return tuple(shares)


@cache
def measure_types() -> tuple[str, ...]:
    """Return the words for no measure, an unknown one and each type printed in Tables 5 and 7, by code."""
    printed = (word for share in published_shares() if share.measure == ANY for word in share.types)
    return ("none", "unknown", *dict.fromkeys(printed))


@cache
def type_counts(period: str) -> dict[str, int]:
    """Return the printed persons by type for a period, without the groups of types."""
    return {
        share.measure: share.started
        for share in published_shares()
        if share.period == period and share.types == (share.measure,)
    }
