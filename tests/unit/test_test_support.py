"""The tests' own guards hold: the network is closed, and a lacking suite is named."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.network import NetworkClosed

NEEDS_WHAT_IS_NOT_THERE = """
import pytest

@pytest.mark.needs_shared
def test_that_reads_real_data():
    pass
"""


def test_another_machine_cannot_be_reached():
    with pytest.raises(NetworkClosed), socket.socket() as caller:
        caller.connect(("192.0.2.1", 80))


def test_another_machines_name_is_not_even_looked_up():
    with pytest.raises(NetworkClosed):
        socket.getaddrinfo("example.org", 443)


def test_this_machine_can_be_reached():
    with socket.socket() as server, socket.socket() as caller:
        server.bind(("127.0.0.1", 0))
        server.listen()
        caller.connect(server.getsockname())


@pytest.mark.parametrize(
    ("continuous_integration", "exit_code", "count"), [("false", 0, "1 skipped"), ("true", 1, "1 error")]
)
def test_a_suite_that_cannot_run_is_named_and_fails_in_ci(tmp_path, continuous_integration, exit_code, count):
    tests = Path(__file__).resolve().parents[1]
    for name in ("conftest.py", "support"):
        (tmp_path / name).symlink_to(tests / name)
    (tmp_path / "test_real.py").write_text(NEEDS_WHAT_IS_NOT_THERE)
    settings = ["-c", str(tests.parent / "pyproject.toml"), f"--rootdir={tmp_path}", "-p", "no:cacheprovider"]

    result = subprocess.run(
        [sys.executable, "-m", "pytest", *settings, str(tmp_path)],
        env={
            "CI": continuous_integration,
            "JOINEDUP_SHARED": str(tmp_path / "absent"),
            "PYTHONPATH": str(tests),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == exit_code, result.stdout
    assert "shared real datasets: 1 tests left out. To run them: put the shared folder" in result.stdout
    assert count in result.stdout.splitlines()[-1]
