"""Every number that the fit aims at is the one in the shipped evidence."""

import tomllib
from importlib.resources import files

import pytest

from ipsrct.evidence import evidence
from ipsrct.register.anchors import ANCHORS, COUNTS
from ipsrct.register.design import AGE_SIZES, N_SOCIAL_ASSISTANCE, N_WOMEN
from ipsrct.register.measures_calibration import MEASURE_ANCHORS


@pytest.fixture(scope="module")
def entries():
    text = (files("ipsrct.evidence") / "data" / "evidence.toml").read_text(encoding="utf-8")
    sections = tomllib.loads(text).values()
    found = [entry for section in sections for entry in section.get("entries", [])]
    return {entry["id"]: entry for entry in found}


@pytest.mark.parametrize("anchor", [*ANCHORS, *MEASURE_ANCHORS], ids=lambda anchor: anchor.name)
def test_anchors_cite_evidence_and_keep_its_range(anchor, entries):
    entry = entries[anchor.evidence]
    assert anchor.low <= anchor.target <= anchor.high
    if not anchor.worded and "lower" in entry:
        assert (100 * anchor.low, 100 * anchor.high) == pytest.approx((entry["lower"], entry["upper"]))


def test_person_months_and_finished_are_those_printed_in_tables_3_and_6():
    printed = {
        "person_months_outside_ips": {
            "all": 26157,
            "under_20": 5691,
            "20_23": 10086,
            "24_plus": 10380,
            "no_social_assistance": 19399,
            "social_assistance": 6758,
            "men": 12487,
            "women": 13670,
        },
        "persons_finished": {
            "all": 701,
            "men": 331,
            "women": 370,
            "under_20": 131,
            "20_23": 269,
            "24_plus": 301,
        },
    }
    for name, groups in printed.items():
        own = [count for count in COUNTS if count.name == name]
        assert {count.group: count.published for count in own} == groups
        assert all(count.evidence in evidence for count in own)


def test_group_sizes_follow_from_the_evidence(entries):
    ages = [entries[f"pop_age_{name}"]["value"] for name in ("under_20", "20_23", "24_plus")]
    assert list(AGE_SIZES) == [ages[0], ages[1], ages[2] - 12]
    assert sum(AGE_SIZES) == 1308
    assert sum(AGE_SIZES) - entries["pop_men"]["value"] == N_WOMEN
    assert N_SOCIAL_ASSISTANCE == 331
