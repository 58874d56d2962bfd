"""Measure ipsrct against what users would run instead, alternately, and report ratios.

python benchmarks/run.py --jobs j1,j2,j4,j6,minimisation,startup --rounds 5 --json OUT
"""

# ruff: noqa: E402 - the number of threads must be set before numpy is imported
from __future__ import annotations

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import minimisation
import panel
import peers
import rerandomisation
from machine import machine, measure_memory

import ipsrct

SCENARIOS = Path(__file__).parent / "scenarios"
JOBS = ("j1", "j2", "j4", "j6", "minimisation", "startup")
EXACT_AGAINST = 100_000

# Does some replicates and returns the seconds they took.
Measured = Callable[[int], float]


@dataclass(frozen=True)
class Pair:
    """Two ways to do one job."""

    job: str
    peer: str
    ours: Measured
    theirs: Measured
    unit: str = "replicates"


@dataclass(frozen=True)
class Row:
    """A measured pair: medians over rounds, and the paired ratios' median, least and greatest.

    ``ours_range`` and ``peer_range`` are the least and the greatest rate.
    """

    job: str
    peer: str
    unit: str
    ours_per_second: float
    ours_range: tuple[float, float]
    peer_per_second: float
    peer_range: tuple[float, float]
    ratio: float
    ratio_low: float
    ratio_high: float


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that ``work`` takes, or those that it reports about itself."""
    start = time.perf_counter()
    result = work()
    seconds = time.perf_counter() - start
    return result.seconds if isinstance(result, peers.Timed) else seconds


def simulated(scenario: str, route: str) -> Measured:
    """Return a measurement of the public interface; the scenario is read outside the clock."""

    def measure(n_replicates: int) -> float:
        changes = {"simulation.replicates": n_replicates}
        ready = ipsrct.read_scenario(SCENARIOS / f"{scenario}.toml", changes)
        return timed(lambda: ipsrct.simulate(ready, route=route))

    return measure


def peer_measured(peer: peers.Peer) -> Measured:
    """Return a measurement of a peer."""
    return lambda n_replicates: timed(lambda: peer(n_replicates, 1))


def repeated_with(work: Callable[[int], object]) -> Measured:
    """Return a measurement of something that does itself a number of times."""
    return lambda times: timed(lambda: work(times))


def repeated(work: Callable[[], object]) -> Measured:
    """Return a measurement of something done many times."""

    def measure(times: int) -> float:
        return timed(lambda: [work() for _ in range(times)])

    return measure


def long_enough(measure: Measured, seconds: float, first: int = 1) -> int:
    """Return a size that takes at least ``seconds``, once tables are built and modules loaded."""
    measure(first)
    size = first
    while (taken := measure(size)) < seconds:
        size = max(size + 1, int(size * min(10.0, 1.3 * seconds / max(taken, 1e-9))))
    return size


def measure_pair(pair: Pair, rounds: int, seconds: float) -> Row:
    """Measure both sides alternately; who goes first alternates too."""
    ours_size, their_size = (long_enough(m, seconds) for m in (pair.ours, pair.theirs))
    sides = [partial(_rate, pair.ours, ours_size), partial(_rate, pair.theirs, their_size)]
    ours, theirs = [], []
    for i in range(rounds):
        if i % 2:
            theirs.append(sides[1]())
            ours.append(sides[0]())
        else:
            ours.append(sides[0]())
            theirs.append(sides[1]())
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return Row(
        pair.job,
        pair.peer,
        pair.unit,
        statistics.median(ours),
        (min(ours), max(ours)),
        statistics.median(theirs),
        (min(theirs), max(theirs)),
        statistics.median(ratios),
        min(ratios),
        max(ratios),
    )


def _rate(measure: Measured, size: int) -> float:
    return size / measure(size)


def pairs(job: str) -> Iterator[Pair]:
    """Yield the pairs of one job; rpact only where it is installed."""
    if job == "j1":
        for name, peer in peers.J1.items():
            if name != "rpact" or not peers.why_no_rpact():
                yield Pair("j1_counts", name, simulated("j1", "counts"), peer_measured(peer))
        yield exact_pair()
    elif job == "j2":
        for scenario, group in (("j2_fixed", peers.J2_FIXED), ("j2_random", peers.J2_RANDOM)):
            for name, peer in group.items():
                yield Pair(scenario, name, simulated(scenario, "counts"), peer_measured(peer))
    elif job == "minimisation":
        for name, at_once in minimisation.AT_ONCE.items():
            for peer, trial in minimisation.PEERS.items():
                yield Pair(name, peer, minimisation.ours(at_once), minimisation.looped(trial))
    elif job == "j6":
        for name, peer in rerandomisation.AFRESH.items():
            yield Pair("j6_shared", name, rerandomisation.ours(filled=False), peer_measured(peer))
            yield Pair("j6_exact", name, rerandomisation.ours(filled=True), peer_measured(peer))
            whole = rerandomisation.in_whole_blocks(simulated("j6", "individual"))
            yield Pair("j6_simulated", name, whole, peer_measured(peer))
    elif job == "j4":
        yield from panel_pairs()
    elif job == "startup":
        command = [sys.executable, "-c", "from ipsrct.cli import main; main(['--help'])"]
        yield Pair(
            "startup_help",
            "python_pass",
            repeated(partial(_run, command)),
            repeated(partial(_run, [sys.executable, "-c", "pass"])),
            "starts",
        )


def exact_pair() -> Pair:
    """Return the pair that answers J1: exactly, and from replicates of the bare numpy script."""
    scenario = ipsrct.read_scenario(SCENARIOS / "j1.toml")
    return Pair(
        "j1_exact",
        f"numpy_binomial_{EXACT_AGAINST}",
        repeated(lambda: ipsrct.simulate(scenario, route="exact")),
        repeated(lambda: peers.numpy_binomial(EXACT_AGAINST, 1)),
        "answers",
    )


def panel_pairs() -> Iterator[Pair]:
    """Yield the pairs of J4; registers, and who is in the trials, are drawn outside the clock."""
    registers = panel.draw_registers(panel.BATCH, 4)
    fit = panel.our_fits(registers)

    def ours(n_replicates: int) -> float:
        n_batches = -(-n_replicates // panel.BATCH)
        return timed(lambda: fit(n_batches)) * n_replicates / (n_batches * panel.BATCH)

    if not panel.why_no_pyfixest():
        theirs = repeated_with(partial(panel.pyfixest_fits, registers))
        yield Pair("j4_fits", "pyfixest", ours, theirs)
    draw, uniforms = repeated(panel.our_panels()), repeated_with(panel.uniforms)
    yield Pair("j4_panels", "one_uniform_each", draw, uniforms, "batches of trials")


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)


def not_measured(jobs: list[str]) -> list[dict[str, str]]:
    """Return the pairs that this machine cannot measure, and why."""
    found = []
    if "j1" in jobs and (reason := peers.why_no_rpact()):
        found.append({"job": "j1_counts", "peer": "rpact", "reason": reason})
    if "j4" in jobs and (reason := panel.why_no_pyfixest()):
        found.append({"job": "j4_fits", "peer": "pyfixest", "reason": reason})
    return found


def show(row: Row) -> None:
    """Print one line for people."""
    ours, theirs = (f"{rate:13,.1f}/s" for rate in (row.ours_per_second, row.peer_per_second))
    spread = f"{row.ratio:10.4g} ({row.ratio_low:.4g} to {row.ratio_high:.4g})"
    print(f"{row.job:13}{row.peer:22}{ours}{theirs}{spread}", file=sys.stderr, flush=True)


def run(jobs: list[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Measure everything in these jobs."""
    print(f"{'job':13}{'peer':22}{'ours':>15}{'peer':>15}{'ratio':>10}", file=sys.stderr)
    rows = []
    for pair in (pair for job in jobs for pair in pairs(job)):
        rows.append(measure_pair(pair, rounds, seconds))
        show(rows[-1])
    skipped = not_measured(jobs)
    for pair in skipped:
        print(f"{pair['job']:13}{pair['peer']:22}not measured: {pair['reason']}", file=sys.stderr)
    names = {"j1": ["j1"], "j2": ["j2_fixed", "j2_random"]}
    memory = [measure_memory(SCENARIOS / f"{name}.toml") for job in jobs for name in names.get(job, [])]
    for use in memory:
        peaks = " and ".join(f"{peak:.1f}" for peak in use["peak_megabytes"])
        print(f"{use['job']:13}{peaks} MB at 100,000 and 1,000,000 replicates", file=sys.stderr)
    return {
        "machine": machine(),
        "rounds": rounds,
        "jobs": [asdict(row) for row in rows],
        "not_measured": skipped,
        "exact_milliseconds": [1000 / r.ours_per_second for r in rows if r.job == "j1_exact"],
        "memory": memory,
    }


def main() -> None:
    """Read the command line, measure and write the report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", default=",".join(JOBS), help="comma-separated, of: " + ", ".join(JOBS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.3, help="the least time of one measurement")
    parser.add_argument("--json", type=Path, help="where to write the report; stdout if left out")
    options = parser.parse_args()
    jobs = options.jobs.split(",")
    if unknown := [job for job in jobs if job not in JOBS]:
        parser.error(f"unknown jobs: {', '.join(unknown)}; jobs: {', '.join(JOBS)}")
    text = json.dumps(run(jobs, options.rounds, options.seconds), indent=2) + "\n"
    if options.json:
        options.json.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
