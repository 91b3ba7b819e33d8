"""The library stands alone: without the extras, and without waking what a small command does not need."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import packages_distributions

import pytest

from support.tree import pyproject

HEAVY = {"numba", "pyarrow", "numpy", "duckdb", "rapidfuzz", "lxml", "phonenumbers"}

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in BLOCKED:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
import joinedup
for module in pkgutil.walk_packages(joinedup.__path__, "joinedup."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def modules_of_extras() -> set[str]:
    extras = pyproject()["project"]["optional-dependencies"]
    wanted = {
        requirement.split(">")[0].split("[")[0].strip().lower()
        for requirements in extras.values()
        for requirement in requirements
    }
    modules = {
        module
        for module, distributions in packages_distributions().items()
        if {name.lower() for name in distributions} & wanted
    }
    assert {"rapidocr", "psycopg", "PIL", "pytest", "splink"} <= modules
    return modules


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_every_room_imports_without_any_extra():
    result = run(f"BLOCKED = {modules_of_extras() | {'pandas', 'django'}!r}\n{IMPORT_EVERYTHING}")

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "opening", ["import joinedup", "from joinedup.cli import app; app(['--help'], standalone_mode=False)"]
)
def test_a_small_start_wakes_nothing_heavy(opening):
    result = run(f"{opening}\nimport sys; print('woken:', sorted({HEAVY!r} & set(sys.modules)))")

    assert result.stdout.splitlines()[-1] == "woken: []", result.stderr
