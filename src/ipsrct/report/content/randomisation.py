"""The randomisation plan as everybody may see it, and the imbalance to expect."""

from __future__ import annotations

from ipsrct.report.content.parts import listed, place, to_fill_in, why_not
from ipsrct.report.content.schemes import UNRESTRICTED, concealment, has_strata, keeps_lists, scheme_name
from ipsrct.report.content.words import name
from ipsrct.report.figures import imbalance
from ipsrct.report.model import Block, Paragraph, Section, Table, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, t


def randomisation(results: Node) -> Section:
    """Return method, strata, concealment, who does what, and the imbalance to expect."""
    scenario = results["scenario"]
    kind = scenario["randomisation"]["kind"].value
    blocks: list[Block] = [
        Paragraph(_method(scenario)),
        Terms(tuple(_plan(results))),
        Paragraph(concealment(kind)),
    ]
    if "plan" not in results:
        return _section((*blocks, why_not(results, "plan")))
    blocks += [Paragraph(warning.quoted(), "warning") for warning in results["plan"]["warnings"]]
    return _section((*blocks, *_balance(results)))


def _section(blocks: tuple[Block, ...]) -> Section:
    return Section("randomisation", t("Randomisation"), blocks)


def _ratio(scenario: Node) -> Item:
    weights = Joined(tuple(arm["allocation_weight"].count() for arm in scenario["arms"]), ":")
    arms = Joined(tuple(name(arm["name"].value) for arm in scenario["arms"]), " : ")
    return t("{weights} ({arms})", weights=weights, arms=arms)


def _method(scenario: Node) -> Item:
    scheme = scenario["randomisation"]
    values: dict[str, Item] = {"method": scheme_name(scheme["kind"].value), "ratio": _ratio(scenario)}
    if scheme["unit"].value == "county":
        return t("Whole counties are allocated {ratio} by {method}.", **values)
    if scheme["unit"].value == "service":
        return t("Whole services are allocated {ratio} by {method}.", **values)
    return t("Participants are allocated {ratio} by {method}.", **values)


def _plan(results: Node) -> list[tuple[Item, Item]]:
    """Return what a protocol says of the randomisation, with places to fill in."""
    scheme = results["scenario"]["randomisation"]
    kind, factors = scheme["kind"].value, scheme["factors"].value
    return [
        (t("Method"), scheme_name(kind)),
        (t("Allocation ratio"), _ratio(results["scenario"])),
        (t("Stratification factors"), _strata(results, factors))
        if has_strata(kind)
        else (t("Factors that are balanced"), listed(factors)),
        (t("Restriction"), _restriction(results, kind)),
        (t("Who generates the allocation"), _generator(kind)),
        (
            t("Who has access to it"),
            to_fill_in(t("names; nobody who recruits, follows up participants or assesses outcomes")),
        ),
        (t("Who enrols participants"), to_fill_in(t("roles in the services"))),
        (
            t("How the allocation is given out"),
            to_fill_in(t("the system, such as REDCap, and who runs it when it is out of order")),
        ),
    ]


def _strata(results: Node, factors: list[str]) -> Item:
    if not factors:
        return t("none")
    if "plan" not in results:
        return listed(factors)
    return t("{factors} ({n} strata)", factors=listed(factors), n=results["plan"]["n_strata"].count())


def _restriction(results: Node, kind: str) -> Item:
    if kind in UNRESTRICTED:
        return t("none: every participant is allocated independently of all others")
    if not results["provenance"]["scheme_is_restricted"]:
        return t("What the method itself says, and nothing more")
    return t(
        "Its details, such as the size of blocks or the probabilities of a biased coin, are not given here. "
        "Whoever knows them can guess allocations. They stand in a restricted annex for those who keep the "
        "allocation."
    )


def _generator(kind: str) -> Item:
    who = to_fill_in(t("name and role of someone who takes no part in recruitment"))
    if not keeps_lists(kind):
        return who
    return t(
        "{who}, with `ipsrct randomise` and a list seed that is kept apart from everything else. The seed "
        "of the simulations in this report has no part in it.",
        who=who,
    )


def _balance(results: Node) -> list[Block]:
    plan = results["plan"]
    blocks: list[Block] = []
    overall = plan["diagnostics"].rows(measure="imbalance_mean", where="overall")
    if overall:
        blocks += [Paragraph(_overall(results, overall[-1])), *_unfilled(results), imbalance.figure(results)]
    else:
        blocks.append(
            Paragraph(
                t(
                    "The imbalance to expect is not given here: there is one allocation list, and how its "
                    "arms differ gives away what restricts it. It stands in the restricted annex."
                )
            )
        )
    table = _table(results)
    return [*blocks, table] if table.rows else blocks


def _overall(results: Node, mean: Node) -> Item:
    most = results["plan"]["diagnostics"].row(measure="imbalance_q95", where="overall")
    arms = results["scenario"]["arms"].value
    values: dict[str, Item] = {
        "mean": mean["value"].decimal(1, mean["mc_standard_error"]),
        "most": most["value"].decimal(1, most["mc_standard_error"]),
        "n": results["scenario"]["n_participants"].count(),
    }
    if len(arms) == 2 and arms[0]["allocation_weight"] == arms[1]["allocation_weight"]:
        return t(
            "After {n} participants the arms differ by {mean} participants in the mean, and by at most "
            "{most} in 95 of 100 trials. In brackets: Monte Carlo standard errors.",
            **values,
        )
    return t(
        "After {n} participants the imbalance is {mean} participants in the mean, and at most {most} in 95 "
        "of 100 trials. Imbalance is twice the largest deviation of an arm from its planned share. In "
        "brackets: Monte Carlo standard errors.",
        **values,
    )


def _unfilled(results: Node) -> list[Block]:
    scheme = results["provenance"]["scenario"]["design"]["randomisation"].value
    if scheme["kind"] != "stratified_permuted_block":
        return []
    n = results["plan"]["n_strata"].count()
    if scheme.get("leftovers") == "pool":
        text = t(
            "Each of the {n} strata has a list of its own, which ends inside a block. The participants of "
            "these unfilled blocks are randomised together at the end, which needs all of them to be known "
            "at once. The table shows what imbalance that leaves overall and within each factor.",
            n=n,
        )
    else:
        text = t(
            "Each of the {n} strata has a list of its own, and recruitment ends inside a block of almost "
            "every list. These unfilled blocks are where the imbalance comes from. It grows with the "
            "number of strata, not with the number of participants. The table shows what imbalance that "
            "leaves overall and within each factor.",
            n=n,
        )
    return [Paragraph(text)]


def _table(results: Node) -> Table:
    diagnostics = results["plan"]["diagnostics"]
    rows: list[tuple[Item, ...]] = []
    for most in diagnostics.rows(measure="imbalance_q95"):
        where = most["where"].value
        mean = diagnostics.row(measure="imbalance_mean", where=where, position=most["position"].value)
        rows.append(
            (
                place(where),
                mean["value"].decimal(1, mean["mc_standard_error"]),
                most["value"].decimal(1, most["mc_standard_error"]),
            )
        )
    return Table(
        "imbalance",
        t("Expected imbalance between the arms after the last participant"),
        (t("Among"), t("Mean, participants"), t("At most, in 95 of 100 trials, participants")),
        tuple(rows),
        t(
            "{n} simulated randomisations; in brackets: Monte Carlo standard errors. Single strata are "
            "left out: their imbalance would give away what restricts the randomisation.",
            n=results["provenance"]["parts"]["plan"]["replicates"].count(),
        ),
    )
