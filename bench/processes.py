"""Whole processes, measured: wall seconds, CPU seconds and peak memory, as the operating system counts them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
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
    """Run a script of this folder to its end in a fresh interpreter; its output is shown only if it fails."""
    command = [sys.executable, str(BENCH / script), *map(str, arguments)]
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            said.seek(0)
            sys.exit(f"{script} failed:\n{said.read().decode('utf-8', 'replace')[-4000:]}")
    scale = 1024 if sys.platform.startswith("linux") else 1024 * 1024
    return Measured(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / scale)


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
