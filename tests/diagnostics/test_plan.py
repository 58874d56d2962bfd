"""The plan as a whole: any scheme, common cohorts, warnings, editions and the command."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest

from ipsrct import read_scenario
from ipsrct.diagnostics import diagnose
from ipsrct.errors import NotAvailableError
from ipsrct.randomisation.complete import Complete
from ipsrct.trial import SERVICE, Assignment
from tests.conftest import unequal
from tests.test_cli import _run

BY_SERVICE = ("--set", 'design.randomisation.factors=["service","age","sex","social_assistance"]')


class Alternating:
    """A scheme from outside: the first stratum factor's arms in turn."""

    kind = "alternating"
    strata_factors = ("sex",)

    def assign(self, cohort, weights, rng):  # noqa: ARG002
        arm = np.broadcast_to(np.arange(cohort.cell.shape[1]) % len(weights), cohort.cell.shape)
        return Assignment(arm.astype(np.int8), None)

    def why_not_weights(self, weights):
        return "it gives equal arms only" if len(set(weights)) > 1 else ""


def test_any_scheme_that_obeys_the_protocol(cells_trial):
    scenario = cells_trial.with_changes({"design.n_participants": 200})
    result = diagnose(scenario, replicates=16, schemes={"mine": Alternating()})
    assert result.find("imbalance_mean").value == 0
    assert result.find("correct_guesses", "everybody/all", "convergence").value == pytest.approx(0.75)
    assert {row.scheme for row in result.rows} == {"mine"}


def test_every_refused_scheme_is_named(cells_trial):
    schemes = {"one": Alternating(), "two": Alternating(), "three": Complete(kind="complete")}
    with pytest.raises(NotAvailableError, match="one: it gives equal arms only; two: it"):
        diagnose(unequal(cells_trial), replicates=8, schemes=schemes)
    with pytest.raises(NotAvailableError, match="at least 1, got 0"):
        diagnose(cells_trial, replicates=0)


def test_schemes_see_the_same_cohorts_and_draws(cells_trial):
    scheme = cells_trial.design.scheme
    result = diagnose(cells_trial, replicates=20, schemes={"a": scheme, "b": scheme})
    rows = {label: [r for r in result.rows if r.scheme == label] for label in "ab"}
    assert len(rows["a"]) == len(rows["b"]) > 50
    for a, b in zip(rows["a"], rows["b"], strict=True):
        assert (a.measure, a.where, a.value) == (b.measure, b.where, b.value) or np.isnan(a.value)


def test_a_longer_run_begins_with_the_same_trials(cells_trial):
    """100 replicates are 64 and 36 of the next block: their sums add up."""
    short, long, longer = (
        diagnose(cells_trial, replicates=n).find("imbalance_mean").value for n in (64, 100, 128)
    )
    rest = 100 * long - 64 * short
    assert rest == pytest.approx(round(rest))  # imbalances of 1,320 participants are whole
    assert rest <= 128 * longer - 64 * short


def test_three_arms_two_to_one_and_a_cohort_of_its_own():
    scenario = read_scenario("ips_ung_persist")
    arms = [{"name": "low", "allocation_weight": 2}, {"name": "high", "allocation_weight": 1}]
    control = {"name": "control", "allocation_weight": 1, "is_control": True}
    changes = {
        "design.arms": [*arms, control],
        "design.randomisation.block_sizes": [4, 8],
        "analysis.estimand.treatment": "high",
        "design.n_participants": 300,
    }
    result = diagnose(scenario.with_changes(changes), replicates=32)
    assert 0.5 < result.find("correct_guesses", "everybody/stratum", "convergence").value < 0.8
    assert 0.03 < result.find("known_with_certainty", "everybody/stratum", "block_aware").value < 0.1
    assert result.find("imbalance_mean").mc_standard_error > 0


def test_warnings_say_what_is_wrong_with_the_strata(cells_trial):
    def warned(**changes):
        scenario = cells_trial.with_changes({f"design.{key}": value for key, value in changes.items()})
        (warnings,) = diagnose(scenario, replicates=1).warnings.values()
        return " ".join(warnings)

    assert diagnose(cells_trial, replicates=1).warnings == {"stratified_permuted_block": ()}
    everything = [SERVICE, "age", "sex", "social_assistance"]
    few = cells_trial.design.scheme.model_dump() | {"factors": everything}
    text = warned(n_participants=100, randomisation=few)
    assert "There are more strata (564) than participants (100)." in text
    assert "All strata are expected to stay smaller than one block" in text
    assert "strata are expected to stay empty" in text
    expected = 47 * (46 / 47) ** 100
    assert f"{expected:.1f} of 47 services are expected to stay without a participant." in text
    assert "more strata" not in warned(randomisation=few)
    assert "Most strata" in warned(randomisation=few)


def test_memory_does_not_grow_with_replicates(cells_trial):
    diagnose(cells_trial, replicates=64)  # tables are made once
    peaks = []
    for replicates in (128, 512):
        tracemalloc.start()
        diagnose(cells_trial, replicates=replicates)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.05 * peaks[0]
    assert peaks[0] < 60e6


def test_open_edition_holds_nothing_that_states_a_block(cells_trial):
    result = diagnose(cells_trial, replicates=16)
    opened = json.loads(result.open_edition().to_json())
    assert opened["restricted"] is False
    assert "keys" not in opened["schemes"]["stratified_permuted_block"]
    assert not [row for row in opened["diagnostics"] if row["strategy"] == "block_aware"]
    assert "block_sizes" not in json.dumps(opened)
    whole = json.loads(result.to_json())
    assert whole["schemes"]["stratified_permuted_block"]["keys"]["block_sizes"] == [4]
    assert len(whole["diagnostics"]) == len(result.rows) > len(opened["diagnostics"])


def test_table_is_tidy(cells_trial):
    table = diagnose(cells_trial, replicates=16).table()
    columns = ["scheme", "measure", "where", "position", "strategy", "estimator"]
    assert list(table.columns) == [*columns, "value", "mc_standard_error", "n_replicates"]
    assert not table.duplicated(columns).any()
    assert set(table.position) == {132 * step for step in range(1, 11)}
    with pytest.raises(KeyError):
        diagnose(cells_trial, replicates=1).find("imbalance_mean", "nowhere")


# --- the command


@pytest.mark.parametrize("more", [(), BY_SERVICE, ("--set", "design.randomisation.block_sizes=[4,6]")])
def test_check_plan_answers_first_within_100_columns_without_block_sizes(more):
    done = _run("check-plan", "ips_ung", "--replicates", "64", *more)
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 100
    answer = " ".join(done.out.split("Scenario")[0].split())
    assert answer.startswith("With ")
    assert "% of blocks stay incomplete (exact); the arms differ by" in answer
    assert "A caseworker who sees the own service" in answer
    assert "block_sizes" not in done.out
    assert "block size" not in done.out
    assert "certain" not in done.out
    restricted = _run("check-plan", "ips_ung", "--replicates", "64", "--restricted", *more)
    assert "block_sizes = " in restricted.out
    assert "certain, %" in restricted.out
    assert max(map(len, restricted.out.splitlines())) <= 100


def test_open_text_is_the_same_for_schemes_that_differ_in_hidden_keys_only(cells_trial):
    """Without their diagnostics, two plans that differ in block sizes alone read the same."""
    from ipsrct.plan_display import plan

    other = cells_trial.with_changes({"design.randomisation.block_sizes": [8]})
    result = diagnose(cells_trial, replicates=16).open_edition()
    scheme = {"stratified_permuted_block": other.design.scheme}
    fields = {
        name: getattr(result, name) for name in ("rows", "warnings", "n_replicates", "seed", "restricted")
    }
    swapped = type(result)(other, scheme, **fields)
    assert plan(swapped) == plan(result)
    assert swapped.to_json() == result.to_json()


def test_check_plan_by_service_counts_strata_and_warns():
    done = _run("check-plan", "ips_ung", "--replicates", "64", *BY_SERVICE)
    text = " ".join(done.out.split())
    assert "With 47 services x 12 strata = 564 strata for 1,320 participants (2.3 each)" in text
    assert "WARNING: Most strata are expected to stay smaller than one block" in text


@pytest.mark.parametrize("scenario", ["seed", "ips_molde", "refugees_bergen", "ips_ung_persist"])
def test_check_plan_of_packaged_scenarios(scenario):
    done = _run("check-plan", scenario, "--replicates", "16", "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert found["provenance"]["replicates"] == 16
    assert {"imbalance_mean", "correct_guesses", "information_loss", "type_i_error"} <= {
        row["measure"] for row in found["diagnostics"]
    }
    assert _run("check-plan", scenario, "--replicates", "16").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ips_ung", "--replicates", "0"), 2, "--replicates"),
        (("ips_ung", "--biasing-effect", "0"), 2, "--biasing-effect"),
        (("ips_ung", "--biasing-effect", "0.9"), 2, "choose a smaller size"),
        (("ips_ung", "--set", "design.n_participants=[100,200]"), 2, "one design at a time"),
        (("ips_ung", "--set", "design.n_participants=1"), 3, "design.n_participants"),
    ],
)
def test_check_plan_refuses_what_it_cannot_do(arguments, code, message):
    done = _run("check-plan", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err


def test_outcomes_in_months_have_no_biases():
    months = 'assumptions.outcome.endpoint={ kind = "months_employed", first = 1, last = 12 }'
    analysis = 'analysis.estimators=[{ kind = "difference_in_proportions" }]'
    changes = ("--set", months, "--set", analysis)
    done = _run("check-plan", "ips_ung_persist", "--replicates", "16", "--json", *changes)
    assert (done.code, done.err) == (0, "")
    assert "type_i_error" not in done.out
    assert "imbalance_mean" in done.out
