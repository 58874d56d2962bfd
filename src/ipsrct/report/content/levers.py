"""What each choice of the investigators saves in participants, months and money."""

from __future__ import annotations

from ipsrct.report.content.parts import flat_value, nothing, why_not
from ipsrct.report.content.words import effect, level, name
from ipsrct.report.figures import levers as bars
from ipsrct.report.model import Block, Bullets, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, t


def levers(results: Node) -> Section:
    """Return what other choices save, which change the question, and which were refused."""
    return Section("levers", t("What other choices would save"), tuple(_blocks(results)))


def _blocks(results: Node) -> list[Block]:
    if "levers" not in results:
        return [why_not(results, "levers")]
    found = results["levers"]
    target = found["target_power"].share(0)
    first, others = found["levers"][0], list(found["levers"])[1:]
    return [
        Paragraph(_reference(first, target)),
        Paragraph(_best(others)),
        bars.figure(results),
        _sizes(results, target),
        _savings(results),
        *_other_questions(others),
        *_notes(others),
        *_refused(found),
        *_costs(results),
    ]


def _reference(first: Node, target: Item) -> Item:
    if first["n_total"].value is None:
        return t("As planned, no number of participants gives the trial {target} power.", target=target)
    return t(
        "As planned, the trial needs {n} participants for {target} power (95% Monte Carlo interval {low} to "
        "{high}). What is saved below is counted from there. All sizes here are simulated on common random "
        "numbers, to compare the choices. They can differ a little from the size in the answer, which is "
        "the one to use.",
        n=first["n_total"].count(),
        target=target,
        low=first["n_low"].count(),
        high=first["n_high"].count(),
    )


def _best(others: list[Node]) -> Item:
    """Name the lever that saves most participants for certain and leaves the question as it is."""
    for row in others:
        saved = row["saved_participants_low"].value
        if row["same_estimand"].value and saved is not None and saved > 0:
            return t(
                "Of the choices that leave the question as it is, this one saves most participants: "
                "{lever}. It saves {n} ({low} to {high}).",
                lever=row["lever"].quoted(),
                n=row["saved_participants"].count(),
                low=row["saved_participants_low"].count(),
                high=row["saved_participants_high"].count(),
            )
    return t(
        "No choice that leaves the question as it is saves participants beyond the error of the simulation."
    )


def _title(row: Node) -> Item:
    lever = row["lever"].quoted()
    return lever if row["same_estimand"].value else t("{lever} *", lever=lever)


def _unit(row: Node) -> Node:
    """Return what words need to know of the outcome's unit, which differs between endpoints."""
    return Node({"is_share": row["unit"].value == "proportion", "unit": row["unit"].value})


def _sizes(results: Node, target: Item) -> Table:
    return Table(
        "levers-sizes",
        t("Participants and months for {target} power with one thing done otherwise", target=target),
        (
            t("Choice"),
            t("Level without IPS"),
            t("Effect"),
            t("Participants (95% Monte Carlo interval)"),
            t("Months until the register is complete"),
        ),
        tuple(
            (
                _title(row),
                level(_unit(row), row["control"]),
                effect(_unit(row), row["effect"]),
                _size(row),
                row["months"].decimal(1, row["months_mc_standard_error"]),
            )
            for row in results["levers"]["levers"]
        ),
        t(
            "In brackets after months: Monte Carlo standard errors. A choice marked * answers another "
            "question."
        ),
    )


def _size(row: Node) -> Item:
    if row["n_total"].value is None:
        return nothing()
    return t(
        "{n} ({low} to {high})",
        n=row["n_total"].count(),
        low=row["n_low"].count(),
        high=row["n_high"].count(),
    )


def _currency(results: Node) -> str:
    cost = results["provenance"]["scenario"].value.get("cost")
    return "" if cost is None else cost["currency"]


def _savings(results: Node) -> Table:
    currency = _currency(results)
    columns = [t("Choice"), t("Participants saved (95% Monte Carlo interval)"), t("Months saved")]
    if currency:
        columns.append(t("Saved, million {currency}", currency=currency))
    return Table(
        "levers-savings",
        t("What is saved against the trial as planned; a minus sign says that more is needed"),
        tuple(columns),
        tuple(_saved(row, currency) for row in list(results["levers"]["levers"])[1:]),
        t(
            "The intervals of participants take the two sizes as independent and are rather too wide. In "
            "brackets after months: Monte Carlo standard errors. A choice marked * answers another question."
        ),
    )


def _saved(row: Node, currency: str) -> tuple[Item, ...]:
    participants: Item = nothing()
    if row["saved_participants"].value is not None:
        participants = t(
            "{n} ({low} to {high})",
            n=row["saved_participants"].count(),
            low=row["saved_participants_low"].count(),
            high=row["saved_participants_high"].count(),
        )
    months = row["saved_months"].decimal(1, row["saved_months_mc_standard_error"])
    cost = (row["saved_cost"].decimal(1, scale=1e-6),) if currency else ()
    return (_title(row), participants, months, *cost)


def _other_questions(others: list[Node]) -> list[Block]:
    if all(row["same_estimand"].value for row in others):
        return []
    return [
        Paragraph(
            t(
                "Choices marked * change the primary outcome, and with it the estimand. A smaller trial "
                "then answers another question: it can be the better question, but it is not a cheaper "
                "answer to the same one. Their effects are not assumed; they follow from the effect "
                "assumed for the primary outcome through the model of the register."
            ),
            "warning",
        )
    ]


def _notes(others: list[Node]) -> list[Block]:
    notes = tuple(
        t("{lever}: {note}.", lever=row["lever"].quoted(), note=row["note"].quoted())
        for row in others
        if row["note"].value
    )
    return [Bullets(notes)] if notes else []


def _refused(found: Node) -> list[Block]:
    if not found["refused"].value:
        return [Paragraph(t("No choice that was considered had to be refused."))]
    items = tuple(
        t("{lever}: {reason}.", lever=row["lever"].quoted(), reason=row["reason"].quoted())
        for row in found["refused"]
    )
    return [Paragraph(t("These choices are not possible with this scenario:")), Bullets(items)]


def _costs(results: Node) -> list[Block]:
    currency = _currency(results)
    if not currency:
        return [Paragraph(t("The scenario has no costs, so nothing is said about money."), "note")]
    rows = [row for row in results["assumptions"] if row["path"].value.startswith("cost.")]
    return [
        Paragraph(
            t(
                "Every cost is assumed; no source publishes any. Money is counted at the mean of the "
                "months, so it has no standard error of its own. Its uncertainty is that of the assumed "
                "costs."
            )
        ),
        Table(
            "costs",
            t("Assumed costs, {currency}", currency=currency),
            (t("Cost"), t("Assumed"), t("Range"), t("Reason")),
            tuple(
                (_cost(row), flat_value(row["value"]), _range(row), row["assumed"].quoted()) for row in rows
            ),
        ),
    ]


def _range(row: Node) -> Item:
    if row["low"].value is None:
        return nothing()
    return t("{low} to {high}", low=flat_value(row["low"]), high=flat_value(row["high"]))


def _cost(row: Node) -> Item:
    key = row["path"].value.removeprefix("cost.")
    words = {
        "per_participant": t("per participant"),
        "per_place_month": t("per month and place in IPS"),
        "per_service": t("per service"),
        "per_month": t("per month of the trial"),
    }
    return words.get(key) or name(key)
