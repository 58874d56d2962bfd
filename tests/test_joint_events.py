"""Events when risks differ between strata, against the enumeration of every trial and against simulation."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import product
from math import factorial

import numpy as np
import pytest
from scipy.stats import binom, multinomial

from ipsrct import NotAvailableError, read_scenario, simulate, verify
from ipsrct._arm_sizes import Strata, arm_sizes
from ipsrct._event_distribution import every_result
from ipsrct._joint_events import JointEvents
from ipsrct.randomisation._blocks import count_table
from tests.conftest import with_estimators
from tests.randomisation.test_blocks import _lists

UNPOOLED = {"kind": "difference_in_proportions", "variance": "unpooled"}
POOLED = {"kind": "difference_in_proportions", "variance": "pooled"}


@cache
def _first_arm(n, block_sizes, weights):
    """Return the probability of each size of the first arm in a list of n places."""
    found = Counter()
    for sequence, probability in _lists(n, block_sizes, weights).items():
        found[sequence.count(0)] += float(probability)
    return found


def _compositions(n, parts):
    if parts == 1:
        yield (n,)
        return
    for first in range(n + 1):
        yield from ((first, *rest) for rest in _compositions(n - first, parts - 1))


def _events(sizes, risks):
    """Return the distribution of the events of one arm, by convolution over its strata."""
    total = np.ones(1)
    for n, risk in zip(sizes, risks, strict=True):
        total = np.convolve(total, binom.pmf(np.arange(n + 1), n, risk))
    return total


def _every_trial(n, share, sizes, risks, block_sizes, weights):
    """Return the probability of (first arm's size, its events, the other's) by going through every trial."""
    found: Counter = Counter()
    choices = [tuple(sizes)] if sizes is not None else _compositions(n, len(share))
    for stratum_sizes in choices:
        chance = 1.0 if sizes is not None else multinomial.pmf(stratum_sizes, n, share)
        lists = [_first_arm(size, block_sizes, weights).items() for size in stratum_sizes]
        for ways in product(*lists):
            first = [size for size, _ in ways]
            second = [size - one for size, one in zip(stratum_sizes, first, strict=True)]
            weight = chance * np.prod([p for _, p in ways])
            both = np.outer(_events(first, risks[:, 0]), _events(second, risks[:, 1])) * weight
            for (x1, x0), p in np.ndenumerate(both):
                found[sum(first), x1, x0] += p
    return found


def _enumerated(strata, risks):
    joint = JointEvents(strata, risks)
    found = {}
    for sizes, probability in joint.by_arm_sizes():
        for (i, j), p in np.ndenumerate(probability):
            found[sizes[0], int(joint.events[0][i]), int(joint.events[1][j])] = p
    return found


RISKS = {
    "ordinary": [[0.55, 0.3], [0.2, 0.4], [0.35, 0.9]],
    "certain": [[0.0, 0.3], [1.0, 0.5], [0.4, 0.0]],
    "all certain": [[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]],
    "rare": [[0.002, 0.01], [0.03, 0.0], [0.001, 0.002]],
}
BLOCKS = [((2,), (1, 1)), ((4,), (1, 1)), ((2, 4), (1, 1)), ((3,), (2, 1)), ((3, 6), (2, 1)), ((6,), (1, 2))]


@pytest.mark.parametrize("risks", RISKS.values(), ids=RISKS)
@pytest.mark.parametrize(("block_sizes", "weights"), BLOCKS)
@pytest.mark.parametrize("sizes", [None, (4, 3, 1)], ids=["random", "fixed"])
def test_equals_the_enumeration_of_every_trial(sizes, block_sizes, weights, risks):
    risks, share = np.array(risks), np.array([0.5, 0.3, 0.2])
    for n_strata in (2, 3):
        part = share[:n_strata] / share[:n_strata].sum()
        fixed = None if sizes is None else np.array(sizes[:n_strata])
        n = 7 if sizes is None else int(fixed.sum())
        strata = Strata(n, weights, part, fixed, count_table(block_sizes, weights))
        expected = _every_trial(n, part, fixed, risks[:n_strata], block_sizes, weights)
        found = _enumerated(strata, risks[:n_strata])
        assert set(k for k, p in expected.items() if p > 1e-12) <= set(found)
        for key, probability in found.items():
            assert probability == pytest.approx(expected.get(key, 0.0), abs=1e-14), key
