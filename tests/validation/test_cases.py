"""Reading of reference cases, and what a malformed file is told."""

import json

import pytest

from ipsrct.errors import IpsrctError
from ipsrct.validation import read_cases

CASE = {
    "id": "a-1",
    "source": "a book",
    "kind": "normal_power",
    "inputs": {"n": 10},
    "expected": 0.5,
    "tolerance": {"abs": 1e-6},
    "note": "",
}
ROW = {"treatment_proportion": 0.4, "actual_power": 0.8}


@pytest.fixture
def write(tmp_path):
    def _write(document):
        path = tmp_path / "kept_back.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        return path

    return _write


def test_packaged_cases_are_both_files():
    cases = read_cases()
    assert len(cases) == 300
    assert sum(case.kind.startswith("pass15_") for case in cases) == 230
    assert all(case.source and case.tolerance for case in cases)


def test_list_and_object_with_cases(write):
    assert read_cases(write([CASE])) == read_cases(write({"about": "kept back", "cases": [CASE]}))
    (case,) = read_cases(str(write([CASE])))
    assert (case.id, case.kind, case.source, case.expected) == ("a-1", "normal_power", "a book", 0.5)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"module": "tests.test_inequality"}, "pass15_inequality"),
        ({"module": "tests.test_superiority", "margin": 0.1}, "pass15_superiority"),
        ({"module": "tests.test_noninferiority", "margin": 0.1}, "pass15_noninferiority"),
        ({}, "pass15_inequality"),
        ({"margin": 0.1}, "pass15_noninferiority"),
        ({"margin": 0.1, "superiority_proportion": 0.5}, "pass15_superiority"),
    ],
)
def test_kind_of_a_pass_row(write, fields, kind):
    (case,) = read_cases(write([ROW | fields]))
    assert (case.kind, case.expected, case.tolerance) == (kind, 0.8, {"abs": 1e-8})
    assert "actual_power" not in case.inputs


def test_pass_rows_without_an_id_are_numbered_from_zero(write):
    rows = [ROW, ROW | {"id": "named"}, {"actual_distance": 0.1}]
    assert [case.id for case in read_cases(write(rows))] == ["0", "named", "2"]
    assert read_cases(write(rows))[2].kind == "pass15_confidence_interval"


def test_only_a_searched_one_sided_limit_has_the_wider_tolerance(write):
    row = {"actual_distance": 0.1, "method": "miettinen_nurminen", "interval_type": "lower"}
    others = [row | {"interval_type": "two-sided"}, row | {"method": "wilson"}]
    tolerances = [case.tolerance["abs"] for case in read_cases(write([row, *others]))]
    assert tolerances == [2e-8, 1e-8, 1e-8]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("{", ["not JSON"]),
        ("7", ["list of cases"]),
        ({"rows": []}, ["list of cases"]),
        ([CASE, 3], ["case 1", "object", "int"]),
        ([{"id": "a-1", "kind": "x"}], ["case 0", "inputs", "expected", "tolerance", "missing"]),
        ([CASE | {"kind": 3}], ["case 0", "a-1", "kind", "3"]),
        ([CASE | {"inputs": [1]}], ["a-1", "inputs", "[1]"]),
        ([CASE | {"tolerance": {}}], ["a-1", "tolerance"]),
        ([CASE | {"tolerance": {"absolute": 1}}], ["a-1", "absolute", "abs, rel, exact"]),
        ([CASE | {"tolerance": {"abs": -1}}], ["a-1", "abs", "-1"]),
        ([CASE | {"tolerance": {"rel": True}}], ["a-1", "rel", "True"]),
        ([CASE | {"tolerance": {"exact": "yes"}}], ["a-1", "exact", "yes"]),
        ([ROW | {"actual_power": "high"}], ["case 0", "actual_power", "high"]),
    ],
)
def test_a_malformed_file_is_told_the_place_and_the_fault(write, document, words):
    with pytest.raises(IpsrctError) as caught:
        read_cases(write(document))
    assert all(word in str(caught.value) for word in ["kept_back.json", *words]), caught.value


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(IpsrctError, match=r"nowhere\.json: cannot be read"):
        read_cases(tmp_path / "nowhere.json")
