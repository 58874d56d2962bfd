"""What the documents say about the code is true."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import ipsrct
from ipsrct import _parts, read_scenario
from ipsrct.cli import cli

ROOT = Path(__file__).parents[1]
PACKAGE = Path(ipsrct.__file__).parent
pytestmark = pytest.mark.skipif(
    not (ROOT / "README.md").exists(), reason="the documents are not beside the tests"
)


def _read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_architecture_names_every_module_and_no_other():
    table = _read("ARCHITECTURE.md").split("## Layers")[1].split("## Three")[0]
    rows = [line.split("|")[2] for line in table.splitlines() if re.match(r"\| \d", line)]
    named = {name.rstrip("/") for row in rows for name in re.findall(r"`([a-z_/]+)`", row)}
    files = {p.stem for p in PACKAGE.glob("*.py")} - {"__init__", "_version"}
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert named == files | folders


def test_layers_in_the_document_are_those_that_are_checked():
    layers = tomllib.loads(_read("pyproject.toml"))["tool"]["importlinter"]["contracts"][0]["layers"]
    checked = {name.strip().removeprefix("ipsrct.") for layer in layers for name in layer.split("|")}
    files = {p.stem for p in PACKAGE.glob("*.py")} - {"__init__"}
    folders = {p.parent.name for p in PACKAGE.glob("*/__init__.py")}
    assert checked == files | folders


def test_readme_lists_every_command():
    named = set(
        re.findall(r"`(?:ipsrct )?([a-z-]+)", _read("README.md").split("## Commands")[1].split("## From")[0])
    )
    assert set(cli.commands) <= named


def test_readme_scenario_is_valid(tmp_path):
    toml = re.search(r"```toml\n(.*?)```", _read("README.md"), re.S).group(1)
    file = tmp_path / "pessimistic.toml"
    file.write_text(toml, encoding="utf-8")
    scenario = read_scenario(file)
    assert scenario.assumptions.outcome.effect.value == 0.035
    assert scenario.grid == (("design.n_participants", (1320, 3000, 6200)),)


def test_public_names_exist_and_are_sorted():
    assert ipsrct.__all__ == sorted(ipsrct.__all__)
    for name in ipsrct.__all__:
        assert getattr(ipsrct, name) is not None


def test_limits_of_length_hold():
    """No module of more than 300 lines."""
    long = {p.name: n for p in PACKAGE.rglob("*.py") if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}


def test_changelog_names_the_version():
    assert f"## {ipsrct.__version__}" in _read("CHANGELOG.md")


def test_every_kind_has_a_docstring_for_each_key():
    for family in _parts.FAMILIES:
        for kind, part in _parts.kinds(family).items():
            for key in set(part.model_fields) - {"kind"}:
                assert re.search(rf"\b{key}\b.* :", part.__doc__), f"{family}.{kind}.{key}"
