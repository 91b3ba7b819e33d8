"""Imports only go down, and nothing is excused from it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from support.tree import ROOT, pyproject, rooms


def test_the_house_plan_holds():
    lint_imports = Path(sys.executable).with_name("lint-imports")

    result = subprocess.run(
        [lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert result.returncode == 0, result.stdout


def test_no_import_is_excused():
    contracts = pyproject()["tool"]["importlinter"]["contracts"]

    assert [contract["name"] for contract in contracts if contract.get("ignore_imports")] == []


def test_type_only_imports_count_too():
    assert not pyproject()["tool"]["importlinter"].get("exclude_type_checking_imports", False)


def test_every_room_stands_on_a_floor():
    floors = next(c for c in pyproject()["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    planned = {room.strip("() ") for floor in floors["layers"] for room in floor.split("|")}

    assert set(rooms()) <= planned
    assert floors["exhaustive"] is True
