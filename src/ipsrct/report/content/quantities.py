"""The scenario's assumptions in words: what each is called, and its numbers with their units."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ipsrct.report.content.words import name
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Number, Text, t


@dataclass(frozen=True)
class _Unit:
    """How a number is shown: multiplied, with a percent sign, and in words with its unit."""

    scale: float = 1
    percent: bool = False
    words: Text | None = None


_SHARE = _Unit(100, percent=True)
_DIFFERENCE = _Unit(100, words=t("{value} percentage points"))
_MONTHS = _Unit(words=t("{value} months"))
_PERSONS = _Unit(words=t("{value} persons"))
_MONEY = _Unit(words=t("{currency} {value}"))
_PLAIN = _Unit()

_COHORT_ERRORS = r"assumptions\.cohort\.register_errors\."
_ARM_ERRORS = r"assumptions\.outcome\.register_errors\.(?P<arm>\w+)\."
_KNOWN: dict[str, tuple[Text, _Unit]] = {
    r"assumptions\.outcome\.control_level": (t("Employment without IPS 12 months after start"), _SHARE),
    r"assumptions\.outcome\.control_risk": (t("Share with the outcome without IPS"), _SHARE),
    r"assumptions\.outcome\.effect": (t("Effect of IPS"), _DIFFERENCE),
    r"assumptions\.outcome\.effect_shift\.(?P<factor>.+)\.(?P<level>.+)": (
        t("Effect where {factor} is {level}, before all are moved to keep the mean effect"),
        _DIFFERENCE,
    ),
    r"assumptions\.outcome\.control_risk_shift\.(?P<factor>.+)\.(?P<level>.+)": (
        t("Difference without IPS where {factor} is {level}, before all are moved to keep the mean"),
        _DIFFERENCE,
    ),
    r"assumptions\.outcome\.service_icc": (t("Correlation of outcomes within a service"), _PLAIN),
    _COHORT_ERRORS + "dormant_job": (t("Jobs that ended before start and are still in the register"), _SHARE),
    _COHORT_ERRORS + "late_end": (t("Ends of jobs reported late"), _SHARE),
    _COHORT_ERRORS + "late_start": (t("Starts of jobs reported late"), _SHARE),
    _COHORT_ERRORS + "months_to_end": (t("Time until a late end is put right"), _MONTHS),
    _COHORT_ERRORS + "months_to_start": (t("Time until a late start is put right"), _MONTHS),
    _ARM_ERRORS + "late_end": (t("Ends of jobs reported late, {arm}"), _SHARE),
    _ARM_ERRORS + "late_start": (t("Starts of jobs reported late, {arm}"), _SHARE),
    _ARM_ERRORS + "months_to_end": (t("Time until a late end is put right, {arm}"), _MONTHS),
    _ARM_ERRORS + "months_to_start": (t("Time until a late start is put right, {arm}"), _MONTHS),
    r"assumptions\.attrition\.(?P<arm>.+)": (t("Outcomes never seen, {arm}"), _SHARE),
    r"recruitment\.starts_per_month": (t("People who start IPS in a month without a trial"), _PERSONS),
    r"recruitment\.county_variation": (t("Coefficient of variation of starts between counties"), _PLAIN),
    r"recruitment\.service_variation": (
        t("Coefficient of variation of starts between services in a county"),
        _PLAIN,
    ),
    r"recruitment\.seasonality\.(?P<month>.+)": (
        t("Starts in {month} relative to the months not named"),
        _PLAIN,
    ),
    r"recruitment\.services_opening_per_month": (t("Services that open in a month"), _PLAIN),
    r"recruitment\.ramp_up_months": (t("Time until a service recruits at its full rate"), _MONTHS),
    r"recruitment\.share_under_18": (t("Under 18 among those who start IPS"), _SHARE),
    r"recruitment\.consent": (t("Consent among those asked"), _SHARE),
    r"recruitment\.guardian_consent": (t("Guardians who consent for those under 18"), _SHARE),
    r"recruitment\.caseload": (t("Participants per employment specialist"), _PERSONS),
    r"recruitment\.caseload_limit": (t("Most participants per employment specialist"), _PERSONS),
    r"recruitment\.monthly_exit": (t("Participants who leave IPS in a month"), _SHARE),
    r"recruitment\.reporting_lag_months": (t("Time until the register shows the last outcome"), _MONTHS),
    r"cost\.per_place_month": (t("A place in IPS for a month"), _MONEY),
    r"cost\.per_participant": (t("One participant in the trial"), _MONEY),
    r"cost\.per_service": (t("One service that takes part"), _MONEY),
    r"cost\.per_month": (t("Running the trial for a month"), _MONEY),
}
_MONTH_NAMES: dict[str, Item] = {
    "january": t("January"),
    "february": t("February"),
    "march": t("March"),
    "april": t("April"),
    "may": t("May"),
    "june": t("June"),
    "july": t("July"),
    "august": t("August"),
    "september": t("September"),
    "october": t("October"),
    "november": t("November"),
    "december": t("December"),
}
_SIZE = r"assumptions\.cohort\.factors\.(\d+)\.sizes\.(\d+)"


def _described(results: Node, path: str) -> tuple[Item, _Unit]:
    chain = results["provenance"]["scenario"]["assumptions"]["outcome"]["kind"].value == "register_chain"
    if chain and path == "assumptions.outcome.effect":
        return t("Effect of IPS on employment 12 months after start"), _DIFFERENCE
    for pattern, (text, unit) in _KNOWN.items():
        if found := re.fullmatch(pattern, path):
            return Text(
                text.template, {k: _MONTH_NAMES.get(v, name(v)) for k, v in found.groupdict().items()}
            ), unit
    if found := re.fullmatch(_SIZE, path):
        factor = results["provenance"]["scenario"]["assumptions"]["cohort"]["factors"][int(found[1])]
        level = factor["levels"][int(found[2])].value
        return t("{factor}: {level}", factor=name(factor["name"].value), level=name(level)), _PERSONS
    return name(path), _PLAIN


def label(results: Node, path: str) -> Item:
    """Return what the assumption at a path of the scenario is called."""
    return _described(results, path)[0]


def number(results: Node, path: str, node: Node) -> Number:
    """Return a number of the assumption, with a percent sign if it is a share, else without its unit."""
    unit = _described(results, path)[1]
    return node.given(unit.scale, percent=unit.percent)


def amount(results: Node, path: str, node: Node) -> Item:
    """Return a number of the assumption with its unit."""
    value, words = number(results, path, node), _described(results, path)[1].words
    if words is None:
        return value
    values: dict[str, Item] = {"value": value}
    if words is _MONEY.words:
        values["currency"] = results["provenance"]["scenario"]["cost"]["currency"].value
    return Text(words.template, values)


def ends(results: Node, path: str, row: Node) -> Item:
    """Return the range of the assumption; a dash if it has none."""
    low, high = row["low"], row["high"]
    if low.value is None or high.value is None:
        return "\N{EN DASH}"
    return t("{low} to {high}", low=number(results, path, low), high=number(results, path, high))
