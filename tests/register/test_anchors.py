"""Every number that the fit aims at is the one in the shipped evidence."""

import tomllib
from importlib.resources import files

import pytest

from ipsrct.register.anchors import ANCHORS, COUNTS
from ipsrct.register.design import AGE_SIZES, N_SOCIAL_ASSISTANCE, N_WOMEN
from ipsrct.register.measures_calibration import MEASURE_ANCHORS, STARTED_AFTER, STARTED_DURING
from ipsrct.register.published import published_coefficients


@pytest.fixture(scope="module")
def entries():
    text = (files("ipsrct.evidence") / "data" / "evidence.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text).values()
    found = [entry for section in sections for entry in section.get("entries", [])]
    return {entry["id"]: entry for entry in found}


def group_of(name):
    return name.removeprefix("age_")


@pytest.mark.parametrize("anchor", [*ANCHORS, *MEASURE_ANCHORS], ids=lambda anchor: anchor.name)
def test_anchors_cite_evidence_and_keep_its_range(anchor, entries):
    entry = entries[anchor.evidence]
    assert anchor.low <= anchor.target <= anchor.high
    if not anchor.worded and "lower" in entry:
        assert (100 * anchor.low, 100 * anchor.high) == pytest.approx((entry["lower"], entry["upper"]))


def test_person_months_are_those_printed_beside_the_coefficients():
    printed = {row.group: row.n_observations for row in published_coefficients() if row.model != "1"}
    employment = {
        row.group: row.n_observations
        for row in published_coefficients()
        if row.model != "1" and row.outcome == "employment_1h"
    }
    counts = {count.group: count.published for count in COUNTS if count.name == "person_months_outside_ips"}
    assert counts == employment
    assert set(printed) == set(counts)


def test_shares_and_finished_are_those_of_tables_4_and_6(entries):
    tables = {"table_4_measure_during": STARTED_DURING, "table_6_measure_after": STARTED_AFTER}
    for key, published in tables.items():
        rows = entries[key]["rows"]
        assert published == {group_of(r["group"]): (r["started_measure"], r["participants"]) for r in rows}
    finished = {count.group: count.published for count in COUNTS if count.name == "persons_finished"}
    assert finished == {group: total for group, (_, total) in STARTED_AFTER.items()}


def test_group_sizes_follow_from_the_evidence(entries):
    ages = [entries[f"pop_age_{name}"]["value"] for name in ("under_20", "20_23", "24_plus")]
    assert list(AGE_SIZES) == [ages[0], ages[1], ages[2] - 12]
    assert sum(AGE_SIZES) == 1308
    assert sum(AGE_SIZES) - entries["pop_men"]["value"] == N_WOMEN
    assert N_SOCIAL_ASSISTANCE == 331
