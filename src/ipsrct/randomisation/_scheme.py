"""What schemes have in common."""

from __future__ import annotations

from ipsrct._parts import Part


class Scheme(Part):
    """A scheme without strata that gives any allocation; a kind says where it differs."""

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors within whose strata the scheme balances."""
        return ()

    def why_not_weights(self, weights: tuple[int, ...]) -> str:  # noqa: ARG002 - kinds that differ use it
        """Return why the scheme cannot give these allocation weights, or an empty string."""
        return ""

    def why_no_list(self) -> str:
        """Return why these options cannot be a list, or an empty string."""
        return ""
