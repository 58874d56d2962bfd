"""Joint targets against products of powers."""

from __future__ import annotations

import json
import math

import pytest
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from ipsrct import NotAvailableError, size
from tests.conftest import unequal, with_estimators

UNPOOLED = {"kind": "difference_in_proportions", "variance": "unpooled"}
MEN, WOMEN = "sex:men", "sex:women"


def test_disjoint_subgroups_reject_together_with_the_product_of_their_powers(cells_trial):
    """Men and women share no participant, so joint power at n is the product; 2:1 allocation.

    Each power follows the probit line through its own size for 80 per cent. Tolerance: the interval of the
    joint size and 2 per cent for the members' own intervals.
    """
    scenario = unequal(with_estimators(cells_trial, UNPOOLED))
    answers = {a.population: a for a in size(scenario, [0.8], joint=[(MEN, WOMEN)]).answers if a.n_total}
    lines = [(0.8416212 + 1.9599640) / math.sqrt(answers[population].n_total) for population in (MEN, WOMEN)]

    def missing(n):
        return math.prod(ndtr(slope * math.sqrt(n) - 1.9599640) for slope in lines) - 0.8

    joint = answers["joint:sex:men+sex:women"]
    expected = brentq(missing, 100, 1e5)
    assert 0.98 * joint.n_low <= expected <= 1.02 * joint.n_high
    assert joint.n_total > max(answers[MEN].n_total, answers[WOMEN].n_total)
    assert joint.n_per_arm["ips"] == 2 * joint.n_per_arm["control"]
    assert (joint.n_high - joint.n_low) / joint.n_total < 0.04
    assert ndtri(0.8) == pytest.approx(0.8416212, abs=1e-6)


def test_a_joint_target_with_an_impossible_member_gets_its_sentence(cells_trial):
    scenario = with_estimators(cells_trial, UNPOOLED)
    interaction = "interaction:sex:women-men"
    run = size(scenario, [0.8], joint=[("all", interaction)])
    joint = next(a for a in run.answers if a.population.startswith("joint:"))
    assert joint.n_total is None
    assert joint.note.startswith(f"{interaction}: The assumed effect is zero")


def test_the_binding_target_is_the_largest(cells_trial):
    run = size(with_estimators(cells_trial, UNPOOLED, analysis__interactions=[]), [0.8], joint=[("all", MEN)])
    (binding,) = run.binding().values()
    assert binding.n_total == max(a.n_total for a in run.answers if a.method != "formula")
    (listed,) = json.loads(run.to_json())["binding"]
    assert (listed["population"], listed["n_total"]) == (binding.population, binding.n_total)


@pytest.mark.parametrize(
    ("members", "reason"), [(("all",), "two populations"), (("all", "sex:mn"), 'did you mean "sex:men"')]
)
def test_bad_joint_targets_are_refused(cells_trial, members, reason):
    with pytest.raises(NotAvailableError, match=reason):
        size(cells_trial, [0.8], joint=[members])
