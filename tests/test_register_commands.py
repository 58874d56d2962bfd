"""``ipsrct register``: exit codes, what goes where, labels, files, refusals and interruption."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

from ipsrct import register_commands
from ipsrct.cli import main
from ipsrct.evidence import evidence
from ipsrct.register import calibration, records, replica
from ipsrct.register.counterfactual import CONTROL_LEVELS
from ipsrct.register.draw import Register, draw_register
from ipsrct.register.evaluation import Model1Design, evaluate_model_1
from ipsrct.register.published import published_coefficients
from ipsrct.register.reproduction import fitted_coefficients

COMMANDS = ("reproduce", "draw", "replica", "calibrate", "identify", "widths", "evaluate")
COEFFICIENT_KEYS = {
    "process",
    "table",
    "model",
    "outcome",
    "published",
    "ci_low",
    "ci_high",
    "standard_error",
    "expected",
    "classic_se",
    "cluster_se",
}
FLAG = records.SELECTED_COLUMN


class Done(NamedTuple):
    code: int | str | None
    out: str
    err: str

    @property
    def words(self) -> str:
        return " ".join(self.out.split())


def _run(*arguments: object) -> Done:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as stop:
        main(["register", *map(str, arguments)])
    return Done(stop.value.code, out.getvalue(), err.getvalue())


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _parse(done: Done, code: int = 0) -> dict[str, Any]:
    assert (done.code, done.err) == (code, "")
    document = json.loads(done.out, parse_constant=_refuse)
    assert isinstance(document, dict)
    return document


@cache
def _reproduced() -> dict[str, Any]:
    return _parse(_run("reproduce", "--json"))


@cache
def _identified() -> dict[str, Any]:
    return _parse(_run("identify", "--level", "0.41", "--json"))


@cache
def _drawn() -> Register:
    return draw_register(8)


@pytest.fixture
def selected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the selection return at once; the real one is tested beside its code, and below as a long test."""
    chosen = replace(_drawn(), selected=True, origin="selected; not a random draw")
    monkeypatch.setattr(
        replica, "make_replica", lambda seed: replace(chosen, origin=f"seed {seed}, selected")
    )
    monkeypatch.setattr(register_commands, "REPLICA_TOLERANCE", 100)
    return


# --- help and usage


def test_help_lists_every_command() -> None:
    done = _run("--help")
    assert (done.code, done.err) == (0, "")
    assert {line.split()[0] for line in done.out.splitlines() if line.startswith("  ")} >= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_json(command: str) -> None:
    assert "--json" in _run(command, "--help").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["draw"], "--out"),
        (["draw", "--out", "register.csv"], 'try "synthetic_register.csv"'),
        (["draw", "--out", "synthetic.xlsx"], "must end in .csv or .parquet"),
        (["draw", "--out", "no_folder/synthetic.csv"], "no folder"),
        (["draw", "--out", "synthetic.csv", "--seed", "-1"], "--seed"),
        (["draw", "--out", "synthetic.csv", "--counterfactual", "revrt"], 'did you mean "revert"'),
        (["replica", "--out", "synthetic.csv"], 'try "selected_synthetic.csv"'),
        (["replica", "--out", "x.csv"], 'try "synthetic_selected_x.csv"'),
        (["identify", "--level", "41"], "must lie between 0 and 1, got 41; write 0.41"),
        (["identify", "--level", "-0.1"], "between 0 and 1"),
        (["identify", "--level", "nan"], "between 0 and 1"),
        (["identify", "--level", "high"], "neither a control path nor a number"),
        (["identify", "--calibration", "no_such_file.json"], "does not exist"),
        (["reproduce", "--figures", "page.jpg"], "must end in .png or .svg or .pdf"),
        (["calibrate", "--starts", "0"], "--starts"),
        (["calibrate", "--coding", "stairs"], "--coding"),
        (["calibrate", "--out", "fit.csv"], "must end in .json"),
        (["evaluate"], "FILE"),
        (["evaluate", "no_such_file.csv"], "does not exist"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_exits_with_2_and_writes_nothing(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = _run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


def test_control_paths_on_the_command_line_are_those_of_the_model() -> None:
    assert list(CONTROL_LEVELS) == list(register_commands.CONTROL_PATHS)


def test_parquet_without_pyarrow_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ipsrct._files.find_spec", lambda _: None)
    done = _run("draw", "--out", tmp_path / "synthetic.parquet")
    assert (done.code, done.out) == (2, "")
    assert 'pip install "ipsrct[parquet]"' in done.err


# --- reproduce


def test_reproduce_has_the_documented_keys() -> None:
    found = _reproduced()
    assert set(found) == {"coefficients", "counts", "curves", "notes", "units", "provenance"}
    assert len(found["coefficients"]) == 44
    assert all(
        set(row) == COEFFICIENT_KEYS | {"population", "phase", "row_id"} for row in found["coefficients"]
    )
    assert {row["process"] for row in found["coefficients"]} == {"employment", "measures"}
    assert found["units"]["coefficients"] == "percentage points"
    assert found["provenance"]["converged"] is True


def test_reproduce_prints_the_published_table_in_its_own_units() -> None:
    rows = {row["row_id"]: row for row in _reproduced()["coefficients"]}
    row = rows["employment_1h_m1_all_months_4_6"]
    assert (row["published"], row["ci_low"], row["ci_high"], row["standard_error"]) == (6.4, 4.9, 8.0, 0.791)
    assert rows["other_measure_m2c_age_24_plus_after_end"]["ci_low"] is None


def test_reproduce_agrees_with_python() -> None:
    names = ("expected", "classic_standard_error", "cluster_standard_error")
    python = [[100 * getattr(row, name) for name in names] for row in fitted_coefficients()]
    command = [
        [row[k] for k in ("expected", "classic_se", "cluster_se")] for row in _reproduced()["coefficients"]
    ]
    np.testing.assert_allclose(command, python, atol=1e-9)


def test_reproduction_meets_what_is_claimed() -> None:
    rows = [row for row in _reproduced()["coefficients"] if row["process"] == "employment"]
    assert len(rows) == 36
    assert all(row["ci_low"] <= row["expected"] <= row["ci_high"] for row in rows)
    z = np.array([(row["expected"] - row["published"]) / row["standard_error"] for row in rows])
    assert (np.abs(z) <= 1).sum() >= 35
    assert np.sqrt((z**2).mean()) <= 0.5
    ratio = np.array([row["classic_se"] / row["standard_error"] for row in rows])
    assert 0.93 <= ratio.min() <= ratio.max() <= 1.07
    assert all(row["low"] <= row["expected"] <= row["high"] for row in _reproduced()["curves"])
    everybody = {row["name"]: row for row in _reproduced()["counts"] if row["group"] == "all"}
    for name, published in (("person_months_outside_ips", 26157), ("persons_finished", 701)):
        assert everybody[name]["published"] == published
        assert everybody[name]["expected"] == pytest.approx(published, rel=0.002)


def test_tables_4_to_7_are_met_within_sampling_error() -> None:
    rows = [row for row in _reproduced()["counts"] if row["name"].startswith("started_measure")]
    assert {row["source"] for row in rows} == {"Table 4", "Table 5", "Table 6", "Table 7"}
    for row in rows:
        assert row["published"] == pytest.approx(100 * row["n_started"] / row["n_persons"])
        assert row["difference"] == pytest.approx(row["expected"] - row["published"], abs=1e-8)
        assert abs(row["difference"]) < 0.3 * row["standard_error"]
        assert row["evidence"] in evidence
    subsidised = next(row for row in rows if row["measure"] == "wage_subsidy")
    share = 127 / 1320
    assert subsidised["standard_error"] == pytest.approx(100 * np.sqrt(share * (1 - share) / 1320))
    assert "everybody is counted once" in _reproduced()["notes"]["started_measure"][0]


def test_reproduce_and_evaluate_show_tables_4_to_7(tmp_path: Path) -> None:
    assert "Table 7's first row repeats the heading of Table 5" in _run("reproduce").words
    path = tmp_path / "synthetic.csv"
    records.write_register(_drawn(), path)
    text = _run("evaluate", path).words
    assert "Persons who start another measure, per cent" in text
    assert "extended follow up in nav" in text


def test_reproduce_says_in_words_what_is_not_identified(tmp_path: Path) -> None:
    figures = tmp_path / "page.svg"
    done = _run("reproduce", "--figures", figures)
    assert (done.code, done.err) == (0, "")
    assert done.words.startswith("The model's expectation lies inside the published interval for 36 of 36")
    assert "The path without IPS is a choice".lower() in done.words.lower()
    assert "times too narrow. An honest interval for 5.3 is about" in done.words
    assert "steps (each phase against the one before) or levels" in done.words
    assert "3.9 to 11.9*" in done.words  # printed around 7.5
    _check_page(figures)
    before = figures.read_bytes()
    refused = _run("reproduce", "--figures", figures)
    assert refused.code == 2
    assert "--force replaces it" in refused.err
    assert figures.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["page.svg"]


def _check_page(path: Path) -> None:
    """Eight panels, and words that say what they are."""
    text = path.read_text(encoding="utf-8")
    ElementTree.fromstring(text)
    assert text.count('id="axes_') == 8
    assert "Synthetic register: expected curves" in text
    assert all(f"Figure {number}. " in text for number in range(1, 9))


# --- identify and widths


def test_identify_gives_each_control_path() -> None:
    rows = [row for row in _identified()["counterfactuals"] if row["outcome"] == "employment_1h"]
    assert [row["counterfactual"] for row in rows] == ["persist", "revert", "decline", "level"]
    assert [row["months"] for row in rows] == [[6, 12, 24]] * 4
    for row in rows:
        np.testing.assert_allclose(np.subtract(row["treated"], row["control"]), row["effect"], atol=1e-8)
    control = {row["counterfactual"]: row["control"][1] for row in rows}
    effect = {row["counterfactual"]: row["effect"][1] for row in rows}
    assert control["level"] == pytest.approx(41, abs=1e-6)
    assert control == pytest.approx({"persist": 39.4, "revert": 43.9, "decline": 36.0, "level": 41}, abs=0.3)
    assert effect["persist"] == pytest.approx(9.6, abs=0.5)
    assert effect["revert"] == pytest.approx(5.1, abs=0.5)
    assert effect["decline"] == pytest.approx(13.0, abs=0.5)
    no_effect = {row["counterfactual"]: row["model_1_without_effect"][3] for row in rows}
    assert no_effect["revert"] > no_effect["level"] > no_effect["persist"] > no_effect["decline"] > 0


def test_identify_in_words() -> None:
    done = _run("identify")
    assert (done.code, done.err) == (0, "")
    assert done.words.startswith("At month 12 the true effect is 5.")
    assert "the control path is a choice, not an estimate" in done.words


@pytest.mark.long
def test_identify_shows_what_hangs_on_other_choices() -> None:
    rows = _parse(_run("identify", "--variants", "--json"))["variants"]
    assert [(row["start_months"], row["heterogeneity"]) for row in rows[:4]] == [
        ("stepped", 0.0),
        ("stepped", 0.8),
        ("stepped", 1.6),
        ("even", 0.0),
    ]
    assert len(rows) == 9
    shipped = [row for row in _identified()["counterfactuals"] if row["outcome"] == "employment_1h"]
    for one, other in zip(rows[1]["counterfactuals"], shipped, strict=False):
        assert one["control"] == other["control"]
        assert one["effect"] == other["effect"]
    for row in rows:
        effects = {path["counterfactual"]: path["effect"][1] for path in row["counterfactuals"]}
        assert effects["revert"] < effects["persist"] < effects["decline"]
        assert 0.38 < row["correlation_of_baseline_and_month_12"] < 0.54
    assert "doubling, 1.6" in _run("identify", "--variants").out


def test_unreachable_level_exits_with_1() -> None:
    done = _run("identify", "--level", "0.999", "--json")
    assert (done.code, done.out) == (1, "")
    assert "which the chain can reach, got 0.999" in done.err


def test_widths_single_out_steps() -> None:
    found = _parse(_run("widths", "--json"))
    hits = {row["coding"]: row["n_hits"] for row in found["codings"]}
    assert hits["step"] == 12
    assert hits["level"] <= 4
    assert found["as_stated"] is True
    assert "12 of 12 as steps" in _run("widths").words


def test_widths_exit_with_1_where_they_are_not_as_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_commands, "_EXPECTED_HITS", {"step": (12, 12), "level": (12, 12)})
    assert _parse(_run("widths", "--json"), code=1)["as_stated"] is False


# --- draw, replica and evaluate


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_drawn_register_is_labelled_and_comes_back(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"synthetic.{suffix}"
    written = _parse(_run("draw", "--seed", 8, "--out", path, "--json"))
    assert (written["synthetic"], written[FLAG]) == (True, False)
    assert written["origin"] == "random draw 0 of seed 8"
    back = records.read_register(path)
    np.testing.assert_array_equal(back.state, _drawn().state)
    np.testing.assert_array_equal(back.measure_type, _drawn().measure_type)
    frame = pd.read_csv(path, comment="#") if suffix == "csv" else pd.read_parquet(path)
    assert frame["synthetic_person"].str.startswith("SYN-").all()
    assert FLAG not in frame
    assert frame["other_measure_type"].nunique() > 12
    evaluated = _parse(_run("evaluate", path, "--json"))
    assert evaluated["coefficients"] == written["coefficients"]
    assert len(evaluated["counts"]) == 42
    assert (evaluated["n_persons"], evaluated["n_months"]) == (1308, 30)


def test_draw_says_that_nobody_exists(tmp_path: Path) -> None:
    done = _run("draw", "--seed", 8, "--out", tmp_path / "synthetic.csv")
    assert (done.code, done.err) == (0, "")
    assert "Synthetic: no person in it exists. Origin: random draw 0 of seed 8." in done.words


def test_register_under_a_control_path_says_so(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.parquet"
    written = _parse(_run("draw", "--out", path, "--counterfactual", "0.41", "--json"))
    assert written["origin"].endswith("under the control path 0.41: IPS has no effect in it")
    back = records.read_register(path)
    # 41 per cent of about 1,000 persons: five standard deviations of 1.6 points are 8.
    seen = back.start_month + 12 <= 30
    at = back.state[np.flatnonzero(seen), back.start_month[seen] + 11] >= 1
    assert at.mean() == pytest.approx(0.41, abs=0.08)


@pytest.mark.usefixtures("selected")
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_replica_is_flagged_everywhere(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"synthetic_selected.{suffix}"
    done = _run("replica", "--seed", 4, "--out", path)
    assert (done.code, done.err) == (0, "")
    assert "SYNTHETIC AND SELECTED to carry the published table; not a random draw." in done.words
    frame = pd.read_csv(path, comment="#") if suffix == "csv" else pd.read_parquet(path)
    assert frame[FLAG].all()
    header = json.loads(path.read_text().splitlines()[0][1:]) if suffix == "csv" else frame.attrs
    assert (header["synthetic"], header[FLAG]) == (True, True)
    assert records.read_register(path).selected is True
    assert "SYNTHETIC AND SELECTED" in _run("evaluate", path).words
    assert _parse(_run("evaluate", path, "--json"))[FLAG] is True
    frame.attrs.clear()
    assert records.from_frame(frame).selected is True  # the column outlives the header


@pytest.mark.usefixtures("selected")
def test_replica_that_misses_the_table_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(register_commands, "REPLICA_TOLERANCE", 0.4)
    done = _run("replica", "--out", tmp_path / "synthetic_selected.csv")
    assert (done.code, done.out) == (1, "")
    assert "nothing was written" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_replica_carries_the_published_table(tmp_path: Path) -> None:
    path = tmp_path / "synthetic_selected.parquet"
    written = _parse(_run("replica", "--out", path, "--json"))
    assert (written["n_finished"], written["person_months_outside_ips"]) == (701, 26157)
    error = np.array([row["coefficient"] - row["published"] for row in written["coefficients"]])
    unit = np.array([100 * row.standard_error for row in published_coefficients()])
    assert np.abs(error / unit).max() <= 0.4


def test_existing_file_is_replaced_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.csv"
    path.write_text("mine")
    done = _run("draw", "--out", path)
    assert (done.code, done.out) == (2, "")
    assert "exists; --force replaces it" in done.err
    assert path.read_text() == "mine"
    assert _run("draw", "--out", path, "--force").code == 0
    assert path.read_text().startswith("# {")


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt, 130), (OSError("disk full"), 1)])
def test_interrupted_writing_leaves_nothing(
    error: Any, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Register, path: Path) -> None:
        path.write_text("half a register")
        raise error

    monkeypatch.setattr(records, "write_register", interrupted)
    kept = tmp_path / "synthetic_kept.csv"
    kept.write_text("mine")
    for path in (tmp_path / "synthetic.csv", kept):
        done = _run("draw", "--out", path, "--force")
        assert (done.code, done.out) == (code, "")
    assert [path.name for path in tmp_path.iterdir()] == ["synthetic_kept.csv"]
    assert kept.read_text() == "mine"


def test_evaluate_codes_model_1_as_asked(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.parquet"
    records.write_register(_drawn(), path)
    found = _parse(_run("evaluate", path, "--coding", "level", "--json"))
    design = Model1Design.of(_drawn().start_month, 30, "level")
    expected = 100 * evaluate_model_1(_drawn().employed[None][:, :, design.order], design).coefficient[0, 0]
    first = [row["coefficient"] for row in found["coefficients"][:4]]
    np.testing.assert_allclose(first, expected, atol=1e-9)


def test_evaluate_takes_a_table_without_labels(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    frame = records.to_frame(_drawn()).drop(columns=list(records.MEASURE_COLUMNS))
    frame = frame.rename(columns={"synthetic_person": "person"})
    frame.assign(person=frame["person"].str[4:].astype(int)).sample(frac=1, random_state=2).to_csv(
        path, index=False
    )
    done = _run("evaluate", path)
    assert (done.code, done.err) == (0, "")
    assert "Origin: a table without a statement of origin." in done.words
    assert "other labour-market measure" not in done.words
    assert "start another measure" not in done.words
    evaluated = _parse(_run("evaluate", path, "--json"))
    assert (len(evaluated["coefficients"]), evaluated["counts"]) == (36, [])


def test_malformed_register_gets_one_error_with_every_fault(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.csv"
    frame = records.to_frame(_drawn()).assign(sex="other", employed_10h=True, start_month=1)
    frame.to_csv(path, index=False)
    done = _run("evaluate", path, "--json")
    assert (done.code, done.out) == (3, "")
    assert done.err.count("Error") == 1
    assert str(path) in done.err
    for fault in (
        "sex: must be one of man, woman, got other",
        "start_month: must lie in",
        "employed_10h: more",
    ):
        assert fault in done.err


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (lambda f: f.iloc[:0], ["rows: there are none"]),
        (lambda f: f.assign(month="May", sex="x"), ["month: must be a whole number", "sex: must be one of"]),
        (lambda f: f.assign(start_month=f["start_month"] + 0.5), ["start_month: must be a whole number"]),
        (lambda f: f.assign(employed_1h="yes"), ["employed_1h: must be true or false"]),
        (lambda f: f.assign(other_measure=2), ["other_measure: must be true or false"]),
        (lambda f: f.drop(columns="month").assign(sex=None), ["missing month", "sex: must not be empty"]),
    ],
)
def test_tables_of_the_wrong_kind_are_faults_and_no_crash(
    change: Any, faults: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "synthetic.parquet"
    change(records.to_frame(_drawn())).to_parquet(path, index=False)
    done = _run("evaluate", path)
    assert (done.code, done.out) == (3, "")
    assert all(fault in done.err for fault in faults)


@pytest.mark.parametrize("name", ["synthetic.csv", "synthetic.parquet"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"# [1]\na\n1\n", b"# {\na\n", b"no register"])
def test_files_that_are_no_register_exit_with_3(name: str, content: bytes, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = _run("evaluate", path, "--json")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("Error: ")


def test_register_that_cannot_be_evaluated_exits_with_1(tmp_path: Path) -> None:
    path = tmp_path / "synthetic.parquet"
    frame = records.to_frame(_drawn())
    frame[frame["age_group"] != "under_20"].to_parquet(path, index=False)
    done = _run("evaluate", path)
    assert (done.code, done.out) == (1, "")
    assert "cannot be estimated" in done.err


# --- calibrate


def _fake_fit(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []

    def fitted(*arguments: Any) -> calibration.Calibration:
        calls.append(arguments)
        return replace(calibration.default_calibration(), **changes)

    monkeypatch.setattr(calibration, "calibrate", fitted)
    return calls


def test_calibrate_reports_and_writes_a_fit_that_other_commands_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = _fake_fit(monkeypatch)
    path = tmp_path / "fit.json"
    options = ("--starts", 2, "--jobs", 1, "--heterogeneity", 1.6, "--start-months", "even", "--steps", 9)
    found = _parse(_run("calibrate", *options, "--out", path, "--json"))
    assert calls == [(calibration.Variant("step", "even", 1.6), 2, 1, 9)]
    assert {"converged", "starts_agree", "cost", "costs", "gradient_norm", "parameters"} <= set(found)
    assert (found["converged"], found["starts_agree"]) == (True, True)
    assert len(found["coefficients"]) == 44
    again = _parse(_run("identify", "--calibration", path, "--json"))
    assert again["counterfactuals"] == _identified()["counterfactuals"][:9]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"converged": False}, "The fit DID NOT CONVERGE: its numbers must not be used"),
        ({"costs": (85.7, 99.0)}, "they DISAGREE by more than 1 %"),
    ],
)
def test_fit_that_cannot_be_relied_on_is_flagged_and_not_written(
    changes: dict[str, Any], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fake_fit(monkeypatch, **changes)
    done = _run("calibrate", "--out", tmp_path / "fit.json")
    assert done.code == 1
    assert words in done.words
    assert "was not written" in done.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["{", "{}", "[1]", "null", '{"variant": {"errors": {}}, "parameters": {}}']
)
def test_file_that_is_no_fit_exits_with_3(content: str, tmp_path: Path) -> None:
    path = tmp_path / "fit.json"
    path.write_text(content)
    done = _run("identify", "--calibration", path)
    assert (done.code, done.out) == (3, "")
    assert "the calibration cannot be read" in done.err


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("parameters", "entry_woman"), "x", "entry_woman: must be a number, got x"),
        (("parameters", "entry_woman"), float("nan"), "entry_woman: must be a number, got nan"),
        (("parameters", "entry_woman"), None, "entry_woman: must be a number, got None"),
        (("parameters", "entry_woman"), True, "entry_woman: must be a number, got True"),
        (("parameters", "entry_woman"), 0.5, "its parameters have a cost of"),
        (("variant", "coding"), "steps", "coding: must be one of step, level, got steps"),
        (("variant", "start_distribution"), "odd", "start_distribution: must be one of stepped, even"),
        (("variant", "heterogeneity"), -1, "heterogeneity: must be at least 0, got -1"),
        (("variant", "heterogeneity"), 1.6, "its parameters have a cost of"),
        (("cost",), "low", "cost: must be a number, got low"),
        (("costs",), [None], "costs: must be a number, got None"),
    ],
)
def test_fit_that_was_changed_by_hand_exits_with_3(
    place: tuple[str, ...], value: Any, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "fit.json"
    calibration.write_calibration(calibration.default_calibration(), path)
    assert _run("identify", "--calibration", path).code == 0
    fit = json.loads(path.read_text())
    inner = fit
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    path.write_text(json.dumps(fit))
    done = _run("identify", "--calibration", path)
    assert (done.code, done.out) == (3, "")
    assert words in done.err


@pytest.mark.long
def test_one_step_is_no_convergence() -> None:
    done = _run("calibrate", "--starts", 1, "--steps", 1, "--jobs", 1, "--json")
    assert done.code == 1
    assert json.loads(done.out)["converged"] is False


def test_readme_prints_the_numbers_of_identify() -> None:
    path = Path(__file__).parents[1] / "README.md"
    if not path.exists():
        pytest.skip("the README is not beside the tests")
    rows = {
        row["counterfactual"]: row
        for row in _identified()["counterfactuals"]
        if row["outcome"] == "employment_1h"
    }
    text = " ".join(path.read_text(encoding="utf-8").split())
    order = ("revert", "persist", "decline")
    effects = [f"{rows[name]['effect'][1]:.1f}" for name in order]
    shown = [f"{rows[name]['model_1_without_effect'][3]:.1f}" for name in order]
    assert "a true effect at month 12 of {}, {} or {} points".format(*effects) in text
    assert "with no effect at all it would still show {}, {} or {}.".format(*shown) in text
