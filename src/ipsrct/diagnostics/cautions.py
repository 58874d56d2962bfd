"""What the people who plan a randomisation should be told before anyone is enrolled."""

from __future__ import annotations

from collections.abc import Iterator

from ipsrct._message import Message
from ipsrct.diagnostics.leftovers import SizeLaw, stratum_sizes
from ipsrct.diagnostics.predictability import block_sizes
from ipsrct.protocols import RandomisationScheme
from ipsrct.scenario import Scenario
from ipsrct.trial import SERVICE

_WORTH_A_WARNING = 0.5  # strata or services that are expected to stay empty


def expected_empty(laws: list[SizeLaw]) -> float:
    """Return the expected number of strata without a participant."""
    return sum(law.n_strata * float(law.probability[law.sizes == 0].sum()) for law in laws)


def plan_warnings(scenario: Scenario, scheme: RandomisationScheme) -> tuple[Message, ...]:
    """Return what is wrong with a scheme's strata for the number of participants, in sentences."""
    return *open_warnings(scenario, scheme), *block_warnings(scenario, scheme)


def block_warnings(scenario: Scenario, scheme: RandomisationScheme) -> tuple[Message, ...]:
    """Return a warning where strata are too small for blocks; it tells something of the blocks' size."""
    factors, sizes = tuple(scheme.strata_factors), block_sizes(scheme)
    if not factors or not sizes:
        return ()
    laws = stratum_sizes(scenario, factors)
    n_strata = sum(law.n_strata for law in laws)
    short = sum(law.n_strata for law in laws if law.sizes @ law.probability < min(sizes))
    if not short:
        return ()
    if short == n_strata:
        return (
            Message("All strata are expected to stay smaller than one block: blocks balance little in them."),
        )
    if 2 * short > n_strata:
        return (
            Message(
                "Most strata are expected to stay smaller than one block: blocks balance little in them."
            ),
        )
    return (
        Message("Some strata are expected to stay smaller than one block: blocks balance little in them."),
    )


def open_warnings(scenario: Scenario, scheme: RandomisationScheme) -> tuple[Message, ...]:
    """Return the warnings that say nothing of the blocks' size."""
    return tuple(_open_warnings(scenario, scheme))


def _open_warnings(scenario: Scenario, scheme: RandomisationScheme) -> Iterator[Message]:
    n, factors = scenario.design.n_participants, tuple(scheme.strata_factors)
    if factors:
        laws = stratum_sizes(scenario, factors)
        n_strata = sum(law.n_strata for law in laws)
        if n_strata > n:
            yield Message(
                "There are more strata ({strata:,}) than participants ({n:,}).", strata=n_strata, n=n
            )
        empty = expected_empty(laws)
        if empty >= _WORTH_A_WARNING:
            yield Message(
                "{empty:.1f} of {strata:,} strata are expected to stay empty.", empty=empty, strata=n_strata
            )
    services = scenario.assumptions.cohort.n_services
    empty = expected_empty(stratum_sizes(scenario, (SERVICE,))) if services > 1 else 0.0
    if empty >= _WORTH_A_WARNING:
        yield Message(
            "{empty:.1f} of {services:,} services are expected to stay without a participant.",
            empty=empty,
            services=services,
        )
