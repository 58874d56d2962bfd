"""The folder: open files give nothing away, the same seed gives the same bytes."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import zipfile

import pytest
from openpyxl import load_workbook

from ipsrct.errors import ListFileError
from ipsrct.lists.folder import folder_files, summary_json
from ipsrct.lists.formats import read_sites
from ipsrct.lists.generation import draw_lists
from ipsrct.lists.plan import make_plan
from tests.lists.conftest import RANDOMISATION, seed

OPEN = ("README.txt", "metadata.json", "codes.csv")


def _rows(data):
    return list(csv.reader(io.StringIO(data.decode())))


def _texts(files):
    """Yield every file's bytes, and those of each part of a workbook."""
    for name, data in files.items():
        yield name, data
        if name.endswith(".xlsx"):
            book = zipfile.ZipFile(io.BytesIO(data))
            yield from ((f"{name}/{part}", book.read(part)) for part in book.namelist())


def test_same_seed_same_bytes_and_another_seed_other_lists(variant):
    plan = make_plan(variant)
    files, again, other = (folder_files(plan, seed(i)) for i in (1, 1, 2))
    assert files == again
    changed = {name for name in files if files[name] != other[name]}
    assert {name for name in files if name.startswith("lists/")} <= changed
    assert changed & set(OPEN) == set()


def test_no_seed_in_any_file(variant):
    key = seed(0xC0FFEE_D15EA5E << 150)
    forms = [key.key.hex(), key.key.hex().upper(), str(int.from_bytes(key.key, "big")), repr(key.key)[2:-1]]
    forms = [form.encode() for form in forms] + [
        key.key,
        base64.b64encode(key.key),
        key.key.hex()[10:30].encode(),
    ]
    for name, data in _texts(folder_files(make_plan(variant), key)):
        assert not [form for form in forms if form in data], name


def test_open_files_do_not_depend_on_block_sizes(cells_trial, tmp_path):
    """The same bytes whatever the block sizes; lengths, shares of unfilled blocks or digests would differ."""
    plans = [
        make_plan(
            cells_trial.with_changes({"design.n_participants": n, "design.randomisation.block_sizes": sizes})
        )
        for n in (17, 20)
        for sizes in ([4], [6], [2, 8])
    ]
    for three in (plans[:3], plans[3:]):
        files = [folder_files(plan, seed(1)) for plan in three]
        for name in OPEN:
            assert len({found[name] for found in files}) == 1
        assert len({summary_json(plan, tmp_path, True) for plan in three}) == 1
        assert len({found["restricted/metadata.json"] for found in files}) == 3


def test_block_columns_are_in_restricted_files_alone(variant):
    for name, data in _texts(folder_files(make_plan(variant), seed(1))):
        if not name.startswith("restricted/"):
            assert b"block_" not in data.replace(b"stratified_permuted_block", b""), name


def test_restricted_blocks_are_those_of_the_list(variant):
    plan = make_plan(variant)
    files = folder_files(plan, seed(1))
    header, *rows = _rows(files["restricted/blocks.csv"])
    assert header[-3:] == ["arm", "block_number", "block_size"]
    assert [row[:-2] for row in rows] == _rows(files["lists/allocation_list.csv"])[1:]
    drawn = draw_lists(plan, seed(1), "production")
    assert [(int(a), int(b)) for *_, a, b in rows] == [pair for x in drawn for pair in x.blocks()]
    found = json.loads(files["restricted/metadata.json"])
    assert [x["length"] for x in found["lists"]] == [len(x.arm) for x in drawn]
    assert found["unfilled_blocks"]["participants_share"] > 0


def test_complete_randomisation_has_no_blocks_file(cells_trial):
    files = folder_files(make_plan(cells_trial.with_changes({RANDOMISATION: {"kind": "complete"}})), seed(1))
    assert "restricted/blocks.csv" not in files
    header, *rows = _rows(files["lists/allocation_list.csv"])
    assert header == ["sequence_number", "randomisation_number", "arm"]
    assert len(rows) == 1320
    assert rows[0][:2] == ["1", "R-0001"]


def test_list_excel_and_redcap_say_the_same(variant):
    plan = make_plan(variant)
    files = folder_files(plan, seed(1))
    header, *rows = _rows(files["lists/allocation_list.csv"])
    assert header == ["sequence_number", "randomisation_number", "age", "sex", "social_assistance", "arm"]
    assert len({row[1] for row in rows}) == len(rows)
    arms = [variant.arm_names[k] for x in draw_lists(plan, seed(1), "production") for k in x.arm]
    assert [row[-1] for row in rows] == arms
    book = load_workbook(io.BytesIO(files["lists/allocation_list.xlsx"]))
    sheet = [[str(value) for value in row] for row in book["allocation list"].iter_rows(values_only=True)]
    assert sheet == [header, *rows]
    assert book.properties.created.isoformat() == "2000-01-01T00:00:00"
    codes = {(field, code): meaning for field, code, meaning in _rows(files["codes.csv"])[1:]}
    top, *redcap = _rows(files["lists/redcap_production.csv"])
    assert top == [
        "redcap_randomization_number",
        "redcap_randomization_group",
        "age",
        "sex",
        "social_assistance",
    ]
    for ours, (number, group, *strata) in zip(rows, redcap, strict=True):
        assert number == ours[1]
        assert codes["redcap_randomization_group", group] == ours[-1]
        assert [codes[pair] for pair in zip(top[2:], strata, strict=True)] == ours[2:-1]


def test_development_and_production_differ(variant):
    files = folder_files(make_plan(variant), seed(1))
    production, development = (
        _rows(files[f"lists/redcap_{name}.csv"])[1:] for name in ("production", "development")
    )
    assert {row[0] for row in production}.isdisjoint(row[0] for row in development)
    assert [row[1] for row in production][:60] != [row[1] for row in development][:60]
    assert {tuple(row[2:]) for row in production} == {tuple(row[2:]) for row in development}


def test_services_have_files_and_data_access_groups(cells_trial):
    scenario = cells_trial.with_changes(
        {"design.n_participants": 20, "design.randomisation.factors": ["sex", "service"]}
    )
    plan = make_plan(scenario)
    services = plan.levels["service"]
    sites = {name: str(1000 + i) for i, name in enumerate(services)}
    files = folder_files(plan, seed(1), sites)
    own = [name for name in files if name.startswith("lists/services/")]
    assert len(own) == 47
    assert own[0] == "lists/services/01_more_og_romsdal_1.csv"
    rows = sorted(row for name in own for row in _rows(files[name])[1:])
    assert rows == sorted(_rows(files["lists/allocation_list.csv"])[1:])
    assert {row[3] for row in _rows(files[own[5]])[1:]} == {services[5]}
    top, first, *_ = _rows(files["lists/redcap_production.csv"])
    assert top == [
        "redcap_randomization_number",
        "redcap_randomization_group",
        "redcap_data_access_group",
        "sex",
    ]
    assert first[2:] == ["1000", "1"]
    without = _rows(folder_files(plan, seed(1))["lists/redcap_production.csv"])
    assert without[0][2:] == ["sex", "service"]
    assert without[1][:2] == first[:2]


def test_data_access_groups_report_every_fault():
    good = "service,redcap_data_access_group\noslo_1,12\nagder_1,13\n"
    assert read_sites(good, "x", ["oslo_1", "agder_1"]) == {"oslo_1": "12", "agder_1": "13"}
    bad = "service,redcap_data_access_group\noslo_1,1\noslo_1,2\nbergen_1,x\nshort\n"
    with pytest.raises(ListFileError) as error:
        read_sites(bad, "x", ["oslo_1", "agder_1"])
    assert [fault.path for fault in error.value.faults] == ["row 3", "row 4", "row 4", "row 5", "services"]
    with pytest.raises(ListFileError, match="row 1: must be service,redcap_data_access_group"):
        read_sites("a,b\n", "x", [])


def test_digests_are_those_of_the_files(variant):
    files = folder_files(make_plan(variant), seed(1))
    sums = dict(line.split("  ")[::-1] for line in files["restricted/SHA256SUMS"].decode().splitlines())
    assert sums.keys() == files.keys() - {"restricted/SHA256SUMS"}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())
