"""The list seed: made once, private, and never shown."""

from __future__ import annotations

import os
import stat

import pytest

from ipsrct.errors import ListFileError
from ipsrct.lists.seed_file import check_place, make_seed, read_seed

GOOD = "ipsrct-list-seed-1:" + "0a" * 32


def test_a_new_seed_is_private_fresh_and_read_back(tmp_path):
    old = os.umask(0)  # the mode must not rest on the user's settings
    try:
        made = make_seed(tmp_path / "one")
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600
    assert read_seed(tmp_path / "one").key == made.key
    assert len(made.key) == 32
    assert make_seed(tmp_path / "two").key != made.key


def test_a_seed_is_never_overwritten(tmp_path):
    made = make_seed(tmp_path / "one")
    with pytest.raises(ListFileError, match="File exists"):
        make_seed(tmp_path / "one")
    assert read_seed(tmp_path / "one").key == made.key


def test_a_seed_does_not_show_itself(tmp_path):
    made = make_seed(tmp_path / "one")
    for text in (repr(made), str(made), f"{made}", repr([made])):
        assert made.key.hex() not in text
        assert repr(made.key) not in text


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o610])
def test_refuses_what_others_can_touch(tmp_path, mode):
    path = tmp_path / "seed"
    path.write_text(GOOD)
    path.chmod(mode)
    with pytest.raises(ListFileError, match=f"mode 0600.*got {mode:04o}"):
        read_seed(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        (GOOD[:-1], "must hold one line"),
        (GOOD + "0", "must hold one line"),
        (GOOD.replace("0a", "0A"), "must hold one line"),
        (GOOD + "\n" + GOOD, "must hold one line"),
        ("0a" * 32, "must hold one line"),
        ("æøå", "must hold one line"),
    ],
)
def test_refuses_a_malformed_file_without_quoting_it(tmp_path, text, message):
    path = tmp_path / "seed"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    with pytest.raises(ListFileError, match=message) as error:
        read_seed(path)
    assert "0a0a" not in str(error.value)


def test_refuses_a_folder(tmp_path):
    with pytest.raises(ListFileError, match="must be a file"):
        read_seed(tmp_path)


def test_refuses_a_place_in_the_lists_folder(tmp_path):
    for place in (tmp_path / "out" / "seed", tmp_path / "out", tmp_path / "out" / "x" / ".." / "seed"):
        with pytest.raises(ListFileError, match="must not lie in the folder of the lists"):
            check_place(place, tmp_path / "out")
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    with pytest.raises(ListFileError, match="must not lie"):
        check_place(tmp_path / "link" / "seed", tmp_path / "out")
    check_place(tmp_path / "output_seed", tmp_path / "out")
    with pytest.raises(ListFileError, match="there is no folder"):
        check_place(tmp_path / "none" / "seed", tmp_path / "out")
