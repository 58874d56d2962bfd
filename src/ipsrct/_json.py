"""What every result can be written as."""

from __future__ import annotations

import json
from typing import Any


class AsJson:
    """A result that JSON can hold."""

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain types; texts keep their templates."""
        raise NotImplementedError

    def to_json(self) -> str:
        """Return the result as JSON."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False)
