"""Tables 4 to 7 as printed, and what their notes claim."""

import pytest

from ipsrct.evidence import evidence
from ipsrct.register.design import GROUPS
from ipsrct.register.measure_tables import ANY, NOTES, PERIODS, measure_types, published_shares, type_counts

PRINTED = {
    "during_ips": {
        "temporary_wage_subsidy": 113,
        "summer_job_subsidy": 13,
        "permanent_wage_subsidy": 1,
        "work_preparing_training": 2,
        "work_training": 64,
        "labour_market_training": 43,
        "upper_secondary_or_vocational_education": 26,
        "higher_education": 20,
        "other_measures": 18,
    },
    "after_ips": {
        "temporary_wage_subsidy": 8,
        "work_preparing_training": 29,
        "work_training": 15,
        "labour_market_training": 5,
        "upper_secondary_or_vocational_education": 13,
        "higher_education": 4,
        "individual_job_support": 11,
        "job_club": 1,
        "mentor": 2,
        "follow_up": 16,
        "extended_follow_up_in_nav": 22,
        "extended_follow_up_in_training": 1,
        "assessment": 22,
        "other_measures": 7,
    },
}


@pytest.mark.parametrize(("period", "total"), [("during_ips", 300), ("after_ips", 156)])
def test_types_are_the_printed_ones_and_add_up_to_the_persons(period, total):
    assert type_counts(period) == PRINTED[period]
    assert sum(type_counts(period).values()) == total
    for row in published_shares():
        if row.period == period and row.group == "all":
            assert row.started == sum(PRINTED[period][word] for word in row.types)


def test_rows_are_those_of_the_four_tables():
    rows = published_shares()
    sizes = {source: sum(row.source == source for row in rows) for source in sorted({r.source for r in rows})}
    assert sizes == {"Table 4": 6, "Table 5": 12, "Table 6": 6, "Table 7": 18}
    assert {row.group for row in rows} == set(GROUPS) - {"social_assistance", "no_social_assistance"}
    assert {row.period for row in rows} == set(PERIODS)
    any_type = [(row.group, row.started, row.persons) for row in rows if row.measure == ANY]
    assert any_type == [
        ("all", 300, 1320),
        ("men", 157, 624),
        ("women", 143, 696),
        ("under_20", 65, 284),
        ("20_23", 119, 510),
        ("24_plus", 116, 526),
        ("all", 156, 701),
        ("men", 72, 331),
        ("women", 84, 370),
        ("under_20", 12, 131),
        ("20_23", 62, 269),
        ("24_plus", 82, 301),
    ]
    women = next(row for row in rows if row.group == "women")
    assert women.standard_error == pytest.approx(0.01531, abs=1e-5)


def test_every_type_has_a_code_after_none_and_unknown():
    assert measure_types()[:2] == ("none", "unknown")
    assert set(measure_types()[2:]) == set(PRINTED["during_ips"]) | set(PRINTED["after_ips"])


def test_the_notes_are_right_about_the_printed_per_cent():
    rows = {row["measure"]: row["percent_printed"] for row in evidence["table_7_types_after"].rows}
    education = (
        "labour-market training (AMO)",
        "upper-secondary or vocational education",
        "higher education",
    )
    follow_up = (
        "individual job support (IPS)",
        "job club",
        "mentor",
        "follow-up",
        "extended follow-up in NAV",
        "extended follow-up in training",
    )
    pairs = [
        (sum(rows[name] for name in items), rows[group])
        for items, group in ((education, "training and education"), (follow_up, "follow-up measures"))
    ]
    (first, first_group), (second, second_group) = pairs
    assert sum(f"{first} beside {first_group}" in note for note in NOTES) == 1
    assert sum(f"{second} beside {second_group}" in note for note in NOTES) == 1
