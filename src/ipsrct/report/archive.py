"""Office files are archives: rewritten so that the same content gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_DATE = (1980, 1, 1, 0, 0, 0)  # the first that an archive can hold


def rewritten(data: bytes, changes: Mapping[str, Callable[[bytes], bytes]] | None = None) -> bytes:
    """Return an archive with fixed dates, the files named in ``changes`` passed through a function."""
    result = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(result, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = (changes or {}).get(name)
            content = old.read(name)
            info = ZipInfo(name, _DATE)
            info.external_attr = 0o600 << 16
            new.writestr(info, change(content) if change else content, ZIP_DEFLATED)
    return result.getvalue()
