"""Processes killed while the public sends forms: what was answered is there, once (bench/form_post.py, a small run)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[4] / "bench" / "form_post.py"

pytestmark = [pytest.mark.web, pytest.mark.slow]


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.needs_postgres)])
def test_no_form_that_was_answered_is_lost_doubled_or_kept_unmasked(database):
    command = [sys.executable, str(BENCH), "--databases", database, "--rate", "50", "--seconds", "2"]
    done = subprocess.run([*command, "--kills", "2"], capture_output=True, text=True, check=True, timeout=400)

    found = json.loads(done.stdout.splitlines()[-1])["databases"][database]

    assert found["kills"] == 2
    assert found["answered_with_success"] > 0
    assert found["answered_but_lost"] == 0
    assert found["without_exactly_one_event"] == 0
    assert found["identifiers_in_files"] == 0
    assert found["sound"] is True
