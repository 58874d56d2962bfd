"""Programs that tests of documents need; in CI their absence is a failure, elsewhere the test is skipped."""

from __future__ import annotations

import os
import shutil

import pytest


def program(*names: str) -> str:
    """Return the path of the first of these programs that is installed."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    missing = f"{' or '.join(names)} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
