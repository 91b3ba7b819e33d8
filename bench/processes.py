"""Whole processes, measured: wall seconds, CPU seconds and peak memory, as the operating system counts them."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BENCH = Path(__file__).parent


@dataclass(frozen=True)
class Measured:
    """wall, cpu: seconds (cpu is user and system). peak_mb: highest resident memory, MiB."""

    wall: float
    cpu: float
    peak_mb: float


def measure(script: str, *arguments: str | Path) -> Measured:
    """Run a script of this folder to its end in a fresh interpreter; its output is shown only if it fails.

    A small launcher stands between: Linux counts the memory of whoever starts a process towards its peak.
    """
    command = [sys.executable, __file__, str(BENCH / script), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{script} failed:\n{done.stderr[-4000:]}")
    return Measured(**json.loads(done.stdout))


def launch(command: list[str]) -> int:
    """Run a command, print what it used as JSON, return its exit code."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    scale = 1024 if sys.platform.startswith("linux") else 1024 * 1024
    figures = Measured(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss / scale)
    print(json.dumps(vars(figures)))
    return process.returncode


def median(runs: Sequence[Measured]) -> Measured:
    """The median of each figure."""
    return Measured(
        statistics.median(run.wall for run in runs),
        statistics.median(run.cpu for run in runs),
        statistics.median(run.peak_mb for run in runs),
    )


def load() -> float:
    """How many processes wanted a core over the last minute: above 2 or so, wall times on 2 cores mean little."""
    return round(os.getloadavg()[0], 1)


if __name__ == "__main__":
    sys.exit(launch([sys.executable, *sys.argv[1:]]))
