"""When a trial is done, who carries it, and what its output says."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import pytest

from ipsrct import NotAvailableError, read_scenario, recruit
from ipsrct._text import quantities_in
from ipsrct.recruiting import _referrals_needed
from ipsrct.recruitment.stocks import published_stocks
from ipsrct.recruitment.summary import Value
from ipsrct.recruitment_display import recruitment, stocks


@pytest.fixture(scope="module")
def run(cells_trial):
    return recruit(cells_trial, replicates=300)


def small(scenario, changes):
    return scenario.with_changes({"design.n_participants": 60, **changes})


def test_milestones_follow_from_the_first(run):
    first, outcome, register = run.milestones
    assert outcome.median.value == pytest.approx(first.median.value + 12)
    assert register.q90.value == pytest.approx(first.q90.value + 12 + 3)
    assert first.q10.value < first.median.value < first.q90.value
    assert first.not_reached == 0


def test_more_consent_and_more_starts_are_faster_and_openings_delay(run):
    months = {row.changed: row.months.value for row in run.what_if}
    assert months["consent 100%"] < months["as assumed"] < months["consent 50%"]
    assert months["102 starts a month"] < months["as assumed"] < months["84 starts a month"]
    assert months["18 years and over"] > months["as assumed"]
    assert months["as assumed"] - months["all services open at once at their full rate"] == pytest.approx(
        2.8, abs=0.5
    )


def test_counties_add_up_and_the_largest_stands_first(run):
    assert sum(c.participants.value for c in run.counties) == pytest.approx(1320)
    shares = [c.share.value for c in run.counties]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)
    assert sum(c.services for c in run.counties) == 47


@pytest.mark.parametrize(("share", "declined_enter", "outside"), [(0.5, True, 1), (2 / 3, False, 0)])
def test_referrals_needed_hold_the_target(cells_trial, share, declined_enter, outside):
    """Entries over exits are the stock: that many starts lead to 15 people per specialist."""
    plan = cells_trial.recruitment.model_copy(update={"declined_enter_ips": declined_enter})
    needed = _referrals_needed(plan, share)
    entering = needed * 88 * (plan.consenting * share + outside * (1 - plan.consenting))
    assert entering / plan.monthly_exit.value == pytest.approx(15 * plan.specialists.sum())


def test_caseload_without_trial_is_today_s_steady_state(run):
    assert run.caseload_without_trial == pytest.approx(88 / 0.0536 / 75.5, rel=1e-9)
    assert run.opening_caseload == pytest.approx(1205 / 75.5)


def test_services_that_do_not_take_part_are_not_counted_as_small(cells_trial):
    few = recruit(small(cells_trial, {"recruitment.services_taking_part": 5}), replicates=50, few=1)
    assert few.services_with_few.value < 1


def test_every_assumption_in_the_text_has_evidence_or_says_assumed(run):
    text = recruitment(run)
    table = text.split("What it rests on")[1].split("Seed")[0]
    own = {p: q for p, q in quantities_in(run.plan, "recruitment") if ".counties." not in p}
    for path, quantity in own.items():
        name = path.removeprefix("recruitment.").replace("_", " ").replace(".", ": ")
        assert name in table
        assert quantity.evidence or quantity.assumed
        assert all(key in table.replace("\n", "") for key in quantity.evidence)
    assert table.count("assumed: ") == 3 + sum(bool(q.assumed) for q in own.values())
    assert text.startswith("1,320 participants are reached in month ")
    assert "is complete in month" in text


def test_text_says_what_is_never_reached(cells_trial):
    run = recruit(small(cells_trial, {"recruitment.starts_per_month": 0.55}), replicates=30)
    assert 0 < run.milestones[0].not_reached < 1
    assert "never reach it" in recruitment(run)
    json.loads(run.to_json(), parse_constant=pytest.fail)


def test_frames_are_tidy(run):
    assert list(run.table().columns) == ["milestone", "statistic", "months", "mc_standard_error"]
    calendar = run.calendar()
    assert set(calendar["series"]) == {"participants", "caseload"}
    people = calendar[calendar["series"] == "participants"]
    assert people["value"].max() == 1320
    assert people[people["quantile"] == 0.5]["value"].is_monotonic_increasing


def test_json_holds_every_number_and_assumption(run):
    document = json.loads(run.to_json())
    assert document["n_participants"] == 1320
    assert document["milestones"][0]["median"]["value"] == run.milestones[0].median.value
    assert document["opens"] == "2027-01"
    assert (document["caseload_target"], document["caseload_limit"]) == (15, 20)
    assert document["assumptions"]["recruitment.consent"]["assumed"]
    assert len(document["counties"]) == 12


def test_json_says_in_which_calendar_month_a_milestone_falls(run):
    """What takes 23.8 months is done in the 24th: opening in January 2027, that is December 2028."""
    for milestone in json.loads(run.to_json())["milestones"]:
        for q, month in milestone["calendar"].items():
            since = 12 * (int(month[:4]) - 2027) + int(month[5:])
            assert since - 1 < milestone[q]["value"] <= since
    never = recruit(small(run.scenario, {"recruitment.starts_per_month": 0.05}), replicates=2, what_if=False)
    calendar = json.loads(never.to_json())["milestones"][0]["calendar"]
    assert calendar == {"q10": None, "median": None, "q90": None}


@pytest.mark.parametrize(
    ("scenario", "changes", "words"),
    [
        ("seed", {}, r"no \[recruitment\]"),
        ("ips_ung_cells", {"recruitment.consent": [0.5, 1.0]}, "without lists"),
    ],
)
def test_what_is_missing_is_said(scenario, changes, words):
    with pytest.raises(NotAvailableError, match=words):
        recruit(read_scenario(scenario, changes))


def test_an_estimand_without_a_month_is_refused(cells_trial):
    estimand = {k: v for k, v in cells_trial.document["analysis"]["estimand"].items() if k != "month"}
    with pytest.raises(NotAvailableError, match="month of the outcome"):
        recruit(cells_trial.with_changes({"analysis.estimand": estimand}))


def test_text_of_stocks_names_what_does_not_fit():
    text = stocks(published_stocks(replicates=500))
    assert "all 24 reported numbers" in text
    assert "1,096" in text
    assert "assum" not in text.split("Active")[0]


def test_median_of_nobody_is_not_a_number(cells_trial):
    run = recruit(small(cells_trial, {"recruitment.starts_per_month": 0.1}), replicates=3)
    assert math.isnan(run.milestones[0].median.value)
    assert "no simulated recruitment" in recruitment(run)


@pytest.mark.parametrize(
    ("opens", "months", "expected"),
    [
        ("2027-01", 0.0, "2027-01"), ("2027-01", 1.0, "2027-01"), ("2027-01", 1.01, "2027-02"),
        ("2027-01", 12.0, "2027-12"), ("2027-01", 12.5, "2028-01"), ("2027-11", 2.5, "2028-01"),
        ("2027-12", 13.0, "2028-12"), ("2027-01", float("nan"), None),
    ],
)  # fmt: skip
def test_milestones_are_months_of_the_calendar(run, opens, months, expected):
    plan = run.plan.model_copy(update={"opens": opens})
    value = Value("median", months, 0.1)
    milestone = replace(run.milestones[0], median=value, q10=value, q90=value)
    moved = replace(run, plan=plan, milestones=(milestone,))
    assert moved.to_dict()["milestones"][0]["calendar"]["median"] == expected
