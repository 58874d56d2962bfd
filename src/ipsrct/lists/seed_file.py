"""The list seed: kept in a file of its own, apart from the simulation seed, and never shown.

A file holds one line, ``ipsrct-list-seed-1:`` and 64 hexadecimal digits (256 bits).
"""

from __future__ import annotations

import os
import re
import secrets
import stat
from pathlib import Path

from ipsrct.errors import Fault, ListFileError

_PREFIX, _BYTES = "ipsrct-list-seed-1:", 32
_LINE = re.compile(f"{_PREFIX}[0-9a-f]{{{2 * _BYTES}}}\n?")


class ListSeed:
    """A list seed that does not show itself when it is printed or logged.

    Parameters
    ----------
    key : bytes (32,)
    """

    def __init__(self, key: bytes) -> None:
        self.key = key

    def __repr__(self) -> str:
        return "ListSeed(hidden)"


def check_place(path: Path, folder: Path) -> None:
    """Refuse a seed file that would lie with the lists, or in no folder.

    Raises
    ------
    ListFileError
    """
    place = path.resolve()
    if place.is_relative_to(folder.resolve()):
        raise _refused(path, f"must not lie in the folder of the lists, {folder}")
    if not place.parent.is_dir():
        raise _refused(path, f"there is no folder {path.parent}")


def read_seed(path: Path) -> ListSeed:
    """Read a seed file that nobody else can read.

    Raises
    ------
    ListFileError
        If others may read or change the file, or it does not hold one seed. The message never quotes it.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii") if stat.S_ISREG(mode) else ""
    except UnicodeDecodeError:
        text = "?"
    except OSError as error:
        raise _refused(path, f"cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(mode):
        raise _refused(path, "must be a file")
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise _refused(
            path,
            f"must be for its owner alone (mode 0600), got {stat.S_IMODE(mode):04o}; if somebody may have "
            "read it, make a new seed, else chmod 600 it",
        )
    if not text.strip():
        raise _refused(path, "is empty; name a file that does not exist to have a seed made")
    if not _LINE.fullmatch(text):
        raise _refused(path, f'must hold one line, "{_PREFIX}" and {2 * _BYTES} hexadecimal digits')
    return ListSeed(bytes.fromhex(text.strip().removeprefix(_PREFIX)))


def make_seed(path: Path) -> ListSeed:
    """Make a seed from the operating system's entropy and write it, mode 0600, where no file is.

    Raises
    ------
    ListFileError
        If the file exists or cannot be written.
    """
    seed = ListSeed(secrets.token_bytes(_BYTES))
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(f"{_PREFIX}{seed.key.hex()}\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _refused(path, f"cannot be written: {error.strerror}") from None
    return seed


def _refused(path: Path, message: str) -> ListFileError:
    return ListFileError([Fault("seed file", message)], str(path))
