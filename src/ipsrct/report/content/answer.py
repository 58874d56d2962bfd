"""The answer, in three sentences."""

from __future__ import annotations

from ipsrct.report.content.words import effect, level, per_arm, power
from ipsrct.report.model import Paragraph, Section
from ipsrct.report.results import Node
from ipsrct.report.text import t


def answer(results: Node) -> Section:
    """Return how many participants are needed, what that rests on, and what it does not show."""
    scenario = results["scenario"]
    label = results["headline"]["estimator"].value
    found = [
        row
        for row in results["sizing"]["answers"].rows(estimator=label, population="all")
        if row["method"].value != "formula" and row["n_total"].value is not None
    ]
    first, second = found[0], found[-1]
    return Section(
        "answer",
        t("The answer"),
        (
            Paragraph(
                t(
                    "The trial needs {n} participants ({arms}) for {target} power to find an effect of "
                    "{effect} ({control} without IPS, {treated} with it), and {more} for {higher}.",
                    n=first["n_total"].count(),
                    arms=per_arm(first["n_per_arm"]),
                    target=first["target_power"].share(0),
                    effect=effect(scenario, results["headline"]["effect"]),
                    control=level(scenario, results["headline"]["control"]),
                    treated=level(scenario, results["headline"]["treated"]),
                    more=second["n_total"].count(),
                    higher=second["target_power"].share(0),
                ),
                "answer",
            ),
            Paragraph(
                t(
                    "With the {n} that are planned, power is {power}.",
                    n=scenario["n_participants"].count(),
                    power=power(results),
                ),
                "answer",
            ),
        ),
    )
