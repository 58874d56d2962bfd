"""Simple randomisation: another name of complete randomisation."""

from __future__ import annotations

from typing import Literal

from ipsrct.randomisation._independent import Independent


class Simple(Independent):
    """Every participant is assigned independently; the same as ``complete``."""

    kind: Literal["simple"]
