"""Files that commands write: refused before anything is computed, and never left half written."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import click

from ipsrct.errors import NotAvailableError, RunError


def check_parquet(path: Path) -> None:
    """Refuse a Parquet file where pyarrow is not installed."""
    if path.suffix == ".parquet" and find_spec("pyarrow") is None:
        raise NotAvailableError('Parquet needs pyarrow: pip install "ipsrct[parquet]", or use a .csv')


def check_target(path: Path, suffixes: Sequence[str], force: bool, words: Sequence[str] = ()) -> None:
    """Refuse, before anything is computed, a path that must not be written."""
    absent = [word for word in words if word not in path.name]
    if absent:
        better = "_".join([*absent, path.name])
        needed = " and ".join(f'"{word}"' for word in words)
        raise click.BadParameter(
            f'{path}: the name must contain {needed}, so that nobody mistakes the file; try "{better}"'
        )
    if path.suffix not in suffixes:
        raise click.BadParameter(f"{path}: must end in {' or '.join(suffixes)}")
    check_parquet(path)
    if not path.parent.is_dir():
        raise click.BadParameter(f"{path}: there is no folder {path.parent}")
    if path.exists() and not force:
        raise click.BadParameter(f"{path}: exists; --force replaces it")


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary name in the same folder that becomes the path only when everything is written."""
    partial = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield partial
        partial.replace(path)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error}") from error
    finally:
        partial.unlink(missing_ok=True)
