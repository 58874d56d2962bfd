"""Results do not depend on how the work was divided, and the routes draw independently."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from ipsrct import NotAvailableError, engine, read_scenario, simulate
from ipsrct.engine import BLOCK_SIZE, run_block
from tests.conftest import unequal

ROUTES = ("counts", "individual")
REPLICATES = {"counts": 9 * 4096 + 1000, "individual": 9 * 64 + 10}


def _characteristics(run):
    return json.dumps(json.loads(run.to_json())["characteristics"])


@pytest.fixture(scope="module")
def scenarios():
    scenario = unequal(read_scenario("ips_ung_cells", {"design.n_participants": 200}))
    return {r: scenario.with_changes({"simulation.replicates": REPLICATES[r]}) for r in ROUTES}


@pytest.fixture(scope="module")
def one_worker(scenarios):
    return {route: _characteristics(simulate(scenarios[route], route=route)) for route in ROUTES}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("jobs", [2, 4])
def test_workers_cannot_change_a_byte(scenarios, one_worker, route, backend, jobs):
    run = simulate(scenarios[route], route=route, jobs=jobs, backend=backend)
    assert _characteristics(run) == one_worker[route]


@pytest.mark.parametrize("route", ROUTES)
def test_short_run_is_the_beginning_of_a_long_one(scenarios, route, monkeypatch):
    """600 replicates are bitwise the first 600 of 2,000 (of 9,000 by counts), estimate by estimate."""
    kept = {}

    def record(n_replicates):
        found = []
        add = engine.Accumulator.add

        def recording(self, estimates, n, *, null=False, weight=None):
            found.append((null, [e.head(n) for e in estimates]))
            add(self, estimates, n, null=null, weight=weight)

        monkeypatch.setattr(engine.Accumulator, "add", recording)
        simulate(scenarios[route].with_changes({"simulation.replicates": n_replicates}), route=route)
        monkeypatch.undo()
        for null in (False, True):
            blocks = [estimates for is_null, estimates in found if is_null == null]
            for e in range(2):
                for field in ("estimate", "standard_error", "statistic", "status"):
                    whole = np.concatenate([getattr(b[e], field) for b in blocks], axis=1)
                    kept.setdefault((null, e, field), []).append(whole)

    record(600)
    record(9000 if route == "counts" else 2000)
    for short, long in kept.values():
        assert short.shape[1] == 600
        assert short.tobytes() == np.ascontiguousarray(long[:, :600]).tobytes()


def test_blocks_and_routes_never_repeat_a_trial(scenarios):
    """No two blocks, and no block of one route and the other's, share a replicate's estimates."""
    seen = set()
    for route in ROUTES:
        for block in range(3):
            estimate = run_block(scenarios[route], route, block)[0].estimate[:, :64]
            rows = {row.tobytes() for row in np.ascontiguousarray(estimate.T)}
            assert not rows & seen
            seen |= rows


@pytest.mark.parametrize("route", ROUTES)
def test_null_shares_the_draws_of_the_trial(scenarios, route):
    """The control arm has the same participants and events with and without the effect."""
    draw = engine._counts if route == "counts" else engine._individuals
    streams = engine.Streams(5)
    drawn = [draw(scenarios[route], streams, 2, null) for null in (False, True)]
    with_effect, without = drawn if route == "counts" else [trial.counts for trial in drawn]
    assert_array_equal(with_effect.n, without.n)
    assert_array_equal(with_effect.events[:, 1], without.events[:, 1])
    assert (with_effect.events[:, 0] >= without.events[:, 0]).all()
    assert (with_effect.events[:, 0] > without.events[:, 0]).any()


def test_another_seed_gives_another_run(scenarios, one_worker):
    other = simulate(scenarios["counts"].with_changes({"simulation.seed": 1}), route="counts")
    assert _characteristics(other) != one_worker["counts"]


def test_interruption_keeps_what_is_done(scenarios, monkeypatch):
    """Ctrl-C in the second chunk leaves the four blocks of the first, the same as a run of that length."""
    original = engine.accumulate

    def stop_at_second(scenario, route, blocks, n_replicates):
        if blocks.start == 4:
            raise KeyboardInterrupt
        return original(scenario, route, blocks, n_replicates)

    monkeypatch.setattr(engine, "accumulate", stop_at_second)
    run = simulate(scenarios["counts"], route="counts")
    monkeypatch.undo()
    assert run.interrupted
    n = 4 * BLOCK_SIZE["counts"]
    short = simulate(scenarios["counts"].with_changes({"simulation.replicates": n}), route="counts")
    assert not short.interrupted
    assert _characteristics(run) == _characteristics(short)


def test_accumulator_does_not_grow_with_replicates(scenarios):
    """A run holds sums only: their size is the same after 1 and after 3 blocks."""
    sizes = []
    for n in (4096, 3 * 4096):
        total = engine.simulate_blocks(
            scenarios["counts"].with_changes({"simulation.replicates": n}), "counts"
        )
        sizes.append(sum(values.nbytes for values in total.sums.values()))
    assert sizes[0] == sizes[1]


def test_progress_counts_up_to_the_whole(scenarios):
    seen = []
    simulate(
        scenarios["counts"], route="counts", on_progress=lambda done, wanted: seen.append((done, wanted))
    )
    wanted = REPLICATES["counts"]
    assert seen == [(4 * 4096, wanted), (8 * 4096, wanted), (wanted, wanted)]


def test_counts_route_knows_no_services(cells_trial):
    by_service = cells_trial.with_changes(
        {"design.randomisation.factors": ["service"], "simulation.replicates": 64}
    )
    with pytest.raises(NotAvailableError, match="services"):
        simulate(by_service, route="counts")
    assert simulate(by_service).provenance["route"] == "individual"


def test_estimates_have_no_field_that_head_forgets(scenarios):
    whole = run_block(scenarios["counts"], "counts", 0)[1]
    whole = replace(whole, reference_p=np.stack([whole.p_value(1), whole.p_value(2)]))
    assert all(getattr(whole.head(7), field.name).shape[-1] == 7 for field in fields(whole))
