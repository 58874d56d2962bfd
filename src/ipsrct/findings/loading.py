"""What every part of the findings is made with."""

from __future__ import annotations

from typing import Any

from ipsrct._json import AsJson

Part = dict[str, Any]
TARGET_POWER = 0.8


def own(run: AsJson) -> Part:
    """Return what a run says, without what stands once in the document."""
    return {key: value for key, value in run.to_dict().items() if key not in ("scenario", "assumptions")}
