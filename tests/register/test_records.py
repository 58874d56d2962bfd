"""Long tables: round trips, labels, and refusal of malformed ones."""

import json

import numpy as np
import pandas as pd
import pytest

from ipsrct.errors import RunError
from ipsrct.register.draw import draw_register
from ipsrct.register.records import (
    COLUMNS,
    MEASURE_COLUMNS,
    TYPE_COLUMN,
    from_frame,
    read_register,
    to_frame,
    write_register,
)


@pytest.fixture(scope="module")
def register():
    return draw_register(8)


@pytest.fixture(scope="module")
def frame(register):
    return to_frame(register)


def same(first, second):
    for name in ("state", "cell", "start_month", "last_month", "measure_type"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    return first.selected == second.selected and first.origin == second.origin


def test_a_table_has_a_row_for_each_person_and_month(frame):
    assert tuple(frame.columns) == (*COLUMNS, *MEASURE_COLUMNS)
    assert len(frame) == 1308 * 30
    assert frame["synthetic_person"].iloc[0] == "SYN-000001"
    assert frame.attrs["synthetic"] is True
    assert "unknown for spells begun before IPS" in frame.attrs[TYPE_COLUMN]
    assert set(frame.loc[~frame["other_measure"], TYPE_COLUMN]) == {"none"}
    assert {"unknown", "temporary_wage_subsidy", "follow_up"} < set(
        frame.loc[frame["other_measure"], TYPE_COLUMN]
    )


def test_a_shuffled_table_gives_the_register_back(register, frame):
    assert same(from_frame(frame.sample(frac=1, random_state=1)), register)


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_files_round_trip_and_say_that_they_are_synthetic(register, tmp_path, suffix):
    path = tmp_path / f"synthetic_register.{suffix}"
    write_register(register, path)
    assert same(read_register(path), register)
    if suffix == "csv":
        assert json.loads(path.read_text().splitlines()[0][1:])["synthetic"] is True
    else:
        assert pd.read_parquet(path).attrs["synthetic"] is True


def test_names_must_say_synthetic_and_selected(register, tmp_path):
    with pytest.raises(RunError, match='must contain "synthetic"'):
        write_register(register, tmp_path / "register.csv")
    chosen = type(register)(**{**register.__dict__, "selected": True})
    with pytest.raises(RunError, match='must contain "selected"'):
        write_register(chosen, tmp_path / "synthetic.csv")
    with pytest.raises(RunError, match=r"must end in .parquet or .csv"):
        write_register(register, tmp_path / "synthetic.xlsx")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: f.drop(columns="sex"), "columns: missing sex"),
        (lambda f: f.assign(sex="other"), "sex: must be one of man, woman, got other"),
        (lambda f: f.assign(age_group=None), "age_group: must not be empty"),
        (lambda f: f.iloc[1:], "month: every person must have every month"),
        (lambda f: pd.concat([f, f.iloc[:1]]), "two rows for the same month"),
        (
            lambda f: f.assign(start_month=f["month"].clip(2, 29)),
            "start_month: must not vary within a person",
        ),
        (lambda f: f.assign(last_ips_month=1), "last_ips_month: must lie between start_month and 30"),
        (lambda f: f.assign(employed_1h=False), "more hours imply fewer"),
        (lambda f: f.assign(other_measure_type="none"), "must be none where other_measure is false and only"),
        (lambda f: f.assign(other_measure=True), "must be none where other_measure is false and only there"),
        (lambda f: f.assign(other_measure_type="course"), "other_measure_type: must be one of none, unknown"),
        (lambda f: f.assign(other_measure_type=None), "other_measure_type: must not be empty"),
        (lambda f: f.drop(columns="other_measure"), "missing other_measure; a register has both"),
        (lambda f: f.drop(columns="other_measure_type"), "missing other_measure_type; a register has both"),
        (lambda f: f.assign(social_assistance="ja"), "social_assistance: must be true or false"),
        (lambda f: f.assign(person=1), "columns: synthetic_person must stand once"),
    ],
)
def test_malformed_tables_are_refused_in_words(frame, change, message):
    with pytest.raises(RunError, match=message):
        from_frame(change(frame))


def test_measures_may_be_lacking(frame):
    lacking = from_frame(frame.drop(columns=list(MEASURE_COLUMNS)))
    assert lacking.measure_type is None
    assert lacking.in_measure is None


def test_a_file_that_is_no_register_is_refused(tmp_path):
    path = tmp_path / "synthetic.parquet"
    path.write_text("no parquet")
    with pytest.raises(RunError, match="cannot be read as a register"):
        read_register(path)


def test_a_csv_saved_by_excel_is_read(register, tmp_path):
    path = tmp_path / "synthetic.csv"
    write_register(register, path)
    path.write_text(path.read_text(encoding="utf-8"), encoding="utf-8-sig")
    assert same(read_register(path), register)


@pytest.mark.parametrize("comment", ["# from our own system", "# [1]", "#"])
def test_a_comment_that_states_no_origin_is_refused_in_words(tmp_path, comment):
    path = tmp_path / "synthetic.csv"
    path.write_text(f"{comment}\na,b\n1,2\n")
    with pytest.raises(RunError, match="line 1 begins with #, so it must be a statement of origin"):
        read_register(path)
