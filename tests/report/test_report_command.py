"""``ipsrct report``: formats, languages, what is refused before computing, nothing half written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest
from docx import Document

from ipsrct import cli

from . import drawings


def _run(*arguments):
    with pytest.raises(SystemExit) as stop:
        cli.main(["report", *map(str, arguments)])
    return stop.value.code


@pytest.fixture
def computed(monkeypatch, findings):
    """Give stored findings, and tell how often they were asked for."""
    calls = []

    def find(scenario, **_):
        calls.append(scenario.name)
        return findings

    monkeypatch.setattr("ipsrct.report.writing.find", find)
    drawings.written_out(monkeypatch)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795305600")
    return calls


def test_all_formats_in_both_languages(computed, tmp_path, capsys):
    out = tmp_path / "report"
    assert _run("ips_ung", "--lang", "en", "--lang", "nb", "--to", "html,docx,xlsx,csv", "--out", out) == 0
    assert computed == ["ips_ung"]
    names = {path.name for path in out.iterdir()}
    assert names == {"results.json"} | {
        f"ips_ung_{code}{rest}" for code in ("en", "nb") for rest in (".html", ".docx", ".xlsx", "_csv")
    }
    tables = {path.name for path in (out / "ips_ung_nb_csv" / "semicolon").iterdir()}
    assert tables == {path.name for path in (out / "ips_ung_nb_csv" / "comma").iterdir()}
    assert tables
    printed = capsys.readouterr().out.splitlines()
    assert sorted(printed) == sorted(str(path) for path in out.rglob("*") if path.is_file())


def test_files_repeat(computed, tmp_path):
    for name in ("first", "second"):
        assert _run("ips_ung", "--to", "html,docx,xlsx,csv", "--out", tmp_path / name) == 0
    assert len(computed) == 2
    first = {p.relative_to(tmp_path / "first"): p.read_bytes() for p in (tmp_path / "first").rglob("*.*")
             if p.is_file()}  # fmt: skip
    assert first == {name: (tmp_path / "second" / name).read_bytes() for name in first}


def test_house_styles_are_used(computed, tmp_path):
    document = Document()
    document.styles["Title"].font.name = "House Sans"
    document.save(tmp_path / "house.docx")
    out = tmp_path / "report"
    assert _run("ips_ung", "--to", "docx", "--template", tmp_path / "house.docx", "--out", out) == 0
    assert computed
    assert Document(out / "ips_ung_en.docx").styles["Title"].font.name == "House Sans"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "html,pdf"], '"pdf" is not a format; formats: html, docx, xlsx, csv'),
        (["--to", "docx", "--template", "{here}/broken.docx"], "broken.docx: is not a Word document"),
        (["--to", "html", "--template", "{here}/broken.docx"], "lends its styles to docx"),
        (["--out", "{here}/full"], "full: holds files, and nothing is ever replaced"),
        (["--out", "{here}/absent/report"], "there is no folder"),
        (["--out", "{here}/new", "--annex", "{here}/full"], "full: holds files"),
    ],
)
def test_refused_before_anything_is_computed(computed, tmp_path, capsys, arguments, message):
    (tmp_path / "broken.docx").write_bytes(b"PK nonsense")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "kept.txt").write_text("kept")
    given = [argument.format(here=tmp_path) for argument in arguments]
    given += [] if "--out" in given else ["--out", str(tmp_path / "new")]
    assert _run("ips_ung", *given) == 2
    assert message in " ".join(capsys.readouterr().err.split())
    assert computed == []
    assert sorted(p.name for p in tmp_path.iterdir()) == ["broken.docx", "full"]
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["kept.txt"]


def test_scenario_is_read_first(computed, tmp_path):
    assert _run("ips_ung", "--set", "design.n_participants=-1", "--out", tmp_path / "new") == 3
    assert computed == []
    assert list(tmp_path.iterdir()) == []


def test_failed_writing_leaves_nothing(computed, tmp_path, monkeypatch):
    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("ipsrct.report.excel.excel", broken)
    assert _run("ips_ung", "--to", "html,xlsx", "--out", tmp_path / "new") == 130
    assert computed
    assert list(tmp_path.iterdir()) == []


INTERRUPTED = """
import sys, time, pathlib
from ipsrct.findings import document
from ipsrct.cli import main
def slow(scenario):
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(60)
document.PARTS.clear()
document.PARTS["sizing"] = slow
main(["report", "ips_ung_cells", "--out", sys.argv[2]])
"""


def test_control_c_while_computing_leaves_no_folder(tmp_path):
    marker, out = tmp_path / "computing", tmp_path / "report"
    command = [sys.executable, "-c", INTERRUPTED, str(marker), str(out)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ.copy())
    limit = time.monotonic() + 30
    while not marker.exists() and time.monotonic() < limit:
        time.sleep(0.05)
    assert marker.exists()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.decode().strip() == "Stopped."
    assert [p.name for p in tmp_path.iterdir()] == ["computing"]
