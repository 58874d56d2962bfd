"""What rates depend on, and the memory of a fresh process."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import scipy
import statsmodels

import ipsrct

MEMORY_REPLICATES = (100_000, 1_000_000)

_PEAK = """
import sys, time, ipsrct
scenario = ipsrct.read_scenario(sys.argv[1], {"simulation.replicates": int(sys.argv[2])})
start = time.perf_counter()
ipsrct.simulate(scenario, route="counts")
seconds = time.perf_counter() - start
try:  # the maximum that getrusage gives includes the parent's where the child was made by vfork
    lines = open("/proc/self/status").read().splitlines()
    kilobytes = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
except OSError:
    import resource
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "darwin" else 1)
print(kilobytes / 1024, seconds)
"""


def measure_memory(scenario: Path) -> dict[str, Any]:
    """Return the peak memory of fresh processes at two numbers of replicates; a ratio of 1 is flat."""
    peaks, seconds = [], []
    for n_replicates in MEMORY_REPLICATES:
        arguments = [str(scenario), str(n_replicates)]
        done = subprocess.run(
            [sys.executable, "-c", _PEAK, *arguments], check=True, capture_output=True, text=True
        )
        peak, taken = map(float, done.stdout.split())
        peaks.append(peak)
        seconds.append(taken)
    return {
        "job": scenario.stem,
        "replicates": list(MEMORY_REPLICATES),
        "peak_megabytes": peaks,
        "seconds_in_a_fresh_process": seconds,
        "ratio": peaks[0] / peaks[-1],
    }


def machine() -> dict[str, Any]:
    """Return what the rates depend on."""
    return {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "system": platform.system(),
        "threads_of_blas": os.environ["OMP_NUM_THREADS"],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "statsmodels": statsmodels.__version__,
        "ipsrct": ipsrct.__version__,
    }
