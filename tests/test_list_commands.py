"""``ipsrct randomise`` and ``ipsrct audit-list``: files, modes, exit codes, text and JSON."""

from __future__ import annotations

import csv
import io
import json
import stat

import pytest

from tests.lists.conftest import run, tree

SMALL = ("--set", "design.n_participants=60")
TWO_TO_ONE = ("--set", "design.arms.0.allocation_weight=2", "--set", "design.randomisation.block_sizes=[3,6]")


@pytest.fixture
def made(tmp_path):
    """A folder of lists, 2:1, from a known seed: chance could hide an edit."""
    (tmp_path / "seed").write_text(f"ipsrct-list-seed-1:{'5e' * 32}\n")
    (tmp_path / "seed").chmod(0o600)
    done = run(*_randomise(tmp_path, "out"), *SMALL, *TWO_TO_ONE)
    assert (done.code, done.err) == (0, "")
    return tmp_path / "out"


@pytest.fixture
def write(tmp_path):
    def make(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return make


def _randomise(folder, out, seed="seed"):
    return ("randomise", "ips_ung", "--seed-file", folder / seed, "--out", folder / out)


# --- randomise


def test_a_missing_seed_is_made(tmp_path):
    done = run(*_randomise(tmp_path, "out"), *SMALL)
    wanted = f"Made a list seed in {tmp_path / 'seed'}: keep it safe, and apart from the lists.\n"
    assert (done.code, done.err) == (0, wanted)
    assert stat.S_IMODE((tmp_path / "seed").stat().st_mode) == 0o600
    run(*_randomise(tmp_path, "other", "seed_2"), *SMALL)
    name = "lists/allocation_list.csv"
    assert tree(tmp_path / "out")[name] != tree(tmp_path / "other")[name]


def test_the_folder_is_for_its_owner_alone(made, tmp_path):
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    files = [p for p in made.rglob("*") if p.is_file()]
    assert {stat.S_IMODE(p.stat().st_mode) for p in files} == {0o600}
    assert {p.parent.name for p in files} == {"out", "lists", "restricted"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "seed"]


def test_the_same_command_gives_the_same_bytes(made, tmp_path):
    again = run(*_randomise(tmp_path, "again"), *SMALL, *TWO_TO_ONE)
    assert (again.code, again.err) == (0, "")
    assert tree(made) == tree(tmp_path / "again")
    before = {p: p.stat().st_mtime_ns for p in made.rglob("*")}
    same = run(*_randomise(tmp_path, "out"), *SMALL, *TWO_TO_ONE)
    assert same.code == 0
    assert "holds exactly these lists already" in same.out
    assert before == {p: p.stat().st_mtime_ns for p in made.rglob("*")}
    run(*_randomise(tmp_path, "other", "seed_2"), *SMALL, *TWO_TO_ONE)
    assert tree(made)["lists/allocation_list.csv"] != tree(tmp_path / "other")["lists/allocation_list.csv"]


def test_lists_are_never_replaced(made, tmp_path):
    before = tree(made)
    done = run(*_randomise(tmp_path, "out"), *SMALL)
    assert done.code == 2
    assert "none is ever replaced" in done.err
    assert tree(made) == before
    (tmp_path / "file").write_text("")
    assert "is not a folder" in run(*_randomise(tmp_path, "file"), *SMALL).err
    lost = run(*_randomise(tmp_path, "none/out", "new"), *SMALL)
    assert (lost.code, "there is no folder" in lost.err, (tmp_path / "new").exists()) == (2, True, False)
    (tmp_path / "empty").mkdir()
    assert run(*_randomise(tmp_path, "empty"), *SMALL).code == 0


def test_nothing_is_left_of_a_folder_that_cannot_be_written(tmp_path, monkeypatch):
    from pathlib import Path

    written = []

    def fail(path, data):
        written.append(path)
        if len(written) == 3:
            raise OSError("the disk is full")
        return len(data)

    monkeypatch.setattr(Path, "write_bytes", fail)
    done = run(*_randomise(tmp_path, "out"), *SMALL)
    assert done.code == 1
    assert "the disk is full" in done.err
    assert [p.name for p in tmp_path.iterdir()] == ["seed"]


def test_the_seed_is_never_shown(tmp_path):
    key = "ab" * 32
    (tmp_path / "seed").write_text(f"ipsrct-list-seed-1:{key}\n")
    (tmp_path / "seed").chmod(0o600)
    for extra in ((), ("--json",)):
        done = run(*_randomise(tmp_path, f"out{len(extra)}"), *SMALL, *extra)
        assert done.code == 0
        assert key[:16] not in done.out + done.err
    assert not [name for name, data in tree(tmp_path / "out0").items() if key.encode() in data]


def test_json_and_text_say_nothing_of_blocks(tmp_path):
    texts = []
    for i, sizes in enumerate(("[4]", "[6]")):
        for extra in ((), ("--json",)):
            done = run(
                *_randomise(tmp_path, f"o{i}{len(extra)}"),
                *SMALL,
                "--set",
                f"design.randomisation.block_sizes={sizes}",
                *extra,
            )
            texts.append(done.out.replace(f"o{i}", "o"))
    assert texts[:2] == texts[2:]
    document = json.loads(texts[1])
    assert document["n_lists"] == 12
    assert document["randomisation"] == "stratified_permuted_block"
    assert document["allocation_weights"] == {"ips": 1, "control": 1}


@pytest.mark.parametrize(
    ("extra", "code", "message"),
    [
        (("--set", 'design.randomisation.leftovers="pool"'), 2, "needs all participants to be known at once"),
        (("--set", "design.n_participants=[60,90]"), 2, "the scenario is a grid"),
        (("--set", "design.arms.0.allocation_weight=2"), 3, "must be a multiple of 3"),
        (("--minimum-length", "0"), 2, "--minimum-length"),
        (("--redcap-groups", __file__), 2, "not stratified by service"),
    ],
)
def test_refusals_make_no_seed(tmp_path, extra, code, message):
    done = run(*_randomise(tmp_path, "out"), *extra)
    assert done.code == code
    assert message in done.err
    assert list(tmp_path.iterdir()) == []


def test_bad_seed_files_are_refused(tmp_path):
    seed = tmp_path / "seed"
    seed.write_text("")
    seed.chmod(0o600)
    assert (run(*_randomise(tmp_path, "out")).code, "is empty" in run(*_randomise(tmp_path, "out")).err) == (
        3,
        True,
    )
    seed.chmod(0o644)
    assert "mode 0600" in run(*_randomise(tmp_path, "out")).err
    inside = run("randomise", "ips_ung", "--seed-file", tmp_path / "out" / "seed", "--out", tmp_path / "out")
    assert inside.code == 3
    assert "must not lie in the folder of the lists" in inside.err
    assert not (tmp_path / "out").exists()


def test_redcap_groups_and_longer_lists(tmp_path):
    services = ("more_og_romsdal_1", "more_og_romsdal_2", "oslo_1")
    counties = "assumptions.cohort.services={more_og_romsdal=2, oslo=1}"
    lines = [f"{name},{i}" for i, name in enumerate(services, 71)]
    (tmp_path / "groups.csv").write_text("\n".join(["service,redcap_data_access_group", *lines]))
    changes = (
        *SMALL,
        "--set",
        counties,
        "--set",
        'design.randomisation.factors=["service"]',
        "--minimum-length",
        "90",
    )
    done = run(*_randomise(tmp_path, "out"), *changes, "--redcap-groups", tmp_path / "groups.csv")
    assert (done.code, "No list is planned for fewer than 90" in " ".join(done.out.split())) == (0, True)
    rows = list(csv.DictReader(io.StringIO(tree(tmp_path / "out")["lists/redcap_production.csv"].decode())))
    assert {row["redcap_data_access_group"] for row in rows} == {"71", "72", "73"}
    assert len(rows) == 3 * 92  # whole blocks of four
    (tmp_path / "groups.csv").write_bytes(b"\xff")
    done = run(*_randomise(tmp_path, "out_2"), *changes, "--redcap-groups", tmp_path / "groups.csv")
    assert (done.code, "must be CSV in UTF-8" in done.err) == (3, True)


# --- audit-list


@pytest.mark.parametrize(
    "name", ["allocation_list.csv", "allocation_list.xlsx", "redcap_production.csv", "redcap_development.csv"]
)
def test_our_own_files_pass_their_audit(made, name):
    done = run("audit-list", made / "lists" / name, "--scenario", "ips_ung", *SMALL, *TWO_TO_ONE)
    assert (done.code, done.err) == (0, "")
    assert "Permuted blocks of 3 or 6 fit: 12 of 12 lists" in " ".join(done.out.split())
    assert "No faults were found." in done.out
    alone = run("audit-list", made / "lists" / name, "--json")
    document = json.loads(alone.out)
    assert (alone.code, document["faults"], document["blocks"]["sizes"]) == (0, [], [3, 6])
    assert sorted(document["weights"]) == [1, 2]
    assert len(document["strata"]) == 12


def test_edited_lists_fail(made, write):
    lines = (made / "lists" / "allocation_list.csv").read_text().splitlines()
    place = next(i for i in range(20, 40) if lines[i].split(",")[-1] != lines[i + 9].split(",")[-1])
    swapped = [*lines]
    swapped[place], swapped[place + 9] = lines[place + 9], lines[place]
    done = run("audit-list", write("swapped.csv", "\n".join(swapped)))
    assert done.code == 1
    assert "is followed by" in done.out
    assert "but not together" in " ".join(done.out.split())
    deleted = run("audit-list", write("deleted.csv", "\n".join(lines[:30] + lines[31:])))
    assert deleted.code == 1
    assert "sequence number 29 is followed by 31" in " ".join(deleted.out.split())


def test_semicolons_codes_and_named_columns(write):
    rows = "\n".join(f"{'AB'[i % 2]};{1 + (i > 39)};kit{i}" for i in range(80))
    path = write("list.csv", f"\ufefftreatment;sex;kit\n{rows}\n\n")
    done = run("audit-list", path, "--arm", "treatment", "--strata", "sex", "--json")
    document = json.loads(done.out)
    assert document["strata"] == {"1": {"A": 20, "B": 20}, "2": {"A": 20, "B": 20}}
    assert document["unused_columns"] == ["kit"]
    assert (done.code, len(document["faults"])) == (1, 1)
    assert "1 and 2 have the same 40 allocations" in document["faults"][0]
    text = run("audit-list", path, "--arm", "treatment", "--ratio", "1:1").out
    assert "Columns not used: sex, kit" in text
    assert "(as given)" in text


@pytest.mark.parametrize(
    ("name", "text", "faults"),
    [
        ("a.csv", "", ["row 1: must name the columns"]),
        ("a.csv", "arm,sex\n", ["rows: there must be at least one"]),
        ("a.csv", "group,sex\n1,2\n", ['header: there must be a column "arm"']),
        ("a.csv", "arm,arm\n1,2\n", ['header: "arm" appears more than once']),
        (
            "a.csv",
            "arm,stratum\nA,1\nB\nA,1,2\n",
            ["row 3: must have 2 values, got 1", "row 4: must have 2 values, got 3"],
        ),
        (
            "a.csv",
            "arm,stratum,sequence_number\n,1,1\nB,,x\n",
            [
                "row 2: arm must not be empty",
                "row 3: stratum must not be empty",
                'row 3: sequence_number must be a whole number, got "x"',
            ],
        ),
        ("a.xlsx", "no workbook", ["file: must be an Excel workbook"]),
        ("a.csv", 'arm\n"A', ["file: must be CSV in UTF-8"]),
    ],
)
def test_malformed_lists_report_every_fault(write, name, text, faults):
    done = run("audit-list", write(name, text))
    assert (done.code, done.out) == (3, "")
    assert f"{len(faults)} fault" in done.err
    for fault in faults:
        assert fault in done.err


def test_lists_of_another_trial_are_faults(write):
    rows = "\n".join(["ipx,under_20,men,no_history"] * 2 + ["ips,adult,men,no_history"] * 30)
    done = run(
        "audit-list", write("a.csv", f"arm,age,sex,social_assistance\n{rows}\n"), "--scenario", "ips_ung"
    )
    assert done.code == 3
    assert 'row 2: arm "ipx" is not in the scenario; did you mean "ips"?' in done.err
    assert 'row 4: age "adult" is not in the scenario' in done.err
    assert "rows: 12 more faults" in done.err


@pytest.mark.parametrize("ratio", ["1", "1:0", "a:b", "1:1:1", "1:2000"])
def test_bad_ratios_are_usage(write, ratio):
    assert run("audit-list", write("a.csv", "arm\nA\nB\n"), "--ratio", ratio).code == 2
    assert run("audit-list", write("a.csv", "arm\nA\nB\n"), "--set", "design.n_participants=3").code == 2


def test_one_arm_and_one_row_do_not_fail(write):
    for text in ("arm\nA\n", "arm\nA\nA\n", "arm\nA\nB\n"):
        done = run("audit-list", write("a.csv", text))
        assert done.code == 0
        assert "allocations in 1 list." in done.out


def test_unreadable_is_no_crash(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes("arm\nå\n".encode("latin-1"))
    assert run("audit-list", path).code == 3
