"""Complete randomisation: every participant is assigned independently."""

from __future__ import annotations

from typing import Literal

from ipsrct.randomisation._independent import Independent


class Complete(Independent):
    """Every participant is assigned independently (Rosenberger and Lachin, 2016, section 3.2)."""

    kind: Literal["complete"]
