"""What each assumption does to power and size, and how probable success is when effects are uncertain."""

from __future__ import annotations

from collections.abc import Iterator

from ipsrct.report.content.quantities import amount, label, number
from ipsrct.report.content.words import estimator, name, unavailable
from ipsrct.report.figures import assurance as assurance_figure
from ipsrct.report.figures import tornado
from ipsrct.report.model import Block, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Text, t

_ENDS: dict[str, Text] = {"low": t("low"), "high": t("high")}
_LEFT_OUT = 1e-6


def sensitivity(results: Node) -> Section:
    """Return power and size over the assumptions' ranges, then assurance."""
    return Section(
        "sensitivity",
        t("If the assumptions are wrong"),
        tuple(_ranges(results)),
        (Section("assurance", t("How probable success is"), tuple(_assurance(results))),),
    )


def _ranges(results: Node) -> Iterator[Block]:
    if "sensitivity" not in results:
        yield unavailable(results, "sensitivity")
        return
    rows = results["sensitivity"]["rows"]
    yield from _most_important(results)
    yield tornado.figure(results)
    planned = t("Power with {n} participants, per cent", n=results["scenario"]["n_participants"].count())
    target = t("Participants for {target} power", target=results["sensitivity"]["target_power"].share(0))
    first, *others = rows
    cells: list[tuple[Item, ...]] = [(t("All as assumed"), "", "", _power(first), _size(first))]
    for row in others:
        path, end = row["assumption"].value, row["end"].value
        if end in _ENDS:
            value = amount(results, path, row["value"])
            cells.append((label(results, path), _ENDS[end], value, _power(row), _size(row)))
    columns = (t("Assumption"), t("End of its range"), t("Value"), planned, target)
    yield Table(
        "sensitivity-table", t("One assumption at a time at an end of its range"), columns, tuple(cells)
    )
    together = rows.rows(assumption="joint")
    if together:
        varied = dict.fromkeys(row["assumption"].value for row in others if row["end"].value in _ENDS)
        yield Table(
            "sensitivity-joint",
            t("All assumptions at once, each at an end of its range"),
            (t("Ends"), planned, target),
            tuple((_ends(row), _power(row), _size(row)) for row in together),
            t(
                "The ends stand in this order: {assumptions}.",
                assumptions=Joined(tuple(label(results, path) for path in varied), "; "),
            ),
        )


def _most_important(results: Node) -> Iterator[Block]:
    found = results["sensitivity"]
    path = found["most_important"].value
    if path is None:
        return
    low, high = (found["rows"].row(assumption=path, end=end) for end in _ENDS)
    yield Paragraph(
        t(
            "One assumption matters most: {assumption}. When it goes from {low} to {high}, power with {n} "
            "participants goes from {least} to {most}, and the number of participants needed for {target} "
            "power from {n_low} to {n_high}.",
            assumption=label(results, path),
            low=number(results, path, low["value"]),
            high=amount(results, path, high["value"]),
            n=results["scenario"]["n_participants"].count(),
            least=low["power"].share(1, low["mc_standard_error"]),
            most=high["power"].share(1, high["mc_standard_error"]),
            target=found["target_power"].share(0),
            n_low=_size(low),
            n_high=_size(high),
        ),
        "answer",
    )


def _ends(row: Node) -> Item:
    return Joined(tuple(_ENDS[end] for end in row["end"].value.split(", ")))


def _power(row: Node) -> Item:
    return row["power"].percent(1, row["mc_standard_error"])


def _size(row: Node) -> Item:
    if row["n_total"].value is None:
        return t("no size: {reason}", reason=row["note"].quoted())
    if row["n_low"].value == row["n_high"].value:
        return row["n_total"].count()
    return t(
        "{n} ({low} to {high})",
        n=row["n_total"].count(),
        low=row["n_low"].count(),
        high=row["n_high"].count(),
    )


def _assurance(results: Node) -> Iterator[Block]:
    if "assurance" not in results:
        yield unavailable(results, "assurance")
        return
    found = results["assurance"]
    yield Paragraph(
        t(
            "Power holds if the assumed effect is right. Nobody knows that it is. Averaged over what may be "
            "believed about the effect, a trial with {n} participants succeeds with a probability of "
            "{assurance}. Success is a significant result in favour of IPS (analysis: {analysis}).",
            n=found["n_total"].count(),
            assurance=found["assurance"].share(1, found["mc_standard_error"]),
            analysis=estimator(found["estimator"].value),
        ),
        "answer",
    )
    yield Paragraph(
        t(
            "However many take part, the probability does not pass {ceiling}. The rest is the chance that "
            "IPS has no effect or a harmful one. More participants show better whether IPS works, but they "
            "cannot make it work.",
            ceiling=found["ceiling"].share(),
        )
    )
    yield assurance_figure.figure(results)
    yield Table(
        "assurance-sizes",
        t("Participants for a given probability of success"),
        (t("Probability of success"), t("Participants")),
        tuple((answer["target"].share(0), _size(answer)) for answer in found["answers"]),
        t("In brackets: 95% Monte Carlo intervals."),
    )
    yield _prior(results)
    yield from _assurance_notes(found)


def _assurance_notes(found: Node) -> Iterator[Block]:
    yield Paragraph(
        t(
            "The prior's mean effect is {mean} percentage points, with a standard deviation of {spread}. At "
            "each effect, power is that of the normal approximation, with a variance that is {factor} times "
            "that of an unadjusted difference between two proportions; the factor is simulated.",
            mean=found["prior_mean"].percent(),
            spread=found["prior_standard_deviation"].percent(),
            factor=found["relative_variance"].decimal(2, found["relative_variance_mc_standard_error"]),
        ),
        "note",
    )
    if found["left_out"].value > _LEFT_OUT:
        yield Paragraph(
            t(
                "Levels below zero or above one, {share} of the prior, are left out.",
                share=found["left_out"].share(3),
            ),
            "note",
        )


def _prior(results: Node) -> Table:
    rows = []
    for component, prior in zip(results["scenario"]["prior"], results["assurance"]["prior"], strict=True):
        spread = component["effect_standard_deviation"].percent()
        rows.append(
            (
                name(component["name"].value),
                t("{weight}, assumed", weight=component["weight"].share(0)),
                t("{mean} ({spread})", mean=prior["effect"]["value"].percent(), spread=spread),
                prior["control_level"]["value"].share(),
            )
        )
    return Table(
        "assurance-prior",
        t("What may be believed about the effect"),
        (
            t("Opinion"),
            t("Weight"),
            t("Effect, percentage points (standard deviation)"),
            t("Level without IPS"),
        ),
        tuple(rows),
        t(
            "The weights are assumed: they are judgements, and other weights give another probability of "
            "success."
        ),
    )
