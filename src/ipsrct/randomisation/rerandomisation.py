"""Rerandomisation: the whole cohort is randomised again until the arms are balanced."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import Field, model_validator
from scipy.special import gammainc, gammaincinv

from ipsrct._hypergeometric import spread
from ipsrct._message import Message
from ipsrct._service_table import ServiceTable
from ipsrct.errors import RunError
from ipsrct.randomisation._model import stratum_dummies, why_not_model
from ipsrct.randomisation._scheme import Scheme, reduced
from ipsrct.randomisation._units import allocate, shares
from ipsrct.trial import Assignment, Cohort, FloatArray, IntArray

_NUMBERS_AT_ONCE = 2_000_000
_RANK_TOLERANCE = 1e-9
_ROUNDING = 1e-9


class Rerandomisation(Scheme):
    """Complete randomisation in the allocation's ratio, accepted when the arms' means are near each other.

    The Mahalanobis distance between two arms' means of the factors' dummies must not exceed a limit
    (Morgan and Rubin, Annals of Statistics 2012;40:1263-1282). All participants must be known before the
    first is randomised. Participants beyond a multiple of the sum of the allocation weights go to arms
    drawn without replacement from one further block.

    Attributes
    ----------
    factors : tuple of str
        ``service`` may be one of them.
    acceptance : float or None
        The share of randomisations to accept; the limit is this quantile of the chi-squared distribution
        with as many degrees of freedom as the dummies have rank.
    limit : float or None
        The limit itself, instead.
    most_draws : int
        After so many draws without an acceptable one the run fails.
    """

    kind: Literal["rerandomisation"]
    factors: tuple[str, ...] = Field(min_length=1)
    acceptance: float | None = Field(default=None, gt=0, le=1)
    limit: float | None = Field(default=None, gt=0)
    most_draws: int = Field(default=100_000, ge=1)

    @model_validator(mode="after")
    def _one_limit(self) -> Rerandomisation:
        if (self.acceptance is None) == (self.limit is None):
            raise ValueError(Message("needs either acceptance or limit"))
        return self

    @property
    def strata_factors(self) -> tuple[str, ...]:
        """The factors whose means are balanced."""
        return self.factors

    @property
    def balanced_within(self) -> tuple[tuple[str, ...], ...]:
        """Each factor by itself."""
        return tuple((name,) for name in self.factors)

    def why_not_weights(self, weights: tuple[int, ...]) -> str:
        """Return that the distance is between two arms, or an empty string."""
        return "" if len(weights) == 2 else Message("is defined for two arms, got {n}", n=len(weights))

    def why_not_services(self, services: ServiceTable, weights: tuple[int, ...]) -> str:  # noqa: ARG002
        """Return why services make the model too large, or an empty string."""
        return why_not_model(services.size, self.factors)

    def assign(self, cohort: Cohort, weights: tuple[int, ...], rng: np.random.Generator) -> Assignment:
        """Assign the whole cohort at once.

        Raises
        ------
        RunError
            If no acceptable randomisation is found within ``most_draws``.
        """
        stratum, n_strata = cohort.stratum(self.factors)
        n_replicates, n_participants = stratum.shape
        row = stratum + np.arange(n_replicates)[:, None] * n_strata
        sizes = np.bincount(row.ravel(), minlength=n_replicates * n_strata).reshape(n_replicates, n_strata).T
        dummies = stratum_dummies(cohort.cells, self.factors, cohort.n_services)
        first = self._accepted(_Distance.of(dummies, sizes), weights, rng)
        # Within a stratum every participant is as likely as any other to be in the first arm.
        order = np.argsort(stratum + rng.random(stratum.shape), axis=1)
        in_order = np.take_along_axis(stratum, order, axis=1)
        start = (np.cumsum(sizes, axis=0) - sizes).T
        rank = np.arange(n_participants) - np.take_along_axis(start, in_order, axis=1)
        arm = np.empty(stratum.shape, dtype=np.int8)
        np.put_along_axis(arm, order, rank >= np.take_along_axis(first.T, in_order, axis=1), axis=1)
        equal = weights[0] == weights[1]
        # Exchanging equal arms leaves the distance as it is; unequal arms have no such symmetry.
        return Assignment(arm, shares(weights, n_participants) if equal else None)

    def _limits(self, rank: IntArray) -> tuple[FloatArray, FloatArray]:
        """Return each replicate's limit, and the share of randomisations that meet it, about."""
        half = np.maximum(rank, 1) / 2
        limit = np.full(len(rank), self.limit, dtype=np.float64)
        if self.acceptance is not None:
            limit = np.asarray(2 * gammaincinv(half, self.acceptance), dtype=np.float64)
        share = np.asarray(gammainc(half, limit / 2), dtype=np.float64)
        return limit, np.where(rank == 0, 1.0, share)

    def _accepted(self, distance: _Distance, weights: tuple[int, ...], rng: np.random.Generator) -> IntArray:
        """Return the first arm's participants by stratum, (S, R), of the first acceptable draws."""
        n_strata, n_replicates = distance.sizes.shape
        weights = reduced(weights)
        limit, share = self._limits(distance.rank)
        found = np.empty((n_strata, n_replicates), dtype=np.int64)
        pending, drawn = np.arange(n_replicates), 0
        while pending.size:
            room = _NUMBERS_AT_ONCE // (2 * n_strata * pending.size)
            tries = int(np.clip(1 / share[pending].min(), 1, max(1, min(room, self.most_draws - drawn))))
            replicate = np.repeat(pending, tries)
            n_participants = int(distance.sizes[:, 0].sum())
            in_second = allocate(n_participants % sum(weights), weights, len(replicate), rng).sum(axis=1)
            in_second += n_participants // sum(weights) * weights[1]
            totals = np.stack([n_participants - in_second, in_second])
            first = spread(totals, distance.sizes[:, replicate], rng)[:, 0]
            first = first.reshape(n_strata, len(pending), tries)
            near = distance.between(first, pending) <= limit[pending, None] * (1 + _ROUNDING)
            done = near.any(axis=1)
            found[:, pending[done]] = first[:, done, near.argmax(axis=1)[done]]
            pending, drawn = pending[~done], drawn + tries
            if pending.size and drawn >= self.most_draws:
                raise RunError(
                    Message(
                        "rerandomisation: {failed} of {trials} trials had no acceptable randomisation in "
                        "{draws:,} draws; accept more, or set most_draws higher",
                        failed=pending.size,
                        trials=n_replicates,
                        draws=drawn,
                    )
                )
        return found


@dataclass(frozen=True)
class _Distance:
    """The Mahalanobis distance between the arms' means in each replicate.

    Attributes
    ----------
    dummies : float array (S, P)
    sizes : int array (S, R)
        Participants by stratum.
    total : float array (P, R)
        Sums of the dummies over participants.
    precision : float array (R, P, P)
        The generalised inverse of the participants' covariance matrix.
    rank : int array (R,)
    """

    dummies: FloatArray
    sizes: IntArray
    total: FloatArray
    precision: FloatArray
    rank: IntArray

    @classmethod
    def of(cls, dummies: FloatArray, sizes: IntArray) -> _Distance:
        """Prepare the distance for given sizes of strata."""
        n = sizes.sum(axis=0)
        total = dummies.T @ sizes
        products = np.einsum("sp,sr,sq->rpq", dummies, sizes, dummies, optimize=True)
        centred = products - np.einsum("pr,qr->rpq", total, total / n)
        covariance = centred / (n - 1)[:, None, None]
        values, vectors = np.linalg.eigh(covariance)
        kept = values > _RANK_TOLERANCE
        inverse = np.where(kept, 1 / np.where(kept, values, 1.0), 0.0)
        precision = np.einsum("rpk,rk,rqk->rpq", vectors, inverse, vectors, optimize=True)
        return cls(dummies, sizes, total, precision, kept.sum(axis=1))

    def between(self, first: IntArray, replicate: IntArray) -> FloatArray:
        """Return the distances, (D, T), for the first arm's participants by stratum, (S, D, T)."""
        n1 = first.sum(axis=0)
        n0 = self.sizes[:, :1].sum() - n1
        in_first = (self.dummies.T @ first.reshape(len(first), -1)).reshape(-1, *n1.shape)
        with np.errstate(divide="ignore", invalid="ignore"):
            difference = in_first / n1 - (self.total[:, replicate, None] - in_first) / n0
        difference = np.ascontiguousarray(np.moveaxis(difference, 0, 1))
        squares = (difference * (self.precision[replicate] @ difference)).sum(axis=1)
        # An arm that is empty is never near.
        return np.where(n1 * n0 > 0, n1 * n0 / (n1 + n0) * squares, np.inf)
