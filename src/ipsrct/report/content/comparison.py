"""Scenarios side by side: a column for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ipsrct.report.content.words import effect, level, name, population, power
from ipsrct.report.model import Block, Bullets, Code, Paragraph, Section, Table
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, t

_Row = tuple[Item, ...]


def sections(results: Node) -> tuple[Section, ...]:
    """Return the sections of a comparison."""
    return (_answer(results), _differences(results), _populations(results), _made(results))


def _each(results: Node, cell: Callable[[Node], Item | None]) -> _Row:
    """Return a cell for each scenario; a dash where it has none."""
    return tuple(cell(found) or t("none") for _, found in results["scenarios"].items())


def _columns(results: Node) -> tuple[Item, ...]:
    return tuple(name(key) for key, _ in results["scenarios"].items())


def _size(found: Node, target: float, key: str = "all") -> Node | None:
    """Return the size for a target power by the first analysis, where there is one."""
    label = found["headline"]["estimator"].value
    rows = found["sizing"]["answers"].rows(target_power=target, population=key, estimator=label)
    known = [r for r in rows if r["n_total"].value is not None and r["method"].value != "formula"]
    return known[0] if known else None


def _n(target: float, key: str = "all") -> Callable[[Node], Item | None]:
    def cell(found: Node) -> Item | None:
        row = _size(found, target, key)
        return row["n_total"].count() if row else None

    return cell


def _detectable(found: Node) -> Item:
    label = found["headline"]["estimator"].value
    row = found["detectable"]["effects"].row(estimator=label, population="all", target_power=0.8)
    return effect(found["scenario"], row["effect"], row["mc_standard_error"])


def _months(milestone: str) -> Callable[[Node], Item | None]:
    def cell(found: Node) -> Item | None:
        if "recruitment" not in found:
            return None
        mean = found["recruitment"]["milestones"].row(name=milestone)["mean"]
        return t("{months} months", months=mean["value"].decimal(1, mean["mc_standard_error"]))

    return cell


def _assurance(found: Node) -> Item | None:
    if "assurance" not in found:
        return None
    return found["assurance"]["assurance"].share(1, found["assurance"]["mc_standard_error"])


def _answer(results: Node) -> Section:
    rows: list[tuple[Item, Callable[[Node], Item | None]]] = [
        (t("outcome without IPS"), lambda f: level(f["scenario"], f["headline"]["control"])),
        (t("assumed effect"), lambda f: effect(f["scenario"], f["headline"]["effect"])),
        (t("participants for 80% power"), _n(0.8)),
        (t("participants for 90% power"), _n(0.9)),
        (t("participants planned"), lambda f: f["scenario"]["n_participants"].count()),
        (t("power with the planned number"), power),
        (t("smallest effect that the planned number detects with 80% power"), _detectable),
        (t("probability of success, averaged over the prior"), _assurance),
        (t("until the planned number is recruited"), _months("n_reached")),
        (t("until the register is complete"), _months("register_complete")),
    ]
    table = Table(
        "comparison",
        t("The scenarios side by side"),
        (t("question"), *_columns(results)),
        tuple((question, *_each(results, cell)) for question, cell in rows),
        t("Monte Carlo standard errors in brackets; a number without one is exact or follows from a search."),
    )
    return Section("answer", t("The answer"), (*_sentences(results), table))


def _sentences(results: Node) -> Iterator[Block]:
    for key, found in results["scenarios"].items():
        row = _size(found, 0.8)
        if row is None:
            text = t("{scenario}: no number of participants gives 80% power.", scenario=name(key))
        else:
            text = t(
                "{scenario}: {n} participants give {target} power to find {effect}.",
                scenario=name(key),
                n=row["n_total"].count(),
                target=row["target_power"].share(0),
                effect=effect(found["scenario"], found["headline"]["effect"]),
            )
        yield Paragraph(text, "answer")


def _differences(results: Node) -> Section:
    rows = []
    for row in results["differences"]:
        values = row["values"]
        cells = [
            values[key].as_written() if key in values else t("not set")
            for key, _ in results["scenarios"].items()
        ]
        rows.append((row["path"].value, *cells))
    titles = tuple(
        t("{scenario}: {title}", scenario=name(key), title=found["scenario"]["title"].quoted())
        for key, found in results["scenarios"].items()
    )
    table = Table(
        "differences",
        t("Every key that differs between the scenarios"),
        (t("key"), *_columns(results)),
        tuple(rows),
    )
    blocks: tuple[Block, ...] = (Bullets(titles), table) if rows else (Bullets(titles),)
    return Section("differences", t("What differs"), blocks)


def _populations(results: Node) -> Section:
    """Return power and size by population, for the populations that every scenario has."""
    documents = [found for _, found in results["scenarios"].items()]
    named = [[row["name"].value for row in found["scenario"]["populations"]] for found in documents]
    shared = [key for key in named[0] if all(key in names for names in named)]

    def row(key: str, cell: Callable[[Node, str], Item | None]) -> _Row:
        return (population(documents[0], key), *_each(results, lambda found: cell(found, key)))

    tables = (
        Table(
            "comparison-power",
            t("Power with the planned number, first analysis of each scenario, %"),
            (t("population"), *_columns(results)),
            tuple(row(key, _power_of) for key in shared),
            t("Simulated; Monte Carlo standard errors in brackets."),
        ),
        Table(
            "comparison-sizes",
            t("Participants for 80% power, first analysis of each scenario"),
            (t("population"), *_columns(results)),
            tuple(row(key, lambda found, key: _n(0.8, key)(found)) for key in shared),
        ),
    )
    return Section("subgroups", t("Everybody and subgroups"), tables)


def _power_of(found: Node, key: str) -> Item:
    label = found["headline"]["estimator"].value
    rows = found["characteristics"]["characteristics"]
    row = rows.row(measure="power", estimator=label, population=key)
    return row["value"].percent(1, row["mc_standard_error"])


def _made(results: Node) -> Section:
    """Return what made the numbers, and why a scenario lacks some."""
    blocks: list[Block] = []
    for key, found in results["scenarios"].items():
        made = found["provenance"]
        versions = [Joined((program, v.value), " ") for program, v in made["versions"].items()]
        text = t(
            "{scenario}: seed {seed}, versions {versions}, SHA-256 of the scenario without what only the "
            "keepers of the allocation list may see: {digest}.",
            scenario=name(key),
            seed=str(made["seed"].value),
            versions=Joined(tuple(versions)),
            digest=made["scenario_sha256"].value,
        )
        blocks.append(Paragraph(text))
        if "not_available" in found:
            reasons = [
                t(
                    "{scenario} has no {part}: {reason}",
                    scenario=name(key),
                    part=name(part),
                    reason=why.quoted(),
                )
                for part, why in found["not_available"].items()
            ]
            blocks.append(Bullets(tuple(reasons)))
    if results["provenance"]:
        command = results["provenance"]["command"].value
        blocks.append(Code(t("The command that makes this comparison again"), command))
    return Section("provenance", t("How the numbers were made"), tuple(blocks))
