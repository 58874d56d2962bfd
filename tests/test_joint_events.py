"""Events when risks differ between strata, against the enumeration of every trial and against simulation."""

from __future__ import annotations

from collections import Counter
from functools import cache
from itertools import product

import numpy as np
import pytest
from scipy.stats import binom, multinomial

from ipsrct import NotAvailableError, read_scenario, simulate, size
from ipsrct._arm_sizes import Strata, arm_sizes
from ipsrct._generating_function import GeneratingFunction
from ipsrct._joint_events import JointEvents
from ipsrct.exact import power as exact_power
from ipsrct.randomisation._blocks import count_table
from tests.conftest import with_estimators
from tests.randomisation.test_blocks import _lists

UNPOOLED = {"kind": "difference_in_proportions", "variance": "unpooled"}


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
    """7 participants in two or three random strata, or 7 or 8 in fixed ones."""
    risks, share = np.array(risks), np.array([0.5, 0.3, 0.2])
    n_strata = 2 if risks[0, 0] == 0.55 else 3
    part = share[:n_strata] / share[:n_strata].sum()
    fixed = None if sizes is None else np.array(sizes[:n_strata])
    n = 7 if sizes is None else int(fixed.sum())
    strata = Strata(n, weights, part, fixed, count_table(block_sizes, weights))
    expected = _every_trial(n, part, fixed, risks[:n_strata], block_sizes, weights)
    found = _enumerated(strata, risks[:n_strata])
    assert {key for key, p in expected.items() if p > 1e-11} <= set(found)
    for key, probability in found.items():
        assert probability == pytest.approx(expected.get(key, 0.0), abs=1e-13), key


def _small(weights, block, cells, n=8):
    """Two strata with different risks, in each of which risks differ between two random halves."""
    factor = {"levels": ["low", "high"], "sizes": [3, 2]}
    factors = [{"name": "site", **factor}, {"name": "smoker", **factor}]
    shifts = {"site": {"high": 0.3}} | ({} if cells == "fixed" else {"smoker": {"high": 0.2}})
    scenario = read_scenario(
        "seed",
        {
            "design.n_participants": n,
            "design.arms.0.allocation_weight": weights[0],
            "design.arms.1.allocation_weight": weights[1],
            "design.randomisation": {
                "kind": "stratified_permuted_block",
                "factors": ["site"],
                "block_sizes": list(block),
            },
            "assumptions.cohort": {"kind": "cells", "cell_sizes": cells, "factors": factors},
            "assumptions.outcome.control_risk": 0.3,
            "assumptions.outcome.effect": 0.25,
            "assumptions.outcome.control_risk_shift": shifts,
            "assumptions.outcome.effect_shift": {"site": {"high": -0.2}},
        },
    )
    return with_estimators(scenario, UNPOOLED)


@pytest.mark.parametrize("cells", ["random", "fixed"])
@pytest.mark.parametrize(("weights", "block"), [((1, 1), (2, 4)), ((2, 1), (3,))])
def test_every_measure_by_brute_force(weights, block, cells):
    """Textbook formulas summed over every trial of 8, in strata of 3 to 2."""
    scenario = _small(weights, block, cells)
    control = np.array([0.3 - 0.3 * 0.4, 0.3 + 0.3 * 0.6])  # the mean of a stratum is all that matters
    treated = control + np.array([0.25 + 0.2 * 0.4, 0.25 - 0.2 * 0.6])
    sizes = np.array([5, 3]) if cells == "fixed" else None
    share, critical = np.array([0.6, 0.4]), 1.959963984540054
    total: Counter = Counter()
    for null in (False, True):
        risks = np.stack([control if null else treated, control], axis=1)
        for (n1, x1, x0), p in _every_trial(8, share, sizes, risks, block, weights).items():
            n0 = 8 - n1
            if not n1 or not n0 or (error := np.sqrt(x1 * (n1 - x1) / n1**3 + x0 * (n0 - x0) / n0**3)) == 0:
                continue
            estimate = x1 / n1 - x0 / n0
            total[null, "estimated"] += p
            total[null, "rejected"] += p * (abs(estimate / error) > critical)
            total[null, "bias"] += p * (estimate - 0.25)
            total[null, "covered"] += p * (abs(estimate - 0.25) <= critical * error)
    run, label = simulate(scenario, route="exact"), "difference_in_proportions_unpooled"
    expected = {
        "not_estimated": 1 - total[False, "estimated"],
        "power": total[False, "rejected"] / total[False, "estimated"],
        "bias": total[False, "bias"] / total[False, "estimated"],
        "coverage": total[False, "covered"] / total[False, "estimated"],
        "type_i_error": total[True, "rejected"] / total[True, "estimated"],
    }
    for measure, value in expected.items():
        assert run.find(measure, label).value == pytest.approx(value, abs=1e-12), measure


@pytest.mark.parametrize("cells", ["random", "fixed"])
def test_equal_risks_give_products_of_binomials(cells_trial, cells):
    """Twelve strata, 301 participants, 2:1 in blocks of 3 and 6: as if no stratum mattered for events."""
    scenario = cells_trial.with_changes(
        {
            "design.n_participants": 301,
            "design.arms.0.allocation_weight": 2,
            "design.randomisation.block_sizes": [3, 6],
            "assumptions.cohort.cell_sizes": cells,
        }
    )
    risks = np.broadcast_to([0.47, 0.395], (12, 2))
    joint = JointEvents(Strata.of(scenario), risks)
    found, error = dict(joint.by_arm_sizes()), 0.0
    for (n1, n0), probability in arm_sizes(scenario):
        expected = np.outer(
            *(binom.pmf(x, n, p) for x, n, p in zip(joint.events, (n1, n0), risks[0], strict=True))
        )
        error += np.abs(found[n1, n0] - probability * expected).sum()
    assert error < 1e-11


@pytest.mark.parametrize(
    ("n", "block_sizes", "weights", "n_strata", "n_large"),
    [
        (400, (4,), (1, 1), 3, 3),
        (400, (4,), (1, 1), 4, 3),
        (500, (2, 4), (1, 1), 4, 2),
        (700, (3, 6), (2, 1), 4, 2),
    ],
)
def test_large_strata_equal_those_that_are_summed_over_their_sizes(
    n, block_sizes, weights, n_strata, n_large, monkeypatch
):
    """The sum over roots of unity, in every stratum or beside a small one, against that over every size."""
    share = np.array([0.5, 0.3, 0.18, 0.02])[:n_strata] / (1.0 if n_strata == 4 else 0.98)
    risks = np.array([[0.6, 0.2], [0.3, 0.4], [0.5, 0.1], [0.9, 0.7]])[:n_strata]
    strata = Strata(n, weights, share, None, count_table(block_sizes, weights))
    joint = JointEvents(strata, risks)
    fast = dict(joint.by_arm_sizes())
    assert joint._function._large.sum() == n_large
    monkeypatch.setattr(GeneratingFunction, "_large", np.zeros(n_strata, dtype=np.bool_))
    slow = dict(JointEvents(strata, risks).by_arm_sizes())
    assert sum(np.abs(fast[sizes] - slow[sizes]).sum() for sizes in slow) < 1e-11


@pytest.mark.parametrize("n", [50, 100, 200])
def test_rare_events_by_brute_force(n):
    """Risks of 0.2 to 2 per cent in two random strata, 1:1 in blocks of 4: the last is cut."""
    risks, share = np.array([[0.002, 0.004], [0.02, 0.002]]), np.array([0.7, 0.3])
    remainder = {r: _first_arm(r, (4,), (1, 1)) for r in range(4)}
    expected: Counter = Counter()
    for a in range(n + 1):
        chance = binom.pmf(a, n, share[0])
        for (i, p), (j, q) in product(remainder[a % 4].items(), remainder[(n - a) % 4].items()):
            first = (a // 4 * 2 + i, (n - a) // 4 * 2 + j)
            second = (a - first[0], n - a - first[1])
            by_arm = [_events(first, risks[:, 0])[:9], _events(second, risks[:, 1])[:9]]
            both = np.zeros((9, 9))
            both[: len(by_arm[0]), : len(by_arm[1])] = np.outer(*by_arm) * chance * p * q
            for (x1, x0), weight in np.ndenumerate(both):
                expected[sum(first), x1, x0] += weight
    found = _enumerated(Strata(n, (1, 1), share, None, count_table((4,), (1, 1))), risks)
    assert all(found[key] == pytest.approx(p, abs=1e-14) for key, p in expected.items() if p > 1e-13)


def test_recommended_trial_on_the_chain_agrees_with_simulation():
    """Every measure within 4.5 Monte Carlo standard errors; false alarm 5e-5 (7 measures)."""
    scenario = read_scenario(
        "ips_ung_persist",
        {"analysis.subgroups": [], "analysis.interactions": [], "analysis.estimators": [UNPOOLED]},
    ).with_changes({"simulation.replicates": 20_480, "simulation.seed": 3})
    exact, counts = simulate(scenario), simulate(scenario, route="counts")
    assert exact.provenance["route"] == "exact"
    for row in exact.characteristics:
        other = counts.find(row.measure, row.estimator)
        assert abs(row.value - other.value) < 4.5 * other.mc_standard_error, row.measure


@pytest.mark.parametrize("kind", ["complete", "permuted_block"])
def test_fixed_cells_of_different_risks_in_one_stratum_are_refused(kind):
    randomisation = {"kind": kind} | ({"block_sizes": [2]} if kind == "permuted_block" else {})
    scenario = _small((1, 1), (2,), "fixed").with_changes({"design.randomisation": randomisation})
    with pytest.raises(NotAvailableError, match="stratum whose sizes are fixed"):
        simulate(scenario, route="exact")


def test_too_much_work_is_refused():
    """Events that are certain in one stratum and impossible in the other need every pair of frequencies."""
    certain = {
        "assumptions.outcome.control_risk": 0.4,
        "assumptions.outcome.effect": 0.0,
        "assumptions.outcome.effect_shift": {},
        "assumptions.outcome.control_risk_shift": {"site": {"high": 1.0}},
    }
    scenario = _small((1, 1), (4,), "random", 10_000).with_changes(certain)
    with pytest.raises(NotAvailableError, match="too close to 0 and 1"):
        simulate(scenario, route="exact")


def test_smallest_size_is_exact_when_risks_differ():
    scenario = _small((1, 1), (4,), "random", 100)
    answers = [a for a in size(scenario, [0.8]).answers if a.method == "exact"]
    assert len(answers) == 1
    n = answers[0].n_total
    assert exact_power(scenario.resized(n), 0) >= 0.8 > exact_power(scenario.resized(n - 2), 0)
