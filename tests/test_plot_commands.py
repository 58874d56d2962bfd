"""`ipsrct plot` from the command line: which figures, which files, and what it refuses."""

from __future__ import annotations

import pytest

from ipsrct.cli import main
from ipsrct.report.figures import NEEDS

PNG, PDF = b"\x89PNG", b"%PDF"


@pytest.fixture
def plot(capsys):
    def run(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main(["plot", *map(str, arguments)])
        return stopped.value.code, capsys.readouterr()

    return run


def test_figures_are_files_of_their_own_in_every_language_and_format(plot, tmp_path):
    options = ("--lang", "nb", "--lang", "en", "--to", "svg,png,pdf")
    code, told = plot("ips_ung", "flow", *options, "--out", tmp_path / "new")
    assert code == 0
    names = {f"ips_ung_flow_{lang}.{suffix}" for lang in ("nb", "en") for suffix in ("svg", "png", "pdf")}
    assert {path.name for path in (tmp_path / "new").iterdir()} == names
    assert {line.rpartition("/")[2] for line in told.out.split()} == names
    assert (tmp_path / "new" / "ips_ung_flow_nb.png").read_bytes().startswith(PNG)
    assert (tmp_path / "new" / "ips_ung_flow_nb.pdf").read_bytes().startswith(PDF)
    bokmaal, english = ((tmp_path / "new" / f"ips_ung_flow_{lang}.svg").read_text() for lang in ("nb", "en"))
    assert "<svg" in bokmaal
    assert bokmaal != english


def test_files_repeat_to_the_byte_and_others_are_never_replaced(plot, tmp_path):
    for out in ("a", "b", "a"):
        assert plot("ips_ung_cells", "flow", "--to", "svg,pdf", "--out", tmp_path / out)[0] == 0
    files = [{p.name: p.read_bytes() for p in (tmp_path / out).iterdir()} for out in ("a", "b")]
    assert files[0] == files[1]
    assert len(files[0]) == 2
    code, told = plot("ips_ung_cells", "flow", "--lang", "nb", "--out", tmp_path / "a")
    assert code == 2
    assert "holds other files" in told.err
    assert {p.name: p.read_bytes() for p in (tmp_path / "a").iterdir()} == files[0]


def test_only_what_is_asked_for_is_computed(plot, tmp_path, monkeypatch):
    from ipsrct.findings import document

    computed = []
    part = document._part
    monkeypatch.setattr(
        document, "_part", lambda scenario, name: computed.append(name) or part(scenario, name)
    )
    assert plot("ips_ung", "flow", "--out", tmp_path / "flow")[0] == 0
    assert computed == ["flow"]


def test_a_slide_is_13_33_by_7_5_inches(plot, tmp_path):
    assert plot("ips_ung", "flow", "--size", "slide", "--out", tmp_path / "new")[0] == 0
    text = (tmp_path / "new" / "ips_ung_flow_en.svg").read_text()
    assert 'width="959.76pt" height="540pt"' in text


def test_a_name_that_is_misspelt_is_answered_with_the_nearest(plot, tmp_path):
    code, told = plot("ips_ung", "recruitmnt", "--out", tmp_path / "new")
    assert code == 2
    assert 'did you mean "recruitment"' in told.err
    assert all(name in told.err for name in NEEDS)
    assert not (tmp_path / "new").exists()


def test_the_help_names_every_figure(plot):
    code, told = plot("--help")
    assert code == 0
    assert all(name in told.out for name in NEEDS)


def test_a_figure_that_the_scenario_cannot_have_is_refused_with_the_reason(plot, tmp_path):
    code, told = plot("seed", "flow", "recruitment", "--out", tmp_path / "new")
    assert code == 2
    assert "recruitment: the scenario has no [recruitment]" in told.err
    assert not (tmp_path / "new").exists()


def test_without_names_what_is_missing_is_said_and_the_rest_drawn(plot, tmp_path, monkeypatch):
    from ipsrct.report.figures import choice

    for name in set(NEEDS) - {"flow", "recruitment"}:
        monkeypatch.delitem(choice.NEEDS, name)
    code, told = plot("seed", "--out", tmp_path / "new")
    assert code == 0
    assert "No figure recruitment: the scenario has no [recruitment]" in told.err
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["seed_flow_en.svg"]


@pytest.mark.parametrize("formats", ["svg,gif", "jpeg"])
def test_an_unknown_format_is_refused(plot, tmp_path, formats):
    code, told = plot("ips_ung", "flow", "--to", formats, "--out", tmp_path / "new")
    assert code == 2
    assert "formats: png, svg, pdf" in told.err
