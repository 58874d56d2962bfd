"""Every published number of the data files is there once, with its value, unit and source."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from ipsrct import EvidenceError
from ipsrct.evidence import Evidence, evidence, published

DATA = files("ipsrct.evidence").joinpath("data")
TABLES = sorted(file.name for file in DATA.iterdir() if re.match(r"county_(?!derived)", file.name))
COUNTIES = 12


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(DATA.joinpath(name).read_text(encoding="utf-8"))


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(DATA.joinpath(name).read_text(encoding="utf-8").splitlines()))


ENTRIES = [entry for section in _toml("evidence.toml").values() for entry in section.get("entries", ())]


@pytest.mark.parametrize(
    ("key", "value", "low", "high", "unit", "place"),
    [
        ("programme_services", 47, None, None, "services", "section Sammendrag, line 253"),
        ("pop_age_under_20", 284, None, None, "persons", "section 3.1.3, Table 4, line 709"),
        ("pop_women", 696, None, None, "persons", "section 3.1.3, Table 4, line 709"),
        ("fig1_month0", None, 38, 40, "percent", "section 3.1.1, Figure 1, line 630"),
        ("fig1_pre_level", None, 34, 38, "percent", "section 3.1.1, Figure 1, line 630"),
        ("employment_1h_m1_all_months_4_6", 6.4, 4.9, 8.0, "percentage_points", "Table 3, line 691"),
        ("county_services.Vestland.services", 10, None, None, "services", "Appendix 3 Table 1, line 2874"),
        (
            "county_exits_2022.Agder.work_without_wage_subsidy",
            18,
            None,
            None,
            "count",
            "Appendix 3 Table 7, line 2965",
        ),
        ("molde_in_work", 11, None, None, "persons", "section article, line 60"),
        ("seed.odds_ratio", 10.39, 2.79, 38.68, "number", ""),
        ("seed.proportion.ips", 0.48, None, None, "proportion", ""),
        ("reme.proportion_month_12.control", 0.271, None, None, "proportion", ""),
        ("refugees.n_randomised_total", 66, None, None, "number", ""),
    ],
)
def test_published_value(
    key: str, value: float | None, low: float | None, high: float | None, unit: str, place: str
) -> None:
    found = evidence[key]
    assert (found.id, found.value, found.low, found.high, found.unit) == (key, value, low, high, unit)
    assert found.source.place == place


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["id"]))
def test_every_entry_of_the_report_keeps_its_numbers_and_line(entry: dict[str, Any]) -> None:
    found = evidence[entry["id"]]
    assert (found.value, found.low, found.high) == tuple(entry.get(k) for k in ("value", "lower", "upper"))
    assert (found.unit, len(found.rows)) == (entry["unit"], len(entry.get("rows", ())))
    assert re.search(rf"\bline {entry['source']['line']}\b", found.source.place)


def test_every_coefficient_keeps_its_interval_and_line() -> None:
    rows = _rows("effects.csv")
    assert len(rows) == 44
    for row in rows:
        found = evidence[row["row_id"]]
        printed = (row["estimate_pp"], row["ci_low_pp"], row["ci_high_pp"])
        assert (found.value, found.low, found.high) == tuple(
            float(text) if text else None for text in printed
        )
        assert found.source.place == f"{row['source_table']}, line {row['source_line']}"
        assert row["population"] in found.title


@pytest.mark.parametrize(
    ("key", "persons"),
    [
        ("employment_1h_m2a_age_under_20_after_end", 284),
        ("employment_1h_m2d_no_social_assistance_after_end", 977),
        ("employment_1h_m2e_social_assistance_after_end", 331),
    ],
)
def test_persons_behind_a_coefficient(key: str, persons: int) -> None:
    assert evidence[f"{key}.n_persons"].value == persons
    assert evidence[f"{key}.n_persons"].unit == "persons"


@pytest.mark.parametrize("name", TABLES)
def test_every_cell_of_a_county_table_is_found(name: str) -> None:
    rows = _rows(name)
    assert len(rows) == COUNTIES
    for row in rows:
        for column, text in row.items():
            if column not in ("county", "period") and not column.startswith("source_"):
                found = evidence[f"{name.removesuffix('.csv')}.{row['county']}.{column}"]
                assert found.value == float(text)
                assert found.source.place == f"{row['source_table']}, line {row['source_line']}"


def test_services_of_the_counties_add_up_to_the_programme() -> None:
    services = [v.value for key, v in evidence.items() if re.fullmatch(r"county_services\..*\.services", key)]
    assert len(services) == COUNTIES
    assert sum(services) == evidence["programme_services"].value == 47


def test_every_number_on_another_trial_names_its_reference() -> None:
    for trial, table in _toml("comparators.toml").items():
        own = [value for key, value in evidence.items() if key.startswith(f"{trial}.")]
        assert own
        assert all(value.source.document == table["reference"] for value in own)


def test_every_value_has_a_line_or_a_reference() -> None:
    assert len(evidence) > 900
    for key, value in evidence.items():
        assert value.id == key
        assert value.title
        assert value.definition
        assert value.unit
        if value.read_from == "abstract":
            assert re.search(r"\b(19|20)\d\d\b.*abstract\)|NCT\d{8}", value.source.document), key
        else:
            assert re.search(r"\bline \d+", value.source.place), key
            assert not value.source.document.endswith(".txt"), key


def test_ranges_hold_their_values() -> None:
    for key, value in evidence.items():
        if isinstance(value.value, (int, float)) and value.low is not None and value.high is not None:
            assert value.low <= value.value <= value.high, key


def test_no_entry_is_lost_to_another_of_the_same_id() -> None:
    keys = [entry["id"] for entry in ENTRIES] + [row["row_id"] for row in _rows("effects.csv")]
    assert len(set(keys)) == len(keys)
    assert set(keys) <= set(evidence)


def test_id_used_twice_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_comparators", lambda: iter([evidence["pop_men"]]))
    with pytest.raises(EvidenceError, match="'pop_men' is used twice"):
        len(Evidence())


def test_unknown_id_is_an_error_with_a_near_name() -> None:
    with pytest.raises(EvidenceError, match='"pop_wemen" is not an evidence id; did you mean "pop_women"'):
        evidence["pop_wemen"]
    assert "pop_wemen" not in evidence
    assert "pop_women" in evidence


@pytest.mark.parametrize("before", ["", "ipsrct.read_scenario('seed'); ", "import ipsrct.evidence; "])
def test_evidence_of_the_package_is_the_mapping_whatever_was_imported_before(before: str) -> None:
    code = f"import ipsrct; {before}print(ipsrct.evidence['pop_women'].value)"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout == "696\n", done.stderr


def test_search_finds_every_word_in_any_order_and_case() -> None:
    found = {value.id for value in evidence.search("MØRE 2022 exits illness")}
    assert "county_exits_2022.Møre og Romsdal.illness" in found
    assert {value.id for value in evidence.search("illness exits 2022 møre")} == found
    assert all("2023" not in key for key in found)


def test_search_looks_into_sources_and_notes() -> None:
    assert "seed.odds_ratio" in {value.id for value in evidence.search("Sveinsdottir")}
    assert "seed.odds_ratio" in {value.id for value in evidence.search("cumulative incidence odds")}


def test_search_without_a_match_is_empty() -> None:
    assert evidence.search("pop_women zebra") == []


def test_value_as_plain_types_keeps_its_source() -> None:
    plain = evidence["fig1_month0"].to_dict()
    assert (plain["low"], plain["high"]) == (38, 40)
    assert plain["source"]["place"].endswith("line 630")
