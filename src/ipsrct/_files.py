"""Files that commands write: refused before anything is computed, and never left half written."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any

import click

from ipsrct._foreign_words import recognised
from ipsrct._message import Message, _, chained
from ipsrct._stderr import tell
from ipsrct.errors import NotAvailableError, RunError

FIGURES = (".png", ".svg", ".pdf")


def check_parquet(path: Path) -> None:
    """Refuse a Parquet file where pyarrow is not installed."""
    if path.suffix == ".parquet" and find_spec("pyarrow") is None:
        raise NotAvailableError(
            Message('Parquet needs pyarrow: pip install "ipsrct[parquet]", or use a .csv')
        )


def _cannot_write(path: Path, error: OSError) -> RunError:
    return RunError(Message("{path}: cannot be written: {reason}", path=path, reason=recognised(str(error))))


def check_target(path: Path, suffixes: Sequence[str], force: bool, words: Sequence[str] = ()) -> None:
    """Refuse, before anything is computed, a path that must not be written."""
    absent = [word for word in words if word not in path.name]
    if absent:
        better = "_".join([*absent, path.name])
        needed = chained([f'"{word}"' for word in words], _("{first} and {rest}"))
        raise click.BadParameter(
            Message(
                '{path}: the name must contain {needed}, so that nobody mistakes the file; try "{better}"',
                path=path,
                needed=needed,
                better=better,
            )
        )
    if path.suffix not in suffixes:
        choices = chained(suffixes, _("{first} or {rest}"))
        raise click.BadParameter(Message("{path}: must end in {choices}", path=path, choices=choices))
    check_parquet(path)
    if not path.parent.is_dir():
        raise click.BadParameter(
            Message("{path}: there is no folder {folder}", path=path, folder=path.parent)
        )
    if path.exists() and not force:
        raise click.BadParameter(Message("{path}: exists; --force replaces it", path=path))


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder that becomes the path only when everything is written."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        partial.unlink(missing_ok=True)


def draw_file(figure: Path | None, draw: Callable[[Any, Path], object], result: Any) -> None:
    """Draw a result if a file is named for it, and say so."""
    if figure is not None:
        with whole_file(figure) as partial:
            draw(result, partial)
        tell(Message("Wrote {file}.", file=figure))


def check_new_folder(path: Path) -> None:
    """Refuse, before anything is computed, a folder that cannot be made or holds anything.

    Raises
    ------
    click.BadParameter
        If there is no place for it.
    NotAvailableError
        If it is there and not empty: nothing is ever replaced.
    """
    if not path.resolve().parent.is_dir():
        raise click.BadParameter(
            Message("{path}: there is no folder {folder}", path=path, folder=path.parent)
        )
    if path.exists() and not path.is_dir():
        raise NotAvailableError(Message("{path}: is not a folder", path=path))
    if path.is_dir() and any(path.iterdir()):
        raise NotAvailableError(
            Message("{path}: holds files, and nothing is ever replaced; name a new folder", path=path)
        )


def write_folder(path: Path, files: Mapping[str, bytes]) -> bool:
    """Write a folder, for its owner alone, that appears only when everything is written.

    Returns
    -------
    bool
        False where the folder is there already with exactly these files, which are left alone.

    Raises
    ------
    NotAvailableError
        If the path holds anything else; nothing is ever replaced.
    RunError
        If the folder cannot be written.
    """
    if path.exists() and not path.is_dir():
        raise NotAvailableError(Message("{path}: is not a folder", path=path))
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if path.is_dir() and any(path.iterdir()):
            return _refuse_other_files(path, files)
        partial.mkdir(mode=0o700)
        for name, data in files.items():
            file = partial / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_bytes(data)
        if path.exists():
            path.rmdir()
        partial.rename(path)
    except OSError as error:
        raise _cannot_write(path, error) from error
    finally:
        rmtree(partial, ignore_errors=True)
    return True


def _refuse_other_files(path: Path, files: Mapping[str, bytes]) -> bool:
    there = {p.relative_to(path).as_posix(): p.read_bytes() for p in path.rglob("*") if p.is_file()}
    if there != files:
        raise NotAvailableError(
            Message("{path}: holds other files, and none is ever replaced; name a new folder", path=path)
        )
    return False
