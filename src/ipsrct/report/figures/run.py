"""A figure of the report from a single run, for the commands that compute only that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ipsrct._files import draw_file
from ipsrct._language import language
from ipsrct._stderr import chosen
from ipsrct.findings.facts import facts
from ipsrct.report.figures.choice import made
from ipsrct.report.figures.render import image
from ipsrct.report.results import Node
from ipsrct.scenario import Scenario


def draw_run(
    path: Path | None, name: str, trial: Scenario, parts: Mapping[str, str], planned: int | None
) -> None:
    """Draw a figure of the report from the JSON of its runs, if a file is named for it.

    Parameters
    ----------
    path : Path or None
        Its suffix says the format.
    name : str
        Of the figure.
    trial : Scenario
        Without a grid.
    parts : mapping of str to str
        JSON by part of the findings.
    planned : int or None
        Participants; None where the figure is over sizes.
    """
    if path is None:
        return
    found = {part: json.loads(text) for part, text in parts.items()}
    results = Node({"scenario": facts(trial) | {"n_participants": planned}, **found})
    data = image(made(name, results), language(chosen()), path.suffix.removeprefix("."))
    draw_file(path, lambda drawn, file: file.write_bytes(drawn), data)
