"""The key that every estimator has."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ipsrct._parts import Part


class Named(Part):
    """An estimator with a name for results, its own or one made from its keys."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_]*$")] | None = None

    @property
    def needs_binary(self) -> bool:
        """Whether the outcome must be yes or no."""
        return False

    @property
    def needs_two_arms(self) -> bool:
        """Whether a third arm rules the estimator out."""
        return False

    @property
    def needs_whole_clusters(self) -> bool:
        """Whether every service or county must be in one arm."""
        return False

    @property
    def default_label(self) -> str:
        """The name made from the estimator's keys."""
        raise NotImplementedError

    @property
    def label(self) -> str:
        """The name in results."""
        return self.name or self.default_label
