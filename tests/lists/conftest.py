"""Plans, lists and the command for tests of lists."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

import pytest

from ipsrct import Scenario
from ipsrct.cli import main
from ipsrct.lists.seed_file import ListSeed

RANDOMISATION = "design.randomisation"
THREE_ARMS = [
    {"name": "ips", "allocation_weight": 1},
    {"name": "ips_plus", "allocation_weight": 1},
    {"name": "control", "allocation_weight": 1, "is_control": True},
]
VARIANTS = {
    "1:1": {"design.n_participants": 90},
    "2:1": {
        "design.n_participants": 100,
        "design.arms.0.allocation_weight": 2,
        "design.randomisation.block_sizes": [3, 6],
    },
    "three arms": {
        "design.n_participants": 50,
        "design.arms": THREE_ARMS,
        "design.randomisation.block_sizes": [6],
    },
}


class Done(NamedTuple):
    code: int | str | None
    out: str
    err: str


def run(*arguments: object) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stop:
        main(list(map(str, arguments)))
    return Done(stop.value.code, out.getvalue(), err.getvalue())


def seed(number: int) -> ListSeed:
    return ListSeed(number.to_bytes(32, "big"))


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(params=VARIANTS)
def variant(request: pytest.FixtureRequest, cells_trial: Scenario) -> Scenario:
    return cells_trial.with_changes(VARIANTS[request.param])
