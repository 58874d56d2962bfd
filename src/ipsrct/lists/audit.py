"""What an allocation list shows of how it was made, and what is wrong with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import exp, gcd, log

import numpy as np

from ipsrct.lists import likelihood
from ipsrct.lists.given import GivenList, Stratum
from ipsrct.lists.likelihood import Sizes
from ipsrct.lists.plan import ListPlan
from ipsrct.lists.runs import RunsTest, longest_run, longest_run_probability, runs_test
from ipsrct.trial import IntArray

FALSE_ALARM = 1e-3
_RIVAL = log(20)
_LARGEST_WEIGHT = 4
_MOST_NAMED = 5
_INDEPENDENT = ("complete", "simple")


@dataclass(frozen=True)
class BlockEvidence:
    """How well permuted blocks explain the lists.

    Attributes
    ----------
    fitting : dict of int to int
        For each block size alone, the number of lists that are whole blocks of it, the last perhaps cut.
    sizes : tuple of int
        The set of sizes under which the lists are likeliest.
    whole_lists : int
        The number of lists that are whole blocks of these sizes.
    rivals : tuple of tuple of int
        Other sets of sizes that are less than 20 times less likely.
    chance : float
        At most with this probability does complete randomisation fit some set of sizes this well.
    broken : dict of str to (int, int)
        For each other list, up to which place whole blocks fit, and after which they fit to its end.
    """

    fitting: dict[int, int]
    sizes: Sizes
    whole_lists: int
    rivals: tuple[Sizes, ...]
    chance: float
    broken: dict[str, tuple[int, int]]

    @property
    def convincing(self) -> bool:
        """Whether complete randomisation can be excluded in favour of blocks."""
        return self.chance <= FALSE_ALARM


@dataclass(frozen=True)
class Audit:
    """What was found.

    Attributes
    ----------
    counts : dict of str to int
        Allocations by arm.
    strata : dict of str to dict of str to int
        The same by list.
    weights : tuple of int
    weights_origin : str
    counts_p_value : float
        Chi-square test of the counts against the weights, valid under complete randomisation.
    blocks : BlockEvidence
    runs : RunsTest
    longest_run : int
    longest_run_probability : float
        That complete randomisation has so long a run in any list.
    unused_columns : tuple of str
    faults : tuple of str
        What is wrong with the lists, whatever made them, or contradicts the scenario.
    """

    counts: dict[str, int]
    strata: dict[str, dict[str, int]]
    weights: tuple[int, ...]
    weights_origin: str
    counts_p_value: float
    blocks: BlockEvidence
    runs: RunsTest
    longest_run: int
    longest_run_probability: float
    unused_columns: tuple[str, ...]
    faults: tuple[str, ...]


def audit_list(given: GivenList, plan: ListPlan | None = None, ratio: Sequence[int] | None = None) -> Audit:
    """Audit a list.

    Parameters
    ----------
    given : GivenList
    plan : ListPlan, optional
        What the scenario asks for; its arms and levels are those that ``given`` was read with.
    ratio : sequence of int, optional
        Allocation weights, in the order of ``given.arms``; by default the plan's, else the simplest that
        the counts do not contradict.
    """
    lists = {_label(stratum): arm for stratum, arm in given.strata.items()}
    counts = np.bincount(np.concatenate(list(lists.values())), minlength=len(given.arms))
    weights, origin = _weights(counts, plan, ratio)
    planned = tuple(getattr(plan.scheme, "block_sizes", ())) if plan else ()
    blocks = _block_evidence(lists, weights, planned)
    longest = max(map(longest_run, lists.values()))
    lengths = [len(arm) for arm in lists.values()]
    by_stratum = {
        label: _named(given.arms, np.bincount(arm, minlength=len(given.arms))) for label, arm in lists.items()
    }
    faults = [
        *_number_faults(given),
        *_sequence_faults(given),
        *_identical_lists(lists, weights, blocks),
        *(_broken(blocks.broken, blocks.sizes) if plan is None and blocks.convincing else []),
        *([] if plan is None else _scheme_faults(lists, plan, weights, blocks)),
        *([] if plan is None else _length_faults(given, plan)),
    ]
    return Audit(
        _named(given.arms, counts),
        by_stratum,
        weights,
        origin,
        _counts_p_value(counts, weights),
        blocks,
        runs_test(list(lists.values()), len(given.arms)),
        longest,
        longest_run_probability(longest, lengths, weights),
        given.unused,
        tuple(faults),
    )


def _label(stratum: Stratum) -> str:
    return ", ".join(stratum) or "all participants"


def _named(arms: Sequence[str], counts: IntArray) -> dict[str, int]:
    return dict(zip(arms, counts.tolist(), strict=True))


def _weights(
    counts: IntArray, plan: ListPlan | None, ratio: Sequence[int] | None
) -> tuple[tuple[int, ...], str]:
    given = tuple(ratio) if ratio is not None else plan.scenario.design.weights if plan else None
    if given is not None:
        divisor = gcd(*given)
        origin = "as given" if ratio is not None else "the scenario's"
        return tuple(weight // divisor for weight in given), origin
    candidates = product(range(1, _LARGEST_WEIGHT + 1), repeat=len(counts))
    simple = sorted((w for w in candidates if gcd(*w) == 1), key=lambda w: (sum(w), w))
    possible = [w for w in simple if _counts_p_value(counts, w) > FALSE_ALARM]
    best = possible[0] if possible else max(simple, key=lambda w: _counts_p_value(counts, w))
    return best, "the simplest that the counts allow"


def _counts_p_value(counts: IntArray, weights: Sequence[int]) -> float:
    from scipy.special import chdtrc

    expected = counts.sum() * np.array(weights) / sum(weights)
    statistic = float(((counts - expected) ** 2 / expected).sum())
    return float(chdtrc(len(weights) - 1, statistic)) if len(weights) > 1 else 1.0


def _block_evidence(lists: dict[str, IntArray], weights: tuple[int, ...], planned: Sizes) -> BlockEvidence:
    sets = likelihood.size_sets(weights, planned)
    by_set = np.sum([likelihood.block_log_likelihood(arm, weights, sets) for arm in lists.values()], axis=0)
    complete = sum(likelihood.complete_log_likelihood(arm, weights) for arm in lists.values())
    best = int(np.argmax(by_set))
    broken = _breaks(lists, weights, sets[best])
    singles = sorted({size for found in sets for size in found})
    return BlockEvidence(
        {size: len(lists) - len(_breaks(lists, weights, (size,))) for size in singles},
        sets[best],
        len(lists) - len(broken),
        tuple(sets[i] for i in np.argsort(-by_set)[1:] if by_set[best] - by_set[i] < _RIVAL),
        min(1.0, len(sets) * exp(min(0.0, complete - float(by_set[best])))),
        broken,
    )


def _breaks(lists: dict[str, IntArray], weights: tuple[int, ...], sizes: Sizes) -> dict[str, tuple[int, int]]:
    found = {label: likelihood.break_between(arm, weights, sizes) for label, arm in lists.items()}
    return {label: ends for label, ends in found.items() if ends is not None}


def _broken(broken: dict[str, tuple[int, int]], sizes: Sizes) -> Iterator[str]:
    """Say where lists are not whole blocks."""
    words = _words(sizes)
    for label, (start, end) in list(broken.items())[:_MOST_NAMED]:
        yield (
            f"{label}: whole blocks of {words} fit from the start up to place {start} and to the end after "
            f"place {end}, but not together: rows deleted, added, changed or swapped"
        )
    if len(broken) > _MOST_NAMED:
        yield f"{len(broken) - _MOST_NAMED} more lists are not whole blocks of {words}"


def _words(sizes: Sizes) -> str:
    return " or ".join(map(str, sizes))


def _number_faults(given: GivenList) -> Iterator[str]:
    repeated = [name for name, count in Counter(given.numbers).items() if count > 1 and name]
    if repeated:
        named = ", ".join(repeated[:_MOST_NAMED])
        yield f"randomisation numbers that appear more than once ({len(repeated):,}): {named}"
    if "" in given.numbers:
        yield f"rows without a randomisation number: {given.numbers.count(''):,}"


def _sequence_faults(given: GivenList) -> Iterator[str]:
    """Sequence numbers must count from 1 within each list, or through the whole file."""
    for stratum, own in (given.sequence or {}).items():
        wrong = np.flatnonzero(np.diff(own) != 1)
        if len(wrong):
            at = int(wrong[0])
            yield (
                f"{_label(stratum)}: sequence number {own[at]} is followed by {own[at + 1]}: a row deleted, "
                "added or moved"
            )
        elif own[0] != 1:
            yield f"{_label(stratum)}: the list begins with sequence number {own[0]}"


def _identical_lists(
    lists: dict[str, IntArray], weights: tuple[int, ...], blocks: BlockEvidence
) -> Iterator[str]:
    """Find lists of which one begins with the other, where chance all but excludes it.

    A list is followed by those that begin with it when they are sorted.
    """
    text = sorted((bytes(arm.astype(np.uint8)), label) for label, arm in lists.items())
    pairs = len(lists) * (len(lists) - 1) / 2
    for (short, one), (long, other) in pairwise(text):
        if not long.startswith(short):
            continue
        arm = np.frombuffer(short, dtype=np.uint8).astype(np.intp)
        log_chance = (
            float(likelihood.block_log_likelihood(arm, weights, [blocks.sizes])[0])
            if blocks.convincing
            else likelihood.complete_log_likelihood(arm, weights)
        )
        if log(pairs) + log_chance < log(FALSE_ALARM):
            yield f"{one} and {other} have the same {len(short):,} allocations, as if from the same seed"


def _length_faults(given: GivenList, plan: ListPlan) -> Iterator[str]:
    """Compare lists with the scenario's strata, where they are formed by the same factors."""
    if given.columns != plan.factors:
        return
    absent = [s.label for s in plan.strata if s.levels not in given.strata]
    if absent:
        yield f"strata of the scenario without a list ({len(absent):,}): {'; '.join(absent[:_MOST_NAMED])}"
    short = [
        f"{s.label} ({len(given.strata[s.levels]):,} of {s.planned_maximum:,})"
        for s in plan.strata
        if s.levels in given.strata and len(given.strata[s.levels]) < s.planned_maximum
    ]
    if short:
        yield f"lists shorter than their planned maximum ({len(short):,}): {'; '.join(short[:_MOST_NAMED])}"


def _scheme_faults(
    lists: dict[str, IntArray], plan: ListPlan, weights: tuple[int, ...], blocks: BlockEvidence
) -> Iterator[str]:
    """Compare lists with the scenario's scheme: independent assignments or blocks; others are not judged."""
    planned = tuple(sorted(set(getattr(plan.scheme, "block_sizes", ()))))
    if plan.scheme.kind in _INDEPENDENT and blocks.convincing:
        kind = plan.scheme.kind
        yield f"the lists are blocks of {_words(blocks.sizes)}, not the scenario's {kind} randomisation"
    if not planned:
        return
    broken = _breaks(lists, weights, planned)
    yield from _broken(broken, planned)
    pair = [likelihood.block_log_likelihood(arm, weights, [blocks.sizes, planned]) for arm in lists.values()]
    best, own = np.sum(pair, axis=0)
    if not broken and best - own > log(len(likelihood.size_sets(weights)) / FALSE_ALARM):
        yield f"blocks of {_words(blocks.sizes)} are far likelier than the scenario's {_words(planned)}"
