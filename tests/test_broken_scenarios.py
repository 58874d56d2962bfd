"""Every broken scenario is refused with its complete list of faults, in Python and on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ipsrct import ScenarioError, read_scenario
from ipsrct._reading import parse_change
from ipsrct.cli import main
from tests.broken_scenarios import BROKEN, Broken

each_broken = pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.name)

each_broken_file_or_change = pytest.mark.parametrize(
    "broken",
    # Whether an override looks like path=value is a matter of the command line alone.
    [broken for broken in BROKEN if all("=" in change for change in broken.changes)],
    ids=lambda broken: broken.name,
)


def _command(broken: Broken, source: str, command: str = "check") -> list[str]:
    return [command, source, *(word for change in broken.changes for word in ("--set", change))]


@each_broken_file_or_change
def test_reader_lists_every_fault(broken: Broken, tmp_path: Path) -> None:
    source = broken.write(tmp_path)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(source, dict(parse_change(change) for change in broken.changes))
    found = caught.value.faults
    assert sorted(fault.path for fault in found) == sorted(path for path, _ in broken.faults), str(
        caught.value
    )
    for path, part in broken.faults:
        assert any(fault.path == path and part in fault.message for fault in found), str(caught.value)


@each_broken
def test_command_exits_with_3_and_prints_every_fault_on_stderr(
    broken: Broken, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(_command(broken, broken.write(tmp_path)))
    out, err = capsys.readouterr()
    assert stopped.value.code == 3
    assert out == ""
    head, *lines = err.splitlines()
    assert head.endswith(f": {len(broken.faults)} fault{'s' * (len(broken.faults) > 1)}"), err
    assert len(lines) == len(broken.faults), err
    for path, part in broken.faults:
        assert any(line.strip().startswith(f"{path}: ") and part in line for line in lines), err


@pytest.mark.parametrize("command", ["simulate", "size", "verify", "check"])
def test_every_command_refuses_a_broken_scenario(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = next(b for b in BROKEN if b.name == "faults_in_every_section")
    with pytest.raises(SystemExit) as stopped:
        main([*_command(broken, broken.write(tmp_path), command), "--json"])
    out, err = capsys.readouterr()
    assert stopped.value.code == 3
    assert all(path in err for path, _ in broken.faults)
    if command == "check":
        listed = json.loads(out)
        assert not listed["valid"]
        assert {f["path"] for f in listed["faults"]} == {path for path, _ in broken.faults}
    else:
        assert out == ""


def test_names_of_the_broken_scenarios_differ() -> None:
    assert len({broken.name for broken in BROKEN}) == len(BROKEN) > 32
