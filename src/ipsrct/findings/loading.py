"""What every part of the findings is made with."""

from __future__ import annotations

import json
from typing import Any

Part = dict[str, Any]
TARGET_POWER = 0.8


def loaded(text: str) -> Part:
    """Return a run's JSON without what stands once in the document."""
    found: Part = json.loads(text)
    return {key: value for key, value in found.items() if key not in ("scenario", "assumptions")}
