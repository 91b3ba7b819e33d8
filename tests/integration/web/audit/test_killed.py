"""Processes killed under load: what was acknowledged is there, once (bench/audit_durability.py, a small run)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[4] / "bench" / "audit_durability.py"

pytestmark = [pytest.mark.web, pytest.mark.slow]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def test_no_acknowledged_deed_is_lost_or_doubled_when_processes_are_killed(database):
    command = [sys.executable, str(BENCH), "--databases", database, "--clients", "16", "--seconds", "2"]
    done = subprocess.run([*command, "--kills", "4"], capture_output=True, text=True, check=True, timeout=300)

    found = json.loads(done.stdout.splitlines()[-1])["databases"][database]

    assert found["kills"] == 4
    assert found["acknowledged"] > 0
    assert found["problems"] == []
    assert found["sound"] is True
