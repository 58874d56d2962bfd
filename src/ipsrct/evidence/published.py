"""Typed access to every published number that the package ships.

The data files beside this module transcribe five Norwegian documents (``evidence.toml``, ``effects.csv``,
``county_*.csv``) and the abstracts of other trials (``comparators.toml``). ``audit.md`` lists 47
inconsistencies in the sources and the reading that is used.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from importlib.resources import files
from typing import Any

from ipsrct._message import Message, joined
from ipsrct.errors import EvidenceError, suggestion
from ipsrct.evidence.value import PublishedValue, Source, line, place, source_of


class Evidence(Mapping[str, PublishedValue]):
    """All published numbers by id; ``evidence["fig1_month0"]``."""

    @cached_property
    def _values(self) -> dict[str, PublishedValue]:
        values: dict[str, PublishedValue] = {}
        for published in (*_entries(), *_effects(), *_county_values(), *_county_flows(), *_comparators()):
            if published.id in values:
                raise EvidenceError(f"evidence id {published.id!r} is used twice in the data files")
            values[published.id] = published
        return values

    def __getitem__(self, key: str) -> PublishedValue:
        try:
            return self._values[key]
        except KeyError:
            message = Message(
                '"{key}" is not an evidence id{near}', key=key, near=suggestion(key, self._values)
            )
            raise EvidenceError(message) from None

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def search(self, text: str) -> list[PublishedValue]:
        """Return the values whose id, title, definition or note contains every word of ``text``."""
        words = text.casefold().split()
        return [v for v in self.values() if all(word in _searchable(v) for word in words)]


def _searchable(value: PublishedValue) -> str:
    return " ".join((value.id, value.title, value.definition, value.note, str(value.source))).casefold()


def _data(name: str) -> str:
    return files("ipsrct.evidence").joinpath("data", name).read_text(encoding="utf-8")


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads(_data(name))


def _documents() -> dict[str, str]:
    """Map each text file's name to its title."""
    texts = _toml("evidence.toml")["meta"]["documents"].values()
    return dict(text.split(": ", 1) for text in texts)


def _entries() -> Iterator[PublishedValue]:
    documents = _documents()
    for section in _toml("evidence.toml").values():
        for entry in section.get("entries", ()):
            note = [entry.get("stated", ""), entry.get("derived_by", ""), entry.get("note", "")]
            yield PublishedValue(
                id=entry["id"],
                title=entry["title"],
                definition=entry["definition"],
                value=entry.get("value"),
                low=entry.get("lower"),
                high=entry.get("upper"),
                unit=entry["unit"],
                source=source_of(entry["source"], documents),
                read_from=entry["read_from"],
                note=joined(filter(None, note), "; "),
                rows=tuple(entry.get("rows", ())),
            )


def _effects() -> Iterator[PublishedValue]:
    documents = _documents()
    for row in csv.DictReader(_data("effects.csv").splitlines()):
        source = source_of(
            {"document": row["source_document"], "table": row["source_table"], "line": row["source_line"]},
            documents,
        )
        standard_error = Message(
            "standard error {value:g} pp ({basis})",
            value=float(row["se_recommended"]),
            basis=row["se_recommended_basis"],
        )
        group = joined((row["population"], row["phase"]))
        yield PublishedValue(
            id=row["row_id"],
            title=joined((row["outcome_definition"], group), ": "),
            definition=Message(
                "Fixed-effects coefficient, Model {model}: {comparison}",
                model=row["model"],
                comparison=row["comparison"],
            ),
            value=float(row["estimate_pp"]),
            low=float(row["ci_low_pp"]) if row["ci_low_pp"] else None,
            high=float(row["ci_high_pp"]) if row["ci_high_pp"] else None,
            unit="percentage_points",
            source=source,
            read_from="table",
            note=joined(filter(None, [standard_error, row["note"]]), "; "),
            rows=(row,),
        )
        if row["source_table"] == "Table 3":
            yield PublishedValue(
                id=f"{row['row_id']}.n_persons",
                title=Message("Persons in the regression: {population}", population=row["population"]),
                definition=Message("Persons behind the fixed-effects coefficient {id}", id=row["row_id"]),
                value=int(row["n_persons"]),
                low=None,
                high=None,
                unit="persons",
                source=Source(source.document, joined((place("Table 3"), line(_TABLE_3_PERSONS_LINE)))),
                read_from="table",
            )


_TABLE_3_PERSONS_LINE = 698
_COUNTY_FILES = (
    "services",
    "staff_participants_2022",
    "staff_participants_2023",
    "starts_goals_2022",
    "starts_goals_2023",
    "activity_2022",
    "activity_2023",
    "exits_2022",
    "exits_2023",
)
_COUNTY_KEYS = {"county", "period", "source_document", "source_table", "source_line"}


def _county_values() -> Iterator[PublishedValue]:
    """Yield e.g. ``county_services.Oslo.services`` for each cell of the county tables."""
    documents = _documents()
    for name in _COUNTY_FILES:
        for row in csv.DictReader(_data(f"county_{name}.csv").splitlines()):
            source = {
                "document": row["source_document"],
                "table": row["source_table"],
                "line": row["source_line"],
            }
            for column in (key for key in row if key not in _COUNTY_KEYS):
                yield PublishedValue(
                    id=f"county_{name}.{row['county']}.{column}",
                    title=joined((column.replace("_", " "), row["county"])),
                    definition=Message("County table, {period}", period=row.get("period", "all years")),
                    value=float(row[column]),
                    low=None,
                    high=None,
                    unit="services" if column == "services" else "count",
                    source=source_of(source, documents),
                    read_from="table",
                )


_FLOW_UNITS = {
    "implied_starts_2022": "persons",
    "implied_starts_2023_jan_jul": "persons",
    "monthly_exit_hazard_2022": "per_person_month",
    "monthly_exit_hazard_2023": "per_person_month",
}


def _county_flows() -> Iterator[PublishedValue]:
    """Yield e.g. ``county_derived_flows.Oslo.implied_starts_2022`` from the county tables."""
    document = _documents()["002_fba43169bd292cdf.txt"]
    for row in csv.DictReader(_data("county_derived_flows.csv").splitlines()):
        for column, unit in _FLOW_UNITS.items():
            tables, first = ("1 and 7", 2863) if "2022" in column else ("2 and 8", 2879)
            yield PublishedValue(
                id=f"county_derived_flows.{row['county']}.{column}",
                title=joined((column.replace("_", " "), row["county"])),
                definition=row["note"],
                value=float(row[column]),
                low=None,
                high=None,
                unit=unit,
                source=Source(document, joined((place(f"Appendix 3 Tables {tables}"), line(first)))),
                read_from="derived",
            )


def _comparators() -> Iterator[PublishedValue]:
    """Yield e.g. ``seed.proportion.ips`` for each number on other trials."""
    for trial, table in _toml("comparators.toml").items():
        for key, value, low, high in _numbers(table):
            yield PublishedValue(
                id=f"{trial}.{key}",
                title=joined((table["title"], key.replace("_", " ")), ": "),
                definition=table.get("outcome", table["title"]),
                value=value,
                low=low,
                high=high,
                unit="proportion" if key.startswith(("proportion", "share")) else "number",
                source=Source(table["reference"], ""),
                read_from="abstract",
                note=table.get("note", ""),
            )


def _numbers(table: Mapping[str, Any]) -> Iterator[tuple[str, float, float | None, float | None]]:
    for key, content in table.items():
        if isinstance(content, (int, float)):
            yield key, content, None, None
        elif isinstance(content, dict) and "value" in content:
            yield key, content["value"], content.get("low"), content.get("high")
        elif isinstance(content, dict):
            yield from ((f"{key}.{name}", number, None, None) for name, number in content.items())


@cache
def county_names() -> dict[str, str]:
    """Return the counties' official names by the keys that scenarios can write, ``more_og_romsdal``."""
    letters = str.maketrans({"æ": "a", "ø": "o", "å": "a", " ": "_", "-": "_"})
    rows = csv.DictReader(_data("county_services.csv").splitlines())
    return {row["county"].lower().translate(letters): row["county"] for row in rows}


evidence = Evidence()
