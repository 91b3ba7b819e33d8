"""Setting up compiles every kernel of linkage, so that no first run waits."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from joinedup.linkage.kernels import (
    cluster,
    cluster_measures,
    filters,
    lookup,
    match,
    match_states,
    pairs,
    strings,
)


@pytest.mark.slow
def test_all_kernels_are_compiled_once_and_one_line_is_said(tmp_path):
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout, {path.name for path in tmp_path.rglob("*.nbc")}

    said, compiled = run("-m", "joinedup.linkage.warm")
    _, again = run("-m", "joinedup.linkage.warm")

    assert re.fullmatch(r"linkage kernels ready in \d+\.\d seconds\n", said)
    assert again == compiled
    kernels = {
        f"{room.__name__.rsplit('.', 1)[1]}.{name}"
        for room in (cluster, cluster_measures, filters, lookup, match, match_states, pairs, strings)
        for name, kernel in vars(room).items()
        if hasattr(kernel, "py_func")
        and kernel.py_func.__module__ == room.__name__
        and "inline" not in kernel.targetoptions  # these are compiled into those that call them
    }
    # Other rooms' kernels may be among them: the warming job reads a file.
    assert kernels <= {name.split("-")[0] for name in compiled}
