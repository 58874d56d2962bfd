"""A report with every kind of block, for the formats: it says nothing, in words that no catalogue has."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any

from ipsrct._figures import new_figure
from ipsrct.report.model import (
    Bullets,
    Code,
    Figure,
    Paragraph,
    Report,
    Section,
    Table,
    Terms,
)
from ipsrct.report.results import Node
from ipsrct.report.text import Item, Joined, Link, Quoted, Text, t

LONG, WIDE = 90, 18
RESULTS: dict[str, Any] = {
    "name": "synthetic",
    "n": 1358,
    "shares": [0.786234567891, 0.1 + 0.2, 0.07, -0.0431, 0.0, None, 1.0],
    "errors": [0.0021, 0.00064, 0.0005, 0.0005, 0.0, None, None],
    "large": 2512345.678,
    "negative": -1234.5678,
    "month": "2027-01",
    "per_arm": {"ips": 906, "control": 452},
    "rows": [{"x": i, "share": (i + 0.5) / 97, "error": 0.001 * (1 + i % 7)} for i in range(LONG)],
    "wide": [[10**6 + 37.7 * i * j for j in range(WIDE)] for i in range(6)],
    "a/b~c": 3.25,
    "names": [f"row-{i}" for i in range(6)],
}
NODE = Node(RESULTS)


def drawing(monkeypatch: Any) -> None:
    """Let a figure called "synthetic" be drawn."""
    module = ModuleType("ipsrct.report.figures.synthetic")

    def draw(figure: Figure, language: Any, size: str) -> Any:
        assert size == "report"
        drawn = new_figure(7, 3.5)
        axes = drawn.subplots()
        axes.plot([row[0].value for row in figure.data.rows])  # type: ignore[union-attr]
        axes.set_title(language.translate("Contents"))
        return drawn

    module.draw = draw  # type: ignore[attr-defined]
    monkeypatch.setitem(__import__("sys").modules, module.__name__, module)


def _estimates(k: int) -> Item:
    return NODE["shares"][k].share(1, NODE["errors"][k])


def _mixed() -> Table:
    shares = NODE["shares"]
    rows: list[tuple[Item, ...]] = [
        (
            Text("row {i}", {"i": NODE["rows"][k]["x"].count()}),
            _estimates(k),
            shares[k].percent(1, NODE["errors"][k]),
            t("{value} percentage points", value=shares[k].percent(2)),
            NODE["n"].count()
            if k == 6
            else Text(
                "{low} and up to {high}", {"low": shares[k].decimal(3), "high": NODE["negative"].decimal(1)}
            ),
            NODE["month"].month(),
            Quoted('=SUM("A1"); a "word", not a formula'),
        )
        for k in range(7)
    ]
    heads = ("Alpha", "Beta", "Gamma (%)", "Delta", "Epsilon", "Zeta", "Eta")
    return Table(
        "mixed",
        Text("Every kind of cell, with {n} participants", {"n": NODE["n"].count()}),
        tuple(map(Text, heads)),
        tuple(rows),
        Text("A note on {large} kroner.", {"large": NODE["large"].count()}),
    )


def _long(name: str) -> Table:
    rows = tuple(
        (row["x"].count(), row["share"].decimal(3, row["error"]), Quoted("a name of middling length"))
        for row in NODE["rows"]
    )
    return Table(name, Text("A long table"), (Text("x"), Text("Share"), Text("Name")), rows)


def _wide() -> Table:
    heads = (Text("Row"), *(Text(f"column-{j}") for j in range(WIDE)))
    rows = tuple(
        (NODE["names"][i].quoted(), *(cell.decimal(1) for cell in row)) for i, row in enumerate(NODE["wide"])
    )
    return Table("wide-table-with-a-name-that-is-too-long", Text("A wide table"), heads, rows)


def _blocks() -> tuple[Any, ...]:
    arms = Joined(tuple(Text("{n} in {arm}", {"n": n.count(), "arm": a}) for a, n in NODE["per_arm"].items()))
    return (
        Paragraph(
            Text("It needs {n} participants ({arms}).", {"n": NODE["n"].count(), "arms": arms}), "answer"
        ),
        Paragraph(Text("Theta is {p}.", {"p": _estimates(0)}), "answer"),
        Paragraph(Text("See {link}, and {odd}.", {"link": Link("tables"), "odd": NODE["a/b~c"].decimal(2)})),
        Paragraph(
            Text("From {month}: {w}", {"month": NODE["month"].month(), "w": Quoted("nobody knows")}), "note"
        ),
        Paragraph(Text("Beware of {x}.", {"x": NODE["negative"].decimal(2)}), "warning"),
        Bullets((Text("first"), Text("second, with {x}", {"x": NODE["shares"][3].share(2)}))),
        Terms(((Text("term"), Text("what it means")), (Text("other"), Text("what that means")))),
        Code(
            Text("A command"),
            "ipsrct size ips_ung --power 0.8\n  indented = 0.395  # and a long line " + "x" * 90,
        ),
    )


def report() -> Report:
    """Return the report: open edition."""
    data = replace(_long("data-synthetic"), caption=Text("What the figure shows"))
    figure = Figure("synthetic", Text("A figure"), Text("A curve that rises."), data)
    inner = Section("inner", Text("Inside"), (_wide(), Paragraph(Text("After it."))))
    return Report(
        name="synthetic",
        title=Quoted("A synthetic report"),
        subtitle=t("Sample size, power and randomisation plan"),
        date="2026-11-22",
        edition="open",
        sections=(
            Section("answer", t("The answer"), _blocks()),
            Section("tables", Text("Tables and a figure"), (_mixed(), _long("long"), figure), (inner,)),
        ),
    )
