"""The estimand (ICH E9(R1)) and the adjustment for covariates: one test for each thing that is asked for."""

from __future__ import annotations

import pytest

from ipsrct._accumulator import true_values
from ipsrct.report.content.estimand import estimand
from ipsrct.report.model import Paragraph, flat
from ipsrct.report.results import Node
from ipsrct.report.text import plain

from .conftest import TRIALS, trial
from .reading import EN, NB, rows, table, text

STRATEGIES = ("treatment policy", "hypothetical", "composite", "while on treatment", "principal stratum")


def _with_estimand(results, **changes):
    chosen = results["scenario"]["estimand"].value | changes
    return Node(results.value | {"scenario": results["scenario"].value | {"estimand": chosen}})


def _warnings(results):
    blocks = (block for part in flat((estimand(results),)) for block in part.blocks)
    return [plain(b.text, EN) for b in blocks if isinstance(b, Paragraph) and b.role == "warning"]


def test_all_attributes_are_stated(of_trial):
    found = rows(table(estimand(of_trial("ips_ung")), "estimand"))
    assert found["Treatment"] == ["allocation to IPS"]
    assert found["Compared with"] == ["allocation to control"]
    assert "everybody who is randomised, from 16 years" in found["Population"][0]
    assert "registered employment" in found["Variable"][0]
    assert found["Time point"] == ["12 months after randomisation"]
    assert "risk difference" in found["Summary for the population"][0]
    months = rows(table(estimand(of_trial("months")), "estimand"))
    assert months["Summary for the population"] == ["difference between the arms in mean months"]


def test_every_event_has_one_of_the_five_strategies(of_trial):
    found = rows(table(estimand(of_trial("ips_ung")), "intercurrent-events"))
    assert list(found) == [
        "IPS ends before month 12",
        "a participant in the control arm starts another labour-market measure",
    ]
    assert all(strategy.startswith("treatment policy: ") for (strategy,) in found.values())


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_strategy_is_explained(of_trial, strategy):
    changed = _with_estimand(of_trial("small"), intercurrent_events=[{"event": "e", "strategy": strategy}])
    ((shown,),) = rows(table(estimand(changed), "intercurrent-events")).values()
    assert shown.startswith(f"{strategy}: ")
    note = text(estimand(changed))
    assert ("as the treatment-policy strategy asks" in note) == (strategy == "treatment policy")


def test_without_events_they_are_to_be_filled_in(of_trial):
    assert "[TO BE FILLED IN: events" in text(estimand(of_trial("seed")))
    assert "[FYLLES UT: hendelser" in text(estimand(of_trial("seed")), NB)


def test_missing_data_are_not_an_intercurrent_event(of_trial):
    shown = text(estimand(of_trial("attrition")))
    assert "Missing data are another matter than intercurrent events" in shown
    assert "missing for 20% in IPS, 30% in control" in shown
    events = rows(table(estimand(of_trial("attrition")), "intercurrent-events"))
    assert not any("missing" in event or "attrition" in event for event in events)
    assert "seen for everybody" in text(estimand(of_trial("ips_ung")))


@pytest.mark.parametrize("name", TRIALS)
def test_the_simulated_truth_is_the_estimand(of_trial, name):
    assert true_values(trial(name))[0] == pytest.approx(of_trial(name)["headline"]["effect"].value, abs=1e-9)


def test_covariates_are_prespecified_and_known_before_randomisation(of_trial):
    shown = text(estimand(of_trial("ips_ung")))
    assert "known before randomisation: age, sex, social assistance, employed before." in shown
    assert "No analysis adjusts for covariates." in text(estimand(of_trial("small")))


def test_stratification_factors_are_in_the_model_or_the_reason_stands_there(of_trial):
    results = of_trial("ips_ung")
    assert "The primary analysis does not adjust for them: it needs no model." in text(estimand(results))
    rows_of = results["scenario"]["estimators"].value
    headline = results["headline"].value | {"estimator": rows_of[1]["label"]}
    adjusted = text(estimand(Node(results.value | {"headline": headline})))
    assert "takes all of them into account" in adjusted
    assert "does not adjust for them" not in adjusted
    assert "Randomisation is not stratified" in text(estimand(of_trial("small")))


def test_standard_errors_are_named_and_shown_beside_the_spread(of_trial):
    """Each analysis: what its standard error is, and whether it agrees with the estimates' deviation."""
    found = rows(table(estimand(of_trial("ips_ung")), "analyses"))
    assert found["difference in proportions"][1] == "a variance of its own in each arm; robust"
    assert found["adjusted linear regression (HC2)"][1] == "robust (HC2)"
    pooled = rows(table(estimand(of_trial("seed")), "analyses"))
    assert "not robust" in pooled["difference in proportions with pooled variance"][1]
    side_by_side = rows(table(estimand(of_trial("ips_ung")), "unadjusted-and-adjusted"))
    assert side_by_side["adjusted linear regression (HC2)"][-2].startswith("2.72")
    assert side_by_side["adjusted linear regression (HC2)"][-1].startswith("2.72")


def test_the_estimand_is_said_to_be_marginal(of_trial):
    assert "The estimand is marginal" in text(estimand(of_trial("ips_ung")))
    assert "Estimanden er marginal" in text(estimand(of_trial("ips_ung")), NB)


def test_many_covariates_for_the_participants_are_warned_of(of_trial):
    assert _warnings(of_trial("ips_ung")) == []
    (warning,) = _warnings(of_trial("bergen"))  # 66 participants, a third with the outcome, 3 coefficients
    assert warning.startswith("adjusted linear regression (HC2) has many covariates")
    assert "at least 15 are advised" in warning


def test_unadjusted_and_adjusted_stand_side_by_side_with_their_type_i_errors(of_trial):
    results = of_trial("ips_ung")
    found = rows(table(estimand(results), "unadjusted-and-adjusted"))
    assert list(found) == [
        "difference in proportions",
        "adjusted linear regression (HC2)",
        "adjusted for baseline employment",
    ]
    power, type_i_error = ([cells[column] for cells in found.values()] for column in (0, 1))
    assert power == ["78.8% (0.13)", "78.9% (0.13)", "85.2% (0.11)"]
    assert type_i_error == ["5.0% (0.069)", "5.1% (0.069)", "5.0% (0.069)"]
