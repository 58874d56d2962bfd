"""Lists: whole exact blocks, long enough, addressable, and distributed as in the simulation."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from scipy.stats import binom

from ipsrct import NotAvailableError, ScenarioError, read_scenario
from ipsrct.lists.cautions import cautions, unfilled_blocks
from ipsrct.lists.generation import draw_lists
from ipsrct.lists.plan import make_plan
from tests.lists.conftest import RANDOMISATION, VARIANTS, seed

BY_SERVICE = ["service", "age", "sex", "social_assistance"]


def test_each_block_holds_the_exact_allocation_and_each_list_its_planned_maximum(variant):
    plan, design = make_plan(variant), variant.design
    unit = sum(design.weights)
    for drawn in draw_lists(plan, seed(1), "production"):
        ends = [0, *np.unique(drawn.block_end)]
        assert ends[-1] == len(drawn.arm) >= drawn.stratum.planned_maximum == design.n_participants
        for start, end in pairwise(ends):
            assert end - start in design.randomisation.block_sizes
            counts = np.bincount(drawn.arm[start:end], minlength=len(design.weights))
            assert counts.tolist() == [w * (end - start) // unit for w in design.weights]
            assert drawn.blocks()[start] == (ends.index(start) + 1, end - start)


@pytest.mark.parametrize("name", [*VARIANTS, "complete"])
def test_same_distribution_as_the_simulation(cells_trial, name):
    """Frequencies of the first six places: 1,200 lists against 30,000 of the simulation, chi-square.

    False alarm 1e-4 for each of four schemes. A list drawn with other odds, or in blocks of another order,
    would be found: six places have up to 90 orders.
    """
    other = {"design.arms.0.allocation_weight": 2, RANDOMISATION: {"kind": "complete"}}
    scenario = cells_trial.with_changes(VARIANTS.get(name, other)).with_changes({"design.n_participants": 10})
    plan, scheme = make_plan(scenario), scenario.design.scheme
    drawn = [
        x.arm[:6] for i in range(1200 // len(plan.strata)) for x in draw_lists(plan, seed(i), "production")
    ]
    cohort = scenario.assumptions.cohort_model.draw(6, 30_000, np.random.default_rng(1))
    cohort = type(cohort)(cohort.cells, np.zeros_like(cohort.cell), cohort.service, cohort.n_services)
    simulated = scheme.assign(cohort, scenario.design.weights, np.random.default_rng(2)).arm
    ours, theirs = (Counter(map(bytes, np.asarray(a, dtype=np.int8))) for a in (drawn, simulated))
    keys = sorted(theirs)
    assert ours.keys() <= theirs.keys()
    from scipy.stats import chi2_contingency

    assert chi2_contingency([[ours[k] for k in keys], [theirs[k] for k in keys]]).pvalue > 1e-4


def test_a_list_depends_on_its_own_address_alone(cells_trial):
    """Another level, another stratum factor's order and a larger plan leave a list's beginning as it was."""
    base = cells_trial.with_changes({"design.n_participants": 60})
    levels = base.document["assumptions"]["cohort"]["factors"]
    levels[0] = {"name": "age", "levels": ["under_16", *levels[0]["levels"]], "sizes": [1, 2, 3, 4]}
    changed = base.with_changes(
        {
            "assumptions.cohort.factors": levels,
            "design.randomisation.factors": ["sex", "social_assistance", "age"],
            "design.n_participants": 90,
        }
    )
    lists = {
        frozenset(x.stratum.levels): x.arm for x in draw_lists(make_plan(changed), seed(1), "production")
    }
    assert len(lists) == 16
    for drawn in draw_lists(make_plan(base), seed(1), "production"):
        longer = lists[frozenset(drawn.stratum.levels)]
        assert len(longer) > len(drawn.arm)
        assert longer[: len(drawn.arm)].tolist() == drawn.arm.tolist()


def test_every_list_is_another(variant):
    """By seed, purpose, scenario and stratum; equal lists of 50 or more places have a chance below 1e-11."""
    plans = [make_plan(variant), make_plan(variant.with_changes({"name": "another"}))]
    lists = [
        bytes(drawn.arm[:50].astype(np.uint8))
        for plan in plans
        for number in (1, 2)
        for purpose in ("production", "development")
        for drawn in draw_lists(plan, seed(number), purpose)
    ]
    assert len(set(lists)) == len(lists) == 96


def test_the_first_list_of_a_known_seed_stays_as_it_is(cells_trial):
    """A list in use must come out again; this changes only with a deliberate change of version."""
    assert cells_trial.name == "ips_ung_cells"
    first = draw_lists(make_plan(cells_trial), seed(1), "production")[0]
    assert "".join(map(str, first.arm[:40])) == FIRST


FIRST = "1100101010011100110001100011110000111001"


def test_many_strata_get_the_upper_quantile(cells_trial):
    plan = make_plan(cells_trial.with_changes({"design.randomisation.factors": BY_SERVICE}))
    assert len(plan.strata) == 564
    assert sum(s.share for s in plan.strata) == pytest.approx(1)
    run_out = 0.0
    for stratum in plan.strata:
        tail = binom.sf(stratum.planned_maximum, 1320, stratum.share)
        assert tail <= 1e-6 / 564 < binom.sf(stratum.planned_maximum - 1, 1320, stratum.share)
        run_out += tail
    assert run_out <= 1e-6
    assert "1e-06 / 564" in plan.rule
    assert plan.levels["service"][2:5] == ("more_og_romsdal_3", "agder_1", "agder_2")
    longer = make_plan(plan.scenario, minimum_length=40)
    assert {s.planned_maximum for s in longer.strata} == {40}


def test_shares_follow_the_factors_in_the_schemes_order(cells_trial):
    plan = make_plan(cells_trial.with_changes({"design.randomisation.factors": ["sex", "age"]}))
    cells = cells_trial.assumptions.cohort_model.cells()
    for stratum in plan.strata:
        sex, age = stratum.levels
        wanted = [
            i
            for i, (a, s, _) in enumerate(cells.level_index)
            if (cells.levels[1][s], cells.levels[0][a]) == (sex, age)
        ]
        assert stratum.share == pytest.approx(cells.probability[wanted].sum())


def test_more_strata_than_filled_blocks_is_flagged(cells_trial):
    """564 strata at n = 1,320: the shares of unfilled blocks against a simulation of 400 trials."""
    scenario = cells_trial.with_changes({"design.randomisation.factors": BY_SERVICE})
    plan = make_plan(scenario)
    rng = np.random.default_rng(1)
    sizes = rng.multinomial(1320, [s.share for s in plan.strata], size=400)
    for blocks in ((2,), (4,)):
        share = (sizes % blocks[0]).sum(axis=1) / 1320
        # The standard error of the mean is below 0.002 / 20 for either; 5 of them.
        assert unfilled_blocks(plan, blocks).participants_share == pytest.approx(
            share.mean(), abs=5 * share.std() / 20
        )
    arm = scenario.design.scheme.assign_counts(sizes.T, (1, 1), rng)[:, 0].sum(axis=0)
    # A standard deviation from 400 trials has a relative standard error of 1/sqrt(800) = 3.5 %; 5 of them.
    assert unfilled_blocks(plan, (4,)).imbalance[0] == pytest.approx(arm.std(), rel=0.18)
    (warning,) = cautions(plan)
    assert warning.startswith(
        "564 strata for 1,320 participants. 2.3 participants a stratum, and 104 strata without"
    )
    assert "of 2, would leave 20% of participants" in warning
    few = make_plan(scenario.with_changes({"design.n_participants": 500}))
    assert cautions(few)[0].startswith("More strata than participants: 564 strata for 500 participants")
    assert cautions(make_plan(cells_trial)) == ()


def test_unfilled_blocks_by_hand(cells_trial):
    """One stratum, 2:1 in blocks of 3, 4 participants: one is left over, in arm one with 2/3."""
    changes = VARIANTS["2:1"] | {
        "design.n_participants": 4,
        RANDOMISATION: {"kind": "permuted_block", "block_sizes": [3]},
    }
    found = unfilled_blocks(make_plan(cells_trial.with_changes(changes)), (3,))
    assert found.participants_share == pytest.approx(1 / 4)
    assert found.imbalance == pytest.approx([np.sqrt(2 / 9)] * 2)


def test_an_empty_stratum_has_a_list_and_a_warning(cells_trial):
    scenario = cells_trial.with_changes({"assumptions.cohort.factors.1.sizes": [1, 1e-300]})
    plan = make_plan(scenario)
    assert any("expects nobody in under_20, women, no_history" in text for text in cautions(plan))
    assert all(len(x.arm) >= 1320 for x in draw_lists(plan, seed(1), "production"))
    many = make_plan(scenario.with_changes({"design.randomisation.factors": BY_SERVICE}))
    assert all(len(x.arm) >= 4 for x in draw_lists(many, seed(1), "production"))


def test_block_sizes_that_cannot_hold_the_allocation_are_faults(cells_trial):
    with pytest.raises(ScenarioError, match="must be a multiple of 3"):
        cells_trial.with_changes({"design.arms.0.allocation_weight": 2})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"design.randomisation.leftovers": "pool"}, 'leftovers = "pool" needs all participants to be known'),
        ({"design.n_participants": [100, 200]}, "a grid over design.n_participants"),
        ({"design.n_participants": 9_000_000}, "1,000,000 are the most"),
        (
            {
                "assumptions.cohort.services.oslo": 9_950,
                "design.randomisation.factors": BY_SERVICE,
                "design.n_participants": 90_000,
            },
            "1,000,000 are the most",
        ),
    ],
)
def test_what_cannot_be_a_list_says_why(cells_trial, changes, message):
    with pytest.raises(NotAvailableError, match=message):
        make_plan(cells_trial.with_changes(changes))


def test_a_scheme_that_needs_participants_needs_a_central_system(cells_trial):
    class NeedsCovariates:
        kind, strata_factors = "minimisation", ()

    scenario = cells_trial.model_copy(
        update={"design": cells_trial.design.model_copy(update={"randomisation": NeedsCovariates()})}
    )
    with pytest.raises(
        NotAvailableError, match=r"minimisation needs to know each participant .* central system must"
    ):
        make_plan(scenario)


def test_every_packaged_scenario_has_lists():
    for name in ("seed", "ips_ung_persist", "refugees_bergen"):
        plan = make_plan(read_scenario(name))
        assert all(len(x.arm) >= x.stratum.planned_maximum for x in draw_lists(plan, seed(1), "production"))
