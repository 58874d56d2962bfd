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


def plan_warnings(scenario: Scenario, scheme: RandomisationScheme) -> tuple[str, ...]:
    """Return what is wrong with a scheme's strata for the number of participants, in sentences."""
    return tuple(_warnings(scenario, scheme))


def _warnings(scenario: Scenario, scheme: RandomisationScheme) -> Iterator[str]:
    n, factors = scenario.design.n_participants, tuple(scheme.strata_factors)
    if factors:
        laws = stratum_sizes(scenario, factors)
        n_strata = sum(law.n_strata for law in laws)
        if n_strata > n:
            yield Message(
                "There are more strata ({n_strata:,}) than participants ({n:,}).", n_strata=n_strata, n=n
            )
        sizes = block_sizes(scheme)
        short = sum(law.n_strata for law in laws if law.sizes @ law.probability < min(sizes)) if sizes else 0
        if short:
            yield _short(all_of_them=short == n_strata, most=2 * short > n_strata)
        empty = expected_empty(laws)
        if empty >= _WORTH_A_WARNING:
            yield Message(
                "{empty:.1f} of {n_strata:,} strata are expected to stay empty.",
                empty=empty,
                n_strata=n_strata,
            )
    services = scenario.assumptions.cohort.n_services
    empty = expected_empty(stratum_sizes(scenario, (SERVICE,))) if services > 1 else 0.0
    if empty >= _WORTH_A_WARNING:
        yield Message(
            "{empty:.1f} of {services:,} services are expected to stay without a participant.",
            empty=empty,
            services=services,
        )


def _short(*, all_of_them: bool, most: bool) -> Message:
    """Return that strata stay small, in words: an exact number would give the size of a block away."""
    if all_of_them:
        return Message(
            "All strata are expected to stay smaller than one block: blocks balance little in them."
        )
    if most:
        return Message(
            "Most strata are expected to stay smaller than one block: blocks balance little in them."
        )
    return Message("Some strata are expected to stay smaller than one block: blocks balance little in them.")
