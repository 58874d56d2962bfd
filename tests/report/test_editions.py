"""The open edition holds nothing restricted, in no file; the annex does, and is written only on request."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib

import pytest
from click.testing import CliRunner

from ipsrct import read_scenario
from ipsrct._lever_choices import available_levers, overall
from ipsrct.cli import cli, main
from ipsrct.findings import Findings, find
from ipsrct.findings.conduct import _open_reason
from ipsrct.findings.secrecy import OPEN_KEYS, open_document, restricted_keys, single_lists
from ipsrct.report.annex import restricted_report
from ipsrct.report.build import open_report
from ipsrct.report.model import Code
from ipsrct.report_commands import repeat_command
from tests.report import drawings
from tests.report.editions import CANARY, differences, files, planted, readable, with_the_numbers_of

TWO = {"factors": ["age", "sex"]}
SECRETS = [
    ({"kind": "permuted_block"}, {"block_sizes": [14]}, {"block_sizes": [2, 26]}),
    ({"kind": "stratified_permuted_block", **TWO}, {"block_sizes": [14]}, {"block_sizes": [4, 6]}),
    ({"kind": "block_urn"}, {"block_size": 14}, {"block_size": 26}),
    ({"kind": "biased_coin"}, {"p": 0.71834}, {}),
    ({"kind": "big_stick"}, {"maximum_tolerated_imbalance": 3}, {"maximum_tolerated_imbalance": 13}),
    ({"kind": "minimisation", **TWO}, {"probability": 0.71834}, {"imbalance": "variance"}),
    ({"kind": "covariate_adaptive", **TWO}, {"stratum_weight": 0}, {"probability": 0.71834}),
    ({"kind": "rerandomisation", **TWO}, {"acceptance": 0.071834}, {"limit": 1.71834}),
]


def small(scheme, **changes):
    size = {"design.n_participants": 60, "simulation.replicates": 64}
    return read_scenario("ips_ung_cells", {**size, "design.randomisation": scheme, **changes})


@pytest.fixture(scope="module", autouse=True)
def quick_drawings():
    with pytest.MonkeyPatch.context() as patch:
        drawings.written_out(patch)
        yield


@pytest.fixture(scope="module")
def secret(findings):
    return planted(findings)


@pytest.fixture(scope="module")
def open_files(secret):
    return files(open_report(secret), secret.open_edition())


def test_open_files_hold_nothing_restricted(findings, secret, open_files):
    """Planted for every restricted number, the canary shows wherever one would; it shows in the annex."""
    for name, data in open_files.items():
        text = readable(data).decode(errors="replace")
        assert f"{CANARY}" not in re.sub(r"[\s,\u00a0]", "", text), name
        assert findings.document["restricted"]["scenario_sha256"] not in text, name
    for name, data in files(restricted_report(secret), secret).items():
        assert f"{CANARY}" in re.sub(r"[\s,\u00a0]", "", readable(data).decode(errors="replace")), name


def test_other_secrets_give_the_same_open_files_byte_for_byte(findings, open_files):
    assert open_files == files(open_report(findings), findings.open_edition())


@pytest.mark.parametrize(("scheme", "first", "second"), SECRETS, ids=[s["kind"] for s, _, _ in SECRETS])
def test_scenarios_that_differ_in_secrets_differ_openly_in_simulated_numbers_only(scheme, first, second):
    a, b = (find(small(scheme | secret), ["plan", "flow"]) for secret in (first, second))
    opened = [json.loads(found.open_edition().to_json()) for found in (a, b)]
    assert differences(*opened) == []
    assert opened[0]["provenance"] == opened[1]["provenance"]
    assert "71834" not in json.dumps(opened)
    assert with_the_numbers_of(a, b).open_edition().to_json() == b.open_edition().to_json()
    assert a.document["restricted"]["scenario_sha256"] != b.document["restricted"]["scenario_sha256"]


@pytest.mark.parametrize(
    ("scheme", "hidden"),
    [
        ({"kind": "permuted_block", "block_sizes": [4]}, {"overall", "factors"}),
        ({"kind": "biased_coin"}, {"overall", "factors"}),
        ({"kind": "complete"}, set()),
        ({"kind": "stratified_permuted_block", **TWO, "block_sizes": [4]}, set()),
        (
            {"kind": "stratified_permuted_block", "factors": ["sex"], "block_sizes": [4]},
            {"sex:men", "sex:women", "factors"},
        ),
        ({"kind": "stratified_permuted_block", "factors": ["service"], "block_sizes": [4]}, {"service"}),
    ],
)
def test_single_lists_are_left_out(scheme, hidden):
    scenario = small(scheme)
    assert single_lists(scenario) == hidden
    found = find(scenario, ["plan"]).document
    open_places = {row["where"] for row in found["plan"]["diagnostics"]}
    assert not open_places & (hidden | {"stratum"})
    assert hidden <= {row["where"] for row in found["restricted"]["diagnostics"]}


def test_a_warning_that_tells_of_the_blocks_is_restricted():
    scheme = {"kind": "stratified_permuted_block", **TWO, "block_sizes": [40]}
    document = find(small(scheme), ["plan"]).document
    assert [w for w in document["plan"]["warnings"] if "block" in w] == []
    assert document["restricted"]["warnings"][0].startswith("All strata")


def test_refusals_quote_no_key():
    assert _open_reason("design.randomisation: block_size must be a multiple of 3, got 14") == (
        "the randomisation does not allow it"
    )
    assert _open_reason("analysis.estimators: needs two arms") == "analysis.estimators: needs two arms"


def test_levers_do_not_depend_on_the_size_of_an_urns_blocks():
    """2:1 needs a multiple of 3; were the scenario's block kept, its lever would come and go with it."""
    names = [
        [lever.name for lever in available_levers(overall(small({"kind": "block_urn", "block_size": size})))]
        for size in (4, 6)
    ]
    assert names[0] == names[1]
    assert "allocation 2:1" in names[0]


def code(report, section_id):
    return next(
        b.text for b in report.section(section_id).blocks if isinstance(b, Code) and "[design]" in b.text
    )


def test_the_open_scenario_can_be_saved_checked_and_run(findings, tmp_path):
    text = code(open_report(findings), "provenance")
    document = tomllib.loads(text)
    canonical = json.dumps(document, sort_keys=True, ensure_ascii=False)
    assert (
        hashlib.sha256(canonical.encode()).hexdigest() == findings.document["provenance"]["scenario_sha256"]
    )
    assert set(document["design"]["randomisation"]) <= set(OPEN_KEYS)
    path = tmp_path / "scenario.toml"
    path.write_text(text, encoding="utf-8")
    scenario = read_scenario(str(path), {"design.randomisation.block_sizes": [4]})
    assert scenario.sha256 == findings.document["restricted"]["scenario_sha256"]


def test_the_annex_holds_the_whole_scenario(findings, tmp_path):
    path = tmp_path / "scenario.toml"
    path.write_text(code(restricted_report(findings), "whole-scenario"), encoding="utf-8")
    assert read_scenario(str(path)).sha256 == findings.document["restricted"]["scenario_sha256"]


def test_the_stored_open_scenario_is_that_of_the_package(findings):
    scenario = read_scenario("ips_ung")
    assert findings.document["provenance"]["scenario"] == open_document(scenario)
    assert restricted_keys(scenario.design.scheme) == ["block_sizes"]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ((), "ipsrct report ips_ung --lang nb --to html --out report"),
        (
            ("design.n_participants=1500",),
            "ipsrct report ips_ung --set design.n_participants=1500 --lang nb --to html --out report",
        ),
        (
            ("design.randomisation.block_sizes=[6]",),
            "ipsrct report scenario.toml --lang nb --to html --out report",
        ),
        (
            ("design.randomisation={kind='big_stick'}",),
            "ipsrct report scenario.toml --lang nb --to html --out report",
        ),
        ((" design = {}",), "ipsrct report scenario.toml --lang nb --to html --out report"),
    ],
)
def test_the_command_repeats_the_report_and_says_nothing_restricted(changes, shown):
    assert repeat_command(("ips_ung",), changes, None, ("nb",), ("html",)) == shown


def test_the_command_names_no_folder_and_keeps_the_seed():
    shown = repeat_command(("/home/kari/secret/trial.toml",), (), 7, ("en",), ("html", "docx"))
    assert shown == "ipsrct report trial.toml --seed 7 --lang en --to html,docx --out report"


@pytest.fixture
def run(findings, monkeypatch):
    def stored(scenario, **_):
        secret = {"scenario": scenario.document, "scenario_sha256": scenario.sha256}
        return Findings(findings.document | {"restricted": findings.document["restricted"] | secret})

    monkeypatch.setattr("ipsrct.report.writing.find", stored)
    return lambda *arguments: CliRunner().invoke(cli, ["report", "ips_ung", *map(str, arguments)])


def test_the_annex_is_written_only_when_asked_for(run, tmp_path):
    assert run("--lang", "nb", "--out", tmp_path / "open").exit_code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["open"]


def test_the_annex_stands_apart_for_its_owner_alone(run, tmp_path):
    size = "design.randomisation.block_sizes=[14]"
    folders = tmp_path / "open", tmp_path / "annex"
    result = run("--set", size, "--lang", "nb", "--lang", "en", "--out", folders[0], "--annex", folders[1])
    assert result.exit_code == 0, result.output
    opened, annex = ({p.name: p for p in folder.iterdir()} for folder in folders)
    assert set(annex) == {
        "results_restricted.json", "ips_ung_restricted_nb.html", "ips_ung_restricted_en.html",
    }  # fmt: skip
    assert folders[1].stat().st_mode & 0o777 == 0o700
    assert {p.stat().st_mode & 0o777 for p in annex.values()} == {0o600}
    for path in opened.values():
        text = path.read_text(encoding="utf-8")
        assert "restricted_nb" not in text
        assert "RESTRICTED" not in text
        assert not re.search(r"block_sizes|\[\s*14\s*\]", text), path.name
    assert "restricted" not in json.loads(opened["results.json"].read_text(encoding="utf-8"))
    assert json.loads(opened["results.json"].read_text(encoding="utf-8"))["provenance"]["command"].startswith(
        "ipsrct report scenario.toml"
    )
    assert re.search(
        r"block_sizes = \[\s*14", annex["ips_ung_restricted_en.html"].read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("annex", ["open", "open/annex", "."])
def test_an_annex_inside_the_open_folder_is_refused(tmp_path, capsys, annex):
    with pytest.raises(SystemExit) as stop:
        main(["report", "ips_ung", "--out", str(tmp_path / "open"), "--annex", str(tmp_path / annex)])
    assert stop.value.code == 2
    assert "must be apart" in " ".join(capsys.readouterr().err.split())
    assert list(tmp_path.iterdir()) == []


def test_the_annex_says_first_who_may_read_it(findings):
    report = restricted_report(findings)
    first = report.sections[0].blocks[0]
    assert (report.edition, first.role) == ("restricted", "warning")
    assert first.text.template.startswith("RESTRICTED: for those who keep the allocation list only.")
