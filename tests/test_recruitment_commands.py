"""The commands: answer first, JSON, figures, refusals."""

from __future__ import annotations

import json

import pytest

from ipsrct.cli import main


def run(capsys, *words):
    with pytest.raises(SystemExit) as stopped:
        main(list(words))
    out, err = capsys.readouterr()
    return stopped.value.code, out, err


def test_recruit_answers_first_and_draws(capsys, tmp_path):
    file = tmp_path / "fan.png"
    words = ("recruit", "ips_ung_cells", "--consent", "0.5", "--replicates", "50", "--figure", str(file))
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert out.startswith("1,320 participants are reached in month 3")
    assert "given on the command line" in out
    assert file.read_bytes().startswith(b"\x89PNG")
    code, _, err = run(capsys, *words)
    assert code == 2
    assert "--force" in err


def test_recruit_prints_json(capsys):
    code, out, _ = run(
        capsys, "recruit", "ips_ung_cells", "--replicates", "50", "--fewer-than", "5", "--json"
    )
    document = json.loads(out, parse_constant=pytest.fail)
    assert code == 0
    assert document["few"] == 5
    assert document["provenance"]["replicates"] == 50


def test_stocks_as_text_and_json(capsys):
    _, out, _ = run(capsys, "recruit", "ips_ung_cells", "--stocks")
    assert out.startswith("From the reported starts and exits, all 24")
    _, out, _ = run(capsys, "recruit", "ips_ung_cells", "--stocks", "--json")
    assert len(json.loads(out)["stocks"]) == 1 + 2 * 3 * 12


def test_levers_and_cost_answer_first(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr("ipsrct._levers.available_levers", lambda _: [])
    monkeypatch.setattr("ipsrct._frontier.allocations", lambda _: [])
    monkeypatch.setattr("ipsrct._frontier._POWERS", (0.8,))
    code, out, _ = run(capsys, "levers", "ips_ung_cells")
    assert code == 0
    assert "participants give 80% power" in out.splitlines()[0]
    file = tmp_path / "cost.svg"
    code, out, _ = run(capsys, "cost", "ips_ung_cells", "--figure", str(file), "--json")
    assert code == 0
    assert json.loads(out)["cheapest"]["power"] == 0.8
    assert "<svg" in file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("recruit", "seed"), 2, "no [recruitment]"),
        (("levers", "seed"), 2, "no [recruitment]"),
        (("cost", "seed"), 2, "no [cost]"),
        (("recruit", "ips_ung_cells", "--consent", "75"), 2, "--consent"),
        (("levers", "ips_ung_cells", "--power", "0.05"), 2, "significance level"),
        (("recruit", "ips_ung_cells", "--set", "recruitment.consent=2"), 3, "recruitment.consent"),
        (("recruit", "ips_ung_cells", "--figure", "fan.txt"), 2, ".png"),
    ],
)
def test_refusals(capsys, words, code, message):
    found, out, err = run(capsys, *words)
    assert (found, out) == (code, "")
    assert message in err
