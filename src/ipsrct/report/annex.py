"""The restricted annex: what only those may see who keep the allocation list."""

from __future__ import annotations

from ipsrct._language import NO_VALUE
from ipsrct.findings import Findings
from ipsrct.report.build import report_date
from ipsrct.report.content.parts import flat_value, place
from ipsrct.report.content.provenance import toml
from ipsrct.report.content.schemes import keeps_lists, scheme_name
from ipsrct.report.content.words import name
from ipsrct.report.model import Block, Bullets, Code, Paragraph, Report, Section, Table, Terms
from ipsrct.report.results import Node
from ipsrct.report.text import Item, t

_BANNER = t(
    "RESTRICTED: for those who keep the allocation list only. Whoever knows what stands here can guess "
    "allocations. Do not give this annex to anyone who recruits, follows up participants or assesses "
    "outcomes."
)


def restricted_report(findings: Findings) -> Report:
    """Return the restricted annex.

    Parameters
    ----------
    findings : Findings
        Whole: with what is restricted.
    """
    results = Node(findings.document)
    scenario, secret = results["scenario"], results["restricted"]
    sections = [_restriction(scenario, secret)]
    if "diagnostics" in secret:
        sections += [_predictability(secret), _imbalance(secret)]
    return Report(
        name=f"{scenario['name'].value}_restricted",
        title=scenario["title"].quoted(),
        subtitle=t("Restricted annex to the randomisation plan"),
        date=report_date(),
        edition="restricted",
        sections=(*sections, _what_the_open_edition_tells(), _lists(scenario), _scenario(secret)),
    )


def _restriction(scenario: Node, secret: Node) -> Section:
    keys = secret["scenario"]["design"]["randomisation"]
    kind = scenario["randomisation"]["kind"].value
    if "schemes" in secret:
        keys = secret["schemes"][kind]["keys"]
    blocks: list[Block] = [
        Paragraph(_BANNER, "warning"),
        Paragraph(t("Participants are allocated by {method}, with these keys.", method=scheme_name(kind))),
        Terms(tuple((key, flat_value(value)) for key, value in keys.items())),
    ]
    if "warnings" in secret:
        blocks += [Paragraph(warning.quoted(), "warning") for warning in secret["warnings"]]
    return Section("restriction", t("What restricts the randomisation"), tuple(blocks))


def _predictability(secret: Node) -> Section:
    rows = secret["diagnostics"]
    places = dict.fromkeys(row["where"].value for row in rows.rows(measure="guesses_made"))
    if not places:
        text = t("There is nothing to guess: nobody sees earlier allocations when the next one is made.")
        return Section("predictability", t("How well allocations can be guessed"), (Paragraph(text),))
    wanted = (
        ("correct_guesses", "convergence"),
        ("guesses_made", "directional"),
        ("correct_guesses", "directional"),
        ("correct_guesses", "block_aware"),
        ("known_with_certainty", "block_aware"),
    )
    table = Table(
        "guesses",
        t("Guesses of the next arm"),
        (
            t("Who sees what"),
            t("Right, guessing every time the arm that is behind"),
            t("Guesses made, only where an arm is behind"),
            t("Right, of those"),
            t("Right, knowing the size of the blocks"),
            t("Known with certainty, knowing the size of the blocks"),
        ),
        tuple((_view(where), *(_found(rows, where, *key) for key in wanted)) for where in places),
        t("In brackets: Monte Carlo standard errors. A dash means that it does not apply."),
    )
    return Section("predictability", t("How well allocations can be guessed"), (table,))


def _view(where: str) -> Item:
    words = {
        "own_service/stratum": t("the own service, counting by stratum"),
        "own_service/all": t("the own service, counting all together"),
        "everybody/stratum": t("everybody, counting by stratum"),
        "everybody/all": t("everybody, counting all together"),
    }
    return words.get(where) or name(where)


def _found(rows: Node, where: str, measure: str, strategy: str) -> Item:
    found = rows.rows(measure=measure, where=where, strategy=strategy)
    return found[0]["value"].share(1, found[0]["mc_standard_error"]) if found else NO_VALUE


def _imbalance(secret: Node) -> Section:
    last = {
        (row["measure"].value, row["where"].value): row
        for row in secret["diagnostics"]
        if not row["strategy"].value
    }
    rows = []
    for (measure, where), row in last.items():
        what = _measure(measure)
        if what is not None and row["value"].value is not None:
            share = measure == "blocks_incomplete"
            shown = row["value"].share if share else row["value"].decimal
            rows.append((what, place(where), shown(2, row["mc_standard_error"])))
    table = Table(
        "restricted-imbalance",
        t("Imbalance that tells of the restriction, after the last participant"),
        (t("Measure"), t("Among"), t("Value, participants or share")),
        tuple(rows),
        t("In brackets: Monte Carlo standard errors; numbers without are exact."),
    )
    return Section("restricted-imbalance-section", t("Imbalance and blocks that stay incomplete"), (table,))


def _measure(key: str) -> Item | None:
    words = {
        "imbalance_mean": t("imbalance, mean"),
        "imbalance_largest": t("imbalance of the worst of them, mean"),
        "imbalance_largest_on_the_way": t("largest imbalance on the way, mean"),
        "imbalance_q95": t("imbalance, 95% quantile"),
        "imbalance_mean_square": t("square of the imbalance, mean"),
        "imbalance_mean_square_expected": t("square of the imbalance, expected exactly"),
        "stratum_imbalance_expected": t("imbalance of a stratum, expected exactly"),
        "participants_in_incomplete_blocks": t("participants in incomplete blocks, expected exactly"),
        "blocks_incomplete": t("share of blocks that stay incomplete, exactly"),
        "information_loss": t("information lost to imbalance"),
    }
    return words.get(key)


def _what_the_open_edition_tells() -> Section:
    return Section(
        "open-edition",
        t("What the open edition still tells"),
        (
            Bullets(
                (
                    t(
                        "The open edition holds no key of the randomisation beyond its kind and its "
                        "factors, and its digest is that of the scenario without them."
                    ),
                    t(
                        "Its simulated numbers were made with the keys above, and the expected imbalance "
                        "depends on them. Whoever knows the number of strata can work out which block size "
                        "or coin fits, with a pocket calculator or by simulating every likely key."
                    ),
                    t("A scenario that comes with ipsrct can be read by everybody, with all its keys."),
                    t(
                        "Where that matters, draw the lists with other keys than those simulated: several "
                        "block sizes, chosen by those who keep the list and given to `ipsrct randomise` "
                        "with `--set`. Power hardly depends on them."
                    ),
                )
            ),
        ),
    )


def _lists(scenario: Node) -> Section:
    if not keeps_lists(scenario["randomisation"]["kind"].value):
        items: tuple[Item, ...] = (
            t("There is no allocation list: the allocation is made when participants or services are known."),
            t(
                "Keep the program that allocates, its keys and its random seed where nobody who recruits "
                "can see them."
            ),
        )
    else:
        items = (
            t(
                "Lists are made by `ipsrct randomise`, from a list seed in a file of its own. The seed is "
                "never shown, not even here."
            ),
            t("Keep the seed file apart from the lists: each alone tells less than both."),
            t("The same seed, scenario and version give the same lists again, byte for byte."),
            t("`ipsrct audit-list` says whether a list can have come from this plan."),
            t("Load different lists for development and production."),
        )  # fmt: skip
    return Section("lists", t("Handling of the lists"), (Bullets(items),))


def _scenario(secret: Node) -> Section:
    return Section(
        "whole-scenario",
        t("The whole scenario"),
        (
            Terms(
                (
                    (
                        t("Digest of the scenario below (SHA-256 of its canonical JSON)"),
                        secret["scenario_sha256"].value,
                    ),
                )
            ),
            Code(t("The scenario, to be saved as scenario.toml"), toml(secret["scenario"].value)),
        ),
    )
