"""Setting up compiles every kernel of linkage, so that no first run waits."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from joinedup.linkage.kernels import cluster, cluster_measures, pairs, strings
from joinedup.linkage.warm import warm


def test_every_kernel_is_compiled():
    assert warm() > 0

    for room in (cluster, cluster_measures, pairs, strings):
        for name, kernel in vars(room).items():
            if hasattr(kernel, "signatures") and kernel.py_func.__module__ == room.__name__:
                private = name.startswith("_")  # compiled into those that call it
                assert private or kernel.signatures, f"{room.__name__}.{name}"


@pytest.mark.slow
def test_a_second_run_compiles_nothing_and_says_one_line(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout, {path.name for path in tmp_path.rglob("*.nbc")}

    said, compiled = run("-m", "joinedup.linkage.warm")
    _, again = run("-m", "joinedup.linkage.warm")

    assert re.fullmatch(r"linkage kernels ready in \d+\.\d seconds\n", said)
    assert compiled
    assert again == compiled
