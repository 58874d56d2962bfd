"""The assumptions and their sources."""

from __future__ import annotations

import re

from ipsrct.report.content.assumptions import assumptions
from ipsrct.report.content.counties import is_of_county
from tests.report.content.items import changed, pointers, rows, said, tables


def _shown(results, code="en"):
    return {row[0]: row[1:] for table in tables(assumptions(results)).values() for row in rows(table, code)}


def test_every_assumption_is_shown_once(results):
    shown = pointers(assumptions(results))
    left_out = [row["path"].value for row in results["assumptions"] if f"{row.pointer}/value" not in shown]
    # The cohort's services are those of recruitment, and stand in the table of counties.
    assert left_out == [f"assumptions.cohort.services.{key}" for key in results["scenario"]["counties"].value]


def test_both_ends_of_every_range_are_shown(results):
    shown = pointers(assumptions(results))
    ranges = [row for row in results["assumptions"] if row["low"].value is not None]
    assert len(ranges) == 16
    assert all(f"{row.pointer}/{end}" in shown for row in ranges for end in ("low", "high"))


def test_units(results):
    shown = _shown(results)
    assert shown["Employment without IPS 12 months after start"][:2] == ["39.5%", "36% to 44%"]
    assert shown["Effect of IPS on employment 12 months after start"][:2] == [
        "7.5 percentage points",
        "3.5 to 13",
    ]
    assert shown["Participants who leave IPS in a month"][:2] == ["5.36%", "5.36% to 5.73%"]
    assert shown["People who start IPS in a month without a trial"][:2] == ["88 persons", "84 to 102"]
    assert shown["Time until the register shows the last outcome"][:2] == ["3 months", "1 to 6"]
    assert shown["One service that takes part"][:2] == ["NOK 60,000", "30,000 to 120,000"]
    assert shown["Time until a service recruits at its full rate"][1] == "\N{EN DASH}"


def test_units_in_bokmal(results):
    shown = _shown(results, "nb")
    space = "\N{NO-BREAK SPACE}"
    assert shown["Effekt av IPS på andelen i arbeid 12 måneder etter start"][0] == "7,5 prosentpoeng"
    assert shown["En tjeneste som deltar"][0] == f"60{space}000 NOK"


def test_an_assumption_says_so_and_a_published_number_says_where(results):
    shown = _shown(results)
    assert shown["Consent among those asked"][2] == "Assumed: no trial of IPS ung has been run."
    assert shown["Participants per employment specialist"][2] == "[1] section 4.3; [2] the article"
    assert shown["Under 18 among those who start IPS"][2].endswith(
        "Based on [1] section 3.1.3, Table 4; [1] Appendix 3 Table 3."
    )
    assert all(row[-1] for row in rows(tables(assumptions(results))["assumptions-recruitment"]))


def test_a_number_without_a_reason_says_so(results):
    index = next(i for i, row in enumerate(results["assumptions"]) if row["path"].value == "cost.per_month")
    left = changed(results, **{f"assumptions__{index}__assumed": "no reason given"})
    assert _shown(left)["Running the trial for a month"][2] == "Assumed; no reason is given."


def test_the_counties_have_a_table_of_their_own(results):
    table = tables(assumptions(results))["assumptions-counties"]
    assert len(table.rows) == 12
    found = {row[0]: row[1:] for row in rows(table)}
    assert sum(int(row[0]) for row in found.values()) == 47
    assert found["Møre og Romsdal"] == ["3", "37", "4.7", "64", "2.83%"]
    assert all(cell != "" for row in table.rows for cell in row)


def test_counties_are_told_from_other_assumptions():
    assert is_of_county("recruitment.counties.oslo.starts")
    assert is_of_county("assumptions.cohort.openings.oslo")
    assert not is_of_county("recruitment.county_variation")
    assert not is_of_county("assumptions.cohort.factors.0.sizes.1")


def test_every_document_is_listed_once_and_every_reference_leads_to_one(results):
    lines = said(assumptions(results)).splitlines()
    documents = {source["source"]["document"].value for _, source in results["sources"].items()}
    assert [lines.count(document) for document in documents] == [1] * len(documents)
    numbers = {line for line in lines if re.fullmatch(r"\[\d+\]", line)}
    assert set(re.findall(r"\[\d+\]", "\n".join(lines))) == numbers
    assert len(numbers) == len(documents)


def test_every_source_of_an_assumption_is_listed_with_its_id(results):
    listed = {row[0] for row in rows(tables(assumptions(results))["published"])}
    cited = {name for row in results["assumptions"] for name in row["evidence"].value}
    assert {results["sources"][name]["series"].value for name in cited} <= listed
    assert "county_services.*.services" in listed


def test_places_have_no_line_of_a_transcription(results):
    text = said(assumptions(results))
    assert "line " not in text
    assert "linje " not in said(assumptions(results), "nb")


def test_the_most_important_points_to_sensitivity(results):
    assert (
        "Power depends most on this assumption: Effect of IPS on employment 12 months after start. What the "
        "assumptions do to power and to the sample size stands under sensitivity."
    ) in said(assumptions(results))


def test_factor_levels_of_a_cohort_of_cells_are_named(results):
    factors = [{"name": "age", "levels": ["young", "old"]}]
    row = {"path": "assumptions.cohort.factors.0.sizes.1", "value": 526.0, "low": None, "high": None}
    left = changed(
        results,
        provenance__scenario__assumptions__cohort__factors=factors,
        assumptions__0=row | {"evidence": [], "assumed": "a guess"},
    )
    assert _shown(left)["age: old"] == ["526 persons", "\N{EN DASH}", "Assumed: a guess."]
