"""Compare two reports of run.py ratio by ratio; never by absolute times, which differ between machines.

python benchmarks/compare.py benchmarks/baseline.json CURRENT.json --tolerance 0.5
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Key = tuple[str, str]


@dataclass(frozen=True)
class Line:
    """One ratio, then and now; None where it was not measured."""

    job: str
    peer: str
    baseline: float
    current: float | None
    verdict: str

    @property
    def is_fault(self) -> bool:
        """Whether the comparison fails because of this line."""
        return self.verdict in ("FELL", "MISSING")


def ratios(report: dict[str, Any]) -> dict[Key, float]:
    """Return a report's ratios by job and peer; memory counts as a peer whose ratio is 1 when flat."""
    found = {(row["job"], row["peer"]): float(row["ratio"]) for row in report["jobs"]}
    return found | {(use["job"], "memory"): float(use["ratio"]) for use in report["memory"]}


def compare(baseline: dict[str, Any], current: dict[str, Any], tolerance: float) -> list[Line]:
    """Return a line for each ratio of the baseline.

    A ratio fell if it is below ``1 - tolerance`` of the baseline's. A pair that the current report
    excuses (a peer that is not installed) is not a fault; one that it does not mention is.
    """
    now = ratios(current)
    excused = {(row["job"], row["peer"]): row["reason"] for row in current["not_measured"]}
    lines = []
    for key, before in ratios(baseline).items():
        if key in now:
            verdict = "FELL" if now[key] < (1 - tolerance) * before else "ok"
        else:
            verdict = f"not measured: {excused[key]}" if key in excused else "MISSING"
        lines.append(Line(*key, before, now.get(key), verdict))
    return lines


def table(lines: list[Line]) -> str:
    """Return the comparison for people."""
    rows = [f"{'job':14}{'peer':24}{'baseline':>12}{'current':>12}{'change':>9}  verdict"]
    for line in lines:
        now, change = "", ""
        if line.current is not None:
            now, change = f"{line.current:.4g}", f"{line.current / line.baseline - 1:+.0%}"
        rows.append(f"{line.job:14}{line.peer:24}{line.baseline:12.4g}{now:>12}{change:>9}  {line.verdict}")
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    """Compare two files; 1 if a ratio fell or is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("baseline", type=Path)
    parser.add_argument("current", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.5, help="the share of a ratio that may be lost")
    options = parser.parse_args(arguments)
    if not 0 <= options.tolerance < 1:
        parser.error(f"--tolerance must be at least 0 and below 1, got {options.tolerance}")
    reports = (json.loads(f.read_text(encoding="utf-8")) for f in (options.baseline, options.current))
    lines = compare(*reports, options.tolerance)
    print(table(lines))
    return 1 if any(line.is_fault for line in lines) else 0


if __name__ == "__main__":
    sys.exit(main())
